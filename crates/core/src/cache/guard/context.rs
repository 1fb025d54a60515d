//! What travels beside a request: the fields of its context, and whether one that differs can matter to what is asked.

use serde_json::Value;

use super::facts::question::Question;
use super::facts::{context, direction};
use super::lex;
use super::reading::Reading;
use super::rules::Reason;
use super::token::{Token, TokenValue, tokens};

/// The context as fields with dotted names, sorted, empty ones left out. Values are such that equal ones are
/// one: keys and quantities in one spelling, names without case.
pub(super) fn fields(context: Option<&Value>) -> Vec<(String, Value)> {
    fn walk(name: &str, value: &Value, out: &mut Vec<(String, Value)>) {
        match value {
            Value::Null => {}
            Value::Object(map) => {
                for (key, value) in map {
                    let dot = if name.is_empty() { "" } else { "." };
                    walk(&format!("{name}{dot}{key}"), value, out);
                }
            }
            Value::String(text) if text.trim().is_empty() => {}
            Value::String(text) => out.push((name.to_owned(), canonical(name, text))),
            other => out.push((name.to_owned(), other.clone())),
        }
    }
    let mut out = Vec::new();
    if let Some(context) = context {
        walk("", context, &mut out);
    }
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out
}

/// A text value as it is compared: a lone quantity in the unit that its field is counted in is a number.
fn canonical(field: &str, text: &str) -> Value {
    let read = tokens(&lex::lexemes(text));
    if let [token] = read.as_slice()
        && let TokenValue::Quantity(quantity) = &token.value
        && let Some(number) = context::counted(field).and_then(|unit| quantity.counted_in(unit))
    {
        return number.into();
    }
    let is_value = |token: &Token| !matches!(token.value, TokenValue::Word | TokenValue::Stop);
    // 3/4 and 6/8 are one number and two meters.
    if !read.is_empty() && read.iter().all(is_value) && !text.contains('/') {
        let values = read.iter().filter_map(Token::fact).map(|fact| fact.value);
        return values.collect::<Vec<_>>().join(" ").into();
    }
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if context::is_about_work(field) { folded.to_lowercase().into() } else { folded.into() }
}

/// A request that points at its context, or asks about what a field of it tells, is another one in another
/// context.
pub(super) fn differs(asked: &Reading, stored: &Reading) -> Option<Reason> {
    let matters = |field: &str| may_use(field, asked) || may_use(field, stored);
    let differing = |a: &Reading, b: &Reading| {
        a.context.iter().find_map(|(name, value)| match b.context.iter().find(|(n, _)| n == name) {
            Some((_, other)) if equal(value, other) => None,
            _ => matters(name).then(|| name.clone()),
        })
    };
    let name = differing(asked, stored).or_else(|| differing(stored, asked))?;
    let sentence = format!(
        "The answer may depend on what is open in the studio, and there \"{name}\" differs."
    );
    Some(Reason::new("context", sentence))
}

/// Whether the answer to a request may depend on a field.
fn may_use(field: &str, request: &Reading) -> bool {
    let says = |words: &[&str]| {
        let said = |token: &Token| token.lower.split(' ').any(|word| words.contains(&word));
        request.tokens.iter().any(said)
    };
    let is_anywhere = request.tie == Tie::None && context::is_about_work(field);
    match context::subject(field) {
        _ if request.tie == Tie::Points => true,
        Some(words) => says(words),
        None => !is_anywhere || says(&context::words(field)),
    }
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-9 * a.abs().max(1.0),
        _ => a == b,
    }
}

/// How a request stands to its context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    /// It points at it, "this mix", "here", or cannot be answered without: "what should I improve".
    Points,
    /// It may be answered with it in view.
    Open,
    /// What it asks for is so anywhere.
    None,
}

/// Reads it from the words of a request with their clauses, and its tokens.
pub(super) fn tie(words: &[(&str, u16)], tokens: &[Token], question: Question) -> Tie {
    if context::points(words) || leans(words, tokens, question) {
        Tie::Points
    } else if is_general(tokens, question.defines()) {
        Tie::None
    } else {
        Tie::Open
    }
}

/// Whether a request is about the work without pointing at it: it wants something made or judged ("harmonize the
/// lead"), names a part of the work ("does the low end work"), has no subject of its own ("what is missing") or is a
/// few words without a question ("ideas for a breakdown").
fn leans(words: &[(&str, u16)], tokens: &[Token], question: Question) -> bool {
    /// A request of more content than this without a question word says what it is about.
    const FEW: usize = 5;
    let opens = |at: usize| at == 0 || words[at - 1].1 != words[at].1;
    let starts = |test: fn(&str) -> bool| {
        words.iter().enumerate().any(|(at, (word, _))| opens(at) && test(word))
    };
    let of_the_work = words.windows(2).any(|pair| {
        pair[0].0 == "the"
            && (context::is_the_work(pair[1].0)
                || question != Question::How && context::is_part_of_work(pair[1].0))
    });
    let content = || tokens.iter().filter(|token| token.is_content());
    let wants = match question {
        Question::Whether => starts(context::makes_or_judges),
        Question::Open => {
            starts(context::makes_or_judges)
                || content().count() <= FEW && !starts(context::asks_to_know)
        }
        _ => false,
    };
    let has_subject = |token: &Token| {
        !context::is_no_subject(&token.lower) && direction::class(&token.lower).is_none()
    };
    of_the_work || wants || !content().any(has_subject)
}

/// Whether a request asks for what is so anywhere: what a term means, what two things differ in, who did
/// something. Not for advice or a choice, for that depends on the work, nor about a thing of the work (`the mix`).
fn is_general(tokens: &[Token], defines: bool) -> bool {
    const CHOICE: [&str; 46] = [
        "best", "better", "good", "right", "ideal", "recommended", "recommend", "suggest",
        "suggestion", "should", "ok", "okay", "safe", "suitable", "appropriate", "perfect",
        "fitting", "fit", "fits", "suit", "suits", "wrong", "missing", "i", "i'm", "i'd", "me",
        "we", "us", "idea", "ideas", "tip", "tips", "settings", "setting", "value", "start",
        "starting", "go", "next", "enough", "too", "happening", "playing", "problem", "matter",
    ];
    const RELATION: [&str; 14] = [
        "difference", "differences", "meaning", "definition", "purpose", "point", "relative",
        "parallel", "dominant", "inventor", "name", "term", "opposite", "first",
    ];
    let said = |words: &[&str]| tokens.iter().any(|token| words.contains(&token.lower.as_str()));
    let of_the_work = tokens.windows(2).any(|pair| {
        pair[0].lower == "the" && !RELATION.contains(&pair[1].lower.as_str()) && !pair[1].named
    });
    let compares = said(&[
        "difference", "differences", "mean", "means", "meaning", "definition", "define", "stand",
    ]);
    (defines || compares) && !said(&CHOICE) && !of_the_work
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::rules::{Verdict, compare};
    use super::*;

    #[track_caller]
    fn check(prompt: &str, a: &Value, b: &Value, same: bool) {
        let (x, y) = (Reading::of(prompt, Some(a)), Reading::of(prompt, Some(b)));
        assert_eq!(matches!(compare(&x, &y), Verdict::Serve(_)), same, "{prompt} {a} {b}");
        assert_eq!(matches!(compare(&y, &x), Verdict::Serve(_)), same, "{prompt} {b} {a}");
    }

    #[test]
    fn fields_have_dotted_names() {
        let context = json!({ "key": "Am", "audio": { "lufs": -9, "bpm": null }, "plugin": " " });
        let fields = fields(Some(&context));
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["audio.lufs", "key"]);
    }

    #[test]
    fn one_value_in_two_spellings() {
        for (field, a, b) in [
            ("bpm", json!(120), json!("120 bpm")),
            ("bpm", json!(120), json!("120.0")),
            ("sampleRate", json!("48 kHz"), json!(48000)),
            ("key", json!("F# minor"), json!("f sharp minor")),
            ("key", json!("Db major"), json!("D♭ maj")),
            ("lufs", json!(-14), json!("-14 LUFS")),
            ("genre", json!("Gospel"), json!("gospel")),
            ("selectedTrack", json!("Lead  Vocal"), json!("lead vocal")),
        ] {
            check("what would suit this track", &json!({ field: a }), &json!({ field: b }), true);
        }
        for (field, a, b) in [
            ("bpm", json!(120), json!("121 bpm")),
            ("key", json!("A minor"), json!("A major")),
            ("chord", json!("CM7"), json!("Cm7")),
            ("selectedTrack", json!("Gtr L"), json!("Gtr R")),
            ("sampleRate", json!(48), json!("48 kHz")),
            ("note", json!("c"), json!("C")),
            ("timeSignature", json!("3/4"), json!("6/8")),
        ] {
            check("what would suit this track", &json!({ field: a }), &json!({ field: b }), false);
        }
    }

    #[test]
    fn this_key_is_about_the_key() {
        let (a, b) = (json!({ "key": "G minor", "bpm": 84 }), json!({ "key": "Gm", "bpm": 110 }));
        check("which chords are diatonic in this key", &a, &b, true);
        check("which chords fit this song", &a, &b, false);
        check(
            "which chords are diatonic in this key",
            &a,
            &json!({ "key": "G major", "bpm": 84 }),
            false,
        );
    }

    #[test]
    fn what_is_so_anywhere_needs_no_context() {
        let (house, metal) = (
            json!({ "genre": "house", "bpm": 124, "plugin": "Serum" }),
            json!({ "genre": "metal" }),
        );
        for prompt in [
            "what is a tierce de Picardie",
            "who invented the Leslie speaker",
            "what's the difference between BWF and WAV",
            "what does ISRC stand for",
        ] {
            check(prompt, &house, &metal, true);
        }
        for prompt in [
            "suggest a bridge progression",
            "what is a good kick sample",
            "what is wrong with the low end",
            "what is the mood of the song",
            "how do I make a drop hit harder",
            "which plugin is that",
            "what genre is close to techno",
        ] {
            check(prompt, &house, &metal, false);
        }
        // Nobody knows what such a field does to an answer.
        check("what is a riser", &json!({ "locale": "de" }), &json!({ "locale": "en" }), false);
    }

    #[test]
    fn the_context_counts_where_a_request_speaks_of_it() {
        let differs = |prompt: &str, a: &str, b: &str| {
            let reading = |bpm: &str| Reading::of(prompt, Some(&serde_json::json!({ "bpm": bpm })));
            super::differs(&reading(a), &reading(b)).is_some()
        };
        assert!(differs("which delay fits the tempo", "120", "90"));
        assert!(differs("is this mix good", "120", "90"), "points at what is open");
        assert!(!differs("which delay fits the tempo", "120", "120"));
        assert!(!differs("how do I record a choir", "120", "90"));
    }
}
