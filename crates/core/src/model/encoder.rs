//! Text in, memory tokens out.

use super::manifest::Manifest;
use super::package::ModelPackage;
use super::runtime::Runtime;
use super::sessions::Sessions;
use super::tokenizer::{Tokenizer, check_text};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::tokens::{MemoryTokens, Ratio};

/// A model at work: share one among all threads.
///
/// Every text is encoded by itself, never padded beside others. The same text therefore gives the
/// same numbers to the bit whatever else is encoded in the same call: with an int8 model a batch
/// would not, since its scales depend on every text in it. Batches would gain 7 % per thread;
/// several sessions with one thread each gain the number of cores.
///
/// ```no_run
/// use prime_memory::model::{Encoder, ModelPackage, Runtime, RuntimeSearch};
/// use prime_memory::{Control, Ratio};
///
/// let runtime = Runtime::load(&RuntimeSearch::default())?;
/// let package = ModelPackage::load("npm/model-minilm-l6".as_ref())?;
/// let encoder = Encoder::open(&package, &runtime, 2)?;
/// let tokens = encoder.compress("a warm analog bassline", Ratio::default(), &Control::new())?;
/// assert_eq!((tokens.count(), tokens.dims), (1, 384));
/// # Ok::<(), prime_memory::Error>(())
/// ```
#[derive(Debug)]
pub struct Encoder {
    pub(super) manifest: Manifest,
    pub(super) fingerprint: String,
    pub(super) tokenizer: Tokenizer,
    pub(super) sessions: Sessions,
    pub(super) threads: usize,
    default_ratio: Ratio,
}

impl Encoder {
    /// Opens a model. `threads` is how many cores one call may use, at least 1; each costs a session
    /// of its own once it is needed.
    ///
    /// # Errors
    /// `PM_MODEL_CORRUPT` when the graph or the tokenizer is not what `model.json` says.
    pub fn open(package: &ModelPackage, runtime: &Runtime, threads: usize) -> Result<Encoder> {
        let threads = threads.max(1);
        let manifest = package.manifest().clone();
        let default_ratio = Ratio::new(manifest.ratios.default)?;
        let tokenizer = Tokenizer::open(package)?;
        let sessions = Sessions::open(package, runtime, threads)?;
        let fingerprint = package.fingerprint().to_owned();
        Ok(Encoder { manifest, fingerprint, tokenizer, sessions, threads, default_ratio })
    }

    /// What the model says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// See [`ModelPackage::fingerprint`]; it stands in every [`MemoryTokens`].
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Numbers in each vector.
    pub fn dims(&self) -> usize {
        self.manifest.dims
    }

    /// How many cores one call may use.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// The ratio of the model unless another is asked for.
    pub fn default_ratio(&self) -> Ratio {
        self.default_ratio
    }

    /// Text tokens of `text`, special tokens not counted.
    ///
    /// # Errors
    /// `PM_EMPTY_TEXT`, `PM_BAD_TEXT`, `PM_TOO_LONG`.
    pub fn count_tokens(&self, text: &str) -> Result<usize> {
        check_text(text)?;
        Ok(self.tokenizer.encode(text, &Control::new())?.len())
    }

    /// The vector of a text as a whole, such as a question: `dims` numbers, length 1. Equals
    /// [`MemoryTokens::whole`] of the same text at any ratio.
    ///
    /// # Errors
    /// As [`Encoder::compress`].
    pub fn embed(&self, text: &str) -> Result<Vec<f32>> {
        self.embed_under(text, &Control::new())
    }

    /// As [`Encoder::embed`], for a text so long that its caller may wish to stop.
    ///
    /// # Errors
    /// As [`Encoder::compress`].
    pub fn embed_under(&self, text: &str, control: &Control) -> Result<Vec<f32>> {
        let coarsest = Ratio::new(self.manifest.ratios.max)?;
        Ok(self.compress(text, coarsest, control)?.whole)
    }

    /// The memory tokens of a text; `npm run bench` prints how long that takes by length. Texts
    /// longer than the model's window are cut in windows, which run on up to `threads` cores;
    /// nothing is left out.
    ///
    /// # Errors
    /// `PM_EMPTY_TEXT`, `PM_BAD_TEXT`, `PM_TOO_LONG` (bytes or memory tokens), `PM_BAD_OPTION` for
    /// a ratio the model is not made for, `PM_INFERENCE`, `PM_ABORTED`.
    pub fn compress(&self, text: &str, ratio: Ratio, control: &Control) -> Result<MemoryTokens> {
        let one = self.encode(&[(text, ratio)], control).map_err(alone)?;
        one.into_iter().next().ok_or_else(|| Error::internal("a text gave no memory tokens"))
    }

    /// The memory tokens of many texts, in their order, the same to the bit as one by one. Progress
    /// counts finished texts.
    ///
    /// # Errors
    /// The first text's that fails, as [`Error::Item`] with its index; `PM_ABORTED`.
    pub fn compress_many(
        &self,
        items: &[(&str, Ratio)],
        control: &Control,
    ) -> Result<Vec<MemoryTokens>> {
        self.encode(items, control)
    }
}

/// The error of an only item, which needs no index.
fn alone(err: Error) -> Error {
    match err {
        Error::Item { source, .. } => *source,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::model::fixture::{self, encoder};

    fn ratio(text_tokens: u16) -> Ratio {
        Ratio::new(text_tokens).unwrap()
    }

    fn compress(text: &str, text_tokens: u16) -> MemoryTokens {
        encoder().compress(text, ratio(text_tokens), &Control::new()).unwrap()
    }

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn like_meaning_is_nearer_than_other_meaning() {
        let embed = |text| encoder().embed(text).unwrap();
        for (asked, like, other) in [
            ("a warm bassline", "deep mellow bass", "invoice for the mastering job"),
            ("make the drums louder", "turn up the percussion", "the vocals are out of tune"),
            ("sad piano in a minor key", "melancholic keys", "an aggressive techno kick"),
        ] {
            let (asked, like, other) = (embed(asked), embed(like), embed(other));
            assert!(cosine(&asked, &like) > cosine(&asked, &other) + 0.1);
        }
    }

    #[test]
    fn one_memory_token_for_each_ratio_text_tokens() {
        let text = "kick hat drum bass ".repeat(10);
        for (text_tokens, count) in [(1, 40), (3, 14), (16, 3), (40, 1), (256, 1)] {
            let tokens = compress(&text, text_tokens);
            assert_eq!((tokens.count(), tokens.source_tokens, tokens.dims), (count, 40, 384));
            assert_eq!((tokens.source_bytes, tokens.ratio), (text.len(), ratio(text_tokens)));
            assert_eq!(tokens.model, encoder().fingerprint());
            for vector in tokens.iter().chain([&tokens.whole[..]]) {
                assert!((cosine(vector, vector) - 1.0).abs() < 1e-5);
            }
            assert_eq!(tokens.whole, encoder().embed(&text).unwrap());
        }
    }

    #[test]
    fn a_single_token_is_the_whole_to_the_bit() {
        let text = "one ".repeat(255);
        assert_eq!(compress("a warm bassline", 16).whole, compress("a warm bassline", 16).data);
        assert_eq!(compress(&text, 256).data, compress(&text, 256).whole);
    }

    #[test]
    fn many_texts_give_the_same_bits_as_each_alone() {
        let texts: Vec<String> = (0..24_usize)
            .map(|i| format!("take {i}: {}", "loud bass, ".repeat(i * i / 3)))
            .collect();
        let items: Vec<(&str, Ratio)> =
            texts.iter().zip(1..).map(|(text, r)| (text.as_str(), ratio(r))).collect();
        let many = encoder().compress_many(&items, &Control::new()).unwrap();
        for ((text, ratio), found) in items.iter().zip(&many) {
            assert_eq!(found, &encoder().compress(text, *ratio, &Control::new()).unwrap());
        }
        assert!(encoder().compress_many(&[], &Control::new()).unwrap().is_empty());
    }

    #[test]
    fn every_token_of_a_long_text_is_represented() {
        let other =
            "please send the unpaid invoice to the tax office before friday morning at nine";
        let text = format!("{}{other} {}", "bass ".repeat(10_000), "bass ".repeat(9_000));
        let tokens = compress(&text, 16);
        assert_eq!(tokens.source_tokens, encoder().count_tokens(&text).unwrap());
        assert_eq!(tokens.count(), tokens.source_tokens.div_ceil(16));
        let asked = encoder().embed(other).unwrap();
        let scores: Vec<f32> = tokens.iter().map(|token| cosine(token, &asked)).collect();
        let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
        assert_eq!(best, 10_000 / 16, "the one other sentence is found where it stands");
    }

    #[test]
    fn two_threads_at_once_get_what_one_gets() {
        let texts = ["a warm bassline", "make the drums louder and the pads softer"];
        let alone = texts.map(|text| compress(text, 4));
        std::thread::scope(|scope| {
            for (text, alone) in texts.iter().zip(&alone) {
                scope.spawn(move || (0..30).for_each(|_| assert_eq!(&compress(text, 4), alone)));
            }
        });
    }

    #[test]
    fn a_bad_text_among_many_is_named() {
        let items = [("good", ratio(16)), ("ba\0d", ratio(16)), ("", ratio(16))];
        let err = encoder().compress_many(&items, &Control::new()).unwrap_err();
        assert_eq!(err.code(), "PM_BAD_TEXT");
        assert!(err.to_string().starts_with("item 1: the text holds a NUL"), "{err}");
        assert!(matches!(encoder().embed(" ").unwrap_err(), Error::EmptyText { .. }));
    }

    #[test]
    fn a_ratio_the_model_is_not_made_for() {
        let folder = tempfile::tempdir().unwrap();
        let real = fixture::package();
        let narrow = |m: &mut serde_json::Value| m["ratios"]["min"] = 8.into();
        fixture::write_package(
            folder.path(),
            &real.encoder_bytes(),
            real.tokenizer_bytes(),
            narrow,
        );
        let package = ModelPackage::load(folder.path()).unwrap();
        let encoder = Encoder::open(&package, fixture::runtime(), 1).unwrap();
        let err = encoder.compress("bass", ratio(4), &Control::new()).unwrap_err();
        assert_eq!(err.code(), "PM_BAD_OPTION");
        assert!(err.to_string().contains("8 to 256"), "{err}");
    }
}
