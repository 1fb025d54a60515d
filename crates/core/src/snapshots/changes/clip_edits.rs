//! What became of one clip that is in both versions.

use serde_json::{Map, Value};

use super::change::{Change, Edge};
use super::clips::{BUFFER, Clip, LENGTH, START, TRACK, track_of};
use super::notes;
use super::report::{Report, joined};
use super::tracks::Tracks;
use super::value::{differing, values};

fn same_id(was: Option<&String>, is: Option<&String>) -> bool {
    was.is_some() && was == is
}

/// One clip in both versions.
pub(super) struct Pair<'a, 'b> {
    pub(super) path: &'b str,
    pub(super) tracks: &'b Tracks<'a>,
    pub(super) was: &'b Clip<'a>,
    pub(super) is: &'b Clip<'a>,
    /// Told as cut or joined: its new ends are no news.
    pub(super) cut: bool,
}

impl Pair<'_, '_> {
    pub(super) fn compare(
        &self,
        before: &Map<String, Value>,
        after: &Map<String, Value>,
        report: &mut Report,
    ) {
        let track = || track_of(self.is, self.tracks);
        let clip = || self.is.refer();
        for (name, was, is) in differing(before, after) {
            let values = || values(was, is);
            match name {
                "id" => report.id(&joined(self.path, name), Some(&track()), was, is),
                _ if TRACK.contains(&name)
                    && same_id(self.was.track.as_ref(), self.is.track.as_ref()) =>
                {
                    report.ids += 1;
                }
                _ if TRACK.contains(&name) => {
                    if self.was.track == self.is.track {
                        report.fields(&joined(self.path, name), None, was, is);
                    } else {
                        let before = track_of(self.was, self.tracks);
                        report.say(Change::ClipToTrack { clip: clip(), before, after: track() });
                    }
                }
                _ if BUFFER.contains(&name)
                    && same_id(self.was.buffer.as_ref(), self.is.buffer.as_ref()) =>
                {
                    report.ids += 1;
                }
                _ if START.contains(&name) || LENGTH.contains(&name) => {
                    self.placed(name, was, is, report);
                }
                "name" | "clipName" => {
                    report.say(Change::ClipRenamed {
                        clip: clip(),
                        track: track(),
                        values: values(),
                    });
                }
                "gain" | "volume" | "level" => {
                    report.say(Change::ClipGain { clip: clip(), track: track(), values: values() });
                }
                "muted" | "isMuted" => {
                    report.say(Change::ClipMuted {
                        clip: clip(),
                        track: track(),
                        values: values(),
                    });
                }
                _ if name.to_lowercase().starts_with("fade") => report.say(Change::ClipFade {
                    clip: clip(),
                    track: track(),
                    fade: name.to_owned(),
                    values: values(),
                }),
                "notes" | "midiNotes" => self.notes(name, was, is, report),
                _ => report.fields(&joined(self.path, name), Some(&track()), was, is),
            }
        }
    }

    /// Start and length together are one change: told at the first that differs.
    fn placed(&self, name: &str, was: Option<&Value>, is: Option<&Value>, report: &mut Report) {
        let (track, clip) = (track_of(self.is, self.tracks), self.is.refer());
        if self.cut {
            report.covered += 1;
            return;
        }
        let both = |a: Option<f64>, b: Option<f64>| Some((a?, b?));
        let Some((start, now)) = both(self.was.start, self.is.start) else {
            return report.fields(&joined(self.path, name), Some(&track), was, is);
        };
        let Some((length, longer)) = both(self.was.length, self.is.length) else {
            return if START.contains(&name) {
                report.say(Change::ClipMoved { clip, track, values: values(was, is) });
            } else {
                report.fields(&joined(self.path, name), Some(&track), was, is);
            };
        };
        let equal = |a: f64, b: f64| a.total_cmp(&b).is_eq();
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        let edge = match (near(start, now), near(start + length, now + longer)) {
            (true, _) => Edge::End,
            (_, true) => Edge::Start,
            _ => Edge::Both,
        };
        if START.contains(&name) {
            if equal(start, now) {
                // Another spelling of the same time.
                return report.fields(&joined(self.path, name), Some(&track), was, is);
            }
            if equal(length, longer) || edge != Edge::Start {
                report.say(Change::ClipMoved { clip, track, values: values(was, is) });
            } else {
                report.covered += 1;
            }
        } else if equal(length, longer) {
            report.fields(&joined(self.path, name), Some(&track), was, is);
        } else {
            report.say(Change::ClipResized { clip, track, edge, values: values(was, is) });
        }
    }

    fn notes(&self, name: &str, was: Option<&Value>, is: Option<&Value>, report: &mut Report) {
        let path = joined(self.path, name);
        let track = track_of(self.is, self.tracks);
        report.sure(&path, Some(&track.clone()), was, is, |report| {
            let list =
                |notes: Option<&Value>| notes.map_or(Some(Vec::new()), |n| n.as_array().cloned());
            if let (Some(was), Some(is)) = (list(was), list(is)) {
                let (was, is) = notes::unequal(&was, &is);
                notes::compare(&track, was, is, None, report);
            }
        });
    }
}
