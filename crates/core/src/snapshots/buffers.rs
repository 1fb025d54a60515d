//! Audio inside a state: taken out, decoded, told apart by its content, and put back.
//!
//! In what remains, a buffer is a byte that JSON cannot hold ([`MARK`]) and its hash, inside the
//! quotes where it stood. So a difference between two states sees it as any other part of the text.

use std::borrow::Cow;

use crate::error::{Error, Result};

use super::json;
use super::outline::Outline;

/// Strings shorter than this stay in the text, in bytes.
const SHORTEST: usize = 1 << 10;
/// More memory than this is taken only as the text grows: its length may be damaged, in bytes.
const LONGEST: usize = 256 << 20;
/// Stands before a hash. Below 0x20, so never inside a JSON text.
const MARK: u8 = 0x01;
/// The name of a buffer: BLAKE3 of its bytes.
pub(crate) type Hash = [u8; 32];

/// Checks that `text` is a JSON object and takes its base64 strings out; `keep` is given the hash and
/// the bytes of each, once per occurrence. A string that another spelling stands for as well stays. Gives where
/// the fields of what remains lie, if that is the whole text.
///
/// # Errors
/// `PM_BAD_OPTION` for what is no JSON, or what `keep` gives.
pub(crate) fn take_out(
    text: &str,
    mut keep: impl FnMut(Hash, &[u8]) -> Result<()>,
) -> Result<(Vec<u8>, Option<Outline>)> {
    let mut long = Vec::new();
    let outline = json::check(text, SHORTEST, |content| long.push(content))?;
    let (mut rest, mut copied, mut bytes) = (Vec::new(), 0, Vec::new());
    for content in long {
        if !decode(&text[content.clone()], &mut bytes) {
            continue;
        }
        let hash = *blake3::hash(&bytes).as_bytes();
        keep(hash, &bytes)?;
        rest.extend_from_slice(&text.as_bytes()[copied..content.start]);
        rest.push(MARK);
        rest.extend_from_slice(&hash);
        copied = content.end;
    }
    rest.extend_from_slice(&text.as_bytes()[copied..]);
    Ok((rest, (copied == 0).then_some(outline)))
}

/// The text that `rest` was taken from, of `length` bytes; `read` appends the bytes of a buffer.
///
/// # Errors
/// `PM_STORE_CORRUPT` when `rest` does not hold what it should, or what `read` gives.
pub(crate) fn put_back(
    rest: Vec<u8>,
    length: usize,
    mut read: impl FnMut(Hash, &mut Vec<u8>) -> Result<()>,
) -> Result<Vec<u8>> {
    let marks = marks(&rest)?;
    if marks.is_empty() {
        return Ok(rest);
    }
    let mut text = Vec::with_capacity(length.min(LONGEST));
    let (mut copied, mut bytes) = (0, Vec::new());
    for (at, hash) in marks {
        text.extend_from_slice(&rest[copied..at]);
        bytes.clear();
        read(hash, &mut bytes)?;
        encode(&bytes, &mut text);
        copied = at + 1 + hash.len();
    }
    text.extend_from_slice(&rest[copied..]);
    Ok(text)
}

/// `rest` as JSON that can be read: buffers are short strings that say which they are, and halves of
/// characters, which JSON may hold and text may not, are replacement characters of the same length.
pub(crate) fn readable(rest: &[u8]) -> Result<Cow<'_, [u8]>> {
    let marks = marks(rest)?;
    if marks.is_empty() {
        return Ok(well_formed(Cow::Borrowed(rest)));
    }
    let (mut text, mut copied) = (Vec::with_capacity(rest.len()), 0);
    for (at, hash) in marks {
        text.extend_from_slice(&rest[copied..at]);
        text.extend_from_slice(b"audio ");
        text.extend_from_slice(&blake3::Hash::from_bytes(hash).to_hex().as_bytes()[..16]);
        copied = at + 1 + hash.len();
    }
    text.extend_from_slice(&rest[copied..]);
    Ok(well_formed(Cow::Owned(text)))
}

/// Whether a string of a readable text stands for one that was taken out.
pub(crate) fn is_taken_out(text: &str) -> bool {
    let digits = text.strip_prefix("audio ").unwrap_or_default();
    digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A text whose escapes of lone surrogates are those of the replacement character.
fn well_formed(mut text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'\\', &text[at..]) {
        let from = at + next;
        at = match (unit(&text[from..]), text.get(from + 6..).and_then(unit)) {
            (None, _) => (from + 2).min(text.len()),
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => from + 12,
            (Some(0xD800..0xE000), _) => {
                text.to_mut()[from..from + 6].copy_from_slice(b"\\ufffd");
                from + 6
            }
            (Some(_), _) => from + 6,
        };
    }
    text
}

/// The UTF-16 unit that `text` begins with as an escape.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = std::str::from_utf8(text.strip_prefix(b"\\u")?.get(..4)?).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

/// The buffers that `rest` refers to, with the places of their marks.
pub(crate) fn marks(rest: &[u8]) -> Result<Vec<(usize, Hash)>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr(MARK, &rest[at..]) {
        let mark = at + next;
        let hash = rest.get(mark + 1..).and_then(|bytes| bytes.first_chunk());
        let hash: Hash = *hash.ok_or_else(|| Error::StoreCorrupt {
            reason: "a state ends in the middle of a buffer's name".to_owned(),
        })?;
        found.push((mark, hash));
        at = mark + 1 + hash.len();
    }
    Ok(found)
}

/// Whether `text` is the one base64 spelling of some bytes, which are put into `bytes`.
fn decode(text: &str, bytes: &mut Vec<u8>) -> bool {
    bytes.clear();
    // With whole groups of four there is but one padding, and the decoder refuses stray last bits.
    text.len().is_multiple_of(4)
        && looks_like_base64(text.as_bytes())
        && base64::decode_config_buf(text, base64::STANDARD, bytes).is_ok()
}

/// A quick look at the first bytes, so that lyrics are not read twice.
fn looks_like_base64(text: &[u8]) -> bool {
    text.iter().take(256).all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// Appends the base64 of a buffer.
pub(crate) fn encode(bytes: &[u8], text: &mut Vec<u8>) {
    let from = text.len();
    text.resize(from + bytes.len().div_ceil(3) * 4, 0);
    let written = base64::encode_config_slice(bytes, base64::STANDARD, &mut text[from..]);
    text.truncate(from + written);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// What remains of `text` and how many buffers were taken out, having checked that it comes back.
    #[track_caller]
    fn check(text: &str) -> (usize, usize) {
        let mut kept = HashMap::new();
        let (rest, _) = take_out(text, |hash, bytes| {
            kept.insert(hash, bytes.to_vec());
            Ok(())
        })
        .unwrap();
        let (length, count) = (rest.len(), marks(&rest).unwrap().len());
        let read = |hash: Hash, bytes: &mut Vec<u8>| {
            bytes.extend_from_slice(&kept[&hash]);
            Ok(())
        };
        serde_json::from_slice::<serde_json::Value>(&readable(&rest).unwrap()).unwrap();
        assert_eq!(put_back(rest, text.len(), read).unwrap(), text.as_bytes());
        (length, count)
    }

    fn take(bytes: usize) -> String {
        base64::encode((0..bytes).map(|i| ((i * i) >> 3) as u8).collect::<Vec<_>>())
    }

    #[test]
    fn audio_is_taken_out_and_comes_back() {
        for bytes in [767, 768, 769, 1_000, 3_000_000] {
            let text = format!("{{\"a\":[\"{0}\", \"{0}\"], \"b\": \"{0}\"}}", take(bytes));
            let (length, count) = check(&text);
            assert!(count == 3 && (length < 130 || bytes == 767), "{bytes}: {length}");
        }
        assert_eq!(check(&format!("{{\"a\":\"{}\"}}", take(765))).1, 0, "short ones stay");
    }

    #[test]
    fn what_another_spelling_stands_for_stays() {
        let whole = take(1_024);
        assert!(whole.ends_with("=="));
        let unpadded = whole.trim_end_matches('=');
        let mut stray = whole.clone().into_bytes();
        let last = stray.len() - 3;
        stray[last] += 1;
        let stray = String::from_utf8(stray).unwrap();
        let url_safe = "-_".repeat(600);
        let escaped = whole.replacen('/', "\\/", 1);
        for text in [unpadded, &stray, &url_safe, &escaped, &"====".repeat(300), &"é".repeat(700)]
        {
            assert_eq!(check(&format!("{{\"a\":\"{text}\"}}")).1, 0, "{text:.20}");
        }
        assert_eq!(check(&format!("{{\"{whole}\":1}}")).1, 0, "a name");
    }

    #[test]
    fn halves_of_characters_can_be_read() {
        for (text, expected) in [
            (r#"{"a":"\ud83c"}"#, r#"{"a":"\ufffd"}"#),
            (
                r#"{"a":"\uDFB5 \ud83c\udfb5\ud83c\ud83c"}"#,
                r#"{"a":"\ufffd \ud83c\udfb5\ufffd\ufffd"}"#,
            ),
            (r#"{"a":"\\ud83c \n\u00e9"}"#, r#"{"a":"\\ud83c \n\u00e9"}"#),
        ] {
            assert_eq!(readable(text.as_bytes()).unwrap(), expected.as_bytes(), "{text}");
            serde_json::from_str::<serde_json::Value>(expected).unwrap();
        }
        assert_eq!(readable(br"\").unwrap(), br"\".as_slice(), "any bytes");
    }

    #[test]
    fn a_cut_state_is_damage() {
        assert!(put_back(vec![b'{', MARK, 1, 2], 9, |_, _| Ok(())).is_err());
    }

    proptest! {
        #[test]
        fn any_text_comes_back(parts in prop::collection::vec("[A-Za-z0-9+/=\u{e9} ]{0,9}", 0..5), times in 100..300_usize) {
            let text = format!("{{\"a\":{}}}", serde_json::to_string(&parts.iter().map(|p| p.repeat(times)).collect::<Vec<_>>()).unwrap());
            check(&text);
        }
    }
}
