//! Each group of like changes as one phrase, with its rank.

use super::change::{Change, TrackRef};
use super::words::{all, arrow, interval, name, plugin, value};
use crate::describe::phrase::{counted, shortened};
use crate::describe::{number, phrase};

/// Most characters of a phrase, so that one never fills a summary alone.
const MAX_PHRASE_CHARS: usize = 150;

/// Some changes in words.
pub(super) struct Phrase {
    /// What is told first has the lowest.
    rank: u8,
    /// How many changes it tells of.
    pub(super) covers: usize,
    pub(super) text: String,
}

/// What a change is told together with: its rank, a kind, and what of it must agree.
type Group = (u8, &'static str, String);

/// The phrases of `changes`, most important first; among equals, those that tell of more, then in order.
pub(super) fn of(changes: &[Change]) -> Vec<Phrase> {
    let mut groups: Vec<(Group, Vec<&Change>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for change in changes {
        let group = group(change);
        let place = *places.entry(group.clone()).or_insert(groups.len());
        if place == groups.len() {
            groups.push((group, Vec::new()));
        }
        groups[place].1.push(change);
    }
    let spoken = groups.into_iter().map(|((rank, ..), changes)| Phrase {
        rank,
        covers: changes.len(),
        text: shortened(&spoken(&changes), MAX_PHRASE_CHARS),
    });
    let mut phrases: Vec<Phrase> = spoken.collect();
    phrases.sort_by_key(|phrase| (phrase.rank, usize::MAX - phrase.covers));
    phrases
}

fn group(change: &Change) -> Group {
    let of = |rank, kind, track: &TrackRef| {
        (rank, kind, format!("{}\u{0}{}", track.id.as_deref().unwrap_or(""), track.name))
    };
    let alone = |rank, kind| (rank, kind, String::new());
    match change {
        Change::TrackAdded { copy_of, .. } => {
            (0, "trackAdded", copy_of.clone().unwrap_or_default())
        }
        Change::TrackRemoved { .. } => alone(0, "trackRemoved"),
        Change::InsertRemoved { track, .. } => of(1, "insertRemoved", track),
        Change::InsertAdded { track, .. } => of(1, "insertAdded", track),
        Change::InsertReplaced { track, .. } => of(1, "insertReplaced", track),
        Change::InsertBypassed { track, .. } => of(2, "insertBypassed", track),
        Change::InsertEnabled { track, .. } => of(2, "insertEnabled", track),
        Change::Tempo(_) => alone(2, "tempo"),
        Change::Key(_) => alone(2, "key"),
        Change::Scale(_) => alone(2, "scale"),
        Change::Meter(_) => alone(2, "meter"),
        Change::NotesTransposed { track, .. } => of(3, "notesTransposed", track),
        Change::NotesAdded { track, .. } => of(3, "notesAdded", track),
        Change::NotesRemoved { track, .. } => of(3, "notesRemoved", track),
        Change::ClipSplit { track, .. } => of(3, "clipSplit", track),
        Change::ClipsJoined { track, .. } => of(3, "clipsJoined", track),
        Change::ClipAdded { track, copy_of, .. } if copy_of.is_some() => of(3, "clipCopied", track),
        Change::ClipAdded { track, .. } => of(3, "clipAdded", track),
        Change::ClipRemoved { track, .. } => of(3, "clipRemoved", track),
        Change::AudioAdded { .. } => alone(3, "audioAdded"),
        Change::AudioRemoved { .. } => alone(3, "audioRemoved"),
        Change::AudioReplaced { .. } => alone(3, "audioReplaced"),
        Change::ClipMoved { track, .. } => of(4, "clipMoved", track),
        Change::ClipToTrack { after, .. } => of(4, "clipToTrack", after),
        Change::ClipResized { track, .. } => of(4, "clipResized", track),
        Change::NotesQuantised { track, .. } => of(4, "notesQuantised", track),
        Change::NotesMoved { track, .. } => of(4, "notesMoved", track),
        Change::NotesResized { track, .. } => of(4, "notesResized", track),
        Change::Genre(_) => alone(4, "genre"),
        Change::Mood(_) => alone(4, "mood"),
        Change::ProjectName(_) => alone(4, "name"),
        Change::TrackMuted { values, .. } => (4, "trackMuted", value(values.after.as_ref())),
        Change::TrackSolo { values, .. } => (4, "trackSolo", value(values.after.as_ref())),
        Change::InsertPreset { track, .. } => of(4, "insertPreset", track),
        Change::InsertParameter { track, plugin, .. } => {
            let (rank, kind, of) = of(5, "insertParameter", track);
            (rank, kind, format!("{of}\u{0}{plugin}"))
        }
        Change::MasterVolume(_) => alone(5, "masterVolume"),
        Change::MasterPan(_) => alone(5, "masterPan"),
        Change::TrackVolume { .. } => alone(5, "trackVolume"),
        Change::TrackPan { .. } => alone(5, "trackPan"),
        Change::TrackSend { .. } => alone(5, "trackSend"),
        Change::TrackRenamed { .. } => alone(5, "trackRenamed"),
        Change::InsertMoved { track, .. } => of(5, "insertMoved", track),
        Change::AutomationAdded { .. } => alone(5, "automationAdded"),
        Change::AutomationRemoved { .. } => alone(5, "automationRemoved"),
        Change::AutomationChanged { .. } => alone(5, "automationChanged"),
        Change::NotesVelocity { track, .. } => of(6, "notesVelocity", track),
        Change::NotesField { track, .. } => of(7, "notesField", track),
        Change::ClipGain { track, .. } => of(6, "clipGain", track),
        Change::ClipFade { track, .. } => of(6, "clipFade", track),
        Change::ClipMuted { track, values, .. } => {
            let (rank, kind, of) = of(5, "clipMuted", track);
            (rank, kind, format!("{of}\u{0}{}", value(values.after.as_ref())))
        }
        Change::ClipRenamed { track, .. } => of(6, "clipRenamed", track),
        Change::IngestAdded { .. } => alone(6, "ingestAdded"),
        Change::IngestRemoved { .. } => alone(7, "ingestRemoved"),
        Change::TrackRegrouped { .. } => alone(6, "trackRegrouped"),
        Change::TrackRole { .. } => alone(6, "trackRole"),
        Change::TrackMoved { .. } => alone(7, "trackMoved"),
        Change::TrackLocked { values, .. } => (7, "trackLocked", value(values.after.as_ref())),
        Change::TrackRecoloured { .. } => alone(7, "trackRecoloured"),
        Change::Loop(_) => alone(7, "loop"),
        Change::Field { .. } => alone(8, "field"),
        Change::View { .. } => alone(9, "view"),
        Change::Ids { .. } => alone(9, "ids"),
    }
}

/// Each of `changes` that `pick` reads.
fn each(changes: &[&Change], pick: impl Fn(&Change) -> Option<String>) -> Vec<String> {
    changes.iter().filter_map(|change| pick(change)).collect()
}

/// "changed the pan of Lead 0 → 1", or "changed the pan of A, B and C".
fn settings(
    what: &str,
    changes: &[&Change],
    pick: impl Fn(&Change) -> Option<(String, String)>,
) -> String {
    let found: Vec<(String, String)> = changes.iter().filter_map(|change| pick(change)).collect();
    if found.len() <= 2 {
        let told: Vec<String> =
            found.iter().map(|(of, arrow)| format!("{what} of {of} {arrow}")).collect();
        return all(&told);
    }
    let names: Vec<String> = found.into_iter().map(|(of, _)| of).collect();
    format!("changed the {what} of {}", all(&names))
}

/// A group of changes in words. Never empty.
fn spoken(changes: &[&Change]) -> String {
    let Some(first) = changes.first() else { return String::new() };
    track(first, changes)
        .or_else(|| insert(first, changes))
        .or_else(|| mixer(first, changes))
        .or_else(|| clip(first, changes))
        .or_else(|| notes(first, changes))
        .or_else(|| sound(first, changes))
        .unwrap_or_else(|| project(first, changes))
}

fn track(first: &Change, changes: &[&Change]) -> Option<String> {
    let names = each(changes, |change| match change {
        Change::TrackAdded { track, .. }
        | Change::TrackRemoved { track, .. }
        | Change::TrackMoved { track, .. }
        | Change::TrackLocked { track, .. }
        | Change::TrackRecoloured { track, .. } => Some(name(&track.name)),
        _ => None,
    });
    let noun = if changes.len() == 1 { "the track" } else { "the tracks" };
    Some(match first {
        Change::TrackAdded { copy_of: Some(original), .. } => {
            format!("duplicated the track {} as {}", name(original), all(&names))
        }
        Change::TrackAdded { .. } => format!("added {noun} {}", all(&names)),
        Change::TrackRemoved { .. } => format!("removed {noun} {}", all(&names)),
        Change::TrackMoved { .. } => format!("moved {noun} {} in the list", all(&names)),
        Change::TrackRecoloured { .. } => format!("changed the colour of {}", all(&names)),
        Change::TrackLocked { values, .. } => {
            let locked = values.after.as_ref() == Some(&serde_json::Value::Bool(true));
            format!("{} {}", if locked { "locked" } else { "unlocked" }, all(&names))
        }
        Change::TrackRenamed { .. } => {
            let told = each(changes, |change| match change {
                Change::TrackRenamed { values, .. } => Some(format!(
                    "{} to {}",
                    value(values.before.as_ref()),
                    value(values.after.as_ref())
                )),
                _ => None,
            });
            format!("renamed {noun} {}", all(&told))
        }
        Change::TrackRegrouped { .. } => settings("group", changes, |change| match change {
            Change::TrackRegrouped { track, values } => Some((name(&track.name), arrow(values))),
            _ => None,
        }),
        Change::TrackRole { .. } => settings("role", changes, |change| match change {
            Change::TrackRole { track, values } => Some((name(&track.name), arrow(values))),
            _ => None,
        }),
        _ => return None,
    })
}

fn insert(first: &Change, changes: &[&Change]) -> Option<String> {
    let names = each(changes, |change| match change {
        Change::InsertAdded { plugin: id, .. }
        | Change::InsertRemoved { plugin: id, .. }
        | Change::InsertMoved { plugin: id, .. }
        | Change::InsertBypassed { plugin: id, .. }
        | Change::InsertEnabled { plugin: id, .. } => Some(plugin(id)),
        _ => None,
    });
    Some(match first {
        Change::InsertAdded { track, .. } => {
            format!("added {} to {}", all(&names), name(&track.name))
        }
        Change::InsertRemoved { track, .. } => {
            format!("removed {} from {}", all(&names), name(&track.name))
        }
        Change::InsertBypassed { track, .. } => {
            format!("bypassed {} on {}", all(&names), name(&track.name))
        }
        Change::InsertEnabled { track, .. } => {
            format!("switched {} on {} back on", all(&names), name(&track.name))
        }
        Change::InsertMoved { track, before, after, .. } if changes.len() == 1 => {
            let on = name(&track.name);
            format!("moved {} on {on} from place {before} to {after}", all(&names))
        }
        Change::InsertMoved { track, .. } => {
            format!("moved {} in the chain of {}", all(&names), name(&track.name))
        }
        Change::InsertReplaced { track, .. } => {
            let told = each(changes, |change| match change {
                Change::InsertReplaced { before, after, .. } => {
                    Some(format!("{} with {}", plugin(before), plugin(after)))
                }
                _ => None,
            });
            format!("replaced {} on {}", all(&told), name(&track.name))
        }
        Change::InsertPreset { track, .. } => {
            let told = each(changes, |change| match change {
                Change::InsertPreset { plugin: id, values, .. } => {
                    Some(format!("{} {}", plugin(id), arrow(values)))
                }
                _ => None,
            });
            format!("preset of {} on {}", all(&told), name(&track.name))
        }
        Change::InsertParameter { track, plugin: id, .. } => {
            let told = each(changes, |change| match change {
                Change::InsertParameter { parameter, values, .. } => {
                    let parameter = phrase::readable(parameter).unwrap_or_default();
                    Some(format!("{} {}", name(&parameter), arrow(values)))
                }
                _ => None,
            });
            format!("set {} of {} on {}", all(&told), plugin(id), name(&track.name))
        }
        _ => return None,
    })
}

fn mixer(first: &Change, changes: &[&Change]) -> Option<String> {
    let pick = |change: &Change| match change {
        Change::TrackVolume { track, values } | Change::TrackPan { track, values } => {
            Some((name(&track.name), arrow(values)))
        }
        Change::TrackSend { track, send, values } => {
            Some((format!("{} to {}", name(&track.name), name(send)), arrow(values)))
        }
        _ => None,
    };
    let names = each(changes, |change| match change {
        Change::TrackMuted { track, .. } | Change::TrackSolo { track, .. } => {
            Some(name(&track.name))
        }
        _ => None,
    });
    Some(match first {
        Change::TrackVolume { .. } => settings("volume", changes, pick),
        Change::TrackPan { .. } => settings("pan", changes, pick),
        Change::TrackSend { .. } => settings("send", changes, pick),
        Change::TrackMuted { values, .. } => {
            let on = values.after.as_ref() == Some(&serde_json::Value::Bool(true));
            format!("{} {}", if on { "muted" } else { "unmuted" }, all(&names))
        }
        Change::TrackSolo { values, .. } => {
            let on = values.after.as_ref() == Some(&serde_json::Value::Bool(true));
            format!("{} {}", if on { "soloed" } else { "took off solo" }, all(&names))
        }
        _ => return None,
    })
}

fn clip(first: &Change, changes: &[&Change]) -> Option<String> {
    let names = each(changes, |change| match change {
        Change::ClipAdded { clip, .. }
        | Change::ClipRemoved { clip, .. }
        | Change::ClipMoved { clip, .. }
        | Change::ClipResized { clip, .. }
        | Change::ClipToTrack { clip, .. }
        | Change::ClipSplit { clip, .. }
        | Change::ClipsJoined { clip, .. }
        | Change::ClipRenamed { clip, .. }
        | Change::ClipGain { clip, .. }
        | Change::ClipFade { clip, .. }
        | Change::ClipMuted { clip, .. } => Some(name(&clip.name)),
        _ => None,
    });
    let one = changes.len() == 1;
    let clips =
        if one { format!("the clip {}", all(&names)) } else { counted(names.len(), "clip") };
    Some(match first {
        Change::ClipAdded { track, copy_of: Some(_), .. } => {
            format!("duplicated {clips} on {}", name(&track.name))
        }
        Change::ClipAdded { track, .. } => format!("added {clips} to {}", name(&track.name)),
        Change::ClipRemoved { track, .. } => format!("removed {clips} from {}", name(&track.name)),
        Change::ClipMoved { track, values, .. } if one => {
            let (from, to) = (value(values.before.as_ref()), value(values.after.as_ref()));
            format!("moved {clips} on {} from {from} to {to}", name(&track.name))
        }
        Change::ClipMoved { track, .. } => format!("moved {clips} on {}", name(&track.name)),
        Change::ClipResized { track, values, .. } if one => {
            format!("length of {clips} on {} {}", name(&track.name), arrow(values))
        }
        Change::ClipResized { track, .. } => {
            format!("changed the length of {clips} on {}", name(&track.name))
        }
        Change::ClipToTrack { before, after, .. } if one => {
            format!("moved {clips} from {} to {}", name(&before.name), name(&after.name))
        }
        Change::ClipToTrack { after, .. } => format!("moved {clips} to {}", name(&after.name)),
        Change::ClipSplit { track, pieces, .. } if one => {
            format!("split {clips} on {} in {pieces}", name(&track.name))
        }
        Change::ClipSplit { track, .. } => format!("split {clips} on {}", name(&track.name)),
        Change::ClipsJoined { track, pieces, .. } if one => {
            format!("joined {pieces} clips on {} to {}", name(&track.name), all(&names))
        }
        Change::ClipsJoined { track, .. } => format!("joined clips on {}", name(&track.name)),
        Change::ClipRenamed { values, track, .. } if one => {
            let (from, to) = (value(values.before.as_ref()), value(values.after.as_ref()));
            format!("renamed the clip {from} on {} to {to}", name(&track.name))
        }
        Change::ClipRenamed { track, .. } => format!("renamed {clips} on {}", name(&track.name)),
        Change::ClipGain { track, values, .. } if one => {
            format!("gain of {clips} on {} {}", name(&track.name), arrow(values))
        }
        Change::ClipGain { track, .. } => {
            format!("changed the gain of {clips} on {}", name(&track.name))
        }
        Change::ClipFade { track, fade, values, .. } if one => {
            let fade = phrase::readable(fade).unwrap_or_default().to_lowercase();
            format!("{} of {clips} on {} {}", name(&fade), name(&track.name), arrow(values))
        }
        Change::ClipFade { track, .. } => {
            format!("changed the fades of {clips} on {}", name(&track.name))
        }
        Change::ClipMuted { track, values, .. } => {
            let on = values.after.as_ref() == Some(&serde_json::Value::Bool(true));
            let word = if on { "muted" } else { "unmuted" };
            format!("{word} {clips} on {}", name(&track.name))
        }
        _ => return None,
    })
}

fn notes(first: &Change, changes: &[&Change]) -> Option<String> {
    let one = changes.len() == 1;
    let count: usize = changes
        .iter()
        .map(|change| match change {
            Change::NotesAdded { count, .. }
            | Change::NotesRemoved { count, .. }
            | Change::NotesTransposed { count, .. }
            | Change::NotesMoved { count, .. }
            | Change::NotesQuantised { count, .. }
            | Change::NotesResized { count, .. }
            | Change::NotesVelocity { count, .. }
            | Change::NotesField { count, .. } => *count,
            _ => 0,
        })
        .sum();
    let notes = counted(count, "note");
    let amount = |by: &Option<f64>| by.filter(|_| one);
    Some(match first {
        Change::NotesAdded { track, .. } => format!("added {notes} to {}", name(&track.name)),
        Change::NotesRemoved { track, .. } => format!("removed {notes} from {}", name(&track.name)),
        Change::NotesTransposed { track, by, .. } => match amount(by) {
            Some(by) => format!("{notes} of {} {}", name(&track.name), interval(by)),
            None => format!("changed the pitch of {notes} of {}", name(&track.name)),
        },
        Change::NotesMoved { track, by, .. } => match amount(by) {
            Some(by) => {
                let side = if by > 0.0 { "later" } else { "earlier" };
                let by = number::rounded(by.abs(), 3);
                format!("moved {notes} of {} {by} {side}", name(&track.name))
            }
            None => format!("moved {notes} of {} in time", name(&track.name)),
        },
        Change::NotesQuantised { track, .. } => {
            format!("quantised {notes} of {}", name(&track.name))
        }
        Change::NotesResized { track, by, .. } => {
            let word = match amount(by) {
                Some(by) if by > 0.0 => "lengthened",
                Some(_) => "shortened",
                None => "changed the length of",
            };
            format!("{word} {notes} of {}", name(&track.name))
        }
        Change::NotesVelocity { track, by, .. } => match amount(by) {
            Some(by) => {
                let word = if by > 0.0 { "harder" } else { "softer" };
                format!("{notes} of {} {word}", name(&track.name))
            }
            None => format!("changed the velocity of {notes} of {}", name(&track.name)),
        },
        Change::NotesField { track, field, .. } if one => {
            format!("changed the {} of {notes} of {}", name(field), name(&track.name))
        }
        Change::NotesField { track, .. } => format!("changed notes of {}", name(&track.name)),
        _ => return None,
    })
}

fn sound(first: &Change, changes: &[&Change]) -> Option<String> {
    let names = each(changes, |change| match change {
        Change::AutomationAdded { lane, .. }
        | Change::AutomationRemoved { lane, .. }
        | Change::AutomationChanged { lane, .. } => Some(name(lane)),
        Change::IngestAdded { name: file } | Change::IngestRemoved { name: file } => {
            Some(name(file))
        }
        _ => None,
    });
    let length: f64 = changes
        .iter()
        .map(|change| match change {
            Change::AudioAdded { seconds, .. }
            | Change::AudioRemoved { seconds, .. }
            | Change::AudioReplaced { seconds, .. } => seconds.unwrap_or(0.0),
            _ => 0.0,
        })
        .sum();
    let audio = match number::rounded(length, 1).as_str() {
        "0" => counted(changes.len(), "audio buffer"),
        seconds => format!("{} ({seconds} s)", counted(changes.len(), "audio buffer")),
    };
    Some(match first {
        Change::AutomationAdded { .. } => format!("added automation of {}", all(&names)),
        Change::AutomationRemoved { .. } => format!("removed automation of {}", all(&names)),
        Change::AutomationChanged { .. } => format!("changed automation of {}", all(&names)),
        Change::IngestAdded { .. } => format!("imported {}", all(&names)),
        Change::IngestRemoved { .. } => format!("took {} off the import history", all(&names)),
        Change::AudioAdded { .. } => format!("added {audio}"),
        Change::AudioRemoved { .. } => format!("removed {audio}"),
        Change::AudioReplaced { .. } => format!("replaced {audio}"),
        _ => return None,
    })
}

fn project(first: &Change, changes: &[&Change]) -> String {
    let told = |what: &str| {
        let arrows = each(changes, |change| match change {
            Change::ProjectName(values)
            | Change::Meter(values)
            | Change::Key(values)
            | Change::Scale(values)
            | Change::Genre(values)
            | Change::Mood(values)
            | Change::MasterVolume(values)
            | Change::MasterPan(values)
            | Change::Tempo(values) => Some(arrow(values)),
            _ => None,
        });
        format!("{what} {}", all(&arrows))
    };
    match first {
        Change::ProjectName(_) => told("project name"),
        Change::Tempo(_) => format!("{} BPM", told("tempo")),
        Change::Meter(_) => told("time signature"),
        Change::Key(_) => told("key"),
        Change::Scale(_) => told("scale"),
        Change::Genre(_) => told("genre"),
        Change::Mood(_) => told("mood"),
        Change::MasterVolume(_) => told("master volume"),
        Change::MasterPan(_) => told("master balance"),
        Change::Loop(values) => format!("loop {}", value(values.after.as_ref())),
        Change::View { fields } => format!("only the view changed ({})", all(fields)),
        Change::Ids { count } => format!("only ids were given anew ({count})"),
        _ => {
            let paths = each(changes, |change| match change {
                Change::Field { path, track, .. } => {
                    let of = track.as_ref().map(|track| format!(" of {}", name(&track.name)));
                    let last = path.rsplit('.').next().unwrap_or_default();
                    let path = if of.is_some() { last } else { path };
                    let path = phrase::clean(path).unwrap_or_else(|| "the whole state".to_owned());
                    Some(format!("{}{}", name(&path), of.unwrap_or_default()))
                }
                _ => None,
            });
            format!("changed {}", all(&paths))
        }
    }
}
