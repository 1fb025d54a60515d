//! Text to token ids, without special tokens, padding or truncation.

use tokenizers::{PreTokenizerWrapper, Tokenizer as Inner};

use super::manifest::TokenizerFile;
use super::package::ModelPackage;
use crate::control::Control;
use crate::error::{Error, Result};

/// UTF-8 bytes one memory's text may have: 4 MiB.
pub const MAX_TEXT_BYTES: usize = 4 * 1024 * 1024;

/// Longer texts are tokenised in pieces of about this many bytes: the crate keeps about 100 bytes
/// of bookkeeping per byte of text, and between pieces a caller can stop.
const PIECE_BYTES: usize = 64 * 1024;

const WHAT: &str = "the text";

/// The tokenizer of a model package.
#[derive(Debug)]
pub(crate) struct Tokenizer {
    inner: Inner,
    /// Whether pieces cut before white space give the tokens of the whole.
    words_are_apart: bool,
}

impl Tokenizer {
    /// # Errors
    /// `PM_MODEL_CORRUPT` when the file is no tokenizer or lacks the special tokens.
    pub(crate) fn open(package: &ModelPackage) -> Result<Tokenizer> {
        Tokenizer::from_bytes(package.tokenizer_bytes(), &package.manifest().tokenizer)
            .map_err(|reason| package.bad_tokenizer(reason))
    }

    /// From the bytes of `tokenizer.json`; what is wrong with them, in words.
    pub(super) fn from_bytes(
        bytes: &[u8],
        file: &TokenizerFile,
    ) -> std::result::Result<Tokenizer, String> {
        let mut inner = Inner::from_bytes(bytes).map_err(|err| err.to_string())?;
        for id in [file.cls_id, file.sep_id, file.pad_id] {
            if inner.id_to_token(id).is_none() {
                return Err(format!("it has no token {id}, model.json names one"));
            }
        }
        // Packages often carry padding and truncation to 128, which would cut texts silently.
        inner.with_padding(None);
        inner.with_truncation(None).map_err(|err| err.to_string())?;
        // "[SEP]" in somebody's text is text.
        inner.set_encode_special_tokens(true);
        let words_are_apart =
            matches!(inner.get_pre_tokenizer(), Some(PreTokenizerWrapper::BertPreTokenizer(_)));
        Ok(Tokenizer { inner, words_are_apart })
    }

    /// The ids of a text that [`check_text`] passed. About 3 µs per token.
    ///
    /// # Errors
    /// `PM_EMPTY_TEXT` when nothing of the text is a token, `PM_ABORTED`.
    pub(crate) fn encode(&self, text: &str, control: &Control) -> Result<Vec<u32>> {
        let piece_bytes = if self.words_are_apart { PIECE_BYTES } else { usize::MAX };
        let mut ids = Vec::with_capacity(text.len() / 4 + 2);
        for piece in pieces(text, piece_bytes) {
            control.check()?;
            let encoding = self.inner.encode_fast(piece, false);
            let encoding = encoding.map_err(|err| Error::Inference { reason: err.to_string() })?;
            ids.extend_from_slice(encoding.get_ids());
        }
        if ids.is_empty() { Err(Error::EmptyText { what: WHAT }) } else { Ok(ids) }
    }
}

/// # Errors
/// `PM_EMPTY_TEXT`, `PM_TOO_LONG` or `PM_BAD_TEXT` for a text that cannot be remembered.
pub(crate) fn check_text(text: &str) -> Result<()> {
    if text.len() > MAX_TEXT_BYTES {
        let (found, limit) = (text.len(), MAX_TEXT_BYTES);
        return Err(Error::TooLong { what: WHAT, found, unit: "bytes", limit });
    }
    if let Some(at) = text.find('\0') {
        let found = format!("holds a NUL character at byte {at}");
        return Err(Error::BadText { what: WHAT.to_owned(), found });
    }
    if text.trim().is_empty() { Err(Error::EmptyText { what: WHAT }) } else { Ok(()) }
}

/// `text` in pieces of at least `size` bytes, each but the first beginning with white space. That
/// is safe for normalisation too: no combining mark reaches across an ASCII space.
fn pieces(text: &str, size: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let space = |from: usize| rest.as_bytes()[from..].iter().position(u8::is_ascii_whitespace);
        let cut = if rest.len() > size { space(size).map(|at| size + at) } else { None };
        let (piece, after) = rest.split_at(cut.unwrap_or(rest.len()));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use proptest::prelude::*;

    use super::*;
    use crate::model::fixture;

    fn tokenizer() -> Tokenizer {
        Tokenizer::open(fixture::package()).unwrap()
    }

    fn ids(text: &str) -> Vec<u32> {
        tokenizer().encode(text, &Control::new()).unwrap()
    }

    #[test]
    fn words_become_ids_without_special_tokens() {
        assert_eq!(ids("Hello, World!"), [7592, 1010, 2088, 999]);
        assert_eq!(ids("hello world ".repeat(200).as_str()).len(), 400);
        assert!(!ids("[SEP] [CLS]").iter().any(|id| [101, 102].contains(id)));
    }

    #[track_caller]
    fn check(text: &str, code: &str, words: &str) {
        let err = check_text(text).unwrap_err();
        assert_eq!(err.code(), code);
        assert!(err.to_string().contains(words), "{err}");
    }

    #[test]
    fn texts_that_cannot_be_remembered() {
        check("", "PM_EMPTY_TEXT", "the text is empty");
        check(" \n\u{3000}\t", "PM_EMPTY_TEXT", "visible");
        check("bass\0line", "PM_BAD_TEXT", "NUL character at byte 4");
        check(&"a".repeat(10_000_000), "PM_TOO_LONG", "10000000 bytes");
        assert!(check_text(&"a".repeat(MAX_TEXT_BYTES)).is_ok());
    }

    #[test]
    fn nothing_but_invisible_signs_is_empty() {
        let err = tokenizer().encode("\u{200b}\u{ad}", &Control::new()).unwrap_err();
        assert_eq!(err.code(), "PM_EMPTY_TEXT");
    }

    #[test]
    fn a_long_text_in_pieces_gives_the_tokens_of_the_whole() {
        let text = "Kick auf eins, Schnee\u{308}e; 128 BPM\r\n \u{301}e 低音 don't ".repeat(4000);
        let tokenizer = tokenizer();
        let whole = tokenizer.inner.encode_fast(text.as_str(), false).unwrap();
        assert!(text.len() > 3 * PIECE_BYTES);
        assert_eq!(tokenizer.encode(&text, &Control::new()).unwrap(), whole.get_ids());
    }

    #[test]
    fn four_mebibytes_of_one_character_are_one_unknown_word() {
        assert_eq!(ids(&"a".repeat(MAX_TEXT_BYTES)), [100]);
    }

    #[test]
    fn a_tokenizer_that_is_none() {
        let folder = tempfile::tempdir().unwrap();
        fixture::write_package(folder.path(), b"graph", b"{}", |_| ());
        let package = ModelPackage::load(folder.path()).unwrap();
        let err = Tokenizer::open(&package).unwrap_err();
        assert_eq!(err.code(), "PM_MODEL_CORRUPT");
        assert!(err.to_string().contains("tokenizer.json is damaged"), "{err}");
    }

    #[test]
    fn stops_between_pieces() {
        let control = Control::new();
        control.stop();
        assert_eq!(tokenizer().encode("a", &control).unwrap_err().code(), "PM_ABORTED");
    }

    proptest! {
        #[test]
        fn pieces_are_the_text(text in "[a\u{308} \u{4f4e}\n]{0,60}", size in 1_usize..20) {
            let all: Vec<&str> = pieces(&text, size).collect();
            prop_assert_eq!(all.concat(), text.as_str());
            for piece in all.iter().skip(1) {
                prop_assert!(piece.starts_with([' ', '\n']));
            }
        }

        #[test]
        fn cut_text_has_the_same_tokens(text in "[ab\u{301}\u{308} \u{4f4e}\u{a0}\n!\\-A\u{c4}]{1,60}", size in 1_usize..20) {
            static TOKENIZER: std::sync::LazyLock<Tokenizer> = std::sync::LazyLock::new(tokenizer);
            let plain = |piece: &str| TOKENIZER.inner.encode_fast(piece, false).unwrap().get_ids().to_vec();
            prop_assert_eq!(pieces(&text, size).flat_map(plain).collect::<Vec<_>>(), plain(&text));
        }
    }
}
