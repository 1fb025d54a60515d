//! How the words of two near-copies are written, where that tells them apart: one and many, doing and done,
//! names of files, signs that are no words.

use super::facts::unit::Dimension;
use super::lex::{self, Kind, Lexeme};
use super::reading::Reading;
use super::small::{self, Small};
use super::token::{Token, TokenValue};
use super::{lexicon, words};

/// What of the writing of a request is compared beside its words with a meaning.
#[derive(Debug, Clone)]
pub(super) struct Surface {
    /// Words of grammar and fillers, with their places.
    pub(super) smalls: Vec<Small>,
    /// Signs and pictures that no word says, in their order.
    marks: String,
    files: Vec<String>,
    /// Words whose capitals count: those behind a word that gives a name.
    cased: Vec<String>,
    /// Its parts are set apart by more than commas and stops.
    pub(super) formatted: bool,
}

impl Surface {
    pub(super) fn of(prompt: &str, lexemes: &[Lexeme], tokens: &[Token]) -> Surface {
        Surface {
            smalls: small::smalls(lexemes, tokens),
            marks: marks(prompt),
            files: files(prompt),
            cased: cased(lexemes, tokens),
            formatted: prompt.contains([':', '\n', '/', '|', '+', '=', '–', '—', '(']),
        }
    }

    /// What no word says: signs and pictures in their order, names of files.
    pub(super) fn literally_agrees(&self, other: &Surface) -> bool {
        self.marks == other.marks && self.files == other.files
    }
}

/// Whether two words that stand for each other may do so in their forms. `asks_how` says that both ask for a
/// way, where one and many are the same thing: "how do I EQ a vocal".
pub(super) fn agree(a: &Token, b: &Token, asks_how: bool) -> bool {
    match (&a.value, &b.value) {
        (TokenValue::Word | TokenValue::Stop, TokenValue::Word | TokenValue::Stop) => {
            words_agree(a, b, asks_how)
        }
        (TokenValue::Quantity(_), TokenValue::Quantity(_)) => numbers_agree(&a.text, &b.text),
        (TokenValue::Note(_), TokenValue::Note(_)) => {
            let ends = |token: &Token, end: &str| token.lower.ends_with(end);
            asks_how
                || !(ends(a, "note") && ends(b, "notes") || ends(a, "notes") && ends(b, "note"))
        }
        // 3/4 is no .75.
        (TokenValue::Note(_), TokenValue::Quantity(q))
        | (TokenValue::Quantity(q), TokenValue::Note(_)) => !q.counts(),
        _ => true,
    }
}

fn words_agree(a: &Token, b: &Token, asks_how: bool) -> bool {
    if a.lower == b.lower {
        return !is_other_prefix(&a.text, &b.text);
    }
    // "Don't" and "do not", "only" and "solely".
    if a.mark.is_some() && a.mark == b.mark && a.word != b.word {
        return true;
    }
    if is_deed_and_thing(&a.lower, &b.lower) {
        return false;
    }
    let (x, y) = (words::spelt(&a.lower), words::spelt(&b.lower));
    if x == y {
        return asks_how || !is_plural(&a.lower, &b.lower);
    }
    // "EQ" is equaliser and to equalise.
    let is_short = |word: &str| lexicon::full(word).is_some();
    if a.word == b.word && is_short(&a.lower) != is_short(&b.lower) {
        return true;
    }
    if words::is_typo(&a.lower, &b.lower) || words::is_cut_short(&a.lower, &b.lower) {
        return true;
    }
    let plain = |word: &str| word.replace(['-', '\''], "");
    plain(&x) == plain(&y) || asks_how && is_plural(&x, &y)
}

/// To comp takes is not to compress them.
fn is_deed_and_thing(a: &str, b: &str) -> bool {
    let comp = |word: &str| matches!(word, "comp" | "comps");
    let verb = |word: &str| matches!(word, "compress" | "compresses");
    comp(a) && verb(b) || comp(b) && verb(a)
}

fn is_plural(a: &str, b: &str) -> bool {
    let (one, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let ies = || one.strip_suffix('y').zip(many.strip_suffix("ies")).is_some_and(|(x, y)| x == y);
    matches!(many.strip_prefix(one), Some("s" | "es")) || ies()
}

/// 1.10 is another version than 1.1, the 60s are no 60 seconds, mV are no MV.
fn numbers_agree(a: &str, b: &str) -> bool {
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let is_bare =
        |text: &str| text.bytes().all(|c| c.is_ascii_digit() || matches!(c, b'.' | b'-' | b'+'));
    let zeros =
        is_bare(a) && is_bare(b) && a.contains('.') && b.contains('.') && digits(a) != digits(b);
    let decade = |text: &str| matches!(text, "50 s" | "60 s" | "70 s" | "80 s" | "90 s");
    let unit = |text: &str| text.rsplit(' ').next().unwrap_or_default().to_owned();
    let letters = |text: &str| text.contains(char::is_alphabetic);
    let meter = a.contains('/') != b.contains('/') && !letters(a) && !letters(b);
    !(zeros || meter || is_other_prefix(&unit(a), &unit(b)) || decade(a) != decade(b))
}

/// `mV` and `MV`, `Mb` and `MB`: one unit but for the size of a letter that tells which.
fn is_other_prefix(a: &str, b: &str) -> bool {
    let first = |text: &str| text.chars().next();
    let capital = |text: &str| text.chars().any(char::is_uppercase);
    // Not "bass" and "BASS".
    let bytes = |text: &str| {
        let mut letters = text.chars();
        let prefix = letters.next().is_some_and(|c| "kKmMgGtT".contains(c));
        prefix && letters.next() == Some('b')
    };
    // Mid and side are no milliseconds.
    let craft = matches!((a, b), ("MS", "ms") | ("ms", "MS"));
    craft
        || a != b
            && a.len() <= 4
            && a.eq_ignore_ascii_case(b)
            && (bytes(a) != bytes(b)
                || capital(a)
                    && capital(b)
                    && first(a) != first(b)
                    && matches!(first(a), Some('m' | 'M')))
}

/// Whether a request names what a number without a unit is counted in: "tempo 128", "HPF 90".
pub(super) fn implies(reading: &Reading, dimension: Dimension) -> bool {
    let names: &[&str] = match dimension {
        Dimension::Tempo => &["tempo", "bpm"],
        Dimension::Frequency => &[
            "hpf", "lpf", "highpass", "lowpass", "high-pass", "low-pass", "cutoff", "freq",
            "frequency", "crossover", "notch", "shelf", "samples", "rate",
        ],
        Dimension::Time => {
            &["attack", "release", "predelay", "pre-delay", "hold", "decay", "lookahead"]
        }
        Dimension::Level | Dimension::FullScale | Dimension::TruePeak => {
            &["gain", "threshold", "thresh", "fader", "peak", "ceiling", "headroom"]
        }
        Dimension::Share => {
            &["swing", "mix", "wet", "dry", "feedback", "fb", "humanize", "strength"]
        }
        Dimension::Loudness => &["lufs", "loudness"],
        _ => &[],
    };
    let is_it = |token: &&Token| matches!(&token.value, TokenValue::Quantity(q) if q.dimension == dimension);
    let others = reading.tokens.iter().filter(|token| !is_it(token));
    others.flat_map(|token| token.lower.split(' ')).any(|word| names.contains(&word))
}

/// Whether the spelling of a note is what is asked about: F sharp has six sharps, G flat six flats.
pub(super) fn asks_for_spelling(reading: &Reading) -> bool {
    const SPELLING: [&str; 5] = ["signature", "sharps", "flats", "notation", "accidentals"];
    reading.tokens.iter().any(|token| SPELLING.contains(&token.lower.as_str()))
}

/// Signs, arrows and pictures, in their order; typography is left out, and pictures that only close it.
fn marks(prompt: &str) -> String {
    let prompt = without_mood(prompt);
    let tells = |c: char| {
        !c.is_ascii()
            && !c.is_alphabetic()
            && !c.is_whitespace()
            && !"−–‑—’‘´`“”„«»♯♭×²³➜⇒➔→…•·°€£¥¼½¾⅓⅔⅛⅜⅝⅞\u{200b}\u{feff}\u{fe0f}±≤≥≠".contains(c)
    };
    let signs = prompt.chars().filter(|c| tells(*c));
    signs.chain(prompt.split_whitespace().flat_map(note_marks)).collect()
}

/// What a word that names a note or chord has of signs behind its letter: `c''` is an octave above `c'`, `C-2`
/// below `C2`. Dotted notes too.
fn note_marks(word: &str) -> impl Iterator<Item = char> {
    let word = word.trim_matches(|c: char| "\"(),;:?!".contains(c));
    let letters = word.trim_end_matches('\'');
    let (primes, stem) = (word.len() - letters.len(), letters.to_lowercase());
    let is_note = |name: &str| {
        let mut chars = name.chars();
        chars.next().is_some_and(|c| ('a'..='h').contains(&c))
            && matches!(chars.as_str(), "" | "is" | "es" | "s" | "#" | "b")
    };
    let mut rest = word.chars();
    let is_chord = rest.next().is_some_and(|c| ('A'..='G').contains(&c));
    let rest = rest.as_str().trim_start_matches(['#', 'b', '♯', '♭']);
    let digits = rest.strip_prefix('-').filter(|digits| !lex::is_minor_extension(digits));
    let below =
        is_chord && digits.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let primes = if is_note(&stem) { primes } else { 0 };
    let dotted = word.contains("♩.") || word.contains("♪.") || matches!(word, "q." | "h." | "e.");
    std::iter::repeat_n('\'', primes).chain(below.then_some('-')).chain(dotted.then_some('.'))
}

/// "How do I tune a kick 🙏": the picture tells a mood. Behind few words it may be what is asked about.
fn without_mood(prompt: &str) -> &str {
    let is_picture = |c: char| matches!(c, '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{fe0f}' | '\u{200d}');
    let said = prompt.trim_end_matches(|c: char| is_picture(c) || c.is_whitespace());
    let asks = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        matches!(
            word.as_str(),
            "emoji"
                | "emojis"
                | "smiley"
                | "symbol"
                | "icon"
                | "sign"
                | "mean"
                | "means"
                | "this"
                | "is"
                | "add"
                | "insert"
                | "with"
        )
    };
    let few = said.split_whitespace().count() < 4;
    let about = said
        .split_whitespace()
        .any(|word| matches!(word.to_lowercase().as_str(), "emoji" | "emojis"));
    if few || about || said.split_whitespace().last().is_some_and(asks) { prompt } else { said }
}

/// Words whose capitals count.
fn cased(lexemes: &[Lexeme], tokens: &[Token]) -> Vec<String> {
    let names = lexemes.iter().position(|l| GIVES_NAMES.contains(&l.lower.as_str()));
    let counts =
        |at: usize, l: &Lexeme| l.kind == Kind::Word && names.is_some_and(|named| at > named);
    let found = lexemes.iter().enumerate().skip(1).filter(|(at, l)| counts(*at, l));
    let is_said = |text: &str| tokens.iter().any(|token| token.text == text);
    found.map(|(_, l)| l.text.clone()).filter(|text| is_said(text)).collect()
}

const GIVES_NAMES: [&str; 9] =
    ["rename", "renames", "renamed", "call", "label", "name", "named", "titled", "called"];

/// Whether the words whose capitals count have the same on the other side.
pub(super) fn capitals_agree(asked: &Reading, stored: &Reading) -> bool {
    let agrees = |here: &Reading, there: &Reading| {
        here.surface.cased.iter().all(|text| {
            let is_same_word = |other: &&Token| other.text.eq_ignore_ascii_case(text);
            let mut others = there.tokens.iter().skip(1).filter(is_same_word).peekable();
            others.peek().is_none() || others.any(|other| other.text == *text)
        })
    };
    agrees(asked, stored) && agrees(stored, asked)
}

/// Names of files, and words that are written like some.
fn files(prompt: &str) -> Vec<String> {
    const ENDS: [&str; 20] = [
        ".wav", ".mp3", ".aif", ".aiff", ".flac", ".als", ".flp", ".mid", ".midi", ".ptx", ".rpp",
        ".json", ".txt", ".pdf", ".zip", ".ogg", ".m4a", ".logicx", ".cpr", ".csv",
    ];
    let words = prompt.split(|c: char| c.is_whitespace() || "\"'(),;:".contains(c));
    let words = words.map(|word| word.trim_end_matches(['.', '?', '!']));
    let is_file = |word: &str| {
        let lower = word.to_lowercase();
        ENDS.iter().any(|end| lower.len() > end.len() && lower.ends_with(end))
    };
    words
        .filter(|word| is_file(word) || word.trim_matches('_').contains('_'))
        .map(str::to_owned)
        .collect()
}

/// Whether two words are one, but for a slip.
pub(super) fn are_literal(a: &Token, b: &Token) -> bool {
    let digits = |token: &Token| token.text.starts_with(|c: char| c.is_ascii_digit());
    a.lower == b.lower
        || match a.value {
            TokenValue::Quantity(_) => digits(a) && digits(b),
            _ => words::is_typo(&a.lower, &b.lower),
        }
}

/// Whether a request speaks of words as words: there a form is what is asked about.
pub(super) fn speaks_of_words(reading: &Reading) -> bool {
    const SPEAKING: [&str; 26] = [
        "rhyme", "rhymes", "rhyming", "spell", "spelled", "spelt", "spelling", "syllable",
        "syllables", "letters", "translate", "translation", "pronounce", "synonym", "synonyms",
        "plural", "abbreviation", "mean", "means", "stand", "stands", "rename", "titled", "named",
        "called", "capitalize",
    ];
    reading.tokens.iter().any(|token| SPEAKING.contains(&token.lower.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::rules::{Verdict, compare};
    use super::*;

    fn served(a: &str, b: &str) -> bool {
        matches!(compare(&Reading::of(a, None), &Reading::of(b, None)), Verdict::Serve(_))
    }

    #[test]
    fn another_form_is_another_request() {
        for (a, b) in [
            ("delete the take", "delete the takes"),
            ("what is clipping", "what is a clip"),
            ("songs sampling James Brown", "songs sampled James Brown"),
            ("comp the takes", "compress the takes"),
            ("convert 10 mV", "convert 10 MV"),
            ("open version 1.10", "open version 1.1"),
            ("write in 3/4", "write in .75"),
            ("set it to 100", "set it to 100%"),
            ("the key signature of F#", "the key signature of Gb"),
            ("what rhymes with songs", "what rhymes with song"),
            ("open Kick.wav", "open kicks.wav"),
            ("filter ↑ 2 kHz", "filter ↓ 2 kHz"),
            ("can an alto hold a c''", "can an alto hold a c'"),
            ("solo over an A-7 vamp", "solo over an A7 vamp"),
            ("let the bass hold C-2", "let the bass hold C2"),
            ("♩. = 96", "♩ = 96"),
            ("a fade of a fiftieth of a second", "a fade of a fifteenth of a second"),
            ("keep the gain at - 3 dB", "keep the gain at 3 dB"),
            ("open kick01.wav", "open Kick01.wav"),
            ("rename the bus to DRUMS", "rename the bus to Drums"),
            ("label it \"Lead\"", "label it \"lead\""),
            ("record the room in MS", "record the room in ms"),
        ] {
            assert!(!served(a, b), "{a} | {b}");
        }
    }

    #[test]
    fn one_word_in_two_spellings() {
        for (a, b) in [
            ("how do I EQ vocals", "how do I equalise vox"),
            ("narow the notch", "narrow the notch"),
            ("hpf 90 on the vocal", "HPF 90 Hz on the vocal"),
            ("pre-delay of the plate", "predelay of the plate"),
            ("BASS TRAPS FIRST", "bass traps first"),
            ("Rename the bus to Drums", "rename the bus to Drums"),
        ] {
            assert!(served(a, b), "{a} | {b}");
        }
    }

    #[test]
    fn names_of_files_and_signs() {
        assert_eq!(files("open \"Kick.WAV\", then mix_2.mp3."), ["Kick.WAV", "mix_2.mp3"]);
        assert_eq!(files("save it as mix_v2"), ["mix_v2"]);
        assert_eq!(marks("C△ at −3 dB – ½ ↑"), "△↑");
        assert_eq!(marks("how do I tune a kick 🙏🎬"), "");
        assert_eq!(marks("what does the key with 🙏"), "🙏");
        assert_eq!(marks("name it 🔥"), "🔥");
    }
}
