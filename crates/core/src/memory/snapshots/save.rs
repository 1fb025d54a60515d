//! Keeping a version.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::{MAIN, Snapshots, TRIES};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::memory::open::Open;
use crate::snapshots::chain::Base;
use crate::snapshots::outline::Outline;
use crate::snapshots::{LONGEST_REST, Place, RevertOptions, SaveOptions, Snapshot};
use crate::snapshots::{bad, buffers, check_name};
use crate::snapshots::{delta, pieces};
use crate::store::{Kept, NewBuffer, NewState, NewVersion, VersionRow, VersionState};

use super::teller;

/// A state with its audio is at most this long, in bytes.
const LONGEST: usize = 256 << 20;
/// From here on a text is hashed on a thread of its own, in bytes.
const LARGE: usize = 256 << 10;
/// Texts whose changes are told on another thread, in bytes without their audio.
const ASIDE: std::ops::Range<usize> = 128 << 10..8 << 20;
/// Rows looked through for a state that is saved again, as undo makes them.
const RECENT: i64 = 128;

impl Snapshots {
    /// Keeps a version of `project`; `text` is the JSON text of its state, an object. Returns once
    /// it is on disk, after the calls on the project that were made before.
    ///
    /// # Errors
    /// `PM_BAD_OPTION` (no JSON object, more than 100 levels of nesting, no such branch),
    /// `PM_BAD_TEXT`, `PM_TOO_LONG` (over 256 MiB, or 64 MiB besides audio), `PM_NOT_FOUND` (no such
    /// parent), `PM_ABORTED`, `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn save(
        &self,
        project: &str,
        text: String,
        options: &SaveOptions,
        control: &Control,
    ) -> Result<Snapshot> {
        check_name("project", project)?;
        options.check()?;
        let open = self.memory.open_parts()?;
        let user = open.user_of(options.scope.as_ref());
        let turn = self.turn(user, project);
        let parent = options.parent.as_ref().map(|id| open.version_of(id, user)).transpose()?;
        if parent.as_ref().is_some_and(|parent| parent.project != project) {
            let advice = "give a version of the same project";
            return Err(bad("options.parent", "it is of another project", advice));
        }
        let state = open.given(text, control)?;
        turn.wait(control)?;
        let at = options.at.unwrap_or(turn.at);
        let wanted = Wanted { user, project, parent, at, options };
        let kept = open.keep(&wanted, state, control)?;
        teller::tell_later(&open, kept.version);
        open.saved(kept)
    }

    /// Keeps a version equal to `id` as the newest of its branch, or of another. Nothing is lost by
    /// going back: the versions in between stay.
    ///
    /// # Errors
    /// As [`Snapshots::save`], `PM_SNAPSHOT_DAMAGED` when the version is.
    pub fn revert(&self, id: &str, options: &RevertOptions, control: &Control) -> Result<Snapshot> {
        let open = self.memory.open_parts()?;
        let user = open.user_of(options.scope.as_ref());
        let version = open.version_of(id, user)?;
        let in_turn = self.in_turn(user, &version.project);
        // What goes back must be whole: a copy of damage would look like a save.
        let text = open.whole_text(&version, control)?;
        let save = SaveOptions {
            name: options.name.clone(),
            branch: Some(options.branch.clone().unwrap_or(version.branch)),
            scope: options.scope.clone(),
            ..SaveOptions::default()
        };
        in_turn.save(&version.project, text, &save, control)
    }
}

/// What is asked for.
struct Wanted<'a> {
    user: Option<&'a str>,
    project: &'a str,
    parent: Option<VersionRow>,
    /// When it was made, in milliseconds since 1970.
    at: i64,
    options: &'a SaveOptions,
}

/// A state as it was given, its audio taken out.
struct Given {
    rest: Arc<Vec<u8>>,
    outline: Option<Outline>,
    bytes: u64,
    hash: [u8; 32],
    buffers: Vec<NewBuffer>,
    /// The whole, where audio in it was kept already: should that be gone by the time the row is
    /// written, it has to be packed after all.
    text: Option<String>,
}

impl Open {
    fn given(&self, text: String, control: &Control) -> Result<Given> {
        check_length(&text)?;
        let mut found: HashMap<buffers::Hash, NewBuffer> = HashMap::new();
        let mut keep = |hash, bytes: &[u8]| {
            control.check()?;
            if let Entry::Vacant(place) = found.entry(hash) {
                let is_kept = self.store.has_buffer(&hash)?;
                let packed = (!is_kept).then(|| pieces::pack(bytes).map(Arc::new)).transpose()?;
                place.insert(NewBuffer { hash, bytes: bytes.len() as u64, pieces: packed });
            }
            Ok(())
        };
        let (rest, hash) = std::thread::scope(|scope| {
            // What takes long is done side by side.
            let hash = || *blake3::hash(text.as_bytes()).as_bytes();
            let aside = (text.len() > LARGE).then(|| scope.spawn(hash));
            let rest = buffers::take_out(&text, &mut keep);
            (rest, aside.and_then(|aside| aside.join().ok()).unwrap_or_else(hash))
        });
        let (rest, outline) = rest?;
        if rest.len() > LONGEST_REST {
            return Err(too_long("state besides its audio", rest.len(), LONGEST_REST));
        }
        let leans = found.values().any(|buffer| buffer.pieces.is_none());
        Ok(Given {
            bytes: text.len() as u64,
            hash,
            rest: Arc::new(rest),
            outline,
            buffers: found.into_values().collect(),
            text: leans.then_some(text),
        })
    }

    /// The row that was written. What was looked at may be removed by another process before it is:
    /// then it is looked at again.
    fn keep(&self, wanted: &Wanted<'_>, mut given: Given, control: &Control) -> Result<Kept> {
        for _ in 0..TRIES {
            control.check()?;
            let parent = self.parent(wanted)?;
            let (state, note) = std::thread::scope(|scope| {
                // What changed is told while what is kept is packed. Not of huge states: both hold
                // a few times their size.
                let note =
                    || self.note(&given.rest, given.outline.as_ref(), given.hash, parent.as_ref());
                let aside = ASIDE.contains(&given.rest.len()).then(|| scope.spawn(note));
                let state = self.state_to_keep(&given, parent.as_ref());
                (state, aside.and_then(|aside| aside.join().ok()).unwrap_or_else(note))
            });
            let state = state?;
            let options = wanted.options;
            let version = NewVersion {
                user: wanted.user.map(str::to_owned),
                project: wanted.project.to_owned(),
                branch: options.branch.clone().unwrap_or_else(|| MAIN.to_owned()),
                parent: parent.map(|parent| parent.row),
                kind: options.r#type,
                name: options.name.clone(),
                created_at: wanted.at,
                tags: options.tags.clone(),
                state,
                note,
            };
            if let Some(kept) = self.store.keep_version(version)? {
                self.recent_states.put(kept.state, Arc::clone(&given.rest));
                return Ok(kept);
            }
            if let Some(text) = given.text.take() {
                given = self.given(text, control)?;
            }
        }
        Err(Error::Busy { waited_ms: 0 })
    }

    /// The version that the new one follows; none for the first.
    fn parent(&self, wanted: &Wanted<'_>) -> Result<Option<VersionRow>> {
        if let Some(parent) = &wanted.parent {
            let missing = || Error::SnapshotNotFound { id: self.id_of_row(parent.row) };
            return self.store.version(parent.row)?.map(Some).ok_or_else(missing);
        }
        let branch = wanted.options.branch.as_deref().unwrap_or(MAIN);
        let Some(project) = self.store.project_row(wanted.user, wanted.project)? else {
            return Ok(None);
        };
        let head = self.store.branch_head(project, branch)?;
        if head.is_none() {
            let advice = "make it with branch(), or give the parent it begins at";
            self.check_branch(project, branch, advice)?;
        }
        head.flatten().map_or(Ok(None), |row| self.store.version(row))
    }

    fn state_to_keep(&self, given: &Given, parent: Option<&VersionRow>) -> Result<VersionState> {
        let Some(parent) = parent else { return given.alone() };
        if parent.hash == given.hash {
            return Ok(VersionState::Same(parent.state));
        }
        let recent = self.store.recent_states(parent.project_row, parent.row, RECENT)?;
        if let Some((row, _)) = recent.into_iter().find(|(_, hash)| *hash == given.hash) {
            return Ok(VersionState::Same(row));
        }
        match self.told_by(given, parent.state) {
            // Nothing may stand on what is damaged.
            Err(Error::StoreCorrupt { .. }) => given.alone(),
            told => told,
        }
    }

    fn told_by(&self, given: &Given, parent: i64) -> Result<VersionState> {
        let place = self.store.place_of(parent)?;
        let Some(place) = place else { return given.alone() };
        let (base, place) = place.next(given.rest.len());
        let base = match base {
            Base::Before => Some(parent),
            Base::Leader => Some(self.store.leader_of(parent)?),
            Base::Nothing => None,
        };
        let Some(base) = base else { return given.alone() };
        let data = delta::encode(&self.rest_of(base)?, &given.rest)?;
        if place.depth == 0 || data.len() * 2 > given.rest.len() / 8 {
            // It may be no dearer to stand alone, and then what follows is restored sooner.
            let alone = delta::encode(&[], &given.rest)?;
            if alone.len() <= data.len() + data.len() / 4 {
                return Ok(given.as_state(None, Place::default(), alone));
            }
        }
        Ok(given.as_state(Some(base), place, data))
    }

    fn saved(&self, kept: Kept) -> Result<Snapshot> {
        let missing = || Error::SnapshotNotFound { id: self.id_of_row(kept.version) };
        let version = self.store.version(kept.version)?.ok_or_else(missing)?;
        Ok(self.snapshot(version))
    }
}

impl Given {
    fn alone(&self) -> Result<VersionState> {
        let data = delta::encode(&[], &self.rest)?;
        Ok(self.as_state(None, Place::default(), data))
    }

    fn as_state(&self, base: Option<i64>, place: Place, data: Vec<u8>) -> VersionState {
        let (bytes, hash, buffers) = (self.bytes, self.hash, self.buffers.clone());
        VersionState::New(Arc::new(NewState { base, place, bytes, hash, data, buffers }))
    }
}

/// Refuses a text that is no state of a project by its length alone.
pub(super) fn check_length(text: &str) -> Result<()> {
    if text.len() <= LONGEST { Ok(()) } else { Err(too_long("state", text.len(), LONGEST)) }
}

fn too_long(what: &'static str, found: usize, limit: usize) -> Error {
    Error::StateTooLong { what, found, limit }
}
