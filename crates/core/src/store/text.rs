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
    fn damage_is_told() {
        let packed = pack("four on the floor").expect("packed");
        for cut in 0..packed.len() {
            assert!(unpack(&packed[..cut]).is_err(), "cut at {cut}");
        }
        assert!(unpack(b"plain text").is_err());
    }
}
