//! What lies between two versions.

use serde::Serialize;

use super::Snapshots;
use crate::control::Control;
use crate::error::Result;
use crate::snapshots::ScopeOption;
use crate::snapshots::changes::{Change, between_unless_stopped, summary};

/// What one version has otherwise than another.
#[derive(Debug, Clone, Serialize)]
pub struct Diff {
    /// One by one.
    pub changes: Vec<Change>,
    /// In a sentence or two.
    pub summary: String,
}

impl Snapshots {
    /// What version `b` has, lacks or has otherwise than version `a`; they may be of two projects.
    ///
    /// # Errors
    /// `PM_NOT_FOUND`, `PM_SNAPSHOT_DAMAGED`, `PM_ABORTED`, `PM_CLOSED`.
    pub fn diff(&self, a: &str, b: &str, options: &ScopeOption, control: &Control) -> Result<Diff> {
        let open = self.memory.open_parts()?;
        let user = open.user_of(options.scope.as_ref());
        let (before, after) = (open.version_of(a, user)?, open.version_of(b, user)?);
        control.check()?;
        let before = open.parsed(&before)?;
        control.check()?;
        let after = open.parsed(&after)?;
        control.check()?;
        let changes = between_unless_stopped(&before, &after, control)?;
        Ok(Diff { summary: summary(&changes), changes })
    }
}
