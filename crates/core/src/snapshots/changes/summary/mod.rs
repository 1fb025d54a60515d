//! Changes in a sentence or two, most important first.
//!
//! `group.rs` decides what is told together and what comes first, `phrases.rs` collects the phrases of
//! the groups from the files named after what they speak of, `words.rs` has the words for single things.

mod clips;
mod group;
mod inserts;
mod notes;
mod phrases;
mod project;
mod tracks;
mod words;

use super::change::Change;
use phrases::Phrase;

/// Most characters of a summary, but for the count of what is left out.
pub const MAX_SUMMARY_CHARS: usize = 300;

/// The changes as a producer would say them: "Removed the reverb (mixx verb) from Lead Vox; tempo
/// 120 → 124 BPM; 12 notes of Bass up an octave." What does not fit into [`MAX_SUMMARY_CHARS`] is
/// counted: "…; and 4 smaller changes." The same changes always give the same text.
pub fn summary(changes: &[Change]) -> String {
    let phrases = phrases::of(changes);
    if phrases.is_empty() {
        return "No changes.".to_owned();
    }
    let mut out = String::new();
    let mut told = 0;
    for Phrase { text, covers, .. } in phrases {
        let chars = out.chars().count() + text.chars().count();
        if told > 0 && chars > MAX_SUMMARY_CHARS - 2 {
            break;
        }
        out.push_str(if out.is_empty() { "" } else { "; " });
        out.push_str(&text);
        told += covers;
    }
    let left = match changes.len() - told {
        0 => ".".to_owned(),
        1 => "; and 1 smaller change.".to_owned(),
        left => format!("; and {left} smaller changes."),
    };
    out.push_str(&left);
    capital(&out)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
