//! Audio as it is stored: in pieces, each packed by itself, so that neither saving nor restoring
//! holds it twice.

use super::frame;
use crate::error::{Error, Result};

/// Bytes of audio in a piece; whole samples of every usual format.
const PIECE: usize = 1 << 20;
/// A first byte: the rest is the bytes themselves.
const PLAIN: u8 = 0;
/// A first byte: the rest is a zstd frame.
const PACKED: u8 = 1;
/// A first byte: the rest is a zstd frame of the first bytes of all 4-byte samples, then the second…
const SPLIT: u8 = 2;

/// Bytes looked at to see which way is the shortest.
const SAMPLE: usize = 64 << 10;

/// The pieces of a buffer.
pub(crate) fn pack(bytes: &[u8]) -> Result<Vec<Vec<u8>>> {
    let way = shortest(&bytes[bytes.len() / 2..][..SAMPLE.min(bytes.len() - bytes.len() / 2)])?;
    bytes.chunks(PIECE).map(|piece| packed(piece, way)).collect()
}

/// The way that suits a sample of the audio.
fn shortest(sample: &[u8]) -> Result<u8> {
    let lengths = [
        packed(sample, PLAIN)?.len() * 31 / 32,
        packed(sample, PACKED)?.len(),
        packed(sample, SPLIT)?.len(),
    ];
    let ways = [PLAIN, PACKED, SPLIT].into_iter().zip(lengths);
    Ok(ways.min_by_key(|(_, length)| *length).map_or(PLAIN, |(way, _)| way))
}

fn packed(piece: &[u8], way: u8) -> Result<Vec<u8>> {
    let packed = match way {
        PACKED => frame::pack_at(1, piece, &[])?,
        SPLIT => frame::pack_at(1, &split(piece), &[])?,
        _ => piece.to_vec(),
    };
    let (way, packed) =
        if packed.len() < piece.len() { (way, packed) } else { (PLAIN, piece.to_vec()) };
    Ok([&[way], &packed[..]].concat())
}

/// Appends the bytes of a piece.
///
/// # Errors
/// `PM_STORE_CORRUPT` when it is none.
pub(crate) fn unpack_onto(bytes: &mut Vec<u8>, piece: &[u8]) -> Result<()> {
    let damaged = || Error::StoreCorrupt { reason: "a piece of audio does not decode".to_owned() };
    let (way, rest) = piece.split_first().ok_or_else(damaged)?;
    if *way == PLAIN {
        bytes.extend_from_slice(rest);
        return Ok(());
    }
    frame::length(rest).filter(|length| *length <= PIECE).ok_or_else(damaged)?;
    let unpacked = frame::unpack(rest, &[])?;
    match *way {
        PACKED => bytes.extend_from_slice(&unpacked),
        SPLIT => join_onto(bytes, &unpacked),
        _ => return Err(damaged()),
    }
    Ok(())
}

/// The n-th bytes of all samples side by side: exponents repeat where whole floats do not.
fn split(piece: &[u8]) -> Vec<u8> {
    let samples = piece.len() / 4;
    let mut out = vec![0; piece.len()];
    for (at, sample) in piece.chunks_exact(4).enumerate() {
        for (plane, byte) in sample.iter().enumerate() {
            out[plane * samples + at] = *byte;
        }
    }
    out[samples * 4..].copy_from_slice(&piece[samples * 4..]);
    out
}

fn join_onto(bytes: &mut Vec<u8>, planes: &[u8]) {
    let samples = planes.len() / 4;
    let from = bytes.len();
    bytes.resize(from + planes.len(), 0);
    for (at, sample) in bytes[from..].chunks_exact_mut(4).enumerate() {
        for (plane, byte) in sample.iter_mut().enumerate() {
            *byte = planes[plane * samples + at];
        }
    }
    bytes[from + samples * 4..].copy_from_slice(&planes[samples * 4..]);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use proptest::prelude::*;

    use super::*;

    fn back(pieces: &[Vec<u8>]) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        pieces.iter().try_for_each(|piece| unpack_onto(&mut bytes, piece))?;
        Ok(bytes)
    }

    #[test]
    fn audio_comes_back_in_every_way() {
        let float = |i: u32| ((i as f32 * 0.01).sin() * 12_000.0).round() / 32_768.0 * 0.83;
        let floats: Vec<u8> = (0..700_001).flat_map(|i| float(i).to_le_bytes()).collect();
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let noise: Vec<u8> = (0..1_500_003).map(|_| noise()).collect();
        let silence = vec![0; 3_000_001];
        for (bytes, way) in [(floats, SPLIT), (noise, PLAIN), (silence, PACKED)] {
            let pieces = pack(&bytes).unwrap();
            assert_eq!(pieces.len(), bytes.len().div_ceil(PIECE));
            assert_eq!(pieces[0][0], way);
            assert_eq!(back(&pieces).unwrap(), bytes);
        }
        assert!(pack(&[]).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
            for way in [PLAIN, PACKED, SPLIT] {
                prop_assert_eq!(&back(&[packed(&bytes, way).unwrap()]).unwrap(), &bytes);
            }
            drop(back(&[bytes]));
        }
    }
}
