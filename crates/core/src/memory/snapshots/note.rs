//! What is said of a version: a summary of what changed since its parent, which is kept with it, and
//! a memory that search finds it by, which is made afterwards (`teller.rs`).

use serde_json::{Map, Value};

use super::KIND;
use crate::control::Control;
use crate::describe::{Description, describe};
use crate::error::{Error, Result};
use crate::memory::open::Open;
use crate::snapshots::outline::Outline;
use crate::snapshots::{SnapshotType, buffers, changes, reduced};
use crate::store::{NewMemory, NewNote, Retention, Scope, VersionRow};
use crate::tokens::Ratio;

/// Text tokens per memory token of the memories made for versions.
const RATIO: u16 = 128;
/// What `describe` finds in a state that stays true of a version told by its changes.
const FACTS: [&str; 5] = ["bpm", "key", "genre", "mood", "lufs"];

impl Open {
    /// What changed since the parent; none when nothing did, if only the spelling. It is no reason to
    /// fail: a state that cannot be compared is kept without words.
    pub(super) fn note(
        &self,
        rest: &[u8],
        outline: Option<&Outline>,
        hash: [u8; 32],
        parent: Option<&VersionRow>,
    ) -> Option<NewNote> {
        let Some(parent) = parent else { return Some(NewNote::default()) };
        if parent.hash == hash {
            return None;
        }
        let compared =
            self.rest_of(parent.state).and_then(|before| compare(&before, rest, outline));
        let note = compared.inspect_err(|err| {
            tracing::warn!(code = err.code(), "a version could not be compared: {err}");
        });
        note.unwrap_or_else(|_| Some(NewNote::default()))
    }

    /// As [`Open::note`] of a version that is kept already.
    pub(super) fn note_anew(
        &self,
        version: &VersionRow,
        parent: Option<&VersionRow>,
    ) -> Option<NewNote> {
        match self.rest_of(version.state) {
            Ok(rest) => self.note(&rest, None, version.hash, parent),
            Err(err) => {
                tracing::warn!(code = err.code(), "a version could not be compared: {err}");
                Some(NewNote::default())
            }
        }
    }

    /// Makes the memory of a version.
    pub(super) fn tell(&self, row: i64, control: &Control) -> Result<()> {
        let Some(version) = self.store.version(row)? else { return Ok(()) };
        self.refuse_other_model()?;
        let (text, facts) = self.said_of(&version)?;
        let memory = match self.memory_of(&version, text, facts, control) {
            // Words that no memory can hold: told, in so far as can be.
            Err(Error::BadText { .. } | Error::TooLong { .. } | Error::EmptyText { .. }) => None,
            memory => Some(memory?),
        };
        let summary = version.summary.unwrap_or_default();
        if self.store.tell_version(row, summary, memory)? {
            self.after_write();
        }
        Ok(())
    }

    /// The text of a version's memory, and the facts in its metadata.
    pub(super) fn said_of(&self, version: &VersionRow) -> Result<(String, Map<String, Value>)> {
        let is_told_whole = version.parent.is_none() || version.kind == SnapshotType::Milestone;
        let state = if is_told_whole {
            self.parsed(version)?
        } else {
            let rest = self.rest_of(version.state)?;
            reduced::alone(&buffers::readable(&rest)?)?
        };
        let described = match describe(KIND, &state) {
            // A state that says nothing, or not what a project says, is kept all the same.
            Err(Error::EmptyText { .. } | Error::BadOption { .. }) => {
                Description { text: String::new(), metadata: Map::new() }
            }
            described => described?,
        };
        let summary = version.summary.as_deref().unwrap_or_default();
        let whole = if is_told_whole { described.text.as_str() } else { "" };
        let said = [title(version).as_str(), summary, whole].join("\n");
        let mut facts = described.metadata;
        facts.retain(|name, _| is_told_whole || FACTS.contains(&name.as_str()));
        Ok((said.trim_end().to_owned(), facts))
    }

    fn memory_of(
        &self,
        version: &VersionRow,
        text: String,
        facts: Map<String, Value>,
        control: &Control,
    ) -> Result<NewMemory> {
        let tokens = self.encoder.compress(&text, Ratio::new(RATIO)?, control)?;
        let metadata = self.metadata_of(version, facts);
        let scope = Scope { user: version.user.clone(), project: Some(version.project.clone()) };
        let retention = Retention::default();
        Ok(NewMemory {
            kind: KIND.to_owned(),
            scope,
            text,
            data: None,
            metadata,
            tokens,
            retention,
        })
    }

    /// What the memory of a version can be filtered by.
    pub(super) fn metadata_of(
        &self,
        version: &VersionRow,
        facts: Map<String, Value>,
    ) -> Map<String, Value> {
        let mut metadata = facts;
        let mut set = |name: &str, value: Value| drop(metadata.insert(name.to_owned(), value));
        set("snapshot", self.id_of_row(version.row).into());
        set("project", version.project.clone().into());
        set("branch", version.branch.clone().into());
        set("type", version.kind.name().into());
        set("savedAt", version.created_at.into());
        if let Some(name) = &version.name {
            set("name", name.clone().into());
        }
        metadata
    }
}

fn compare(before: &[u8], after: &[u8], outline: Option<&Outline>) -> Result<Option<NewNote>> {
    let (before, after) = (buffers::readable(before)?, buffers::readable(after)?);
    let (before, after) = reduced::pair(&before, &after, outline)?;
    let changes = changes::between(&before, &after);
    let note = || NewNote { changes: changes.len() as u64, summary: changes::summary(&changes) };
    Ok((!changes.is_empty()).then(note))
}

fn title(version: &VersionRow) -> String {
    let name = version.name.as_ref().map(|name| format!(", version \"{name}\""));
    let branch =
        (version.branch != super::MAIN).then(|| format!(", branch \"{}\"", version.branch));
    let (name, branch) = (name.unwrap_or_default(), branch.unwrap_or_default());
    format!("Project \"{}\"{name}{branch}.", version.project)
}
