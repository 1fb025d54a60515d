//! Text and JSON as they are stored: zstd frames that know their own length.

use std::cell::RefCell;
use std::io;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::get_frame_content_size;

use super::errors::{Outcome, damaged};
use crate::error::{Error, Result};

/// Level 3: higher levels gain little on texts of a few hundred bytes.
const LEVEL: i32 = 3;
/// A damaged length must not ask for all memory, in bytes.
const LONGEST: u64 = 1 << 30;

thread_local! {
    /// Making a context costs more than a text of a few hundred bytes.
    static CONTEXTS: RefCell<Option<Contexts>> = const { RefCell::new(None) };
}

struct Contexts {
    pack: Compressor<'static>,
    unpack: Decompressor<'static>,
}

fn with_contexts<T>(call: impl FnOnce(&mut Contexts) -> io::Result<T>) -> io::Result<T> {
    CONTEXTS.with_borrow_mut(|slot| match slot {
        Some(contexts) => call(contexts),
        None => call(
            slot.insert(Contexts { pack: Compressor::new(LEVEL)?, unpack: Decompressor::new()? }),
        ),
    })
}

/// A text as a frame.
pub(super) fn pack(text: &str) -> Result<Vec<u8>> {
    with_contexts(|contexts| contexts.pack.compress(text.as_bytes())).map_err(Error::internal)
}

/// For what is seldom read: saves a third of a project of 170 kB in 80 ms, and 5 % of texts of 100
/// bytes, which are not worth it.
const SMALL_LEVEL: i32 = 19;
/// Frames from this size on are packed again, in bytes.
const WORTH_REPACKING: usize = 1 << 10;
/// Longer texts would take over half a second each, in bytes.
const LONGEST_REPACKED: usize = 1 << 20;

/// The same text in a smaller frame; none when it would save less than 2 %.
pub(super) fn repack(packed: &[u8]) -> Outcome<Option<Vec<u8>>> {
    if packed.len() < WORTH_REPACKING {
        return Ok(None);
    }
    let text = unpack(packed)?;
    if text.len() > LONGEST_REPACKED {
        return Ok(None);
    }
    let small = zstd::bulk::compress(text.as_bytes(), SMALL_LEVEL).map_err(Error::internal)?;
    Ok(Some(small).filter(|small| small.len() < packed.len() - packed.len() / 50))
}

/// Bytes that a text takes when it is stored.
pub(crate) fn packed_bytes(text: &str) -> Result<usize> {
    pack(text).map(|packed| packed.len())
}

/// The text of [`pack`].
///
/// # Errors
/// `PM_STORE_CORRUPT` when it is no such frame, or no UTF-8.
pub(super) fn unpack(packed: &[u8]) -> Outcome<String> {
    let length = match get_frame_content_size(packed) {
        Ok(Some(length)) if length <= LONGEST => length as usize,
        _ => return Err(damaged("a stored text has no zstd header")),
    };
    let bytes = with_contexts(|contexts| contexts.unpack.decompress(packed, length))
        .map_err(|err| damaged(format!("a stored text does not decompress: {err}")))?;
    String::from_utf8(bytes).map_err(|err| damaged(format!("a stored text is no UTF-8: {err}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str) {
        let packed = pack(text).expect("packed");
        assert_eq!(unpack(&packed).expect("unpacked"), text);
    }

    #[test]
    fn texts_come_back() {
        for text in ["", "a", "Übung ♫", "line\r\nline\0", &"four on the floor ".repeat(5_000)] {
            check(text);
        }
    }

    #[test]
    fn what_is_large_gets_smaller() {
        let song = |i: u32| format!("{{\"id\":{i},\"pitch\":{},\"at\":{}}},", i * 7 % 61, i * 3);
        let text = (0..4_000).map(song).collect::<String>();
        let packed = pack(&text).expect("packed");
        let small = repack(&packed).expect("repacked").expect("smaller");
        assert!(small.len() < packed.len() * 9 / 10, "{} {}", small.len(), packed.len());
        assert_eq!(unpack(&small).expect("unpacked"), text);
        assert_eq!(repack(&small).expect("looked at"), None, "not twice");
        assert_eq!(repack(&pack("short").expect("packed")).expect("looked at"), None);
        assert!(repack(&vec![7; 2_000]).is_err());
    }

    #[test]
    fn damage_is_told() {
        let packed = pack("four on the floor").expect("packed");
        for cut in 0..packed.len() {
            assert!(unpack(&packed[..cut]).is_err(), "cut at {cut}");
        }
        assert!(unpack(b"plain text").is_err());
    }
}
