//! What was learned of a user: observations as they came, the facts they hold with counts and
//! dates, and how long each state was valid. Writing; `preferences_read.rs` reads, `_states.rs`
//! keeps the intervals, `_erase.rs` forgets.

use rusqlite::{OptionalExtension, params};

use super::calls::Tx;
use super::errors::Outcome;
use super::handle::Store;
use super::preferences_states::note_state;
use super::rows::{PackedMemory, add_words};
use super::types::{NewMemory, Scope};
use crate::error::Result;

/// `facts` can be counted again from `sightings`; it stands there so that what is usual is known
/// without reading every observation. `identity` is the key, with a state's value behind it: one
/// key has many values over time, `states` says which was valid when.
///
/// A memory that is forgotten by its id takes nothing of this with it but the pointer to itself.
pub(super) const VERSION_3: &str = "
CREATE TABLE recall_scopes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT,
    project TEXT
) STRICT;
CREATE UNIQUE INDEX recall_scopes_key ON recall_scopes
    (ifnull(user, ''), user IS NULL, ifnull(project, ''), project IS NULL);
CREATE TABLE observations (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    scope INTEGER NOT NULL REFERENCES recall_scopes (id),
    at INTEGER NOT NULL,
    is_project INTEGER NOT NULL,
    data TEXT NOT NULL,
    memory INTEGER REFERENCES memories (row) ON DELETE SET NULL
) STRICT;
CREATE INDEX observations_projects ON observations (scope, at) WHERE is_project;
CREATE INDEX observations_memory ON observations (memory);
CREATE TABLE facts (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    scope INTEGER NOT NULL REFERENCES recall_scopes (id),
    identity TEXT NOT NULL,
    key TEXT NOT NULL,
    category TEXT NOT NULL,
    value TEXT NOT NULL,
    is_state INTEGER NOT NULL,
    count INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    weight REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX facts_identity ON facts (scope, identity);
CREATE INDEX facts_key ON facts (scope, key);
CREATE TABLE sightings (
    fact INTEGER NOT NULL REFERENCES facts (row) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    observation INTEGER NOT NULL REFERENCES observations (row) ON DELETE CASCADE,
    PRIMARY KEY (fact, at, observation)
) STRICT, WITHOUT ROWID;
CREATE INDEX sightings_observation ON sightings (observation);
CREATE TABLE states (
    scope INTEGER NOT NULL REFERENCES recall_scopes (id),
    key TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    fact INTEGER NOT NULL REFERENCES facts (row) ON DELETE CASCADE,
    PRIMARY KEY (scope, key, valid_from)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX states_valid ON states (scope, key) WHERE valid_to IS NULL;
CREATE INDEX states_fact ON states (fact);
";

/// A fact that an observation holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// What makes it one with earlier sightings; the key, for a state with its value behind it.
    pub identity: String,
    /// Its name, such as `bpm:128` or, for a state, `lufs`.
    pub key: String,
    /// `genre`, `bpm`, … or the caller's own.
    pub category: String,
    /// JSON text, as given.
    pub value: String,
    /// Whether only one value of this key is valid at a time.
    pub is_state: bool,
}

/// An observation to keep, with the memory made from it.
#[derive(Debug, Clone)]
pub struct NewObservation {
    /// Whose it is.
    pub scope: Scope,
    /// When it was made, in milliseconds since 1970.
    pub at: i64,
    /// Whether it says something of a project's tempo, key, genre or loudness.
    pub is_project: bool,
    /// JSON text.
    pub data: String,
    /// The facts in it, each identity once.
    pub sightings: Vec<Sighting>,
    /// The same as a memory.
    pub memory: NewMemory,
}

/// What a weight is worth after so many milliseconds.
pub(super) type Fade = fn(f64, i64) -> f64;

/// What a written observation changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// The id of the memory made from it.
    pub memory: String,
    /// States that have another value now than before.
    pub superseded: Vec<Superseded>,
}

/// A state whose valid value changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Superseded {
    /// Its key.
    pub key: String,
    /// The old value, JSON text.
    pub from: String,
    /// The new value, JSON text.
    pub to: String,
}

impl Store {
    /// Keeps all of `observations` or none, in one transaction: rows, counts, the intervals of
    /// states, and a memory each. `fade(weight, age_ms)` is how a weight loses worth.
    ///
    /// # Errors
    /// As [`Store::insert`].
    pub fn learn(&self, observations: Vec<NewObservation>, fade: Fade) -> Result<Vec<Learned>> {
        let pack = |one: NewObservation| {
            let NewObservation { scope, at, is_project, data, sightings, memory } = one;
            let memory = self.pack_memory(memory)?;
            Ok(Packed { scope, at, is_project, data, sightings, memory })
        };
        let packed = observations.into_iter().map(pack).collect::<Result<Vec<_>>>()?;
        if packed.is_empty() {
            return Ok(Vec::new());
        }
        let guard = self.model_guard();
        self.writer.call(move |tx| {
            guard(tx)?;
            let generation = tx.next_generation()?;
            let rows = packed.iter().map(|one| one.memory.insert(tx, generation));
            let rows = rows.collect::<Outcome<Vec<_>>>()?;
            let written = packed.iter().zip(&rows).map(|(one, row)| one.write(tx, *row, fade));
            let written = written.collect::<Outcome<Vec<_>>>()?;
            // Words last: see `Store::insert`.
            for (one, row) in packed.iter().zip(&rows) {
                add_words(tx, *row, &one.memory.text.text)?;
            }
            Ok(written)
        })
    }
}

/// An observation as it is written.
struct Packed {
    scope: Scope,
    at: i64,
    is_project: bool,
    data: String,
    sightings: Vec<Sighting>,
    memory: PackedMemory,
}

impl Packed {
    fn write(&self, tx: &Tx<'_>, memory: i64, fade: Fade) -> Outcome<Learned> {
        let scope = scope_row(tx, &self.scope)?;
        let sql = "INSERT INTO observations (scope, at, is_project, data, memory)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![scope, self.at, self.is_project, self.data, memory];
        tx.prepare_cached(sql)?.execute(values)?;
        let observation = tx.last_insert_rowid();
        let mut superseded = Vec::new();
        for sighting in &self.sightings {
            let fact = count_fact(tx, scope, sighting, self.at, fade)?;
            let sql = "INSERT INTO sightings (fact, at, observation) VALUES (?1, ?2, ?3)";
            tx.prepare_cached(sql)?.execute(params![fact, self.at, observation])?;
            if sighting.is_state {
                superseded.extend(note_state(tx, scope, &sighting.key, fact, self.at)?);
            }
        }
        Ok(Learned { memory: self.memory.id.clone(), superseded })
    }
}

/// Counts a sighting; the row of its fact.
fn count_fact(tx: &Tx<'_>, scope: i64, seen: &Sighting, at: i64, fade: Fade) -> Outcome<i64> {
    let sql = "SELECT row, last_at, weight FROM facts WHERE scope = ?1 AND identity = ?2";
    let found = tx.prepare_cached(sql)?.query_row(params![scope, seen.identity], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, f64>(2)?))
    });
    let Some((row, last_at, weight)) = found.optional()? else {
        return new_fact(tx, scope, seen, at);
    };
    if at >= last_at {
        let sql = "UPDATE facts SET count = count + 1, last_at = ?2, weight = ?3, value = ?4
            WHERE row = ?1";
        let weight = fade(weight, at - last_at) + 1.0;
        tx.prepare_cached(sql)?.execute(params![row, at, weight, seen.value])?;
    } else {
        let sql = "UPDATE facts SET count = count + 1, first_at = min(first_at, ?2), weight = ?3
            WHERE row = ?1";
        let weight = weight + fade(1.0, last_at - at);
        tx.prepare_cached(sql)?.execute(params![row, at, weight])?;
    }
    Ok(row)
}

fn new_fact(tx: &Tx<'_>, scope: i64, seen: &Sighting, at: i64) -> Outcome<i64> {
    let sql = "INSERT INTO facts (scope, identity, key, category, value, is_state, count, first_at,
        last_at, weight) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?7, 1.0) RETURNING row";
    let values =
        params![scope, seen.identity, seen.key, seen.category, seen.value, seen.is_state, at];
    Ok(tx.prepare_cached(sql)?.query_row(values, |row| row.get(0))?)
}

/// The number of a scope; a new one gets the next.
fn scope_row(tx: &Tx<'_>, scope: &Scope) -> Outcome<i64> {
    if let Some(id) = known_scope(tx, scope)? {
        return Ok(id);
    }
    let sql = "INSERT INTO recall_scopes (user, project) VALUES (?1, ?2) RETURNING id";
    let values = params![scope.user, scope.project];
    Ok(tx.prepare_cached(sql)?.query_row(values, |row| row.get(0))?)
}

/// The number of a scope, if anything was learned in it.
pub(super) fn known_scope(conn: &rusqlite::Connection, scope: &Scope) -> Outcome<Option<i64>> {
    // Spelled as in the index `recall_scopes_key`, so that it is used.
    let sql = "SELECT id FROM recall_scopes
        WHERE ifnull(user, '') = ifnull(?1, '') AND (user IS NULL) = (?1 IS NULL)
        AND ifnull(project, '') = ifnull(?2, '') AND (project IS NULL) = (?2 IS NULL)";
    let values = params![scope.user, scope.project];
    Ok(conn.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?)
}
