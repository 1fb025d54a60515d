//! When was which value of a state valid? Intervals that follow from its sightings: a value is
//! valid from the first sighting of it until the first later sighting of another one.

use rusqlite::{OptionalExtension, params};

use super::calls::Tx;
use super::errors::Outcome;
use super::preferences::Superseded;

struct Valid {
    fact: i64,
    from: i64,
    value: String,
}

/// Takes a new sighting of a state into account; what it superseded, if anything.
pub(super) fn note_state(
    tx: &Tx<'_>,
    scope: i64,
    key: &str,
    fact: i64,
    at: i64,
) -> Outcome<Option<Superseded>> {
    let before = valid(tx, scope, key)?;
    match &before {
        // The usual case, without reading what came before.
        Some(old) if at > old.from && at >= last_seen(tx, scope, key)? => {
            if old.fact != fact {
                supersede(tx, scope, key, fact, at)?;
            }
        }
        _ => rebuild_state(tx, scope, key)?,
    }
    let after = valid(tx, scope, key)?;
    Ok(before.zip(after).filter(|(old, new)| old.fact != new.fact).map(|(old, new)| Superseded {
        key: key.to_owned(),
        from: old.value,
        to: new.value,
    }))
}

fn supersede(tx: &Tx<'_>, scope: i64, key: &str, fact: i64, at: i64) -> Outcome<()> {
    let close =
        "UPDATE recall_states SET valid_to = ?3 WHERE scope = ?1 AND key = ?2 AND valid_to IS NULL";
    tx.prepare_cached(close)?.execute(params![scope, key, at])?;
    insert(tx, scope, key, fact, at, None)
}

/// Makes the intervals of a state anew from its sightings. Of several at one instant, the one
/// learned last counts.
pub(super) fn rebuild_state(tx: &Tx<'_>, scope: i64, key: &str) -> Outcome<()> {
    let sql = "DELETE FROM recall_states WHERE scope = ?1 AND key = ?2";
    tx.prepare_cached(sql)?.execute(params![scope, key])?;
    let mut starts: Vec<(i64, i64)> = Vec::new();
    for (at, fact) in sightings(tx, scope, key)? {
        if starts.last().is_some_and(|(from, _)| *from == at) {
            starts.pop();
        }
        if starts.last().is_none_or(|(_, valid)| *valid != fact) {
            starts.push((at, fact));
        }
    }
    let ends = starts.iter().skip(1).map(|(from, _)| Some(*from)).chain([None]);
    for ((from, fact), to) in starts.iter().zip(ends) {
        insert(tx, scope, key, *fact, *from, to)?;
    }
    Ok(())
}

fn sightings(tx: &Tx<'_>, scope: i64, key: &str) -> Outcome<Vec<(i64, i64)>> {
    let sql = "SELECT s.at, s.fact FROM recall_facts f JOIN recall_sightings s ON s.fact = f.row
        WHERE f.scope = ?1 AND f.key = ?2 ORDER BY s.at, s.observation";
    let mut select = tx.prepare_cached(sql)?;
    let rows = select.query_map(params![scope, key], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn insert(
    tx: &Tx<'_>,
    scope: i64,
    key: &str,
    fact: i64,
    from: i64,
    to: Option<i64>,
) -> Outcome<()> {
    let sql = "INSERT INTO recall_states (scope, key, valid_from, valid_to, fact)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.prepare_cached(sql)?.execute(params![scope, key, from, to, fact])?;
    Ok(())
}

fn valid(tx: &Tx<'_>, scope: i64, key: &str) -> Outcome<Option<Valid>> {
    let sql = "SELECT s.fact, s.valid_from, f.value FROM recall_states s JOIN recall_facts f ON f.row = s.fact
        WHERE s.scope = ?1 AND s.key = ?2 AND s.valid_to IS NULL";
    let found = tx.prepare_cached(sql)?.query_row(params![scope, key], |row| {
        Ok(Valid { fact: row.get(0)?, from: row.get(1)?, value: row.get(2)? })
    });
    Ok(found.optional()?)
}

fn last_seen(tx: &Tx<'_>, scope: i64, key: &str) -> Outcome<i64> {
    let sql = "SELECT ifnull(max(last_at), 0) FROM recall_facts WHERE scope = ?1 AND key = ?2";
    Ok(tx.prepare_cached(sql)?.query_row(params![scope, key], |row| row.get(0))?)
}
