//! zstd frames without their magic number, which would be four equal bytes in every version of every
//! project.

use zstd::zstd_safe::{CCtx, CParameter, DCtx, get_error_name, get_frame_content_size};

use crate::error::{Error, Result};

const MAGIC: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();
/// The longest header of a frame, in bytes.
const HEADER: usize = 18;

/// Levels by how much the compressor has to look at, in bytes: an autosave has to take milliseconds
/// (docs/snapshots.md has what each level gives).
fn level(bytes: usize) -> i32 {
    match bytes {
        0..=0x1_0000 => 19,
        0x1_0001..=0x4_0000 => 12,
        0x4_0001..=0x40_0000 => 9,
        _ => 3,
    }
}

/// `text` as a frame that may refer to `prefix`.
pub(crate) fn pack(text: &[u8], prefix: &[u8]) -> Result<Vec<u8>> {
    pack_at(level(text.len() + prefix.len()), text, prefix)
}

pub(crate) fn pack_at(level: i32, text: &[u8], prefix: &[u8]) -> Result<Vec<u8>> {
    let told = |code| Error::internal(get_error_name(code));
    let mut packer = CCtx::create();
    let window = usize::BITS - (text.len() + prefix.len()).leading_zeros();
    packer.set_parameter(CParameter::CompressionLevel(level)).map_err(told)?;
    packer.set_parameter(CParameter::WindowLog(window.clamp(10, 27))).map_err(told)?;
    packer.ref_prefix(prefix).map_err(told)?;
    let mut frame = Vec::with_capacity(zstd::zstd_safe::compress_bound(text.len()));
    packer.compress2(&mut frame, text).map_err(told)?;
    frame.drain(..MAGIC.len());
    frame.shrink_to_fit();
    Ok(frame)
}

/// The length of the text in a frame, in bytes; none when it is no frame.
pub(crate) fn length(packed: &[u8]) -> Option<usize> {
    let head = packed.get(..HEADER).unwrap_or(packed);
    get_frame_content_size(&[&MAGIC, head].concat()).ok().flatten().map(|length| length as usize)
}

/// The text of a frame. Look at its length before.
///
/// # Errors
/// `PM_STORE_CORRUPT` when it is no such frame.
pub(crate) fn unpack(packed: &[u8], prefix: &[u8]) -> Result<Vec<u8>> {
    let damaged =
        || Error::StoreCorrupt { reason: "a stored frame does not decompress".to_owned() };
    let length = length(packed).ok_or_else(damaged)?;
    let frame = [&MAGIC, packed].concat();
    let mut unpacker = DCtx::create();
    unpacker.ref_prefix(prefix).map_err(|_| damaged())?;
    let mut text = vec![0; length];
    let written = unpacker.decompress(&mut text[..], &frame).map_err(|_| damaged())?;
    if written == length { Ok(text) } else { Err(damaged()) }
}
