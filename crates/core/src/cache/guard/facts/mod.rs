//! The facts of a request, one file per family. How to add one: `docs/guard.md`.

mod chord;
pub(super) mod comparison;
pub(super) mod context;
pub(super) mod degree;
pub(super) mod direction;
pub(super) mod form;
pub(super) mod language;
pub(super) mod name;
pub(super) mod negation;
mod number;
pub(super) mod quantifier;
pub(super) mod quantity;
pub(super) mod question;
pub(super) mod relation;
pub(super) mod rhythm;
pub(super) mod scope;
pub(super) mod tonal;
pub(super) mod unit;
