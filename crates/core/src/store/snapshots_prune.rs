//! Removing versions of projects: first the states that stay are told by others that stay
//! (`retell_state`), one by one, then all that goes is erased at once (`erase_versions`). Killed in
//! between, every version is still there and whole.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::calls::Tx;
use super::errors::Outcome;
use super::handle::Store;
use super::rows::{PackedChange, place_of, remove_one};
use super::snapshot_buffers::release;
use super::snapshots::{NewNote, StateFields, VersionFields, known_project};
use super::survey::History;
use super::types::Change;
use crate::error::Result;
use crate::snapshots::Place;

/// Bytes of a version's row in its table and its index, besides its name (docs/snapshots.md).
const VERSION_BYTES: i64 = 40;
/// Bytes of a state's row besides its data.
const STATE_BYTES: i64 = 56;

/// How the versions and states of a project hang together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectGraph {
    /// Each version's row, its parent and its state; in rising order.
    pub versions: Vec<(i64, Option<i64>, i64)>,
    /// Each state's row, its base, its place and the bytes of its row; in rising order.
    pub states: Vec<(i64, Option<i64>, Place, u64)>,
}

impl ProjectGraph {
    /// Bytes of a version's row, besides its name.
    pub const VERSION_BYTES: u64 = VERSION_BYTES as u64;

    /// The nearest version from `version` on, by their parents, that does not go.
    fn nearest(&self, mut version: Option<i64>, gone: &HashSet<i64>) -> Option<i64> {
        while let Some(row) = version.filter(|row| gone.contains(row)) {
            let at = self.versions.binary_search_by_key(&row, |(row, ..)| *row).ok();
            // A parent is always older: a damaged one must not lead in circles.
            version = at.and_then(|at| self.versions[at].1).filter(|parent| *parent < row);
        }
        version
    }

    /// The versions that stay and follow one that goes, each with the one that it follows then.
    pub fn relinked(&self, gone: &HashSet<i64>) -> Vec<(i64, Option<i64>)> {
        let follows_gone = |(row, parent, _): &&(i64, Option<i64>, i64)| {
            !gone.contains(row) && parent.is_some_and(|parent| gone.contains(&parent))
        };
        let stays = self.versions.iter().filter(follows_gone);
        stays.map(|(row, parent, _)| (*row, self.nearest(*parent, gone))).collect()
    }
}

/// A state that is to be told by another one.
#[derive(Debug, Clone)]
pub struct Retold {
    /// Its row.
    pub state: i64,
    /// The base it had.
    pub old_base: Option<i64>,
    /// The base it gets.
    pub base: Option<i64>,
    /// Its place then.
    pub place: Place,
    /// What differs from the new base; none: its base is the old one.
    pub data: Option<Vec<u8>>,
}

/// What is said anew of a version that followed one that goes.
#[derive(Debug, Clone)]
pub struct NoteAnew {
    /// Its row.
    pub version: i64,
    /// What changed in it since the one that it follows then; none: nothing did.
    pub note: Option<NewNote>,
    /// What becomes of the memory made for it.
    pub memory: MemoryAnew,
}

/// What becomes of the memory made for a version. It is left alone, and nothing erased, if it is not
/// as it was seen.
#[derive(Debug, Clone)]
pub enum MemoryAnew {
    /// There was none.
    None,
    /// The one in this row goes.
    Goes {
        /// Its row.
        row: i64,
    },
    /// The one in this row stays and is changed.
    Changed {
        /// Its row.
        row: i64,
        /// When it was changed last.
        seen_at: i64,
        /// The change.
        change: Box<Change>,
    },
}

/// A note as it is written.
struct PackedNote {
    version: i64,
    note: Option<NewNote>,
    /// The memory that it had, and when that was changed last.
    seen: Option<(i64, Option<i64>)>,
    change: Option<PackedChange>,
}

impl Store {
    /// The versions and states of a project.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn project_graph(&self, project: i64) -> Result<ProjectGraph> {
        self.read_snapshot(|conn| graph(conn, project))
    }

    /// Whether a project has audio.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn has_audio(&self, project: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM snapshot_uses WHERE project = ?1";
        self.read(|conn| Ok(conn.prepare_cached(sql)?.exists([project])?))
    }

    /// Tells a state by another one. False: it is not as it was, or its new base is gone.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_IO`, `PM_CLOSED`.
    pub fn retell_state(&self, retold: Retold) -> Result<bool> {
        self.writer.call(move |tx| retell(tx, &retold))
    }

    /// Erases versions of a project with everything made for them, and the states that no version has
    /// then. `notes` say what changed in those that followed one that goes. `used` are the hashes of the audio that stays; none: it was not
    /// looked at, all stays. Returns the bytes freed. None: the project is not as `seen` any more, a memory is not as its
    /// note saw it, or a state that stays needs one that goes.
    ///
    /// # Errors
    /// `PM_MODEL_MISMATCH`, `PM_BUSY`, `PM_DISK_FULL`, `PM_IO`, `PM_CLOSED`.
    pub fn erase_versions(
        &self,
        project: i64,
        gone: HashSet<i64>,
        seen: ProjectGraph,
        notes: Vec<NoteAnew>,
        used: Option<Vec<[u8; 32]>>,
    ) -> Result<Option<u64>> {
        let notes = notes.into_iter().map(|note| self.pack_note(note));
        let notes = notes.collect::<Result<Vec<_>>>()?;
        let guard = self.model_guard();
        self.writer.call(move |tx| {
            if graph(tx, project)? != seen {
                return Ok(None);
            }
            for note in &notes {
                if !note.is_as_seen(tx)? {
                    return Ok(None);
                }
            }
            if notes.iter().any(|note| note.change.is_some()) {
                guard(tx)?;
            }
            let stays: HashSet<i64> = seen
                .versions
                .iter()
                .filter(|(row, ..)| !gone.contains(row))
                .map(|(_, _, state)| *state)
                .collect();
            let needs_what_goes = |(row, base, ..): &(i64, Option<i64>, Place, u64)| {
                stays.contains(row) && base.is_some_and(|base| !stays.contains(&base))
            };
            if seen.states.iter().any(needs_what_goes) {
                return Ok(None);
            }
            tx.erases();
            let before = stored_bytes(tx, project)?;
            drop_emptied_branches(tx, project, &gone)?;
            relink(tx, project, &seen, &gone)?;
            for note in &notes {
                note.set(tx)?;
            }
            for row in &gone {
                erase_version(tx, *row)?;
            }
            for (state, ..) in seen.states.iter().filter(|(state, ..)| !stays.contains(state)) {
                tx.prepare_cached("DELETE FROM snapshot_states WHERE row = ?1")?
                    .execute([state])?;
            }
            let audio = used.as_ref().map_or(Ok(0), |used| release(tx, project, used))?;
            if seen.versions.iter().all(|(row, ..)| gone.contains(row)) {
                drop_project(tx, project)?;
            }
            let after = stored_bytes(tx, project)?;
            Ok(Some(before.saturating_sub(after).max(audio)))
        })
    }

    fn pack_note(&self, anew: NoteAnew) -> Result<PackedNote> {
        let NoteAnew { version, note, memory } = anew;
        let (seen, change) = match memory {
            MemoryAnew::None => (None, None),
            MemoryAnew::Goes { row } => (Some((row, None)), None),
            MemoryAnew::Changed { row, seen_at, change } => {
                (Some((row, Some(seen_at))), Some(self.pack_change(*change)?))
            }
        };
        Ok(PackedNote { version, note, seen, change })
    }

    /// Erases a project: versions, branches, audio that no other project has, and the memories made
    /// for its versions. Returns how many versions there were.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_IO`, `PM_CLOSED`.
    pub fn erase_project(&self, user: Option<String>, project: String) -> Result<usize> {
        self.writer.call(move |tx| {
            let Some(id) = known_project(tx, user.as_deref(), &project)? else { return Ok(0) };
            tx.erases();
            let all = graph(tx, id)?;
            for (row, ..) in &all.versions {
                erase_version(tx, *row)?;
            }
            for (state, ..) in &all.states {
                tx.prepare_cached("DELETE FROM snapshot_states WHERE row = ?1")?
                    .execute([state])?;
            }
            release(tx, id, &[])?;
            drop_project(tx, id)?;
            Ok(all.versions.len())
        })
    }
}

/// A project without versions.
fn drop_project(tx: &Tx<'_>, project: i64) -> Outcome<()> {
    tx.prepare_cached("DELETE FROM snapshot_branches WHERE project = ?1")?.execute([project])?;
    tx.prepare_cached("DELETE FROM snapshot_projects WHERE id = ?1")?.execute([project])?;
    Ok(())
}

/// Branches whose versions all go, besides the first one of the project.
fn drop_emptied_branches(tx: &Tx<'_>, project: i64, gone: &HashSet<i64>) -> Outcome<()> {
    let sql = "SELECT b.id, v.row FROM snapshot_branches b
        JOIN snapshot_versions v ON v.branch = b.id
        WHERE b.project = ?1 AND b.id > (SELECT min(id) FROM snapshot_branches WHERE project = ?1)";
    let mut stays: HashMap<i64, bool> = HashMap::new();
    let mut select = tx.prepare_cached(sql)?;
    let mut rows = select.query([project])?;
    while let Some(row) = rows.next()? {
        *stays.entry(row.get(0)?).or_default() |= !gone.contains(&row.get::<_, i64>(1)?);
    }
    for (branch, _) in stays.into_iter().filter(|(_, stays)| !stays) {
        tx.prepare_cached("DELETE FROM snapshot_branches WHERE id = ?1")?.execute([branch])?;
    }
    Ok(())
}

fn graph(conn: &Connection, project: i64) -> Outcome<ProjectGraph> {
    let sql = "SELECT v.row, v.parent, v.state FROM snapshot_branches b
        JOIN snapshot_versions v ON v.branch = b.id WHERE b.project = ?1 ORDER BY v.row";
    let mut select = conn.prepare_cached(sql)?;
    let versions =
        select.query_map([project], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let versions = versions.collect::<rusqlite::Result<Vec<(i64, Option<i64>, i64)>>>()?;
    let mut states = HashMap::new();
    let sql = "SELECT base, depth, block, length(data) FROM snapshot_states WHERE row = ?1";
    let mut select = conn.prepare_cached(sql)?;
    let mut next: Vec<i64> = versions.iter().map(|(_, _, state)| *state).collect();
    while let Some(row) = next.pop() {
        if states.contains_key(&row) {
            continue;
        }
        let found = select.query_row([row], |columns| {
            let place = Place { depth: columns.get(1)?, block: columns.get(2)? };
            let bytes = columns.get::<_, i64>(3)? + STATE_BYTES;
            Ok((row, columns.get(0)?, place, bytes as u64))
        });
        let found: Option<(i64, Option<i64>, Place, u64)> = found.optional()?;
        if let Some(state) = found {
            next.extend(state.1);
            states.insert(row, state);
        }
    }
    let mut states: Vec<_> = states.into_values().collect();
    states.sort_unstable_by_key(|(row, ..)| *row);
    Ok(ProjectGraph { versions, states })
}

fn retell(tx: &Tx<'_>, retold: &Retold) -> Outcome<bool> {
    let Some(state) = super::snapshots_states::state_at(tx, retold.state)? else {
        return Ok(false);
    };
    if !state.is_whole || state.base != retold.old_base {
        return Ok(false);
    }
    if let Some(base) = retold.base
        && !super::snapshots::exists(tx, "SELECT 1 FROM snapshot_states WHERE row = ?1", base)?
    {
        return Ok(false);
    }
    let (row, bytes, hash) = (state.row, state.bytes, state.hash);
    let fields = StateFields { row, base: retold.base, place: retold.place, bytes, hash };
    let data = retold.data.as_ref().unwrap_or(&state.data);
    let sql = "UPDATE snapshot_states SET base = ?2, depth = ?3, block = ?4, mark = ?5, data = ?6
        WHERE row = ?1";
    let Place { depth, block } = retold.place;
    let values = params![row, retold.base, depth, block, fields.mark(data), data];
    tx.prepare_cached(sql)?.execute(values)?;
    Ok(true)
}

/// Versions and branches that point at one that goes point at the nearest one before it that stays;
/// the newest of a branch is then the one that came last of those on it.
fn relink(tx: &Tx<'_>, project: i64, seen: &ProjectGraph, gone: &HashSet<i64>) -> Outcome<()> {
    for (row, parent) in seen.relinked(gone) {
        set_parent(tx, row, parent)?;
    }
    let sql = "SELECT id, head, origin FROM snapshot_branches WHERE project = ?1";
    let mut select = tx.prepare_cached(sql)?;
    let branches =
        select.query_map([project], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let branches = branches.collect::<rusqlite::Result<Vec<(i64, Option<i64>, Option<i64>)>>>()?;
    for (id, head, origin) in branches {
        let newest = match head {
            Some(head) if gone.contains(&head) => newest_besides(tx, id, gone)?,
            head => head,
        };
        let sql = "UPDATE snapshot_branches SET head = ?2, origin = ?3 WHERE id = ?1";
        let (head, origin) =
            (newest.or_else(|| seen.nearest(head, gone)), seen.nearest(origin, gone));
        tx.prepare_cached(sql)?.execute(params![id, head, origin])?;
    }
    Ok(())
}

fn newest_besides(tx: &Tx<'_>, branch: i64, gone: &HashSet<i64>) -> Outcome<Option<i64>> {
    let sql = "SELECT row FROM snapshot_versions WHERE branch = ?1 ORDER BY row DESC";
    let mut select = tx.prepare_cached(sql)?;
    let mut rows = select.query([branch])?;
    while let Some(row) = rows.next()? {
        let row = row.get(0)?;
        if !gone.contains(&row) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

fn set_parent(tx: &Tx<'_>, row: i64, parent: Option<i64>) -> Outcome<()> {
    let sql = "SELECT branch, state, type, created_at, name FROM snapshot_versions WHERE row = ?1";
    let fields = tx.prepare_cached(sql)?.query_row([row], |columns| {
        Ok(VersionFields {
            row,
            branch: columns.get(0)?,
            parent,
            state: columns.get(1)?,
            kind: columns.get(2)?,
            created_at: columns.get(3)?,
            name: columns.get(4)?,
        })
    })?;
    let sql = "UPDATE snapshot_versions SET parent = ?2, mark = ?3 WHERE row = ?1";
    tx.prepare_cached(sql)?.execute(params![row, parent, fields.mark()])?;
    Ok(())
}

impl PackedNote {
    /// Whether the version has the memory that was seen.
    fn is_as_seen(&self, tx: &Tx<'_>) -> Outcome<bool> {
        let sql =
            "SELECT m.row, m.updated_at FROM snapshot_notes n JOIN memories m ON m.row = n.memory
            WHERE n.version = ?1";
        let found =
            tx.prepare_cached(sql)?.query_row([self.version], |row| Ok((row.get(0)?, row.get(1)?)));
        let found: Option<(i64, i64)> = found.optional()?;
        Ok(match (found, self.seen) {
            (None, None) => true,
            (Some((row, at)), Some((seen, seen_at))) => {
                row == seen && seen_at.is_none_or(|seen_at| seen_at == at)
            }
            _ => false,
        })
    }

    /// Says anew what changed in the version. A memory that goes is made again later where there is
    /// something to say, unless it was forgotten.
    fn set(&self, tx: &Tx<'_>) -> Outcome<()> {
        let sql = "DELETE FROM snapshot_notes WHERE version = ?1 RETURNING memory, is_told";
        let old =
            tx.prepare_cached(sql)?.query_row([self.version], |row| Ok((row.get(0)?, row.get(1)?)));
        let (memory, was_told): (Option<i64>, bool) = old.optional()?.unwrap_or_default();
        match (&self.change, memory) {
            (Some(change), Some(row)) => change.apply(tx, row)?,
            _ => remove_memory(tx, memory)?,
        }
        let Some(note) = &self.note else { return Ok(()) };
        let stays = memory.filter(|_| self.change.is_some());
        let is_told = stays.is_some() || was_told && memory.is_none();
        let sql = "INSERT INTO snapshot_notes (version, memory, is_told, changes, summary)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![self.version, stays, is_told, note.changes as i64, note.summary];
        tx.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}

fn remove_memory(tx: &Tx<'_>, memory: Option<i64>) -> Outcome<()> {
    let place = memory.map_or(Ok(None), |memory| place_of(tx, memory))?;
    place.map_or(Ok(()), |place| remove_one(tx, &place).map(drop))
}

/// A version with its tags, its notes, its features and the memory made for it.
fn erase_version(tx: &Tx<'_>, row: i64) -> Outcome<()> {
    let sql = "DELETE FROM snapshot_notes WHERE version = ?1 RETURNING memory";
    let memory: Option<Option<i64>> =
        tx.prepare_cached(sql)?.query_row([row], |columns| columns.get(0)).optional()?;
    remove_memory(tx, memory.flatten())?;
    tx.prepare_cached("DELETE FROM snapshot_features WHERE version = ?1")?.execute([row])?;
    tx.prepare_cached("DELETE FROM snapshot_tags WHERE version = ?1")?.execute([row])?;
    tx.prepare_cached("DELETE FROM snapshot_versions WHERE row = ?1")?.execute([row])?;
    Ok(())
}

/// What the versions of all projects take.
pub(super) fn history(conn: &Connection) -> Outcome<History> {
    let sql = "SELECT (SELECT count(*) FROM snapshot_projects), v.versions, v.bytes,
            v.rows + (SELECT ifnull(sum(length(data) + ?2), 0) FROM snapshot_states)
                + (SELECT ifnull(sum(stored_bytes), 0) FROM snapshot_buffers)
        FROM (SELECT count(*) AS versions, ifnull(sum(s.bytes), 0) AS bytes,
                ifnull(sum(length(ifnull(v.name, '')) + ?1), 0) AS rows
            FROM snapshot_versions v LEFT JOIN snapshot_states s ON s.row = v.state) v";
    let counted = conn.prepare_cached(sql)?.query_row([VERSION_BYTES, STATE_BYTES], |row| {
        let count = |at| row.get::<_, i64>(at).map(|count| count as u64);
        Ok(History {
            projects: count(0)?,
            versions: count(1)?,
            bytes: count(2)?,
            stored_bytes: count(3)?,
        })
    })?;
    Ok(counted)
}

/// Bytes of the file that restoring all versions of a project needs. Audio that other projects use
/// too is counted in each.
pub(super) fn stored_bytes(conn: &Connection, project: i64) -> Outcome<u64> {
    let sql = "WITH RECURSIVE versions AS (
            SELECT v.state, length(ifnull(v.name, '')) AS name FROM snapshot_branches b
            JOIN snapshot_versions v ON v.branch = b.id WHERE b.project = ?1),
        states (row, base, data) AS (
            SELECT s.row, s.base, length(s.data) FROM snapshot_states s
            WHERE s.row IN (SELECT state FROM versions)
            UNION SELECT s.row, s.base, length(s.data) FROM states
            JOIN snapshot_states s ON s.row = states.base)
        SELECT (SELECT ifnull(sum(name + ?2), 0) FROM versions)
            + (SELECT ifnull(sum(data + ?3), 0) FROM states)
            + (SELECT ifnull(sum(f.stored_bytes), 0) FROM snapshot_uses u
                JOIN snapshot_buffers f ON f.id = u.buffer WHERE u.project = ?1)";
    let values = [project, VERSION_BYTES, STATE_BYTES];
    let bytes: i64 = conn.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    Ok(bytes as u64)
}
