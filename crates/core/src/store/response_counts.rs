//! What the cache counts: in memory at first, written in one go with the next write, so that an
//! exact hit waits for no disk. A call that fails to write them puts them back.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use super::access::now_ms;
use super::errors::Outcome;
use super::handle::Store;
use super::schema;
use super::types::Scope;
use crate::error::Result;

/// Counts not written yet. Those since the last write are lost when the process is killed.
#[derive(Default)]
pub(super) struct ResponseCounts(Mutex<Pending>);

#[derive(Default)]
pub(super) struct Pending {
    scopes: HashMap<Scope, BTreeMap<String, f64>>,
    hits: HashMap<u64, Hit>,
}

#[derive(Clone, Copy, Default)]
struct Hit {
    count: i64,
    at: i64,
}

/// What was counted in one scope, and how much the whole cache holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResponseTotals {
    /// By name.
    pub counts: BTreeMap<String, f64>,
    /// Entries of the scope.
    pub entries: u64,
    /// Bytes of their texts and vectors.
    pub bytes: u64,
}

impl ResponseCounts {
    pub(super) fn is_empty(&self) -> bool {
        let pending = self.lock();
        pending.scopes.is_empty() && pending.hits.is_empty()
    }

    /// Drops all counts.
    pub(super) fn clear(&self) {
        *self.lock() = Pending::default();
    }

    /// Writes all counts into the transaction; give what comes back to [`ResponseCounts::put_back`]
    /// should it not be committed.
    pub(super) fn write(&self, tx: &Connection) -> Outcome<Pending> {
        let pending = std::mem::take(&mut *self.lock());
        match pending.write(tx) {
            Ok(()) => Ok(pending),
            Err(fail) => {
                self.put_back(pending);
                Err(fail)
            }
        }
    }

    pub(super) fn put_back(&self, pending: Pending) {
        let mut now = self.lock();
        for (scope, counts) in pending.scopes {
            let known = now.scopes.entry(scope).or_default();
            for (name, value) in counts {
                *known.entry(name).or_default() += value;
            }
        }
        for (row, hit) in pending.hits {
            let known = now.hits.entry(row).or_default();
            *known = Hit { count: known.count + hit.count, at: known.at.max(hit.at) };
        }
    }

    /// Adds what is not written yet, of all scopes, to `counts`.
    pub(super) fn add_to(&self, counts: &mut BTreeMap<String, f64>) {
        for pending in self.lock().scopes.values() {
            for (name, value) in pending {
                *counts.entry(name.clone()).or_default() += value;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    fn write(&self, tx: &Connection) -> Outcome<()> {
        for (scope, counts) in &self.scopes {
            let scope = scope_row(tx, scope)?;
            counts.iter().try_for_each(|(name, value)| add_count(tx, scope, name, *value))?;
        }
        let sql = "UPDATE responses SET hits = hits + ?2,
            accessed_at = max(ifnull(accessed_at, 0), ?3),
            priority = (SELECT value FROM settings WHERE name = 'responses_clock')
                + worth * (1 + hits + ?2) WHERE row = ?1";
        for (row, hit) in &self.hits {
            tx.prepare_cached(sql)?.execute(params![*row as i64, hit.count, hit.at])?;
        }
        Ok(())
    }
}

impl Store {
    /// Adds to what is counted in a scope. Kept in memory, written like [`Store::touch`].
    pub fn count_responses(&self, scope: &Scope, changes: &[(&str, f64)]) {
        let mut pending = self.touches.responses.lock();
        if !pending.scopes.contains_key(scope) {
            pending.scopes.insert(scope.clone(), BTreeMap::new());
        }
        let Some(counts) = pending.scopes.get_mut(scope) else { return };
        for (name, change) in changes {
            match counts.get_mut(*name) {
                Some(value) => *value += change,
                None => drop(counts.insert((*name).to_owned(), *change)),
            }
        }
    }

    /// Counts a hit of an entry: it is worth more to keep.
    pub fn touch_response(&self, row: u64) {
        let mut pending = self.touches.responses.lock();
        let hit = pending.hits.entry(row).or_default();
        *hit = Hit { count: hit.count + 1, at: now_ms() };
    }

    /// Everything counted in a scope, what is not written yet included.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn response_totals(&self, scope: &Scope) -> Result<ResponseTotals> {
        self.flush()?;
        self.read_snapshot(|conn| {
            let Some(scope) = known_scope(conn, scope)? else {
                return Ok(ResponseTotals::default());
            };
            let sql = "SELECT name, value FROM response_counts WHERE scope = ?1";
            let mut select = conn.prepare_cached(sql)?;
            let counts = select.query_map([scope], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let counts = counts.collect::<rusqlite::Result<_>>()?;
            let sql = "SELECT count(*), ifnull(sum(r.bytes), 0) FROM responses r
                JOIN compartments c ON c.id = r.compartment WHERE c.scope = ?1";
            let (entries, bytes): (i64, i64) = conn
                .prepare_cached(sql)?
                .query_row([scope], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(ResponseTotals { counts, entries: entries as u64, bytes: bytes as u64 })
        })
    }

    /// Entries in all scopes.
    pub fn response_count(&self) -> Result<u64> {
        self.read(|conn| Ok(schema::setting(conn, "responses_entries")? as u64))
    }
}

pub(super) fn add_count(tx: &Connection, scope: i64, name: &str, value: f64) -> Outcome<()> {
    let sql = "INSERT INTO response_counts (scope, name, value) VALUES (?1, ?2, ?3)
        ON CONFLICT (scope, name) DO UPDATE SET value = value + excluded.value";
    tx.prepare_cached(sql)?.execute(params![scope, name, value])?;
    Ok(())
}

/// The number of a scope; a new one gets the next.
pub(super) fn scope_row(tx: &Connection, scope: &Scope) -> Outcome<i64> {
    if let Some(id) = known_scope(tx, scope)? {
        return Ok(id);
    }
    let sql = "INSERT INTO response_scopes (user, project) VALUES (?1, ?2) RETURNING id";
    let values = params![scope.user, scope.project];
    Ok(tx.prepare_cached(sql)?.query_row(values, |row| row.get(0))?)
}

pub(super) fn known_scope(conn: &Connection, scope: &Scope) -> Outcome<Option<i64>> {
    // Spelled as in the index `response_scopes_key`, so that it is used.
    let sql = "SELECT id FROM response_scopes WHERE ifnull(user, '') = ifnull(?1, '')
        AND (user IS NULL) = (?1 IS NULL) AND ifnull(project, '') = ifnull(?2, '')
        AND (project IS NULL) = (?2 IS NULL)";
    let values = params![scope.user, scope.project];
    Ok(conn.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?)
}
