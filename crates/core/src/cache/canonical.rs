//! One spelling for every request that is the same, so that it can be hashed.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A prompt in normal form C, trimmed, each run of white space one space. Case is kept: CM7 is not
/// Cm7.
pub(super) fn prompt(text: &str) -> String {
    let text = nfc(text);
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

fn nfc(text: &str) -> Cow<'_, str> {
    if is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// Appends JSON with keys sorted, numbers of one value alike (41 = 41.0, 0 = -0), strings in normal
/// form C.
pub(super) fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => write_object(map, &[], out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::String(text) => write_string(text, out),
        Value::Number(number) => write_number(number, out),
        Value::Bool(_) | Value::Null => out.push_str(&value.to_string()),
    }
}

/// As [`write`], without the fields that have one of these values.
pub(super) fn write_object(map: &Map<String, Value>, without: &[(&str, Value)], out: &mut String) {
    let is_default =
        |name: &str, value: &Value| without.iter().any(|(n, v)| *n == name && same(v, value));
    let mut fields: Vec<(&String, &Value)> =
        map.iter().filter(|(name, value)| !is_default(name, value)).collect();
    fields.sort_unstable_by_key(|(name, _)| *name);
    out.push('{');
    for (i, (name, value)) in fields.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_string(name, out);
        out.push(':');
        write(value, out);
    }
    out.push('}');
}

/// Whether two values have one spelling.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    a == b || {
        let [mut left, mut right] = [String::new(), String::new()];
        write(a, &mut left);
        write(b, &mut right);
        left == right
    }
}

fn write_string(text: &str, out: &mut String) {
    // Strings always serialise.
    out.push_str(&serde_json::to_string(&*nfc(text)).unwrap_or_default());
}

/// Whole numbers that an `f64` holds exactly are written as such.
fn write_number(number: &Number, out: &mut String) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT => {
            out.push_str(&(float as i64).to_string());
        }
        _ => out.push_str(&number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(json: &str) -> String {
        let mut out = String::new();
        write(&serde_json::from_str(json).expect("JSON"), &mut out);
        out
    }

    #[test]
    fn one_spelling() {
        for (a, b) in [
            (r#"{"bpm":120,"key":"C"}"#, r#"{"key":"C","bpm":120.0}"#),
            ("[41,0]", "[41.0,-0.0]"),
            ("\"e\u{301}\"", "\"\u{e9}\""),
            (r#"{"a":{"y":1e3,"x":2}}"#, r#"{"a":{"x":2,"y":1000}}"#),
        ] {
            assert_eq!(spelled(a), spelled(b));
        }
        for (a, b) in [
            ("[1,2]", "[2,1]"),
            (r#"{"a":1}"#, r#"{"a":"1"}"#),
            (r#"{"a":1}"#, r#"{"A":1}"#),
            ("0.1", "0.10000000000000002"),
            ("9007199254740993", "9007199254740992"),
            (r#"["a,b"]"#, r#"["a","b"]"#),
            ("null", "\"null\""),
        ] {
            assert_ne!(spelled(a), spelled(b));
        }
    }

    #[test]
    fn white_space_is_folded_and_case_is_kept() {
        assert_eq!(prompt("  what\tis \r\n CM7\u{a0}? "), "what is CM7 ?");
        assert_ne!(prompt("CM7"), prompt("Cm7"));
        assert_eq!(prompt("e\u{301}"), "\u{e9}");
    }
}
