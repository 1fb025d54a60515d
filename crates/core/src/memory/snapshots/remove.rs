//! Removing versions by their ids.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::{Snapshots, TRIES};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::memory::open::Open;
use crate::snapshots::ScopeOption;

impl Snapshots {
    /// Removes versions for good, whatever they are: also the newest of a branch, milestones, and
    /// versions with tags. Those of one project go all or none; what follows one that goes then
    /// follows the one before it. A branch that has none left is gone too, and so is a project. Ids
    /// that mean nothing in this scope are not counted. Returns how many there were.
    ///
    /// # Errors
    /// `PM_MODEL_MISMATCH` (as [`Snapshots::prune`]), `PM_STORE_CORRUPT` when a version that stays is damaged, `PM_ABORTED`, `PM_BUSY`,
    /// `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn remove(
        &self,
        ids: &[String],
        options: &ScopeOption,
        control: &Control,
    ) -> Result<usize> {
        let open = self.memory.open_parts()?;
        let user = open.user_of(options.scope.as_ref());
        self.last_turn().wait(control)?;
        let mut removed = 0;
        for project in open.by_project(ids, user)?.into_keys() {
            removed += open.remove_from(project, ids, user, control)?;
        }
        if removed > 0 {
            open.erased()?;
        }
        Ok(removed)
    }
}

impl Open {
    /// Rows of versions, by the rows of their projects.
    fn by_project(
        &self,
        ids: &[String],
        user: Option<&str>,
    ) -> Result<BTreeMap<i64, HashSet<i64>>> {
        let mut found: BTreeMap<i64, HashSet<i64>> = BTreeMap::new();
        for id in ids {
            match self.version_of(id, user) {
                Ok(version) => {
                    found.entry(version.project_row).or_default().insert(version.row);
                }
                Err(Error::SnapshotNotFound { .. }) => {}
                Err(err) => return Err(err),
            }
        }
        Ok(found)
    }

    fn remove_from(
        self: &Arc<Open>,
        project: i64,
        ids: &[String],
        user: Option<&str>,
        control: &Control,
    ) -> Result<usize> {
        for _ in 0..TRIES {
            let Some(gone) = self.by_project(ids, user)?.remove(&project) else { return Ok(0) };
            let (count, seen) = (gone.len(), self.store.project_graph(project)?);
            if self.erase(project, gone, &seen, control)?.is_some() {
                return Ok(count);
            }
        }
        Err(Error::Busy { waited_ms: 0 })
    }
}
