//! The decision on two readings.

use serde::Serialize;

use super::align::Alignment;
use super::differences::{differences, plain_difference};
use super::exchange::{self, words_swapped};
use super::facts::comparison;
use super::facts::question::Question;
use super::reading::Reading;
use super::token::{Token, TokenValue};
use super::{rounding, wording};

/// What the rules say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Both ask the same: every difference is explained, and the stored answer may be given.
    Serve(Reason),
    /// They differ in a fact, or in something that is not understood.
    Refuse(Reason),
    /// The rules cannot decide: the pair model does, with what they saw as evidence.
    Open {
        /// The two share most of their words.
        near: bool,
        /// Codes of everything in which they differ: each has a weight in the pair model's package.
        evidence: Vec<&'static str>,
        /// The most telling difference.
        reason: Reason,
    },
}

/// Why, as a stable code and as a sentence a producer understands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// A stable code: `number`, `unit`, `key`, `negation`, `order` …
    pub code: &'static str,
    /// One sentence in English, with the words in which the two differ.
    pub sentence: String,
}

impl Reason {
    pub(super) fn new(code: &'static str, sentence: impl Into<String>) -> Reason {
        Reason { code, sentence: sentence.into() }
    }
}

/// From this share of common words on, two requests are near-copies: nothing may stay unexplained.
const NEAR: f64 = 0.6;

/// Differences that decide between near-copies: nothing but the fact has changed.
const DECISIVE_NEAR: [&str; 15] = [
    "number", "bare number", "half number", "unit", "key", "note value", "interval", "direction",
    "form", "negation", "order", "scopes", "quantifiers", "degrees", "names",
];

/// Differences that decide however the two are worded, beside the [plain ones](plain_difference).
const DECISIVE_FAR: [&str; 4] = ["number", "key", "degrees", "names"];

/// May the answer to `stored` be given for `asked`?
pub fn compare(asked: &Reading, stored: &Reading) -> Verdict {
    match rounding::unified(asked, stored) {
        Some((true, asked)) => judged(&asked, stored),
        Some((false, stored)) => judged(asked, &stored),
        None => judged(asked, stored),
    }
}

fn judged(asked: &Reading, stored: &Reading) -> Verdict {
    if let Some(reason) = plain_difference(asked, stored) {
        return Verdict::Refuse(reason);
    }
    let sides = Alignment::of(asked, stored);
    let near = sides.overlap >= NEAR;
    let found = differences(asked, stored, &sides);
    let decisive: &[&str] = if near { &DECISIVE_NEAR } else { &DECISIVE_FAR };
    if let Some(reason) = found.iter().find(|reason| decisive.contains(&reason.code)) {
        return Verdict::Refuse(reason.clone());
    }
    if let Some(reason) = fact_exchanged(&sides) {
        return Verdict::Refuse(reason);
    }
    let mut left = sides.left_a.iter().chain(&sides.left_b);
    let is_note = |token: &&&Token| token.named && token.word == "A";
    if (near || left.clone().count() == 1)
        && let Some(note) = left.find(is_note)
    {
        let sentence = format!("Only one of the two says {}.", note.text);
        return Verdict::Refuse(Reason::new("key", sentence));
    }
    let explained = sides.left_a.is_empty() && sides.left_b.is_empty();
    let alike = sides.ordered
        && sides.bound
        && asked.signs == stored.signs
        && !exchange::left_hanging(asked, stored)
        && spelt_notes(asked) == spelt_notes(stored)
        && !words_swapped(asked, stored);
    if (near || explained)
        && let Some(sign) = comparison_of_one(asked, stored)
    {
        return Verdict::Refuse(Reason::new(
            "comparison",
            format!("Only one of the two says \"{sign}\"."),
        ));
    }
    let unsaid = |a: &Reading, b: &Reading| {
        a.question == Question::Open && a.asks && b.question.can_be_unsaid()
    };
    let kind = asked.question.is_plainly(stored.question)
        || unsaid(asked, stored)
        || unsaid(stored, asked);
    if explained && alike && kind {
        if !wording::explains(asked, stored, &sides) {
            let sentence = wording::odd(asked, stored).map_or_else(
                || "The words with a meaning are the same, how they are put is not.".to_owned(),
                |word| format!("Only one of the two says \"{word}\" there."),
            );
            return Verdict::Refuse(Reason::new("wording", sentence));
        }
        return Verdict::Serve(Reason::new("same", "Both ask the same in nearly the same words."));
    }
    let mut evidence: Vec<&'static str> = found.iter().map(|reason| reason.code).collect();
    let odd = sides.left_a.first().or(sides.left_b.first());
    let reason = found.into_iter().next().unwrap_or_else(|| match odd {
        Some(token) if near => {
            Reason::new("word", format!("Only one of the two says \"{}\".", token.text))
        }
        Some(_) => Reason::new("wording", "The facts agree, the words differ."),
        None => Reason::new("order", "The same words stand in another order."),
    });
    if asked.template || stored.template {
        return Verdict::Refuse(reason);
    }
    evidence.extend(leftovers(&sides));
    if !sides.ordered {
        evidence.push("moved");
    }
    Verdict::Open { near, evidence, reason }
}

/// "What is an aux", "what is a bus": one fact for another of its family, and nothing else, however short the
/// request is.
fn fact_exchanged(sides: &Alignment<'_>) -> Option<Reason> {
    let ([x], [y]) = (sides.left_a.as_slice(), sides.left_b.as_slice()) else { return None };
    let ((family, _), (other, _)) = (x.mark?, y.mark?);
    let sentence = || format!("One says \"{}\", the other \"{}\".", x.text, y.text);
    (family == other).then(|| Reason::new(family, sentence()))
}

/// A comparison that only one of the two makes. That things are equal may go unsaid.
fn comparison_of_one(asked: &Reading, stored: &Reading) -> Option<char> {
    let telling = |reading: &Reading| {
        reading.comparisons.iter().copied().find(|sign| comparison::is_telling(*sign))
    };
    match (telling(asked), telling(stored)) {
        (Some(sign), None) | (None, Some(sign)) => Some(sign),
        _ => None,
    }
}

/// What kind of words are left over.
fn leftovers(sides: &Alignment<'_>) -> Option<&'static str> {
    match (sides.left_a.len(), sides.left_b.len()) {
        (0, 0) => None,
        (0, _) | (_, 0) => Some("added"),
        (1, 1) => Some("one for one"),
        _ => Some("reworded"),
    }
}

/// How notes are written, where that is what is asked: one sound spelt in two ways, an interval from a note.
fn spelt_notes(reading: &Reading) -> Vec<char> {
    let tonal = |token: &Token| match &token.value {
        TokenValue::Tonal(tonal) => {
            Some((tonal.clone(), token.text.chars().next()?.to_ascii_uppercase()))
        }
        _ => None,
    };
    let notes: Vec<_> = reading.tokens.iter().filter_map(tonal).collect();
    let degree = |token: &Token| match &token.value {
        TokenValue::Interval(interval) => char::from_digit(u32::from(interval.degree()?), 10),
        _ => None,
    };
    let respelt = notes.iter().any(|(x, a)| notes.iter().any(|(y, b)| x.equals(y) && a != b));
    let letters = notes.iter().map(|(_, letter)| *letter).filter(|_| respelt);
    let degrees = reading.tokens.iter().filter_map(degree).filter(|_| !notes.is_empty());
    letters.chain(degrees).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(asked: &str, stored: &str) -> Verdict {
        compare(&Reading::of(asked, None), &Reading::of(stored, None))
    }

    #[test]
    fn the_same_in_other_dress_is_served() {
        for (asked, stored) in [
            ("how do I EQ vocals?", "How do you equalise vox"),
            ("what's the loudness target for Spotify, please?", "loudness target for Spotify?"),
            ("delay time at 120 BPM?", "delay time at 120bpm?"),
            ("give me one chord idea", "give me a chord idea"),
            ("add 1 layer of pads", "add one layer of pads"),
        ] {
            assert!(matches!(verdict(asked, stored), Verdict::Serve(_)), "{asked} | {stored}");
        }
    }

    #[test]
    fn one_changed_fact_is_refused() {
        for (asked, stored, code) in [
            (
                "dotted delay time in ms at 120 BPM?",
                "dotted delay time in ms at 128 BPM?",
                "number",
            ),
            ("sad chord progression in A minor?", "sad chord progression in A major?", "key"),
            ("boost the lows of a pop vocal?", "cut the lows of a pop vocal?", "direction"),
            ("route the kick into the bass", "route the bass into the kick", "order"),
            ("is a limiter a compressor?", "is a compressor a limiter?", "order"),
            ("is a gate a kind of expander?", "is an expander a kind of gate?", "order"),
            ("what is an aux", "what is a bus", "scope"),
            ("write a haiku about rain", "write a poem about rain", "form"),
            ("gate all of the toms", "gate one of the toms", "quantifiers"),
            ("show me each track with reverb", "show me one track with reverb", "quantifiers"),
            ("what is an A chord?", "what is a chord?", "key"),
            ("what chord is iv in C minor?", "what chord is IV in C minor?", "degrees"),
            ("explain the v chord", "explain the V chord", "degrees"),
            (
                "how long is the bridge in Paper Tigers?",
                "the length of Paper Lions' bridge, in bars",
                "names",
            ),
            ("in detail: why is my kick boomy?", "why is my kick boomy?", "form"),
            ("verbose: why is my kick boomy?", "why is my kick boomy?", "form"),
        ] {
            match verdict(asked, stored) {
                Verdict::Refuse(reason) => assert_eq!(reason.code, code, "{asked} | {stored}"),
                other => panic!("{asked} | {stored}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_small_word_is_named() {
        let says = |asked: &str, stored: &str| match verdict(asked, stored) {
            Verdict::Refuse(reason) => (reason.code, reason.sentence),
            other => panic!("{asked} | {stored}: {other:?}"),
        };
        let to = "Only one of the two says \"to\" there.".to_owned();
        assert_eq!(says("raise the vocal to 3 dB", "raise the vocal 3 dB"), ("wording", to));
        assert_eq!(says("delete the take", "delete the takes").0, "wording");
        assert_eq!(says("mute one guitar", "mute the guitar").0, "wording");
    }

    #[test]
    fn other_words_are_left_to_the_pair_model() {
        let found = verdict("my mix sounds muddy, what helps?", "how do I get a clearer low end?");
        assert!(matches!(found, Verdict::Open { near: false, .. }), "{found:?}");
        let found =
            verdict("how do I tune a deep house kick?", "how do I tune a deep house snare?");
        let Verdict::Open { near: true, evidence, reason } = found else { panic!("{found:?}") };
        assert_eq!((evidence.as_slice(), reason.code), (["one for one"].as_slice(), "word"));
    }

    #[test]
    fn nearly_the_same_words_that_ask_something_else() {
        for (asked, stored) in [
            ("how loud should my podcast be", "how loud is my podcast"),
            ("where do I turn the click on?", "could you turn the click on?"),
            ("stems → Ana, session → Tom", "get the stems from Ana and the session from Tom"),
            ("need the picture lock from Paul", "got the picture lock from Paul"),
            ("a price for two monitors", "a price for two used monitors"),
            ("respell every G flat as F sharp", "respell every F sharp as G flat"),
            ("correct \"your\" to \"you're\"", "correct \"you're\" to \"your\""),
            ("sort the tracks a-z", "sort the tracks z-a"),
            ("the pH of 0,01 mol", "the pH of 0,1 mol"),
            ("F# + m6 = ?", "F# + M6 = ?"),
            ("the note a minor sixth above E", "the note an augmented fifth above E"),
            ("lock it so that no one edits it", "lock it so that no one but me edits it"),
            ("a blurb in Spanish for our record", "a blurb for our Spanish record"),
            ("how many songs for an album", "how many songs for an EP"),
            ("what sample rate do I normally record at", "what sample rate should I record at"),
            ("which chords did I put in the bridge", "which chords could I put in the bridge"),
            ("who still owes me stems", "who do I still owe stems"),
            ("which tracks are going to the drum bus", "which tracks is the drum bus going to"),
            ("mine > ref in LUFS?", "ref > mine in LUFS?"),
            ("how do I say thank you in Spanish", "how do I say please in Spanish"),
            ("a song title: hello", "a song title: hey"),
            ("a card that says how grateful he is", "a card that says how sorry he is"),
            ("a pre ≥1.5k input", "a pre ≤1.5k input"),
        ] {
            let found = verdict(asked, stored);
            assert!(!matches!(found, Verdict::Serve(_)), "{asked} | {stored}");
        }
    }
}
