//! When are two words the same word? Spelling, inflection, a typo.

use std::borrow::Cow;
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
    let spelt = spelt(lower);
    // A craft of its own, not the deed of the noun.
    if spelt.len() < 4 || !spelt.is_ascii() || spelt == "mastering" {
        return spelt;
    }
    Stemmer::create(Algorithm::English).stem(&spelt).into_owned()
}

/// As [`canonical`], without its inflection taken off.
pub(super) fn spelt(lower: &str) -> String {
    lexicon::full(lower).map_or_else(|| american(lower), str::to_owned)
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

/// Whether one is a mistyping of the other: one edit (two in long words, or where all letters are there), the
/// first letter kept, and just one of them is a known word. Of two unknown ones (`transpose` is one) only long words
/// with one edit inside are taken, and two letters exchanged. A prefix such as `un` is no mistyping.
pub(super) fn is_typo(a: &str, b: &str) -> bool {
    let (a, b) = (&*by_sound(a), &*by_sound(b));
    if a == b {
        return true;
    }
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if short.len() < 3 || long.len() - short.len() > 2 || has_digit(a) || has_digit(b) {
        return false;
    }
    if a.chars().next() != b.chars().next() {
        return false;
    }
    // A phaser is no mistyped phase; a word that wants its last letter, or has it twice, is a slip.
    if let Some(end) = long.strip_prefix(short) {
        let is_cut = !is_known(short) && is_known(long);
        let doubled = short.ends_with(end) && (is_cut || is_known(short) && !is_known(long));
        return end.len() == 1 && (doubled || is_cut && short.len() >= 5);
    }
    let edits = strsim::osa_distance(a, b);
    // Looking words up takes longer than comparing them.
    if edits > 2 {
        return false;
    }
    match (is_known(a), is_known(b)) {
        (true, true) => false,
        // A letter for another makes another name.
        (false, false) => {
            let exchanged = a.len() == b.len() && strsim::hamming(a, b) == Ok(1);
            let ends = a.chars().last() == b.chars().last();
            edits == 1
                && (short.len() >= 7 && !exchanged && ends || short.len() >= 5 && shuffled(a, b))
        }
        _ if long.len() >= 9 || short.len() >= 6 && shuffled(a, b) => true,
        _ => edits == 1 && short.len() >= 4,
    }
}

/// Whether two words have the same letters.
fn shuffled(a: &str, b: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    a.len() == b.len() && sorted(a) == sorted(b)
}

/// `ph` as it is heard, where only one of two words is written so.
fn by_sound(word: &str) -> Cow<'_, str> {
    match word.strip_prefix("ph") {
        Some(rest) => format!("f{rest}").into(),
        None => word.into(),
    }
}

/// A word of English or of the trade, or one that counts.
fn is_known(word: &str) -> bool {
    if is_count(word) {
        return true;
    }
    let phone =
        || word.strip_prefix('f').is_some_and(|rest| COMMON.contains(format!("ph{rest}").as_str()));
    is_common(word) || lexicon::knows(word) || phone()
}

/// `fifteenth`, `fiftieth`: one letter apart, and two numbers.
fn is_count(word: &str) -> bool {
    let roots = ["thir", "four", "for", "fif", "six", "seven", "eigh", "nine", "twen"];
    let rest = roots.iter().find_map(|root| word.strip_prefix(root));
    rest.is_some_and(|end| matches!(end, "teen" | "teenth" | "ty" | "tieth"))
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
        assert!(is_typo("pluggin", "plugin"), "a word of the trade");
        assert!(is_typo("buz", "buzz") && is_typo("fantom", "phantom"));
        assert!(is_typo("chosur", "chorus") && is_typo("befor", "before"));
        assert!(is_typo("guitarr", "guitar"));
        assert!(is_typo("kontatk", "kontakt"), "two letters of a name exchanged");
        assert!(!is_typo("kontakt", "kontalt") && !is_typo("fiftieth", "fifteenth"));
        assert!(!is_typo("phase", "phaser") && !is_typo("chord", "chords"));
        assert!(!is_typo("boost", "boot"), "two words of their own");
        assert!(!is_typo("ABAB", "AABB"), "two names");
        assert!(!is_typo("cut", "cat"));
        assert!(!is_typo("mandolin", "mandola") && !is_typo("arpeggiate", "arpeggiato"));
        assert!(!is_typo("1176", "1178"));
    }

    #[test]
    fn words_cut_short() {
        assert!(is_cut_short("freq", "frequency"));
        assert!(is_cut_short("amt", "amount"));
        assert!(!is_cut_short("over", "overdub"));
    }
}
