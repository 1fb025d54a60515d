//! From rows back to texts: chains of differences, then the audio.

use std::cell::RefCell;
use std::sync::Arc;

use serde_json::Value;

use super::Snapshots;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::memory::open::Open;
use crate::snapshots::{LONGEST_REST, UserScope, buffers, delta, parse, pieces};
use crate::store::{StateRow, VersionRow};

impl Snapshots {
    /// The JSON text of a version, byte for byte as it was saved.
    ///
    /// # Errors
    /// `PM_NOT_FOUND`, `PM_SNAPSHOT_DAMAGED` when it is not what was saved, `PM_ABORTED`, `PM_CLOSED`.
    pub fn restore(
        &self,
        id: &str,
        scope: Option<&UserScope>,
        control: &Control,
    ) -> Result<String> {
        let open = self.memory.open_parts()?;
        let version = open.version_of(id, open.user_of(scope))?;
        open.whole_text(&version, control)
    }
}

impl Open {
    /// The text of a version, checked.
    pub(super) fn whole_text(&self, version: &VersionRow, control: &Control) -> Result<String> {
        let damaged =
            |reason: String| Error::SnapshotDamaged { id: self.id_of_row(version.row), reason };
        if !version.is_whole {
            return Err(damaged("its row is not as it was written".to_owned()));
        }
        let named = |err| match err {
            Error::StoreCorrupt { reason } => damaged(reason),
            other => other,
        };
        control.check()?;
        let rest = self.rest_of(version.state).map_err(named)?;
        control.check()?;
        let rest = Arc::try_unwrap(rest).unwrap_or_else(|shared| shared.as_ref().clone());
        let text = buffers::put_back(rest, version.bytes as usize, |hash, bytes| {
            control.check()?;
            self.store.read_buffer(&hash, |piece| pieces::unpack_onto(bytes, piece))
        });
        let text = text.map_err(named)?;
        control.check()?;
        if *blake3::hash(&text).as_bytes() != version.hash {
            return Err(damaged("its BLAKE3 is not that of what was saved".to_owned()));
        }
        control.check()?;
        String::from_utf8(text).map_err(|err| damaged(err.to_string()))
    }

    /// The state of a version as a value; its audio is named, not held.
    pub(super) fn parsed(&self, version: &VersionRow) -> Result<Value> {
        let damaged =
            |reason: String| Error::SnapshotDamaged { id: self.id_of_row(version.row), reason };
        let named = |err| match err {
            Error::StoreCorrupt { reason } => damaged(reason),
            other => other,
        };
        let rest = self.rest_of(version.state).map_err(named)?;
        let text = buffers::readable(&rest).map_err(named)?;
        parse(&text).map_err(|err| damaged(err.to_string()))
    }

    /// The text of a state without its audio.
    ///
    /// # Errors
    /// `PM_STORE_CORRUPT` when it, or what it is told by, is not as it was written.
    pub(super) fn rest_of(&self, state: i64) -> Result<Arc<Vec<u8>>> {
        let known = RefCell::new(None);
        let chain = self.store.state_chain(state, |row| {
            *known.borrow_mut() = self.recent_states.get(row);
            known.borrow().is_some()
        })?;
        match known.into_inner() {
            Some(text) if chain.is_empty() => Ok(text),
            Some(text) => self.told(text.as_ref().clone(), &chain),
            None => self.told(Vec::new(), &chain),
        }
    }

    /// The first state of `chain`, whose last is told by `text`.
    fn told(&self, mut text: Vec<u8>, chain: &[StateRow]) -> Result<Arc<Vec<u8>>> {
        for state in chain.iter().rev() {
            if !state.is_whole {
                let reason = "what it is told by is not as it was written".to_owned();
                return Err(Error::StoreCorrupt { reason });
            }
            delta::apply(&mut text, &state.data, LONGEST_REST)?;
        }
        let text = Arc::new(text);
        if let Some(state) = chain.first() {
            self.recent_states.put(state.row, Arc::clone(&text));
        }
        Ok(text)
    }
}
