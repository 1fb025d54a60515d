//! Which audio do the states of projects name? `snapshot_uses` says the same, and is told by them again
//! where it is damaged.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::calls::Tx;
use super::errors::{Outcome, damaged};
use super::handle::Store;
use super::snapshots::hash_of;
use super::snapshots_states::state_at;
use crate::error::Result;
use crate::snapshots::{LONGEST_REST, buffers, delta};

/// Bytes of texts kept while states are gone through: most are told by one of the last.
const KEPT: usize = 32 << 20;

impl Store {
    /// The hashes of the audio that is held for a project.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn held_audio(&self, project: i64) -> Result<Vec<[u8; 32]>> {
        self.read(|conn| {
            let sql =
                "SELECT f.hash FROM snapshot_uses u JOIN snapshot_buffers f ON f.id = u.buffer
                WHERE u.project = ?1";
            let mut select = conn.prepare_cached(sql)?;
            let mut rows = select.query([project])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                // A name that is none is no state's; that state says that its audio is missing.
                found.extend(hash_of(&row.get::<_, Vec<u8>>(0)?).ok());
            }
            Ok(found)
        })
    }
}

impl Store {
    /// Bytes of the audio of a project besides `used`.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn audio_bytes_besides(&self, project: i64, used: &[[u8; 32]]) -> Result<u64> {
        let used: HashSet<&[u8; 32]> = used.iter().collect();
        self.read(|conn| {
            let sql = "SELECT f.hash, f.stored_bytes FROM snapshot_uses u
                JOIN snapshot_buffers f ON f.id = u.buffer WHERE u.project = ?1";
            let mut select = conn.prepare_cached(sql)?;
            let mut rows = select.query([project])?;
            let mut bytes = 0;
            while let Some(row) = rows.next()? {
                if !used.contains(&hash_of(&row.get::<_, Vec<u8>>(0)?)?) {
                    bytes += row.get::<_, i64>(1)? as u64;
                }
            }
            Ok(bytes)
        })
    }
}

/// What [`hold_audio`] did and saw.
pub(super) struct Held {
    /// Buffers that a project has again, counted for each.
    pub(super) again: u64,
    /// Whether every state came back and all audio that it names is there.
    pub(super) is_all_told: bool,
}

/// Holds for each project the audio that its states name.
pub(super) fn hold_audio(tx: &Tx<'_>) -> Outcome<Held> {
    let any = "SELECT EXISTS (SELECT 1 FROM snapshot_buffers)
        OR EXISTS (SELECT 1 FROM snapshot_pieces)";
    if !tx.query_row(any, [], |row| row.get::<_, bool>(0))? {
        return Ok(Held { again: 0, is_all_told: true });
    }
    let sql = "SELECT DISTINCT b.project, v.state FROM snapshot_versions v
        JOIN snapshot_branches b ON b.id = v.branch ORDER BY v.state";
    let mut select = tx.prepare(sql)?;
    let states = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let states = states.collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
    let (mut texts, mut held) = (Texts::default(), Held { again: 0, is_all_told: true });
    for (project, state) in states {
        // What keeps one state from being read is damage, which `verify` names.
        let named = texts.of(tx, state).and_then(|text| Ok(buffers::marks(&text)?));
        match named {
            Ok(named) => hold(tx, project, &named, &mut held)?,
            Err(_) => held.is_all_told = false,
        }
    }
    Ok(held)
}

fn hold(
    tx: &Tx<'_>,
    project: i64,
    named: &[(usize, buffers::Hash)],
    held: &mut Held,
) -> Outcome<()> {
    for (_, hash) in named {
        let sql = "SELECT id FROM snapshot_buffers WHERE hash = ?1";
        let mut select = tx.prepare_cached(sql)?;
        let id = select.query_row([&hash[..]], |row| row.get::<_, i64>(0)).optional()?;
        let Some(id) = id else {
            held.is_all_told = false;
            continue;
        };
        let sql = "INSERT OR IGNORE INTO snapshot_uses (project, buffer) VALUES (?1, ?2)";
        held.again += tx.prepare_cached(sql)?.execute([project, id])? as u64;
    }
    Ok(())
}

/// Texts of states without their audio, the ones told last.
#[derive(Default)]
struct Texts {
    kept: VecDeque<(i64, Arc<Vec<u8>>)>,
    bytes: usize,
}

impl Texts {
    fn of(&mut self, conn: &Connection, row: i64) -> Outcome<Arc<Vec<u8>>> {
        let (mut chain, mut text, mut next) = (Vec::new(), Vec::new(), Some(row));
        while let Some(row) = next {
            if let Some((_, known)) = self.kept.iter().find(|(state, _)| *state == row) {
                if chain.is_empty() {
                    return Ok(Arc::clone(known));
                }
                text.clone_from(known);
                break;
            }
            let state = state_at(conn, row)?.filter(|state| state.is_whole);
            let state = state.ok_or_else(|| damaged("a state is missing or damaged"))?;
            // A base is always older: a damaged one must not lead in circles.
            if state.base.is_some_and(|base| base >= row) {
                return Err(damaged("a state is told by a later one"));
            }
            next = state.base;
            chain.push(state.data);
        }
        for data in chain.iter().rev() {
            delta::apply(&mut text, data, LONGEST_REST)?;
        }
        let text = Arc::new(text);
        self.bytes += text.len();
        self.kept.push_front((row, Arc::clone(&text)));
        while self.bytes > KEPT {
            let Some((_, oldest)) = self.kept.pop_back() else { break };
            self.bytes -= oldest.len();
        }
        Ok(text)
    }
}
