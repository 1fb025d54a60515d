//! A text as what differs from an earlier one. Equal ends are cut off, the middle is a zstd frame
//! that may refer to the same region of the earlier text.

use std::ops::Range;

use super::frame;
use crate::error::{Error, Result};

/// How much of the equal ends the middle may refer to, in bytes on each side.
const AROUND: usize = 16 << 10;
/// About as long as the shortest frame, in bytes.
const SHORT: usize = 8;
/// Bytes compared at once.
const BLOCK: usize = 64;

/// What makes `text` out of `base`.
pub(crate) fn encode(base: &[u8], text: &[u8]) -> Result<Vec<u8>> {
    let before = equal_start(base, text);
    let after = equal_end(&base[before..], &text[before..]);
    let middle = &text[before..text.len() - after];
    // Of so few bytes a frame saves two at most; looking for them around takes a millisecond.
    let packed = match middle.len() {
        0..=SHORT => Vec::new(),
        _ => frame::pack(middle, around(base, before, after))?,
    };
    let is_plain = middle.len() <= SHORT || packed.len() >= middle.len();
    let mut delta = Vec::with_capacity(packed.len() + 8);
    put(&mut delta, (before as u64) << 1 | u64::from(is_plain));
    put(&mut delta, after as u64);
    delta.extend_from_slice(if is_plain { middle } else { &packed });
    Ok(delta)
}

/// Makes the text that [`encode`] was given out of its base, in place: along a chain of versions,
/// what stays is not copied again and again.
///
/// # Errors
/// `PM_STORE_CORRUPT` when this is no delta of this base, or its text is longer than `longest`.
pub(crate) fn apply(text: &mut Vec<u8>, delta: &[u8], longest: usize) -> Result<()> {
    let mut rest = delta;
    let (Some(first), Some(after)) = (take(&mut rest), take(&mut rest)) else {
        return Err(damaged());
    };
    let (before, is_plain, after) = ((first >> 1) as usize, first & 1 == 1, after as usize);
    let ends = before.checked_add(after).filter(|ends| *ends <= text.len()).ok_or_else(damaged)?;
    let limit = longest.checked_sub(ends).ok_or_else(damaged)?;
    let replaced = before..text.len() - after;
    if is_plain {
        let fits = rest.len() <= limit;
        replace(text, replaced, fits.then_some(rest).ok_or_else(damaged)?);
    } else {
        frame::length(rest).filter(|length| *length <= limit).ok_or_else(damaged)?;
        let middle = frame::unpack(rest, around(text, before, after))?;
        replace(text, replaced, &middle);
    }
    Ok(())
}

/// Puts `middle` in the place of `replaced`; the rest moves as a whole.
fn replace(text: &mut Vec<u8>, replaced: Range<usize>, middle: &[u8]) {
    let (length, to) = (text.len(), replaced.start + middle.len());
    if to > replaced.end {
        text.resize(length + to - replaced.end, 0);
    }
    text.copy_within(replaced.end..length, to);
    text.truncate(length + to - replaced.end);
    text[replaced.start..to].copy_from_slice(middle);
}

/// The part of the base that the middle may refer to.
fn around(base: &[u8], before: usize, after: usize) -> &[u8] {
    let from = before.saturating_sub(AROUND);
    let to = (base.len() - after).saturating_add(AROUND).min(base.len());
    &base[from..to]
}

/// How many bytes both begin with.
pub(super) fn equal_start(a: &[u8], b: &[u8]) -> usize {
    let blocks =
        a.chunks(BLOCK).zip(b.chunks(BLOCK)).take_while(|(a, b)| a == b && a.len() == BLOCK);
    let at = blocks.count() * BLOCK;
    at + a[at..].iter().zip(&b[at..]).take_while(|(a, b)| a == b).count()
}

/// How many bytes both end with.
pub(super) fn equal_end(a: &[u8], b: &[u8]) -> usize {
    let blocks =
        a.rchunks(BLOCK).zip(b.rchunks(BLOCK)).take_while(|(a, b)| a == b && a.len() == BLOCK);
    let at = blocks.count() * BLOCK;
    let ends = a[..a.len() - at].iter().rev().zip(b[..b.len() - at].iter().rev());
    at + ends.take_while(|(a, b)| a == b).count()
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn damaged() -> Error {
    Error::StoreCorrupt { reason: "a stored difference does not fit its base".to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use proptest::prelude::*;

    use super::*;

    const LONGEST: usize = 1 << 26;

    fn applied(base: &[u8], delta: &[u8]) -> Result<Vec<u8>> {
        let mut text = base.to_vec();
        apply(&mut text, delta, LONGEST).map(|()| text)
    }

    proptest! {
        #[test]
        fn what_differs_makes_the_text(
            base in "[ab]{0,40}", text in "[ab]{0,40}", times in 1..400_usize, cut in any::<prop::sample::Index>()
        ) {
            let base = base.repeat(times).into_bytes();
            let mut edited = base.clone();
            if !edited.is_empty() {
                let at = cut.index(edited.len());
                edited.splice(at..(at + 3).min(base.len()), text.bytes());
            }
            for text in [text.as_bytes(), &edited, &base] {
                let delta = encode(&base, text).unwrap();
                prop_assert_eq!(applied(&base, &delta).unwrap(), text);
            }
        }

        #[test]
        fn damage_is_an_error_or_another_text_but_never_a_panic(
            at in any::<prop::sample::Index>(), bit in 0..8_u8, junk in prop::collection::vec(any::<u8>(), 0..40)
        ) {
            let base = "{\"start\":12.5,\"pitch\":60},".repeat(100).into_bytes();
            let text = base.iter().map(|b| if *b == b'6' { b'7' } else { *b }).collect::<Vec<_>>();
            let mut delta = encode(&base, &text).unwrap();
            let at = at.index(delta.len());
            delta[at] ^= 1 << bit;
            drop(applied(&base, &delta));
            drop(applied(&base, &junk));
        }
    }

    #[test]
    fn one_edit_costs_few_bytes() {
        let base = "{\"start\":12.5,\"pitch\":60},".repeat(40_000);
        let text = base.replacen("12.5", "13.75", 1);
        assert!(encode(base.as_bytes(), text.as_bytes()).unwrap().len() < 20);
        assert_eq!(encode(base.as_bytes(), base.as_bytes()).unwrap().len(), 4);
    }

    #[test]
    fn lengths_are_looked_at_before_memory_is_taken() {
        let delta = encode(b"a", &vec![b'x'; 5_000]).unwrap();
        assert!(apply(&mut b"a".to_vec(), &delta, 4_999).is_err());
        assert!(apply(&mut b"a".to_vec(), &delta, 5_000).is_ok());
    }
}
