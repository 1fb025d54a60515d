//! The text of a state, or of a part of one, as a value. JSON knows numbers that no double can hold:
//! these are read as strings of their spelling, so that a state with one can be compared.

use serde_json::Value;
use serde_json::value::RawValue;

/// What `text` says.
///
/// # Errors
/// Serde's, when it is no JSON.
pub(crate) fn parse(text: &[u8]) -> serde_json::Result<Value> {
    // Of such numbers there is rarely one: the text is looked through only where it cannot be read.
    serde_json::from_slice(text).or_else(|err| match quoted(text) {
        Some(text) => serde_json::from_slice(&text),
        None => Err(err),
    })
}

/// `text` with each number that no double can hold in quotes; none where there is none.
fn quoted(text: &[u8]) -> Option<Vec<u8>> {
    let (mut out, mut copied, mut at) = (Vec::new(), 0, 0);
    while let Some(byte) = text.get(at) {
        let rest = &text[at..];
        let length = match byte {
            b'"' => string_length(rest),
            b'-' | b'0'..=b'9' => number_length(rest),
            _ => 1,
        };
        if *byte != b'"' && length > 1 && is_beyond_f64(&rest[..length]) {
            out.extend_from_slice(&text[copied..at]);
            out.push(b'"');
            out.extend_from_slice(&rest[..length]);
            out.push(b'"');
            copied = at + length;
        }
        at += length;
    }
    out.extend_from_slice(&text[copied..]);
    (copied > 0).then_some(out)
}

/// Bytes of the string that `text` begins with, its quotes included.
fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        if text[at + found] == b'"' {
            return at + found + 1;
        }
        at += found + 2;
    }
    text.len()
}

fn number_length(text: &[u8]) -> usize {
    let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    text.iter().position(|byte| !is_part(byte)).unwrap_or(text.len())
}

fn is_beyond_f64(number: &[u8]) -> bool {
    let read = std::str::from_utf8(number).ok().and_then(|text| text.parse::<f64>().ok());
    // Rust takes spellings that JSON does not, such as `01e999`.
    read.is_some_and(f64::is_infinite) && serde_json::from_slice::<&RawValue>(number).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_beyond_f64_are_strings_of_their_spelling() {
        let digits = "9".repeat(400);
        let text = format!(
            r#"{{"a":[1E999,-1e+400, 1e308],"b\"1e999":{digits},"c":"1e999\\","d":"\\\" 1e999"}}"#
        );
        let expected = json!({
            "a": ["1E999", "-1e+400", 1e308], "b\"1e999": digits, "c": "1e999\\", "d": "\\\" 1e999"
        });
        assert_eq!(parse(text.as_bytes()).unwrap(), expected);
        assert_eq!(parse(b"1e999").unwrap(), json!("1e999"));
    }

    #[test]
    fn what_is_no_json_stays_so() {
        for text in ["", "{", "[1e999", "1e999 2", "1e999,\"b\":2", "01e999", "[1e9991e999]", "\"a"]
        {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_can_be_read_is_not_looked_through(text in r#"[\[\]{}",:0-9.eE+truefalsn \\-]{0,24}"#) {
            let serde = serde_json::from_str::<Value>(&text);
            if !text.contains(['e', 'E']) {
                prop_assert_eq!(parse(text.as_bytes()).ok(), serde.ok(), "{}", text);
            }
        }
    }
}
