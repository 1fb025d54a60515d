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
CREATE TABLE recall_observations (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    scope INTEGER NOT NULL REFERENCES recall_scopes (id),
    at INTEGER NOT NULL,
    is_project INTEGER NOT NULL,
    data TEXT NOT NULL,
    memory INTEGER REFERENCES memories (row) ON DELETE SET NULL
) STRICT;
CREATE INDEX recall_observations_projects ON recall_observations (scope, at) WHERE is_project;
CREATE INDEX recall_observations_memory ON recall_observations (memory);
CREATE TABLE recall_facts (
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
CREATE UNIQUE INDEX recall_facts_identity ON recall_facts (scope, identity);
CREATE INDEX recall_facts_key ON recall_facts (scope, key);
CREATE TABLE recall_sightings (
    fact INTEGER NOT NULL REFERENCES recall_facts (row) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    observation INTEGER NOT NULL REFERENCES recall_observations (row) ON DELETE CASCADE,
    PRIMARY KEY (fact, at, observation)
) STRICT, WITHOUT ROWID;
CREATE INDEX recall_sightings_observation ON recall_sightings (observation);
CREATE TABLE recall_states (
    scope INTEGER NOT NULL REFERENCES recall_scopes (id),
    key TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    fact INTEGER NOT NULL REFERENCES recall_facts (row) ON DELETE CASCADE,
    PRIMARY KEY (scope, key, valid_from)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX recall_states_valid ON recall_states (scope, key) WHERE valid_to IS NULL;
CREATE INDEX recall_states_fact ON recall_states (fact);
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

/// The value of a fact as an observation spells it, JSON text, by the observation's data and the
/// fact's identity.
pub(super) type Spell = fn(&str, &str) -> Option<String>;

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
        let sql = "INSERT INTO recall_observations (scope, at, is_project, data, memory)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![scope, self.at, self.is_project, self.data, memory];
        tx.prepare_cached(sql)?.execute(values)?;
        let observation = tx.last_insert_rowid();
        let mut superseded = Vec::new();
        for sighting in &self.sightings {
            let fact = count_fact(tx, scope, sighting, self.at, fade)?;
            let sql = "INSERT INTO recall_sightings (fact, at, observation) VALUES (?1, ?2, ?3)";
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
    let sql = "SELECT row, last_at, weight FROM recall_facts WHERE scope = ?1 AND identity = ?2";
    let found = tx.prepare_cached(sql)?.query_row(params![scope, seen.identity], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, f64>(2)?))
    });
    let Some((row, last_at, weight)) = found.optional()? else {
        return new_fact(tx, scope, seen, at);
    };
    if at >= last_at {
        let sql = "UPDATE recall_facts SET count = count + 1, last_at = ?2, weight = ?3, value = ?4
            WHERE row = ?1";
        let weight = fade(weight, at - last_at) + 1.0;
        tx.prepare_cached(sql)?.execute(params![row, at, weight, seen.value])?;
    } else {
        let sql =
            "UPDATE recall_facts SET count = count + 1, first_at = min(first_at, ?2), weight = ?3
            WHERE row = ?1";
        let weight = weight + fade(1.0, last_at - at);
        tx.prepare_cached(sql)?.execute(params![row, at, weight])?;
    }
    Ok(row)
}

fn new_fact(tx: &Tx<'_>, scope: i64, seen: &Sighting, at: i64) -> Outcome<i64> {
    let sql = "INSERT INTO recall_facts (scope, identity, key, category, value, is_state, count, first_at,
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

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::preferences_read::FactRow;
    use super::super::testing::{Folder, memory};
    use super::*;

    pub(in crate::store) fn unfading(weight: f64, _age_ms: i64) -> f64 {
        weight
    }

    pub(in crate::store) fn unspelt(_data: &str, _identity: &str) -> Option<String> {
        None
    }

    /// Half after 10 ms, so that it shows.
    fn fade(weight: f64, age_ms: i64) -> f64 {
        weight * 0.5_f64.powf(age_ms.max(0) as f64 / 10.0)
    }

    /// Something of a user: counted facts by their keys, and a value of the state `lufs`.
    pub(in crate::store) fn observation(
        user: &str,
        at: i64,
        counted: &[&str],
        lufs: Option<&str>,
    ) -> NewObservation {
        let fact = |key: &str, value: &str, is_state: bool| Sighting {
            identity: if is_state { format!("{key}={value}") } else { key.to_owned() },
            key: key.to_owned(),
            category: "any".to_owned(),
            value: value.to_owned(),
            is_state,
        };
        let facts = counted.iter().map(|key| fact(key, "true", false));
        let scope = Scope { user: Some(user.to_owned()), project: None };
        let data = format!("{{\"holds\":\"{}\"}}", counted.join(" "));
        let text = format!("{} and {}", counted.join(" "), lufs.unwrap_or("nothing"));
        NewObservation {
            at,
            is_project: true,
            sightings: facts.chain(lufs.map(|value| fact("lufs", value, true))).collect(),
            memory: NewMemory { scope: scope.clone(), data: Some(data.clone()), ..memory(&text) },
            scope,
            data,
        }
    }

    #[test]
    fn nothing_is_written_when_one_of_many_fails() {
        let folder = Folder::new();
        let store = folder.open();
        let mut bad = observation("a", 2, &["x"], None);
        bad.memory.tokens.data[0] = f32::NAN;
        let err = store.learn(vec![observation("a", 1, &["x"], None), bad], fade).unwrap_err();
        assert_eq!(err.code(), "PM_BAD_VECTOR");
        let scope = Scope { user: Some("a".into()), project: None };
        assert_eq!(store.facts(&scope).unwrap(), Vec::<FactRow>::new());
        assert_eq!(store.kinds().unwrap(), Vec::<String>::new());
    }

    type Seen = (i64, u8, Option<i8>);
    /// Count and rounded weight by key, and when which value of the state became valid.
    type Said = (BTreeMap<String, (u64, i64)>, Vec<(i64, i64)>);

    /// What a list of sightings says, in the plainest way: count and weight at `until`, and the
    /// intervals of the state.
    fn plainly(seen: &[Seen], until: i64) -> Said {
        let mut sorted: Vec<&Seen> = seen.iter().filter(|(at, ..)| *at <= until).collect();
        sorted.sort_by_key(|(at, ..)| *at);
        let mut counts: BTreeMap<String, (u64, f64)> = BTreeMap::new();
        let mut states: BTreeMap<i64, i64> = BTreeMap::new();
        for (at, fact, lufs) in sorted {
            let count = counts.entry(format!("f{fact}")).or_default();
            *count = (count.0 + 1, count.1 + fade(1.0, until - at));
            states.extend(lufs.map(|lufs| (*at, i64::from(lufs))));
        }
        let mut intervals: Vec<(i64, i64)> = Vec::new();
        for (at, lufs) in states {
            if intervals.last().is_none_or(|(_, valid)| *valid != lufs) {
                intervals.push((at, lufs));
            }
        }
        let rounded = |(key, (count, weight)): (String, (u64, f64))| {
            (key, (count, (weight * 1e6).round() as i64))
        };
        (counts.into_iter().map(rounded).collect(), intervals)
    }

    fn as_stored(store: &Store, rows: &[FactRow], until: i64) -> Said {
        let scope = Scope { user: Some("a".into()), project: None };
        let counted = rows.iter().filter(|row| !row.is_state).map(|row| {
            let weight = fade(row.weight, until - row.last_at);
            (row.key.clone(), (row.count, (weight * 1e6).round() as i64))
        });
        let state = rows.iter().find(|row| row.is_state);
        let evidence = state.map(|row| store.evidence(&scope, row, 10).unwrap());
        let intervals = evidence.map(|found| found.intervals).unwrap_or_default();
        for pair in intervals.windows(2) {
            assert_eq!(pair[0].valid_to, Some(pair[1].valid_from));
        }
        let intervals = intervals.iter().filter(|one| one.valid_from <= until);
        let intervals = intervals.map(|one| (one.valid_from, one.value.as_i64().unwrap()));
        (counted.collect(), intervals.collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn learned_in_any_order_it_is_what_a_plain_count_says(
            seen in prop::collection::vec((0..60_i64, 0..4_u8, prop::option::of(-3..0_i8)), 1..40),
            until in 0..60_i64,
        ) {
            let folder = Folder::new();
            let store = folder.open();
            for (at, fact, lufs) in &seen {
                let lufs = lufs.map(|value| value.to_string());
                let one = observation("a", *at, &[&format!("f{fact}")], lufs.as_deref());
                store.learn(vec![one], fade).unwrap();
            }
            let scope = Scope { user: Some("a".into()), project: None };
            let now = store.facts(&scope).unwrap();
            prop_assert_eq!(as_stored(&store, &now, 60), plainly(&seen, 60));
            let then = store.facts_at(&scope, until, fade).unwrap();
            prop_assert_eq!(as_stored(&store, &then, until), plainly(&seen, until));
            prop_assert_eq!(store.verify().unwrap(), Vec::<String>::new());
        }
    }
}
