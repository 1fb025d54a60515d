//! When are two words the same word? Spelling, inflection, a typo.

use std::collections::HashSet;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use super::lexicon;

/// Common English words, those that a `WordPiece` vocabulary keeps whole: two of them are never a
/// typo of one another.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common-words.txt").lines().collect());

/// The form in which words are compared: abbreviations of the trade in full, British spelling as
/// American, stem.
pub(super) fn canonical(lower: &str) -> String {
    let full = lexicon::full(lower);
    let spelt = full.map_or_else(|| american(lower), str::to_owned);
    // A craft of its own, not the deed of the noun.
    if spelt.len() < 4 || !spelt.is_ascii() || spelt == "mastering" {
        return spelt;
    }
    Stemmer::create(Algorithm::English).stem(&spelt).into_owned()
}

/// `equalise`, `colour`, `centre`: as an American writes them.
fn american(word: &str) -> String {
    for (british, us) in [
        ("isation", "ization"),
        ("ising", "izing"),
        ("ised", "ized"),
        ("iser", "izer"),
        ("ise", "ize"),
    ] {
        if let Some(root) = word.strip_suffix(british)
            && root.len() > 3
        {
            return format!("{root}{us}");
        }
    }
    if word.len() > 5 {
        return word.replace("olour", "olor").replace("avour", "avor").replace("centre", "center");
    }
    word.to_owned()
}

/// Whether one is a mistyping of the other: one edit (two in long words), the first letter kept,
/// and just one of them is a common word. Of two uncommon ones (`transpose` is one) only long words
/// with one edit inside are taken. A prefix such as `un` is no mistyping.
pub(super) fn is_typo(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if short.len() < 3 || long.len() - short.len() > 2 || has_digit(a) || has_digit(b) {
        return false;
    }
    // A phaser is no mistyped phase.
    if a.chars().next() != b.chars().next() || long.starts_with(short) {
        return false;
    }
    let edits = strsim::osa_distance(a, b);
    match (is_common(a), is_common(b)) {
        (true, true) => false,
        (false, false) => short.len() >= 7 && edits == 1 && a.chars().last() == b.chars().last(),
        _ => edits <= if long.len() >= 8 { 2 } else { 1 } && short.len() >= 4,
    }
}

/// A word of everyday English, also in an inflected form.
pub(super) fn is_common(word: &str) -> bool {
    let inflected = |end: &str, add: &str| {
        word.strip_suffix(end).is_some_and(|root| COMMON.contains(format!("{root}{add}").as_str()))
    };
    COMMON.contains(word)
        || inflected("s", "")
        || inflected("es", "")
        || inflected("ed", "")
        || inflected("ed", "e")
        || inflected("ing", "")
        || inflected("ing", "e")
        || inflected("ies", "y")
        || inflected("ly", "")
        || inflected("er", "")
}

/// Whether one is the other cut short: `freq`, `proj`, or with letters left out: `amt`, `gtr`.
pub(super) fn is_cut_short(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let short = short.strip_suffix('s').filter(|s| s.len() > 2).unwrap_or(short);
    if short.len() < 3 || long.len() < short.len() + 2 || is_common(short) || has_digit(short) {
        return false;
    }
    if long.starts_with(short) {
        // Not "synth" for "synthwave": abbreviations are short.
        return short.len() <= 4 && long.len() >= short.len() + 3;
    }
    let mut letters = long.chars();
    let inside = short.chars().all(|c| letters.any(|l| l == c));
    let long = long.strip_suffix('s').unwrap_or(long);
    short.len() <= 4
        && inside
        && short.chars().next() == long.chars().next()
        && short.chars().last() == long.chars().last()
}

pub(super) fn has_digit(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_and_inflection() {
        for (a, b) in [
            ("equaliser", "eq"),
            ("vocals", "vox"),
            ("compressing", "compresses"),
            ("colour", "color"),
        ] {
            assert_eq!(canonical(a), canonical(b), "{a} {b}");
        }
        assert_ne!(canonical("kick"), canonical("snare"));
    }

    #[test]
    fn a_typo_is_no_other_word() {
        assert!(is_typo("frequncy", "frequency"));
        assert!(is_typo("wich", "which"));
        assert!(!is_typo("boost", "boot"), "two words of their own");
        assert!(!is_typo("ABAB", "AABB"), "two names");
        assert!(!is_typo("cut", "cat"));
        assert!(!is_typo("1176", "1178"));
    }

    #[test]
    fn words_cut_short() {
        assert!(is_cut_short("freq", "frequency"));
        assert!(is_cut_short("amt", "amount"));
        assert!(!is_cut_short("over", "overdub"));
    }
}
