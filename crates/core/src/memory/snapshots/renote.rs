//! What is said anew of versions that followed one that goes. Their memories are changed in place, in
//! the transaction that erases what goes: an id that somebody holds on to stays good, and what the
//! caller gave a memory by `update` stays.

use serde_json::{Map, Value};

use crate::control::Control;
use crate::error::{Error, Result};
use crate::memory::open::Open;
use crate::store::{Change, MemoryAnew, NewNote, NoteAnew, Record, Retention, VersionRow};
use crate::tokens::{MemoryTokens, Ratio};

/// What is made for a version: the text of its memory, and its metadata.
struct Made {
    text: String,
    metadata: Map<String, Value>,
}

impl Open {
    /// What is said of a version once `parent` is the one that it follows.
    pub(super) fn renote(
        &self,
        version: &VersionRow,
        parent: Option<&VersionRow>,
        control: &Control,
    ) -> Result<NoteAnew> {
        let note = self.note_anew(version, parent);
        let mut anew = NoteAnew { version: version.row, note, memory: MemoryAnew::None };
        let Some(record) = self.store.memory_of_version(version.row)? else { return Ok(anew) };
        let row = record.row as i64;
        anew.memory = MemoryAnew::Goes { row };
        let before = self.made_for(version)?;
        let given = Given::in_memory(&record, &before);
        let is_for_the_new_model = !self.store.model_matches() && !given.is_any;
        if !given.is_any && anew.note.is_none() || is_for_the_new_model {
            return Ok(anew);
        }
        // Where nothing changed there is something to say all the same: what the caller gave.
        let note = anew.note.get_or_insert_with(NewNote::default);
        let after = self.made_for(&VersionRow {
            parent: parent.map(|parent| parent.row),
            summary: Some(note.summary.clone()),
            changes: note.changes,
            ..version.clone()
        })?;
        let metadata = given.metadata_over(&record, before, after.metadata);
        let text = if given.text { None } else { self.encoded(after.text, &record, control)? };
        if given.text || text.is_some() {
            let change = Change { text, metadata: Some(metadata), ..Change::default() };
            let (seen_at, change) = (record.updated_at, Box::new(change));
            anew.memory = MemoryAnew::Changed { row, seen_at, change };
        }
        Ok(anew)
    }

    fn made_for(&self, version: &VersionRow) -> Result<Made> {
        let (text, facts) = self.said_of(version)?;
        Ok(Made { text, metadata: self.metadata_of(version, facts) })
    }

    /// A text with its memory tokens; none where no memory can hold it.
    fn encoded(
        &self,
        text: String,
        record: &Record,
        control: &Control,
    ) -> Result<Option<(String, MemoryTokens)>> {
        self.refuse_other_model()?;
        let ratio = Ratio::new(record.ratio).unwrap_or_default();
        match self.encoder.compress(&text, ratio, control) {
            Ok(tokens) => Ok(Some((text, tokens))),
            Err(Error::BadText { .. } | Error::TooLong { .. } | Error::EmptyText { .. }) => {
                Ok(None)
            }
            Err(err) => Err(err),
        }
    }
}

/// What of a memory made for a version is the caller's.
struct Given {
    is_any: bool,
    text: bool,
}

impl Given {
    fn in_memory(record: &Record, made: &Made) -> Given {
        // What another release made reads otherwise too, and is nobody's.
        if record.updated_at == record.created_at {
            return Given { is_any: false, text: false };
        }
        let text = record.data.is_some()
            || match &record.text {
                Some(text) => *text != made.text,
                None => record.source_bytes != made.text.len(),
            };
        let is_any =
            text || record.metadata != made.metadata || record.retention != Retention::default();
        Given { is_any, text }
    }

    /// `after`, but for what the caller gave another value, added or took away.
    fn metadata_over(
        &self,
        record: &Record,
        before: Made,
        mut after: Map<String, Value>,
    ) -> Map<String, Value> {
        if !self.is_any {
            return after;
        }
        after.retain(|name, _| {
            !before.metadata.contains_key(name) || record.metadata.contains_key(name)
        });
        let own = record
            .metadata
            .iter()
            .filter(|(name, value)| before.metadata.get(*name) != Some(value));
        after.extend(own.map(|(name, value)| (name.clone(), value.clone())));
        after
    }
}
