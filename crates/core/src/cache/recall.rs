//! Does a changed recall fact matter to an answer? A new favourite must not empty the cache: an
//! entry is refused only when a fact changed that its answer or its prompt mentions.
//!
//! A fact is mentioned when a text holds a value it gained or lost as words or a number ("Serum", "128"), run
//! together or apart (`mixx-tune`, `MixxTune`), or as the same key ("Am", "A minor"), or when the text asks for a
//! habit ("my usual", "favourite") of that kind ("plugin").

use serde_json::{Map, Value};

use super::canonical::same;
use super::guard::Reading;

/// Words by which a request asks for a habit.
const HABIT: [&str; 20] = [
    "my", "usual", "usually", "favourite", "favorite", "favourites", "favorites", "preferred",
    "prefer", "typical", "typically", "always", "normally", "regularly", "often", "most", "mostly",
    "like", "tend", "habit",
];

/// Parts of a fact's name that say nothing about its subject.
const PLAIN: [&str; 9] = [
    "typical", "common", "preferred", "recent", "favourite", "favorite", "usual", "default", "user",
];

/// Other words for a subject, as parts of names.
const OTHER_WORDS: [(&str, &[&str]); 5] = [
    ("bpm", &["tempo", "speed"]),
    ("mix", &["lufs", "loudness", "loud"]),
    ("genre", &["style"]),
    ("project", &["session", "song", "track"]),
    ("plugin", &["synth", "effect"]),
];

/// The first fact that changed between `stored` and `asked` and that one of `texts` mentions.
pub(crate) fn changed_fact(
    stored: Option<&Map<String, Value>>,
    asked: Option<&Map<String, Value>>,
    texts: &[&str],
) -> Option<String> {
    let empty = Map::new();
    let (stored, asked) = (stored.unwrap_or(&empty), asked.unwrap_or(&empty));
    let names = stored.keys().chain(asked.keys().filter(|name| !stored.contains_key(*name)));
    let changed = names.filter_map(|name| {
        let (old, new) = (stored.get(name), asked.get(name));
        let values = difference(old.unwrap_or(&Value::Null), new.unwrap_or(&Value::Null));
        (!values.is_empty()).then_some((name, values))
    });
    let mut read: Option<Vec<Read>> = None;
    for (name, values) in changed {
        let texts = read.get_or_insert_with(|| texts.iter().map(|text| Read::of(text)).collect());
        if texts.iter().any(|text| mentions(text, name, &values)) {
            return Some(name.clone());
        }
    }
    None
}

/// A text as it is looked through: its words, and the keys and chords that it names.
struct Read {
    words: Vec<String>,
    keys: Vec<String>,
}

impl Read {
    fn of(text: &str) -> Read {
        Read { words: words(text), keys: keys(text) }
    }
}

fn keys(text: &str) -> Vec<String> {
    let facts = Reading::of(text, None).facts().into_iter();
    facts.filter(|fact| fact.family == "key").map(|fact| fact.value).collect()
}

/// Letters of a name that may be written apart: fewer are part of other words.
const RUN_TOGETHER: usize = 5;
/// Words it may be written in.
const APART: usize = 4;

/// Whether `words` hold those of `value` in a row, or run together or apart in another way.
fn holds(words: &[String], value: &[String]) -> bool {
    if value.is_empty() {
        return false;
    }
    let name = value.concat();
    let in_a_row = words.windows(value.len()).any(|window| window == value);
    in_a_row
        || name.len() >= RUN_TOGETHER
            && name.starts_with(char::is_alphabetic)
            && (1..=APART).any(|count| words.windows(count).any(|window| window.concat() == name))
}

/// The values that one of the two has and the other has not, as texts.
fn difference(old: &Value, new: &Value) -> Vec<String> {
    if same(old, new) {
        return Vec::new();
    }
    let (old, new) = (items(old), items(new));
    let only = |these: &[&Value], those: &[&Value]| -> Vec<String> {
        let gone = these.iter().filter(|item| !those.iter().any(|other| same(item, other)));
        gone.flat_map(|item| leaves(item)).collect()
    };
    [only(&old, &new), only(&new, &old)].concat()
}

fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        one => vec![one],
    }
}

fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::Array(_) | Value::Object(_) => items(value).into_iter().flat_map(leaves).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Bool(_) | Value::Null => Vec::new(),
    }
}

/// Whether a text names one of `values`, or asks for a habit of the kind that `name` is.
fn mentions(text: &Read, name: &str, values: &[String]) -> bool {
    let names = |value: &String| {
        let is_key = || keys(value).first().is_some_and(|key| text.keys.contains(key));
        holds(&text.words, &words(value)) || words(value).len() <= 2 && is_key()
    };
    let words = &text.words;
    let about_me = words.windows(2).any(|pair| pair[0] == "about" && pair[1] == "me");
    let asks = words.iter().any(|word| HABIT.contains(&word.as_str()));
    values.iter().any(names)
        || about_me
        || asks && subjects(name).iter().any(|subject| is_about(words, subject))
}

fn is_about(text: &[String], subject: &str) -> bool {
    text.iter().any(|word| word.strip_suffix('s').unwrap_or(word) == subject)
}

/// What a fact is about: `favouritePlugins` is about `plugin`.
fn subjects(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && was_lower {
            parts.push(String::new());
        }
        was_lower = c.is_lowercase();
        if let Some(part) = parts.last_mut().filter(|_| c.is_alphanumeric()) {
            part.extend(c.to_lowercase());
        }
    }
    let telling =
        parts.into_iter().filter(|part| part.len() > 1 && !PLAIN.contains(&part.as_str()));
    let mut subjects: Vec<String> =
        telling.map(|part| part.strip_suffix('s').unwrap_or(&part).to_owned()).collect();
    for (subject, others) in OTHER_WORDS {
        if subjects.iter().any(|known| known == subject) {
            subjects.extend(others.iter().map(|other| (*other).to_owned()));
        }
    }
    subjects
}

/// Words and numbers in small letters. A sign belongs to its number, a dot to a number it is in.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace(['\u{2212}', '\u{2013}'], "-");
    let lower = lower.replace("minus ", "-");
    let pieces = lower.split(|c: char| !c.is_alphanumeric() && !"-.#".contains(c));
    let clean = pieces.map(|piece| piece.trim_end_matches(['.', '-']).trim_start_matches('.'));
    let numbers_apart = clean.flat_map(unit_apart);
    numbers_apart.filter(|word| !word.is_empty()).map(|word| plain_number(&word)).collect()
}

/// "128bpm" is a number and a word, "a-b" two words.
fn unit_apart(word: &str) -> Vec<String> {
    let digits = word.trim_start_matches('-');
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let starts_a_number = digits.starts_with(|c: char| c.is_ascii_digit());
    if starts_a_number && word.len() - digits.len() <= 1 {
        let sign = word.len() - digits.len();
        return vec![word[..sign + end].to_owned(), digits[end..].to_owned()];
    }
    word.split('-').map(str::to_owned).collect()
}

/// 128.0 is 128.
fn plain_number(word: &str) -> String {
    match word.parse::<f64>() {
        Ok(number) if number.is_finite() => number.to_string(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    #[track_caller]
    fn check(stored: &str, asked: &str, prompt: &str, answer: &str, expected: Option<&str>) {
        let parse = |json: &str| serde_json::from_str::<Option<Map<String, Value>>>(json).unwrap();
        let (stored, asked) = (parse(stored), parse(asked));
        let found = changed_fact(stored.as_ref(), asked.as_ref(), &[prompt, answer]);
        assert_eq!(found.as_deref(), expected, "{prompt} / {answer}");
    }

    #[test]
    fn a_fact_that_nothing_mentions_may_change() {
        let (old, new) =
            (r#"{"favouritePlugins":["Serum"]}"#, r#"{"favouritePlugins":["Serum","Vital"]}"#);
        check(old, new, "how do I warm up a bass?", "Add saturation, then cut 300 Hz.", None);
        check(old, old, "use my favourite plugins", "Open Serum.", None);
        check("null", new, "how do I warm up a bass?", "Add saturation.", None);
        check(r#"{"typicalBPM":128}"#, r#"{"typicalBPM":128.0}"#, "my tempo", "128", None);
    }

    #[test]
    fn a_value_that_the_answer_names_may_not() {
        let (old, new) =
            (r#"{"favouritePlugins":["Serum","Pro-Q 3"]}"#, r#"{"favouritePlugins":["Vital"]}"#);
        check(old, new, "warm up a bass", "Open serum first.", Some("favouritePlugins"));
        check(old, new, "warm up a bass", "Cut with Pro-Q 3.", Some("favouritePlugins"));
        check(old, new, "what can Vital do?", "Much.", Some("favouritePlugins"));
        check(old, new, "warm up a bass", "Keep serums and vitality apart.", None);
        let (old, new) = (r#"{"favouritePlugins":["mixx-tune"]}"#, r#"{"favouritePlugins":["x"]}"#);
        check(old, new, "tune vocals", "Open MixxTune.", Some("favouritePlugins"));
        check(old, new, "tune vocals", "Open Mixx Tune.", Some("favouritePlugins"));
        check(old, new, "tune vocals", "Mix the tune.", None);
        let (old, new) = (r#"{"commonKeys":["Am"]}"#, r#"{"commonKeys":["F#m"]}"#);
        check(old, new, "chords?", "In A minor, try i VI III VII.", Some("commonKeys"));
        check(old, new, "chords?", "In G flat minor, try i iv.", Some("commonKeys"));
        check(old, new, "chords?", "In A major, try I IV V.", None);
        let (old, new) = (r#"{"typicalBPM":128}"#, r#"{"typicalBPM":140}"#);
        check(old, new, "pick a tempo", "I would take 128bpm.", Some("typicalBPM"));
        check(old, new, "pick a tempo", "Cut 1280 Hz.", None);
        let (old, new) = (r#"{"preferredMixLevel":-9}"#, r#"{"preferredMixLevel":-14}"#);
        check(old, new, "how loud?", "Aim for -9.0 LUFS.", Some("preferredMixLevel"));
        check(old, new, "how loud?", "Aim for \u{2013}9 LUFS.", Some("preferredMixLevel"));
        check(old, new, "how loud?", "Aim for minus 9 LUFS.", Some("preferredMixLevel"));
        check(old, new, "how loud?", "Leave 9 dB of room.", None);
    }

    #[test]
    fn a_request_for_the_habit_itself_may_not() {
        let (old, new) = (r#"{"favoritePlugins":["A1"]}"#, r#"{"favoritePlugins":["B2"]}"#);
        check(old, new, "load my favourite plugins", "Done.", Some("favoritePlugins"));
        check(old, new, "set my usual tempo", "Done.", None);
        check("{}", new, "which plugins do I use the most", "?", Some("favoritePlugins"));
        check("{}", new, "what do you know about me", "Nothing.", Some("favoritePlugins"));
        check(r#"{"typicalBPM":1}"#, "{}", "set my usual tempo", "Done.", Some("typicalBPM"));
        let presets =
            |name: &str| format!(r#"{{"commonPresets":[{{"name":"{name}","plugin":"X"}}]}}"#);
        check(
            &presets("Warm Keys"),
            &presets("Cold"),
            "a",
            "Try warm keys.",
            Some("commonPresets"),
        );
    }
}
