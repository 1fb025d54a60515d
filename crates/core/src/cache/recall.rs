//! Does a changed recall fact matter to an answer? A new favourite must not empty the cache: an
//! entry is refused only when a fact changed that its answer or its prompt mentions.
//!
//! A fact is mentioned when a text holds a value it gained or lost as words or a number ("Serum", "128", "one
//! hundred twenty eight"), run together or apart (`mixx-tune`, `MixxTune`), or as the same key ("Am", "A
//! minor"), a name that was switched on or off (`{ "Serum": true }`) being such a value, or when the text points at a habit of its kind, or at habits without telling the kind
//! (`recall_habits.rs`).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::canonical::same;
use super::guard::Reading;
use super::recall_habits::{Pointers, Voice, all_subjects};
use super::recall_words::words;

/// The first fact that changed between `stored` and `asked` and that one of `prompts` or `answer`
/// mentions.
pub(crate) fn changed_fact(
    stored: Option<&Map<String, Value>>,
    asked: Option<&Map<String, Value>>,
    prompts: [&str; 2],
    answer: &str,
) -> Option<String> {
    let empty = Map::new();
    let (stored, asked) = (stored.unwrap_or(&empty), asked.unwrap_or(&empty));
    let names = stored.keys().chain(asked.keys().filter(|name| !stored.contains_key(*name)));
    let changed = names.clone().filter_map(|name| {
        let (old, new) = (stored.get(name), asked.get(name));
        let values = difference(old.unwrap_or(&Value::Null), new.unwrap_or(&Value::Null));
        (!values.is_empty()).then_some((name, values))
    });
    let mut read: Option<Vec<Read>> = None;
    for (name, values) in changed {
        let texts = read.get_or_insert_with(|| {
            let subjects = all_subjects(names.clone());
            let asked = prompts.map(|prompt| Read::of(prompt, Voice::Asker, &subjects));
            asked.into_iter().chain([Read::of(answer, Voice::Assistant, &subjects)]).collect()
        });
        if texts.iter().any(|text| text.mentions(name, &values)) {
            return Some(name.clone());
        }
    }
    None
}

/// A text as it is looked through: its words, the keys and chords that it names, the habits that it
/// points at.
struct Read {
    words: Vec<String>,
    keys: Vec<String>,
    pointers: Pointers,
}

impl Read {
    fn of(text: &str, voice: Voice, subjects: &BTreeSet<String>) -> Read {
        let words = words(text);
        Read { keys: keys(text), pointers: Pointers::of(&words, voice, subjects), words }
    }

    /// Whether it names one of `values`, or points at a habit of the kind that `name` is.
    fn mentions(&self, name: &str, values: &[String]) -> bool {
        let names = |value: &String| {
            let is_key = || keys(value).first().is_some_and(|key| self.keys.contains(key));
            let words_of = words(value);
            holds(&self.words, &words_of) || words_of.len() <= 2 && is_key()
        };
        values.iter().any(names) || self.pointers.depend_on(name)
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
    let is_unspaced = name.chars().any(has_no_borders);
    in_a_row
        || is_unspaced && words.concat().contains(&name)
        || name.len() >= RUN_TOGETHER
            && name.starts_with(char::is_alphabetic)
            && (1..=APART).any(|count| words.windows(count).any(|window| window.concat() == name))
}

/// Chinese, Japanese and Thai are written without spaces.
fn has_no_borders(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0e7f | 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff)
}

/// The values that one of the two has and the other has not, as texts.
fn difference(old: &Value, new: &Value) -> Vec<String> {
    if same(old, new) {
        return Vec::new();
    }
    let (flags_old, flags_new) = (flags(old), flags(new));
    let (old, new) = (items(old), items(new));
    let only = |these: &[&Value], those: &[&Value]| -> Vec<String> {
        let gone = these.iter().filter(|item| !those.iter().any(|other| same(item, other)));
        gone.flat_map(|item| leaves(item)).collect()
    };
    let flags = flags_old.symmetric_difference(&flags_new).map(|flag| (*flag).to_owned());
    [only(&old, &new), only(&new, &old), flags.collect()].concat()
}

/// The names of a map that are there and not off: `{ "Serum": true }`.
fn flags(value: &Value) -> BTreeSet<&str> {
    let fields = value.as_object().into_iter().flatten();
    let is_on = |value: &Value| !matches!(value, Value::Null | Value::Bool(false));
    fields.filter(|(_, value)| is_on(value)).map(|(name, _)| name.as_str()).collect()
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    #[track_caller]
    fn check(stored: &str, asked: &str, prompt: &str, answer: &str, expected: Option<&str>) {
        let parse = |json: &str| serde_json::from_str::<Option<Map<String, Value>>>(json).unwrap();
        let (stored, asked) = (parse(stored), parse(asked));
        let found = changed_fact(stored.as_ref(), asked.as_ref(), [prompt, prompt], answer);
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
    fn a_name_that_was_switched_on_or_off_is_a_value() {
        let serum = r#"{"favourites":{"Serum":true,"Vital":true}}"#;
        for other in
            [r#"{"favourites":{"Serum":false,"Vital":true}}"#, r#"{"favourites":{"Vital":true}}"#]
        {
            check(serum, other, "a bass?", "Try Serum.", Some("favourites"));
            check(other, serum, "a bass?", "Try Serum.", Some("favourites"));
            check(serum, other, "a bass?", "Try Vital.", None);
        }
    }

    #[test]
    fn a_value_is_found_in_other_scripts_and_spellings() {
        for (value, answer) in [
            ("\"Forr\u{f3}\"", "A forro\u{301} groove."),
            ("\"\u{30cf}\u{30a6}\u{30b9}\"", "\u{30cf}\u{30a6}\u{30b9}\u{98a8}\u{306b}"),
            ("128", "\u{ff11}\u{ff12}\u{ff18} BPM"),
            ("92.5", "At 92,5 BPM."),
            ("\"Drum & Bass\"", "A drum and bass break."),
        ] {
            let [old, new] = [value, "\"Trap\""].map(|value| format!(r#"{{"taste":{value}}}"#));
            check(&old, &new, "drum idea", answer, Some("taste"));
            check(&old, &new, "drum idea", "A plain beat.", None);
        }
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
        check(old, new, "delay?", "At one hundred twenty-eight, 469 ms.", Some("typicalBPM"));
        check(old, new, "delay?", "At one twenty eight, 469 ms.", Some("typicalBPM"));
        check(old, new, "pick a tempo", "Cut 1280 Hz.", None);
        let (old, new) = (r#"{"preferredMixLevel":-9}"#, r#"{"preferredMixLevel":-14}"#);
        check(old, new, "how loud?", "Aim for -9.0 LUFS.", Some("preferredMixLevel"));
        check(old, new, "how loud?", "Aim for \u{2013}9 LUFS.", Some("preferredMixLevel"));
        check(old, new, "how loud?", "Aim for minus 9 LUFS.", Some("preferredMixLevel"));
        check(old, new, "how loud?", "Aim for minus nine LUFS.", Some("preferredMixLevel"));
        check(old, new, "how loud?", "Leave 9 dB of room.", None);
    }

    #[test]
    fn a_request_for_the_habit_itself_may_not() {
        let (old, new) = (r#"{"favoritePlugins":["A1"]}"#, r#"{"favoritePlugins":["B2"]}"#);
        check(old, new, "load my favourite plugins", "Done.", Some("favoritePlugins"));
        check(old, new, "set my usual tempo", "Done.", None);
        check(old, new, "start the usual vocal chain", "Done.", Some("favoritePlugins"));
        check(old, new, "set it up the way I like it", "Done.", Some("favoritePlugins"));
        check(old, new, "set it up", "Done, the way you like it.", Some("favoritePlugins"));
        check(old, new, "what drums?", "For your genre, triplet hats.", None);
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
