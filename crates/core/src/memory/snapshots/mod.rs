//! Versions of projects: the order of work of each call. What is stored where is decided in
//! `snapshots/`, rows are written and read in `store/snapshots*.rs`.
//!
//! `save.rs` keeps a version, `diff.rs` compares two, `states.rs` brings texts back, `verify.rs` checks
//! them all, `read.rs` lists, `prune.rs` removes, `order.rs` keeps calls in their order, `note.rs` says what changed and makes the memory
//! that search finds, `similar.rs` finds similar projects among those that `shelf.rs` holds;
//! `teller.rs` makes memories and features in the background.

mod diff;
mod note;
mod order;
mod prune;
mod read;
mod recent;
mod remove;
mod renote;
mod save;
mod shelf;
mod similar;
mod states;
mod teller;
mod verify;

use std::sync::Arc;

use order::{Order, Turn};

use super::PrimeMemory;
use super::open::Open;
use crate::error::{Error, Result};
use crate::snapshots::UserScope;
use crate::store::VersionRow;

pub use diff::Diff;
pub(super) use recent::Recent;
pub(super) use shelf::Shelf;
pub(super) use teller::{Teller, resume};

/// The kind of the memories made for versions.
const KIND: &str = "project_snapshot";
/// The branch of a project that has no other.
const MAIN: &str = "main";
/// How often a call starts again because what it stands on was removed meanwhile.
const TRIES: usize = 20;

/// Every version of every project, byte for byte.
///
/// ```no_run
/// # fn example(memory: &prime_memory::PrimeMemory) -> prime_memory::Result<()> {
/// use prime_memory::Control;
/// use prime_memory::snapshots::{SaveOptions, ScopeOption};
///
/// let snapshots = memory.snapshots();
/// let text = r#"{ "bpm": 120, "tracks": [] }"#.to_owned();
/// let saved = snapshots.save("night drive", text.clone(), &SaveOptions::default(), &Control::new())?;
/// assert_eq!(snapshots.restore(&saved.id, None, &Control::new())?, text);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Snapshots {
    memory: PrimeMemory,
    order: Arc<Order>,
    /// Of the one call this is for; none: each call takes one.
    turn: Option<Arc<Turn>>,
}

impl PrimeMemory {
    /// The versions of projects that this memory keeps. Calls on one project through what this gives,
    /// and its clones, take effect in the order in which they are made.
    pub fn snapshots(&self) -> Snapshots {
        Snapshots { memory: self.clone(), order: Arc::default(), turn: None }
    }
}

impl Open {
    /// The user whose projects a call may see.
    fn user_of<'a>(&'a self, asked: Option<&'a UserScope>) -> Option<&'a str> {
        asked.map_or(self.scope.user.as_deref(), |scope| scope.user.as_deref())
    }

    /// The version with this id, if it is this user's.
    fn version_of(&self, id: &str, user: Option<&str>) -> Result<VersionRow> {
        let missing = || Error::SnapshotNotFound { id: id.to_owned() };
        let row = self.row_of_id(id).ok_or_else(missing)?;
        let version = self.store.version(row)?.ok_or_else(missing)?;
        if version.user.as_deref() == user { Ok(version) } else { Err(missing()) }
    }

    /// An id is the number of a row and a checksum over it and the store, so that an id of another
    /// store, or a mistyped one, means nothing.
    fn id_of_row(&self, row: i64) -> String {
        let sum = blake3::hash(format!("{}/{row}", self.store.id()).as_bytes());
        format!("{row}-{}", &sum.to_hex()[..10])
    }

    fn row_of_id(&self, id: &str) -> Option<i64> {
        let row = id.split_once('-')?.0.parse().ok().filter(|row| *row > 0)?;
        (self.id_of_row(row) == id).then_some(row)
    }
}
