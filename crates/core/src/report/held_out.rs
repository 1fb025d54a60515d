//! Which part of an item asks for it: a sentence is held out, the rest is what is remembered.

use std::collections::{HashMap, HashSet};

use unicode_segmentation::UnicodeSegmentation;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Shorter sentences ("Loop on.") ask for nothing in particular.
const TELLING_WORDS: usize = 4;
/// The same for scripts that put no spaces between words.
const TELLING_CHARS: usize = 16;
/// A lone sentence of fewer words is not cut in half.
const HALVED_WORDS: usize = 8;

/// How a question came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A sentence that was taken out: the item must be found by what the rest means.
    HeldOut,
    /// A sentence that is still in the item: its detail must have survived.
    Kept,
    /// The second half of an item's only sentence; the first is remembered.
    Half,
}

/// An item of the sample as it is remembered for the measurement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    pub(crate) rest: String,
    pub(crate) questions: Vec<(Sort, String)>,
    pub(crate) is_single: bool,
}

/// Sentences with the white space after them, one after the other the text; line breaks end one too.
fn sentences(text: &str) -> Vec<&str> {
    text.split_sentence_bounds().filter(|part| !part.is_empty()).collect()
}

fn is_telling(sentence: &str) -> bool {
    let words = sentence.unicode_words().take(TELLING_WORDS).count();
    words == TELLING_WORDS
        || sentence.chars().filter(|c| c.is_alphanumeric()).nth(TELLING_CHARS - 1).is_some()
}

/// Sentences that stand in several of `texts`: they ask for none in particular.
pub(crate) fn shared_sentences<'t>(texts: &[&'t str]) -> HashSet<&'t str> {
    let mut holder: HashMap<&str, usize> = HashMap::new();
    let mut shared = HashSet::new();
    for (item, text) in texts.iter().enumerate() {
        for sentence in sentences(text) {
            if *holder.entry(sentence.trim()).or_insert(item) != item {
                shared.insert(sentence.trim());
            }
        }
    }
    shared
}

/// Holds a sentence of `text` out, and chooses one that stays by `seed`, the same each time.
///
/// The one nearest to the middle that can ask goes, in every item: records of a kind are told in the same
/// order, and one that lacks its line about effects would stand behind all that still have theirs.
pub(crate) fn hold_out(text: &str, seed: u64, shared: &HashSet<&str>) -> Item {
    let parts = sentences(text);
    let visible = parts.iter().filter(|part| part.unicode_words().next().is_some()).count();
    if visible < 2 {
        return halved(text);
    }
    let telling: Vec<usize> = (0..parts.len()).filter(|at| is_telling(parts[*at])).collect();
    let middle = telling.len() / 2;
    let asks = |(_, at): &(usize, &usize)| !shared.contains(parts[**at].trim());
    let able = telling.iter().enumerate().filter(asks).map(|(nth, at)| (nth.abs_diff(middle), *at));
    let mut able: Vec<(usize, usize)> = able.collect();
    able.sort_unstable();
    if able.is_empty() {
        return Item { rest: text.to_owned(), questions: Vec::new(), is_single: false };
    }
    let (_, held_out) = able.remove(0);
    let able: Vec<usize> = able.into_iter().map(|(_, at)| at).collect();
    let mut questions = vec![(Sort::HeldOut, parts[held_out].trim().to_owned())];
    let kept = able.iter().min_by_key(|at| xxh3_64_with_seed(parts[**at].as_bytes(), seed));
    questions.extend(kept.map(|kept| (Sort::Kept, parts[*kept].trim().to_owned())));
    let rest = (0..parts.len()).filter(|at| *at != held_out).map(|at| parts[at]).collect();
    Item { rest, questions, is_single: false }
}

/// The first half of the words, asked for by the second.
fn halved(text: &str) -> Item {
    let words: Vec<(usize, &str)> = text.unicode_word_indices().collect();
    if words.len() < HALVED_WORDS {
        return Item { rest: text.to_owned(), questions: Vec::new(), is_single: true };
    }
    let (rest, question) = text.split_at(words[words.len() / 2].0);
    let questions = vec![(Sort::Half, question.trim().to_owned())];
    Item { rest: rest.to_owned(), questions, is_single: true }
}

/// `text` up to the sentence that passes `most` bytes, and whether anything was left out. A first sentence
/// that is longer is cut at a character.
pub(crate) fn shortened(text: String, most: usize) -> (String, bool) {
    if text.len() <= most {
        return (text, false);
    }
    let starts = text.split_sentence_bound_indices().map(|(at, _)| at);
    let whole = starts.take_while(|at| *at <= most).last().unwrap_or(0);
    let end = if whole > 0 { whole } else { text.floor_char_boundary(most) };
    (text[..end].to_owned(), true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "The kick is too loud in the chorus. Loop on.\nEffects: Lead: mixx tune, mixx eq8.\n\
        56 clips, 2 muted in all.";

    fn held(text: &str, seed: u64) -> Item {
        hold_out(text, seed, &HashSet::new())
    }

    #[test]
    fn the_middle_sentence_asks_for_the_rest() {
        let mut seen = HashSet::new();
        for seed in 0..50 {
            let item = held(TEXT, seed);
            let [(Sort::HeldOut, out), (Sort::Kept, kept)] = &item.questions[..] else {
                panic!("{item:?}")
            };
            assert_eq!(out, "Effects: Lead: mixx tune, mixx eq8.", "whatever the seed");
            assert!(!item.rest.contains(out.as_str()) && item.rest.contains(kept.as_str()));
            assert!(item.rest.contains("Loop on."), "too short to ask");
            assert_eq!(item, held(TEXT, seed), "the same each time");
            seen.insert(kept.clone());
        }
        assert_eq!(seen.len(), 2, "each of the others has its turn: {seen:?}");
    }

    #[test]
    fn names_with_dots_are_no_ends() {
        let text = "Drums: Kick_2.ds, Hat-c.ds, rim01.ogg at -6.5 dB. It is far too loud here.";
        assert_eq!(sentences(text).len(), 2);
        assert_eq!(sentences("低音太大声了。请把它调低一点。").len(), 2);
    }

    #[test]
    fn a_lone_sentence_is_halved() {
        let item = held("the kick masks the bass in the whole chorus", 1);
        assert_eq!(item.rest, "the kick masks the ");
        assert_eq!(item.questions, [(Sort::Half, "bass in the whole chorus".to_owned())]);
        assert!(item.is_single);
        for short in ["Serum", "dark pad", ""] {
            let item = held(short, 1);
            assert_eq!(
                (item.questions.len(), item.is_single, item.rest.as_str()),
                (0, true, short)
            );
        }
    }

    #[test]
    fn what_several_items_say_asks_for_none() {
        let texts = [
            "One kick and one snare. Same words in both.",
            "Same words in both. Other here now too.",
        ];
        let shared = shared_sentences(&texts);
        assert_eq!(shared.iter().collect::<Vec<_>>(), [&"Same words in both."]);
        for seed in 0..20 {
            let item = hold_out(texts[0], seed, &shared);
            assert_eq!(item.questions, [(Sort::HeldOut, "One kick and one snare.".to_owned())]);
        }
        let twice = shared_sentences(&["Twice in one text here. Twice in one text here."]);
        assert!(twice.is_empty());
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "[a-c .!\n\u{e4}\u{4f4e}\u{3002}A-C]{0,120}", seed: u64) {
            prop_assert_eq!(sentences(&text).concat(), text.as_str());
            let item = held(&text, seed);
            let asked: usize = item.questions.iter().filter(|(sort, _)| *sort != Sort::Kept)
                .map(|(_, q)| q.len()).sum();
            prop_assert!(item.rest.len() + asked <= text.len());
            if item.questions.is_empty() { prop_assert_eq!(item.rest, text); }
        }

        #[test]
        fn short_enough(text in "[a .\n\u{e4}]{0,200}", most in 1_usize..80) {
            let (short, is_cut) = shortened(text.clone(), most);
            prop_assert!(short.len() <= most && text.starts_with(&short));
            prop_assert_eq!(is_cut, short.len() < text.len());
        }
    }
}
