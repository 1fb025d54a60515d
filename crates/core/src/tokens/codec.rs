//! The bytes of stored vectors. Little-endian, one vector after the other, no header: dtype, dims
//! and count stand in their own columns (`docs/formats.md`).

use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};

use crate::error::{Error, Result};

/// How the numbers of a vector are stored.
///
/// Errors are the cosine between a vector and what comes back, over 3,580 tokens of the default model
/// at ratio 1; `cargo bench --bench codec` in `benches/core` prints them for ratio 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// 16-bit floats, `2 * dims` bytes. Least cosine 0.9999999: as good as exact.
    F16,
    /// 8-bit integers with one scale per vector, `dims + 4` bytes. Least cosine 0.99988.
    I8,
    /// One bit per number, its sign, `dims / 8` bytes. Least cosine 0.74, mean 0.79: for
    /// candidates only.
    B1,
}

impl Dtype {
    /// The name in files and statistics.
    pub fn name(self) -> &'static str {
        match self {
            Dtype::F16 => "f16",
            Dtype::I8 => "i8",
            Dtype::B1 => "b1",
        }
    }

    /// The dtype of a name; none for a name that is not known.
    pub fn from_name(name: &str) -> Option<Dtype> {
        [Dtype::F16, Dtype::I8, Dtype::B1].into_iter().find(|dtype| dtype.name() == name)
    }

    /// Bytes of one vector of `dims` numbers.
    pub fn vector_bytes(self, dims: usize) -> usize {
        match self {
            Dtype::F16 => dims * 2,
            Dtype::I8 => dims + 4,
            Dtype::B1 => dims.div_ceil(8),
        }
    }

    /// The bytes of `vectors`, whose length is a multiple of `dims`.
    pub fn encode(self, vectors: &[f32], dims: usize) -> Vec<u8> {
        let count = vectors.len() / dims;
        let mut bytes = Vec::with_capacity(count * self.vector_bytes(dims));
        for vector in vectors.chunks_exact(dims) {
            match self {
                Dtype::F16 => encode_f16(vector, &mut bytes),
                Dtype::I8 => encode_i8(vector, &mut bytes),
                Dtype::B1 => encode_b1(vector, &mut bytes),
            }
        }
        bytes
    }

    /// The vectors of `bytes`, appended to `out`.
    ///
    /// # Errors
    /// `PM_STORE_CORRUPT` when the bytes are no whole number of vectors.
    pub fn decode_into(self, bytes: &[u8], dims: usize, out: &mut Vec<f32>) -> Result<()> {
        let size = self.vector_bytes(dims);
        if dims == 0 || !bytes.len().is_multiple_of(size) {
            let reason = format!(
                "{} bytes are no whole number of {} vectors of {dims}",
                bytes.len(),
                self.name()
            );
            return Err(Error::StoreCorrupt { reason });
        }
        for vector in bytes.chunks_exact(size) {
            match self {
                Dtype::F16 => decode_f16(vector, out),
                Dtype::I8 => decode_i8(vector, out),
                Dtype::B1 => decode_b1(vector, dims, out),
            }
        }
        Ok(())
    }

    /// The vectors of `bytes`: see [`Dtype::decode_into`].
    pub fn decode(self, bytes: &[u8], dims: usize) -> Result<Vec<f32>> {
        let mut out = Vec::with_capacity(bytes.len() / self.vector_bytes(dims).max(1) * dims);
        self.decode_into(bytes, dims, &mut out)?;
        Ok(out)
    }
}

fn encode_f16(vector: &[f32], bytes: &mut Vec<u8>) {
    bytes.extend(vector.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()));
}

/// Slice conversions use F16C where there is one: element by element is 14 times slower.
fn decode_f16(bytes: &[u8], out: &mut Vec<f32>) {
    let mut bits = [0_u16; 64];
    for block in bytes.chunks(128) {
        let bits = &mut bits[..block.len() / 2];
        for (bit, pair) in bits.iter_mut().zip(block.chunks_exact(2)) {
            *bit = u16::from_le_bytes([pair[0], pair[1]]);
        }
        let start = out.len();
        out.resize(start + bits.len(), 0.0);
        bits.reinterpret_cast::<f16>().convert_to_f32_slice(&mut out[start..]);
    }
}

fn encode_i8(vector: &[f32], bytes: &mut Vec<u8>) {
    let largest = vector.iter().fold(0.0_f32, |most, v| most.max(v.abs()));
    let scale = largest / 127.0;
    bytes.extend(scale.to_le_bytes());
    let inverse = if scale > 0.0 { scale.recip() } else { 0.0 };
    bytes.extend(vector.iter().map(|v| (v * inverse).round() as i8 as u8));
}

fn decode_i8(bytes: &[u8], out: &mut Vec<f32>) {
    let scale = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    out.extend(bytes[4..].iter().map(|b| f32::from(*b as i8) * scale));
}

fn encode_b1(vector: &[f32], bytes: &mut Vec<u8>) {
    bytes.extend(vector.chunks(8).map(|eight| {
        eight.iter().enumerate().fold(0_u8, |byte, (i, v)| byte | (u8::from(*v > 0.0) << i))
    }));
}

/// Signs as plus and minus `1 / sqrt(dims)`, so that the vector has length 1.
fn decode_b1(bytes: &[u8], dims: usize, out: &mut Vec<f32>) {
    let one = (dims as f32).sqrt().recip();
    out.extend((0..dims).map(|i| if bytes[i / 8] >> (i % 8) & 1 == 1 { one } else { -one }));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    #[test]
    fn bytes_per_vector() {
        for (dtype, bytes) in [(Dtype::F16, 768), (Dtype::I8, 388), (Dtype::B1, 48)] {
            assert_eq!(dtype.vector_bytes(384), bytes);
            assert_eq!(dtype.encode(&[0.5; 384 * 3], 384).len(), bytes * 3);
        }
    }

    #[test]
    fn half_a_vector_is_refused() {
        let err = Dtype::F16.decode(&[0; 100], 384).unwrap_err();
        assert_eq!(err.code(), "PM_STORE_CORRUPT");
    }

    #[test]
    fn zeros_survive() {
        for dtype in [Dtype::F16, Dtype::I8] {
            let bytes = dtype.encode(&[0.0; 8], 8);
            assert_eq!(dtype.decode(&bytes, 8).unwrap(), vec![0.0; 8]);
        }
    }
}
