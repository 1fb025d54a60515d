//! What a memory token is: the values, how hidden states become them, and their bytes.
//!
//! Here: [`MemoryTokens`] and [`Ratio`], pooling (`pool.rs`) and the storage codecs (`codec.rs`).
//! Not here: how hidden states are made (`model/`), where the bytes are kept (`store/`).

mod codec;
mod pool;

use crate::error::{Error, Result};

pub use codec::Dtype;
pub(crate) use pool::{SegmentSums, normalise};

/// Text tokens that one memory token stands for, 1 to 256. Sixteen unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ratio(u16);

impl Ratio {
    /// # Errors
    /// `PM_BAD_RATIO` outside 1 to 256.
    pub fn new(text_tokens: u16) -> Result<Ratio> {
        if (1..=256).contains(&text_tokens) {
            Ok(Ratio(text_tokens))
        } else {
            Err(Error::BadRatio { given: text_tokens.to_string() })
        }
    }

    /// The ratio a number from outside means.
    ///
    /// # Errors
    /// `PM_BAD_RATIO` for anything but a whole number from 1 to 256.
    pub fn from_f64(given: f64) -> Result<Ratio> {
        if given.fract() == 0.0 && (1.0..=256.0).contains(&given) {
            Ok(Ratio(given as u16))
        } else {
            Err(Error::BadRatio { given: given.to_string() })
        }
    }

    /// A memory token for each text token.
    pub(crate) fn finest() -> Ratio {
        Ratio(1)
    }

    /// Text tokens per memory token.
    pub fn get(self) -> u16 {
        self.0
    }

    /// Memory tokens for a text of `source_tokens` text tokens; the last may stand for fewer.
    pub fn count_for(self, source_tokens: usize) -> usize {
        source_tokens.div_ceil(usize::from(self.0)).max(1)
    }
}

impl Default for Ratio {
    fn default() -> Ratio {
        Ratio(16)
    }
}

/// A text as a few vectors of one model's space. Every vector has length 1.
///
/// The count is `ceil(source_tokens / ratio)`, as in `CLaRa` (arXiv 2511.18659), where it is
/// fixed to `256 / ratio` whatever the text's length.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryTokens {
    /// Numbers in each vector.
    pub dims: usize,
    /// Text tokens per memory token that was asked for.
    pub ratio: Ratio,
    /// The memory tokens, one after the other: `count() * dims` numbers.
    pub data: Vec<f32>,
    /// One vector for the text as a whole: `dims` numbers. Equals the token when there is one.
    pub whole: Vec<f32>,
    /// Text tokens of the source, special tokens not counted.
    pub source_tokens: usize,
    /// UTF-8 bytes of the source.
    pub source_bytes: usize,
    /// Fingerprint of the model that made them.
    pub model: String,
}

impl MemoryTokens {
    /// How many memory tokens.
    pub fn count(&self) -> usize {
        self.data.len() / self.dims
    }

    /// Each memory token in the order of the text.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.data.chunks_exact(self.dims)
    }
}
