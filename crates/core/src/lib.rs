//! A music studio's memory: text in, memory tokens out, one SQLite file, found again by meaning.
//!
//! `docs/architecture.md` of the repository tells which room to enter for which change.

pub mod control;
pub mod describe;
pub mod error;
pub mod index;
pub mod model;
pub mod store;
pub mod tokens;

pub use control::{Control, Progress};
pub use error::{Error, Result};
pub use tokens::{Dtype, MemoryTokens, Ratio};
