//! What is said of a version: a summary of what changed since its parent, and a memory that search
//! finds it by. Told once the version is on disk: it can be told again at any time, so a save never
//! fails or waits for a lock because of it.

use serde_json::{Map, Value};

use super::KIND;
use crate::control::Control;
use crate::describe::{Description, describe};
use crate::error::{Error, Result};
use crate::memory::open::Open;
use crate::snapshots::{SnapshotType, changes};
use crate::store::{NewMemory, Scope, VersionRow};
use crate::tokens::Ratio;

/// Text tokens per memory token of the memories made for versions.
const RATIO: u16 = 128;
/// What `describe` finds in a state that stays true of a version told by its changes.
const FACTS: [&str; 6] = ["name", "bpm", "key", "genre", "mood", "lufs"];

/// What is said of a version.
struct Told {
    text: Option<String>,
    facts: Map<String, Value>,
    changes: u64,
    summary: String,
}

impl Open {
    /// Tells what is to be told of a version. What fails is told later.
    pub(super) fn note(&self, version: i64, control: &Control) {
        if let Err(err) = self.try_note(version, control) {
            tracing::warn!(code = err.code(), "a version is not described yet: {err}");
        }
    }

    fn try_note(&self, row: i64, control: &Control) -> Result<()> {
        let Some(version) = self.store.version(row)? else { return Ok(()) };
        let parent = version.parent.map_or(Ok(None), |parent| self.store.version(parent))?;
        if parent.as_ref().is_some_and(|parent| parent.state == version.state) {
            return Ok(());
        }
        let told = self.tell(&version, parent.as_ref())?;
        let memory = told.text.map(|text| self.memory_of(&version, text, told.facts, control));
        if self.store.note_version(row, memory.transpose()?, told.changes, told.summary)? {
            self.after_write();
        }
        Ok(())
    }

    fn tell(&self, version: &VersionRow, parent: Option<&VersionRow>) -> Result<Told> {
        let state = self.parsed(version)?;
        let changes = parent.map(|parent| self.parsed(parent)).transpose()?;
        let changes = changes.map(|before| changes::between(&before, &state)).unwrap_or_default();
        let summary = changes::summary(&changes);
        let described = match describe(KIND, &state) {
            // A state that says nothing, or not what a project says, is kept all the same.
            Err(Error::EmptyText { .. } | Error::BadOption { .. }) => {
                Description { text: String::new(), metadata: Map::new() }
            }
            described => described?,
        };
        let mut text = title(version);
        if parent.is_some() && !summary.is_empty() {
            text = format!("{text}\n{summary}");
        }
        let is_told_whole = parent.is_none() || version.kind == SnapshotType::Milestone;
        if is_told_whole {
            text = format!("{text}\n{}", described.text);
        }
        let mut facts = described.metadata;
        facts.retain(|name, _| is_told_whole || FACTS.contains(&name.as_str()));
        Ok(Told { text: Some(text), facts, changes: changes.len() as u64, summary })
    }

    fn memory_of(
        &self,
        version: &VersionRow,
        text: String,
        facts: Map<String, Value>,
        control: &Control,
    ) -> Result<NewMemory> {
        self.refuse_other_model()?;
        let tokens = self.encoder.compress(&text, Ratio::new(RATIO)?, control)?;
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
        let scope = Scope { user: version.user.clone(), project: Some(version.project.clone()) };
        Ok(NewMemory { kind: KIND.to_owned(), scope, text, data: None, metadata, tokens })
    }
}

fn title(version: &VersionRow) -> String {
    let name = version.name.as_ref().map(|name| format!(", version \"{name}\""));
    let branch = (version.branch != super::MAIN).then(|| format!(", branch \"{}\"", version.branch));
    let (name, branch) = (name.unwrap_or_default(), branch.unwrap_or_default());
    format!("Project \"{}\"{name}{branch}.", version.project)
}
