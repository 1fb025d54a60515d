//! Text to memory tokens, with a model package and ONNX Runtime.
//!
//! Here: finding and loading the runtime library (`library.rs`, `runtime.rs`), reading a model
//! package (`manifest.rs`, `package.rs`), text to token ids (`tokenizer.rs`), cutting long texts
//! (`windows.rs`), the sessions that run the graph (`session.rs`, `sessions.rs`), spreading work
//! over threads (`fan_out.rs`), one call from texts to tokens (`encode.rs`) and the [`Encoder`] that
//! others use (`encoder.rs`, `shared.rs`).
//! Not here: what a memory token is and how states are pooled (`tokens/`), where they are kept
//! (`store/`). Tests use the committed model package and the real
//! runtime (`fixture.rs`); `figures.rs` prints how fast and how large all this is.

mod encode;
mod encoder;
mod fan_out;
#[cfg(test)]
mod figures;
#[cfg(test)]
pub(crate) mod fixture;
mod library;
mod manifest;
mod package;
mod pair;
mod pair_base;
mod runtime;
mod session;
mod sessions;
mod shared;
mod tokenizer;
mod windows;

pub use encode::MAX_MEMORY_TOKENS;
pub(crate) use encode::States;
pub use encoder::Encoder;
pub(crate) use fan_out::fan_out;
pub use manifest::{EncoderFile, InputNames, Manifest, RatioRange, TokenizerFile};
pub(crate) use package::DEFAULT_PACKAGE;
pub use package::ModelPackage;
pub use pair::PairModel;
pub use runtime::{Runtime, RuntimeSearch};
pub use tokenizer::MAX_TEXT_BYTES;
pub(crate) use tokenizer::check_text;
