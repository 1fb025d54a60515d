//! When are two words the same word? Spelling, inflection, a typo.

use std::collections::HashSet;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use super::lexicon;

/// Common English words, those that a WordPiece vocabulary keeps whole: two of them are never a
/// typo of one another.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common-words.txt").lines().collect());

/// The form in which words are compared: abbreviations of the trade in full, British spelling as
/// American, stem.
pub(super) fn canonical(lower: &str) -> String {
    let full = lexicon::full(lower);
    let spelt = full.map_or_else(|| american(lower), str::to_owned);
    if spelt.len() < 4 || !spelt.is_ascii() {
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
    if a.chars().next() != b.chars().next() {
        return false;
    }
    let edits = strsim::osa_distance(a, b);
    match (is_common(a), is_common(b)) {
        (true, true) => false,
        (false, false) => short.len() >= 6 && edits == 1 && a.chars().last() == b.chars().last(),
        _ => edits <= if long.len() >= 7 { 2 } else { 1 },
    }
}

/// The word of grammar of which this is a mistyping: `wich`, `hwo`, `teh`.
pub(super) fn mistyped_stop(lower: &str) -> Option<&'static str> {
    if lower.len() < 3 || is_common(lower) || has_digit(lower) || !lower.is_ascii() {
        return None;
    }
    const OFTEN: &[&str] = &[
        "the", "and", "what", "which", "how", "why", "when", "where", "should", "would", "could",
        "does", "usually", "with", "from", "that", "this", "there", "about", "have", "need",
        "want", "make", "please", "much",
    ];
    OFTEN
        .iter()
        .find(|stop| {
            let edits = strsim::osa_distance(lower, stop);
            edits == 1
                && (stop.len() > 3 || lower.len() == stop.len())
                && lower.chars().next() == stop.chars().next()
        })
        .copied()
}

/// A word of everyday English, also in an inflected form.
fn is_common(word: &str) -> bool {
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
        return true;
    }
    let mut letters = long.chars();
    let inside = short.chars().all(|c| letters.any(|l| l == c));
    let long = long.strip_suffix('s').unwrap_or(long);
    short.len() <= 4
        && inside
        && short.chars().next() == long.chars().next()
        && short.chars().last() == long.chars().last()
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_digit())
}

/// Politeness and small talk: takes nothing from a question and adds nothing.
pub(super) fn is_filler(lower: &str) -> bool {
    const FILLERS: &[&str] = &[
        "please", "pls", "plz", "thanks", "thank", "thx", "ty", "cheers", "hey", "hi", "hello",
        "yo", "kindly", "ok", "okay", "um", "uh", "erm", "hmm", "well", "dude", "bro", "mate",
        "man", "appreciated", "appreciate", "much", "lol", "btw", "advance", "question",
        "wondering", "wonder", "curious", "maybe", "possibly", "kind", "sorry", "folks", "guys",
        "sir", "grateful", "huh", "eh", "actually", "basically", "really", "gonna", "wanna",
        "dear", "so",
    ];
    FILLERS.contains(&lower)
}

/// Words of grammar. Those that turn a meaning round (not, into, before, only) are facts and not
/// among them.
pub(super) fn is_stop(lower: &str) -> bool {
    const STOPS: &[&str] = &[
        "a", "an", "the", "is", "are", "be", "been", "being", "was", "were", "am", "do", "does",
        "did", "doing", "done", "have", "has", "had", "having", "can", "could", "would", "will",
        "shall", "should", "may", "might", "must", "i", "i'm", "i'd", "i've", "im", "id", "ive",
        "me", "you", "your", "u", "ur", "we", "us", "our", "it", "its", "it's", "they", "them",
        "their", "he", "she", "his", "her", "one's", "of", "and", "or", "that", "this", "these",
        "those", "there", "here", "as", "with", "for", "to", "in", "on", "at", "by", "if", "then",
        "than", "my", "mine", "some", "any", "what", "what's", "whats", "which", "who", "how",
        "how's", "hows", "why", "when", "where", "where's", "let", "let's", "lets", "give", "tell",
        "show", "get", "want", "need", "like", "know", "about", "just", "also", "too", "got", "go",
        "goes", "going", "make", "way", "thing", "things", "does", "usually", "normally",
        "typically", "generally", "right", "good", "best", "use", "using", "used", "into", "from",
        "but", "such", "very", "quite", "most", "'s", "s", "t", "re", "each", "other", "que",
        "say", "come",
    ];
    STOPS.contains(&lower)
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
