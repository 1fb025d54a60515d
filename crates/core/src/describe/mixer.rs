//! The mixer of a snapshot: only what stands out.

use super::draft::Draft;
use super::record::{Field, Record};
use super::tracks::Tracks;
use super::{number, phrase};
use crate::error::Result;

/// From here on a track counts as panned to a side; -1 is left, 1 is right.
const HARD_PAN: f64 = 0.7;

/// One channel strip.
struct Strip<'a> {
    name: &'a str,
    /// Linear; 1 leaves the level as it is.
    volume: Option<f64>,
    /// -1 left to 1 right.
    pan: f64,
    muted: bool,
}

impl<'a> Strip<'a> {
    fn read(name: &'a str, field: &Field<'_>) -> Result<Strip<'a>> {
        let record = field.record()?;
        let volume = record.number(&["volume"])?;
        let pan = record.number(&["pan"])?.unwrap_or(0.0);
        Ok(Strip { name, volume, pan, muted: record.flag(&["isMuted", "muted"])? })
    }

    fn with(&self, value: f64) -> String {
        format!("{} ({})", self.name, number::rounded(value, 3))
    }
}

/// The strips of tracks, in track order.
fn strips<'a>(record: &Record<'_>, tracks: &'a Tracks) -> Result<Vec<Strip<'a>>> {
    let mut placed = Vec::new();
    for (id, field) in record.entries(&["mixerSettings"])? {
        let at = tracks.position(id);
        let strip = Strip::read(at.map_or("", |at| &tracks.list[at].name), &field)?;
        placed.extend(at.map(|at| (at, strip)));
    }
    placed.sort_by_key(|(at, _)| *at);
    Ok(placed.into_iter().map(|(_, strip)| strip).collect())
}

/// Says master level, loudest and quietest track, muted ones, and those panned to a side.
pub(super) fn describe(record: &Record<'_>, tracks: &Tracks, draft: &mut Draft) -> Result<()> {
    let strips = strips(record, tracks)?;
    let mut parts = master(record)?;
    parts.extend(levels(&strips));
    draft.list("Mixer", &parts, 250);
    let muted: Vec<&str> =
        strips.iter().filter(|strip| strip.muted).map(|strip| strip.name).collect();
    draft.list("Muted", &muted, 120);
    draft.list("Panned left", &panned(&strips, -1.0), 120);
    draft.list("Panned right", &panned(&strips, 1.0), 120);
    if !strips.is_empty() {
        draft.fact("mutedCount", muted.len());
    }
    Ok(())
}

fn master(record: &Record<'_>) -> Result<Vec<String>> {
    let volume = record.number(&["masterVolume"])?;
    let balance = record.number(&["masterBalance"])?.filter(|balance| *balance != 0.0);
    let spoken = |name: &str, value: f64| format!("{name} {}", number::rounded(value, 3));
    let volume = volume.map(|value| spoken("master volume", value));
    Ok(volume.into_iter().chain(balance.map(|value| spoken("master balance", value))).collect())
}

/// Loudest and quietest of what can be heard; one of them when there is but one level.
fn levels(strips: &[Strip<'_>]) -> Vec<String> {
    let mut heard: Vec<(&Strip<'_>, f64)> = strips
        .iter()
        .filter(|strip| !strip.muted)
        .filter_map(|strip| Some((strip, strip.volume?)))
        .collect();
    heard.sort_by(|a, b| b.1.total_cmp(&a.1));
    match (heard.first(), heard.last()) {
        (Some((loudest, most)), Some((quietest, least))) if most > least => {
            let loudest = format!("loudest {}", loudest.with(*most));
            vec![loudest, format!("quietest {}", quietest.with(*least))]
        }
        (Some((_, level)), _) if heard.len() > 1 => {
            vec![format!(
                "{} at volume {}",
                phrase::counted(heard.len(), "track"),
                number::rounded(*level, 3)
            )]
        }
        (Some((only, level)), _) => vec![format!("volume of {}", only.with(*level))],
        _ => Vec::new(),
    }
}

fn panned(strips: &[Strip<'_>], side: f64) -> Vec<String> {
    strips
        .iter()
        .filter(|strip| strip.pan * side >= HARD_PAN)
        .map(|strip| strip.with(strip.pan))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::{Value, json};

    use super::*;

    fn text_of(strips: &Value, master: &Value) -> Result<String> {
        let tracks = json!([{ "id": "a", "trackName": "Lead" }, { "id": "b", "trackName": "Pad" }, { "id": "c", "trackName": "Hat" }]);
        let data = json!({ "tracks": tracks, "mixerSettings": strips, "masterVolume": master });
        let record = Field::root(&data).record()?;
        let mut draft = Draft::default();
        describe(&record, &Tracks::read(&record)?, &mut draft)?;
        Ok(draft.finish()?.text)
    }

    #[test]
    fn what_stands_out() {
        let strips = json!({
            "c": { "volume": 0.3, "pan": -0.9, "isMuted": false }, "b": { "volume": 2, "isMuted": true },
            "a": { "volume": "1.25", "pan": "0.7" }, "gone": { "volume": 9 },
        });
        let expected = "Mixer: master volume 0.99, loudest Lead (1.25), quietest Hat (0.3).\nMuted: Pad.\n\
            Panned left: Hat (-0.9).\nPanned right: Lead (0.7).";
        assert_eq!(text_of(&strips, &json!("0.99")).unwrap(), expected);
    }

    #[test]
    fn equal_levels_are_told_once() {
        let strips = json!({ "a": { "volume": 0.8 }, "b": { "volume": 0.8 } });
        assert_eq!(text_of(&strips, &Value::Null).unwrap(), "Mixer: 2 tracks at volume 0.8.");
        assert_eq!(
            text_of(&json!({ "b": { "volume": 1 } }), &json!(1)).unwrap(),
            "Mixer: master volume 1, volume of Pad (1)."
        );
    }

    #[test]
    fn wrong_types_are_named() {
        let err = text_of(&json!({ "gone": { "pan": "left" } }), &Value::Null).unwrap_err();
        assert_eq!(err.to_string(), "mixerSettings.gone.pan: found \"left\"; give a number");
    }
}
