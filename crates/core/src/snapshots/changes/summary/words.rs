//! Plugins and values in words.

use serde_json::Value;

use super::super::change::Values;
use crate::describe::{number, phrase};
use crate::snapshots::buffers::is_taken_out;

/// Most characters of one value or name in a sentence.
const MAX_SPOKEN_CHARS: usize = 40;

/// What plugins are called by what they do, with words their names are made of; those that end in `*`
/// are beginnings. Only words of the trade that mean one kind of effect wherever they stand.
const FAMILIES: [(&str, &[&str]); 14] = [
    ("reverb", &["reverb*", "verb", "rvb", "freeverb", "plate", "hall", "convolver"]),
    ("delay", &["delay*", "echo*"]),
    ("compressor", &["compressor*", "comp", "opto"]),
    ("limiter", &["limit*", "maximi*"]),
    ("EQ", &["eq", "equali*", "parametriceq"]),
    ("pitch correction", &["tune", "autotune", "pitchcorrect*"]),
    ("distortion", &["distort*", "dist", "drive", "overdrive", "fuzz", "waveshap*"]),
    ("saturation", &["saturat*", "tape"]),
    ("de-esser", &["deess*", "esser"]),
    ("chorus", &["chorus*"]),
    ("flanger", &["flang*"]),
    ("phaser", &["phaser*"]),
    ("noise gate", &["gate", "noisegate"]),
    ("filter", &["filter*", "highpass*", "lowpass*", "bandpass*"]),
];

/// "the reverb (mixx verb)", "the mixx eq8": named by what it does, where its name tells only who knows
/// the product.
pub(super) fn plugin(id: &str) -> String {
    let name = phrase::readable(id).unwrap_or_else(|| "plugin".to_owned());
    let name = phrase::shortened(&name, MAX_SPOKEN_CHARS);
    let lower = name.to_lowercase();
    match family(&lower) {
        Some(family) if !lower.contains(&family.to_lowercase()) => format!("the {family} ({name})"),
        _ => format!("the {name}"),
    }
}

fn family(lower: &str) -> Option<&'static str> {
    let is = |word: &str, stem: &str| match stem.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => {
            word.trim_end_matches(|c: char| c.is_ascii_digit() || c == 'x') == stem || word == stem
        }
    };
    let words: Vec<&str> = lower.split_whitespace().collect();
    let known = |stems: &[&str]| words.iter().any(|word| stems.iter().any(|stem| is(word, stem)));
    FAMILIES.iter().find(|(_, stems)| known(stems)).map(|(family, _)| *family)
}

/// A name within a sentence.
pub(super) fn name(name: &str) -> String {
    phrase::shortened(name, MAX_SPOKEN_CHARS)
}

/// A value within a sentence.
pub(super) fn value(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "none".to_owned(),
        // Whether it is audio is not known: a name may be as long.
        Some(Value::String(text)) if is_taken_out(text) => "long data".to_owned(),
        Some(Value::String(text)) => {
            let text = phrase::clean(text).unwrap_or_else(|| "blank".to_owned());
            phrase::shortened(&text, MAX_SPOKEN_CHARS)
        }
        Some(Value::Number(number)) => number::as_given(number),
        Some(Value::Bool(flag)) => if *flag { "on" } else { "off" }.to_owned(),
        Some(Value::Array(items))
            if items.iter().all(|item| !item.is_array() && !item.is_object()) =>
        {
            let items: Vec<String> = items.iter().map(|item| self::value(Some(item))).collect();
            phrase::shortened(&phrase::listed(&items, ", ", MAX_SPOKEN_CHARS), MAX_SPOKEN_CHARS)
        }
        Some(_) => "other data".to_owned(),
    }
}

/// Whether a switch is on now.
pub(super) fn is_on(values: &Values) -> bool {
    values.after == Some(Value::Bool(true))
}

/// "120 → 124".
pub(super) fn arrow(values: &Values) -> String {
    format!("{} → {}", value(values.before.as_ref()), value(values.after.as_ref()))
}

/// "A", "A and B", "A, B and C", "A, B, C and 4 more".
pub(super) fn all(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] if items.len() <= 4 => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", items[..3].join(", "), items.len() - 3),
    }
}

/// "up an octave", "down 3 semitones".
pub(super) fn interval(semitones: f64) -> String {
    let side = if semitones > 0.0 { "up" } else { "down" };
    match number::rounded(semitones.abs(), 2).as_str() {
        "12" => format!("{side} an octave"),
        "1" => format!("{side} 1 semitone"),
        _ if semitones % 12.0 == 0.0 => {
            format!("{side} {} octaves", number::rounded(semitones.abs() / 12.0, 2))
        }
        amount => format!("{side} {amount} semitones"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_out_is_not_called_audio() {
        let taken_out = Value::String(format!("audio {}", "5013f27e".repeat(2)));
        assert_eq!(value(Some(&taken_out)), "long data");
        assert_eq!(value(Some(&Value::String("audio 5".to_owned()))), "audio 5");
    }

    #[test]
    fn plugins_by_what_they_do() {
        let cases = [
            ("mixx-verb", "the reverb (mixx verb)"),
            ("mixx-eq8", "the mixx eq8"),
            ("Plate2x2", "the reverb (Plate2x2)"),
            ("tap_stereo_echo", "the delay (tap stereo echo)"),
            ("fastLookaheadLimiter", "the fast Lookahead Limiter"),
            ("stereomatrix", "the stereomatrix"),
            ("mixx-comp", "the compressor (mixx comp)"),
            ("9f3a2b1c", "the plugin"),
        ];
        for (id, words) in cases {
            assert_eq!(plugin(id), words);
        }
    }

    #[test]
    fn intervals() {
        let cases = [
            (12.0, "up an octave"),
            (-24.0, "down 2 octaves"),
            (1.0, "up 1 semitone"),
            (-7.0, "down 7 semitones"),
            (0.5, "up 0.5 semitones"),
        ];
        for (semitones, words) in cases {
            assert_eq!(interval(semitones), words);
        }
    }
}
