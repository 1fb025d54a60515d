//! What became of a project between two versions of it.

pub mod changes;
