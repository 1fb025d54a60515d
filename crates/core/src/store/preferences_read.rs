//! Reading what was learned: facts as they stand now or stood at some time, why they are known,
//! and the projects one after the other.

use rusqlite::{Connection, Row, params};
use serde_json::Value;

use super::errors::{Outcome, damaged};
use super::handle::Store;
use super::preferences::{Fade, known_scope};
use super::types::Scope;
use crate::error::Result;

/// A fact with its counts and dates.
#[derive(Debug, Clone, PartialEq)]
pub struct FactRow {
    /// Its number in this store.
    pub row: i64,
    /// The key, for a state with its value behind it.
    pub identity: String,
    /// Its name, such as `bpm:128`.
    pub key: String,
    /// `genre`, `bpm`, … or the caller's own.
    pub category: String,
    /// The value as last given.
    pub value: Value,
    /// Whether only one value of this key is valid at a time.
    pub is_state: bool,
    /// How many observations held it.
    pub count: u64,
    /// When it was first seen, in milliseconds since 1970.
    pub first_at: i64,
    /// When it was last seen, in milliseconds since 1970.
    pub last_at: i64,
    /// The sum of its sightings, each faded until `last_at`.
    pub weight: f64,
    /// For a state: since when this value is valid, and until when.
    pub valid: Option<(i64, Option<i64>)>,
}

impl FactRow {
    /// A fact whose sightings are still to be counted.
    pub(super) fn uncounted(row: i64) -> FactRow {
        FactRow {
            row,
            identity: String::new(),
            key: String::new(),
            category: String::new(),
            value: Value::Null,
            is_state: false,
            count: 0,
            first_at: 0,
            last_at: 0,
            weight: 0.0,
            valid: None,
        }
    }
}

/// How long a value of a state was valid.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// The value.
    pub value: Value,
    /// Milliseconds since 1970.
    pub valid_from: i64,
    /// Milliseconds since 1970; none while it is valid.
    pub valid_to: Option<i64>,
}

/// An observation as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservationRow {
    /// Its number in this store.
    pub row: i64,
    /// When it was made, in milliseconds since 1970.
    pub at: i64,
    /// JSON text.
    pub data: String,
    /// The id of the memory made from it, unless that was forgotten.
    pub memory: Option<String>,
}

/// Why something is said of a user.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The newest observations that hold the fact, newest first.
    pub observations: Vec<ObservationRow>,
    /// The values of the state over time, oldest first; empty when it is no state.
    pub intervals: Vec<Interval>,
}

const FACT: &str = "SELECT f.row, f.identity, f.key, f.category, f.value, f.is_state, f.count,
    f.first_at, f.last_at, f.weight, s.valid_from, s.valid_to FROM recall_facts f";

const OBSERVATION: &str = "SELECT o.row, o.at, o.data, m.id
    FROM recall_observations o LEFT JOIN memories m ON m.row = o.memory";

impl Store {
    /// The facts of exactly this scope as they stand now: counted ones, and of each state the value
    /// that is valid.
    pub fn facts(&self, scope: &Scope) -> Result<Vec<FactRow>> {
        self.in_scope(scope, |conn, scope| {
            let sql = format!(
                "{FACT} LEFT JOIN recall_states s ON s.fact = f.row AND s.valid_to IS NULL
                WHERE f.scope = ?1 AND (NOT f.is_state OR s.fact IS NOT NULL) ORDER BY f.row"
            );
            fact_rows(conn, &sql, params![scope])
        })
    }

    /// As [`Store::facts`], as they stood at `at`: counted again from the sightings until then.
    pub fn facts_at(&self, scope: &Scope, at: i64, fade: Fade) -> Result<Vec<FactRow>> {
        self.in_scope(scope, |conn, scope| {
            let sql = format!(
                "{FACT} LEFT JOIN recall_states s ON s.fact = f.row AND s.valid_from <= ?2
                AND (s.valid_to IS NULL OR s.valid_to > ?2)
                WHERE f.scope = ?1 AND f.first_at <= ?2 AND (NOT f.is_state OR s.fact IS NOT NULL)
                ORDER BY f.row"
            );
            let mut rows = fact_rows(conn, &sql, params![scope, at])?;
            for row in &mut rows {
                recount(conn, row, at, fade)?;
            }
            Ok(rows)
        })
    }

    /// Every fact of exactly this scope, also values of states that are not valid any more.
    pub fn all_facts(&self, scope: &Scope) -> Result<Vec<FactRow>> {
        self.in_scope(scope, |conn, scope| {
            let sql = format!(
                "{FACT} LEFT JOIN recall_states s ON s.fact = f.row AND s.valid_to IS NULL
                WHERE f.scope = ?1 ORDER BY f.row"
            );
            fact_rows(conn, &sql, params![scope])
        })
    }

    /// Where a fact comes from: at most `limit` observations, newest first.
    pub fn evidence(&self, scope: &Scope, fact: &FactRow, limit: usize) -> Result<Evidence> {
        let found = self.in_scope(scope, |conn, scope| {
            let sql = format!(
                "{OBSERVATION} JOIN recall_sightings i ON i.observation = o.row
                WHERE i.fact = ?1 ORDER BY i.at DESC, o.row DESC LIMIT ?2"
            );
            let observations = observations(conn, &sql, params![fact.row, limit as i64])?;
            Ok(vec![Evidence { observations, intervals: intervals(conn, scope, &fact.key)? }])
        })?;
        let nothing = Evidence { observations: Vec::new(), intervals: Vec::new() };
        Ok(found.into_iter().next().unwrap_or(nothing))
    }

    /// What was learned of projects before `before`, newest first.
    pub fn projects(
        &self,
        scope: &Scope,
        before: Option<i64>,
        limit: Option<usize>,
    ) -> Result<Vec<ObservationRow>> {
        self.in_scope(scope, |conn, scope| {
            let sql = format!(
                "{OBSERVATION} WHERE o.scope = ?1 AND o.is_project AND o.at < ?2
                ORDER BY o.at DESC, o.row DESC LIMIT ?3"
            );
            let limit = limit.map_or(-1, |limit| limit as i64);
            observations(conn, &sql, params![scope, before.unwrap_or(i64::MAX), limit])
        })
    }

    /// All observations that hold one of these facts, oldest first.
    pub fn observations_of(&self, scope: &Scope, facts: &[i64]) -> Result<Vec<ObservationRow>> {
        self.in_scope(scope, |conn, _| {
            let mut found = Vec::new();
            let sql = format!(
                "{OBSERVATION} WHERE o.row IN (SELECT observation FROM recall_sightings WHERE fact = ?1)"
            );
            for fact in facts {
                found.extend(observations(conn, &sql, params![fact])?);
            }
            found.sort_unstable_by_key(|one: &ObservationRow| one.row);
            found.dedup_by_key(|one| one.row);
            Ok(found)
        })
    }

    /// Reads within a scope; nothing when nothing was learned in it.
    fn in_scope<T>(
        &self,
        scope: &Scope,
        read: impl FnOnce(&Connection, i64) -> Outcome<Vec<T>>,
    ) -> Result<Vec<T>> {
        self.read_snapshot(|conn| match known_scope(conn, scope)? {
            Some(scope) => read(conn, scope),
            None => Ok(Vec::new()),
        })
    }
}

fn fact_rows(conn: &Connection, sql: &str, values: impl rusqlite::Params) -> Outcome<Vec<FactRow>> {
    let mut select = conn.prepare_cached(sql)?;
    let mut rows = select.query(values)?;
    let mut facts = Vec::new();
    while let Some(row) = rows.next()? {
        facts.push(fact_row(row)?);
    }
    Ok(facts)
}

fn fact_row(row: &Row<'_>) -> Outcome<FactRow> {
    let valid_from: Option<i64> = row.get(10)?;
    let valid_to = row.get(11)?;
    Ok(FactRow {
        row: row.get(0)?,
        identity: row.get(1)?,
        key: row.get(2)?,
        category: row.get(3)?,
        value: json(&row.get::<_, String>(4)?)?,
        is_state: row.get(5)?,
        count: row.get::<_, i64>(6)? as u64,
        first_at: row.get(7)?,
        last_at: row.get(8)?,
        weight: row.get(9)?,
        valid: valid_from.map(|from| (from, valid_to)),
    })
}

fn json(text: &str) -> Outcome<Value> {
    serde_json::from_str(text).map_err(|err| damaged(format!("a learned value: {err}")))
}

/// Counts a fact from its sightings until `at`.
pub(super) fn recount(conn: &Connection, fact: &mut FactRow, at: i64, fade: Fade) -> Outcome<()> {
    let sql = "SELECT at FROM recall_sightings WHERE fact = ?1 AND at <= ?2 ORDER BY at";
    let mut select = conn.prepare_cached(sql)?;
    let mut rows = select.query(params![fact.row, at])?;
    (fact.count, fact.weight) = (0, 0.0);
    while let Some(row) = rows.next()? {
        let seen: i64 = row.get(0)?;
        if fact.count == 0 {
            fact.first_at = seen;
            fact.last_at = seen;
        }
        fact.weight = fade(fact.weight, seen - fact.last_at) + 1.0;
        fact.last_at = seen;
        fact.count += 1;
    }
    Ok(())
}

fn observations(
    conn: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Outcome<Vec<ObservationRow>> {
    let mut select = conn.prepare_cached(sql)?;
    let rows = select.query_map(values, |row| {
        Ok(ObservationRow {
            row: row.get(0)?,
            at: row.get(1)?,
            data: row.get(2)?,
            memory: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn intervals(conn: &Connection, scope: i64, key: &str) -> Outcome<Vec<Interval>> {
    let sql =
        "SELECT f.value, s.valid_from, s.valid_to FROM recall_states s JOIN recall_facts f ON f.row = s.fact
        WHERE s.scope = ?1 AND s.key = ?2 ORDER BY s.valid_from";
    let mut select = conn.prepare_cached(sql)?;
    let mut rows = select.query(params![scope, key])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let value = json(&row.get::<_, String>(0)?)?;
        found.push(Interval { value, valid_from: row.get(1)?, valid_to: row.get(2)? });
    }
    Ok(found)
}
