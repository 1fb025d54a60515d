//! Which audio do the states of projects name? `snapshot_uses` says the same, and is told by them again
//! where it is damaged.

use std::collections::VecDeque;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::calls::Tx;
use super::errors::{Outcome, damaged};
use super::handle::Store;
use super::snapshots::hash_of;
use super::snapshots_read::state_at;
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

/// Holds for each project the audio that its states name. False: a state does not come back, or names
/// audio that is not there.
pub(super) fn hold_audio(tx: &Tx<'_>) -> Outcome<bool> {
    let any = "SELECT EXISTS (SELECT 1 FROM snapshot_buffers)
        OR EXISTS (SELECT 1 FROM snapshot_pieces)";
    if !tx.query_row(any, [], |row| row.get::<_, bool>(0))? {
        return Ok(true);
    }
    let sql = "SELECT DISTINCT b.project, v.state FROM snapshot_versions v
        JOIN snapshot_branches b ON b.id = v.branch ORDER BY v.state";
    let mut select = tx.prepare(sql)?;
    let states = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let states = states.collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
    let (mut texts, mut is_all_told) = (Texts::default(), true);
    for (project, state) in states {
        // What keeps one state from being read is damage, which `verify` names.
        let named = texts.of(tx, state).and_then(|text| Ok(buffers::marks(&text)?));
        is_all_told &= match named {
            Ok(named) => hold(tx, project, &named)?,
            Err(_) => false,
        };
    }
    Ok(is_all_told)
}

/// False: some of it is not there.
fn hold(tx: &Tx<'_>, project: i64, named: &[(usize, buffers::Hash)]) -> Outcome<bool> {
    let mut is_there = true;
    for (_, hash) in named {
        let sql = "SELECT id FROM snapshot_buffers WHERE hash = ?1";
        let mut select = tx.prepare_cached(sql)?;
        let id = select.query_row([&hash[..]], |row| row.get::<_, i64>(0)).optional()?;
        let Some(id) = id else {
            is_there = false;
            continue;
        };
        let sql = "INSERT OR IGNORE INTO snapshot_uses (project, buffer) VALUES (?1, ?2)";
        tx.prepare_cached(sql)?.execute([project, id])?;
    }
    Ok(is_there)
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
