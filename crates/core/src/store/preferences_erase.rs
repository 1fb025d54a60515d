//! Forgetting what was learned: facts, the observations that held them, what their memories said.

use rusqlite::{OptionalExtension, params};

use super::calls::Tx;
use super::errors::Outcome;
use super::handle::Store;
use super::preferences::{Fade, Spell, known_scope};
use super::preferences_read::{FactRow, recount};
use super::preferences_states::rebuild_state;
use super::rows::{PackedChange, find, remove_one};
use super::types::{Change, Scope, ScopeFilter};
use crate::error::Result;

/// Facts to erase, and what is left of the observations that held them.
#[derive(Debug, Clone)]
pub struct Erasure {
    /// Whose facts.
    pub scope: Scope,
    /// Their rows.
    pub facts: Vec<i64>,
    /// Every observation that held one of them.
    pub rewritten: Vec<Rewritten>,
}

/// An observation without what is to be forgotten.
#[derive(Debug, Clone)]
pub struct Rewritten {
    /// Its row.
    pub row: i64,
    /// The id of the memory made from it.
    pub memory: Option<String>,
    /// What is left of it and what its memory says now; none when nothing is left.
    pub left: Option<Left>,
}

/// What is left of an observation.
#[derive(Debug, Clone)]
pub struct Left {
    /// JSON text.
    pub data: String,
    /// Whether it still says something of a project.
    pub is_project: bool,
    /// The change to its memory.
    pub change: Change,
}

struct PackedRewrite {
    row: i64,
    memory: Option<String>,
    left: Option<(String, bool, PackedChange)>,
}

impl Store {
    /// Erases facts from rows, memories, words and the WAL, all or nothing; how many facts are gone,
    /// those included that only the emptied observations held. None: an observation with one of the
    /// facts was learned meanwhile, read again.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub fn erase_facts(&self, erasure: Erasure, fade: Fade, spell: Spell) -> Result<Option<usize>> {
        let Erasure { scope, facts, rewritten } = erasure;
        let pack = |one: Rewritten| {
            let left = one
                .left
                .map(|left| Ok((left.data, left.is_project, self.pack_change(left.change)?)));
            Ok(PackedRewrite { row: one.row, memory: one.memory, left: left.transpose()? })
        };
        let rewritten = rewritten.into_iter().map(pack).collect::<Result<Vec<_>>>()?;
        let guard = self.model_guard();
        self.writer.call(move |tx| {
            guard(tx)?;
            let Some(scope_row) = known_scope(tx, &scope)? else { return Ok(Some(0)) };
            if holders(tx, &facts)? != rewritten.iter().map(|one| one.row).collect::<Vec<_>>() {
                return Ok(None);
            }
            tx.erases();
            let mut states = keys_of_states(tx, &facts)?;
            let mut erased = 0;
            for fact in &facts {
                erased += tx
                    .prepare_cached("DELETE FROM recall_facts WHERE row = ?1")?
                    .execute([fact])?;
            }
            for one in &rewritten {
                erased += one.apply(tx, &scope, (fade, spell), &mut states)?;
            }
            for key in states {
                rebuild_state(tx, scope_row, &key)?;
            }
            drop_scope_if_empty(tx, scope_row)?;
            Ok(Some(erased))
        })
    }
}

impl PackedRewrite {
    /// How many facts went with the observation.
    fn apply(
        &self,
        tx: &Tx<'_>,
        scope: &Scope,
        how: (Fade, Spell),
        states: &mut Vec<String>,
    ) -> Outcome<usize> {
        let scope = [ScopeFilter::from(scope.clone())];
        let place = self.memory.as_ref().map_or(Ok(None), |id| find(tx, id, &scope))?;
        match (&self.left, place) {
            (Some((data, is_project, change)), place) => {
                let sql =
                    "UPDATE recall_observations SET data = ?2, is_project = ?3 WHERE row = ?1";
                tx.prepare_cached(sql)?.execute(params![self.row, data, is_project])?;
                place.map_or(Ok(()), |place| change.apply(tx, place.row))?;
                Ok(0)
            }
            (None, place) => {
                place.map_or(Ok(()), |place| remove_one(tx, &place))?;
                remove_observation(tx, self.row, how, states)
            }
        }
    }
}

/// Removes an observation; its other facts are counted again and spelt as those that are left spell
/// them, those that nothing holds any more are erased.
pub(super) fn remove_observation(
    tx: &Tx<'_>,
    observation: i64,
    (fade, spell): (Fade, Spell),
    states: &mut Vec<String>,
) -> Outcome<usize> {
    let sql = "SELECT fact FROM recall_sightings WHERE observation = ?1";
    let facts = numbers(tx, sql, observation)?;
    states.extend(keys_of_states(tx, &facts)?);
    tx.prepare_cached("DELETE FROM recall_observations WHERE row = ?1")?.execute([observation])?;
    let mut erased = 0;
    for fact in facts {
        let mut counted = FactRow::uncounted(fact);
        recount(tx, &mut counted, i64::MAX, fade)?;
        if counted.count == 0 {
            erased +=
                tx.prepare_cached("DELETE FROM recall_facts WHERE row = ?1")?.execute([fact])?;
        } else {
            let sql = "UPDATE recall_facts SET count = ?2, first_at = ?3, last_at = ?4, weight = ?5
                WHERE row = ?1";
            let FactRow { count, first_at, last_at, weight, .. } = counted;
            let values = params![fact, count as i64, first_at, last_at, weight];
            tx.prepare_cached(sql)?.execute(values)?;
            respell(tx, fact, spell)?;
        }
    }
    Ok(erased)
}

/// Gives a fact the spelling of the last observation that holds it.
fn respell(tx: &Tx<'_>, fact: i64, spell: Spell) -> Outcome<()> {
    let sql = "SELECT o.data, f.identity FROM recall_sightings s
        JOIN recall_observations o ON o.row = s.observation JOIN recall_facts f ON f.row = s.fact
        WHERE s.fact = ?1 ORDER BY s.at DESC, o.row DESC LIMIT 1";
    let last = tx.prepare_cached(sql)?.query_row([fact], |row| Ok((row.get(0)?, row.get(1)?)));
    let (data, identity): (String, String) = last?;
    if let Some(value) = spell(&data, &identity) {
        let sql = "UPDATE recall_facts SET value = ?2 WHERE row = ?1 AND value <> ?2";
        tx.prepare_cached(sql)?.execute(params![fact, value])?;
    }
    Ok(())
}

/// The observations that hold one of the facts, in rising order.
fn holders(tx: &Tx<'_>, facts: &[i64]) -> Outcome<Vec<i64>> {
    let sql = "SELECT DISTINCT observation FROM recall_sightings WHERE fact = ?1";
    let mut found = Vec::new();
    for fact in facts {
        found.extend(numbers(tx, sql, *fact)?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn keys_of_states(tx: &Tx<'_>, facts: &[i64]) -> Outcome<Vec<String>> {
    let sql = "SELECT key FROM recall_facts WHERE row = ?1 AND is_state";
    let mut keys = Vec::new();
    for fact in facts {
        keys.extend(tx.prepare_cached(sql)?.query_row([fact], |row| row.get(0)).optional()?);
    }
    Ok(keys)
}

fn numbers(tx: &Tx<'_>, sql: &str, of: i64) -> Outcome<Vec<i64>> {
    let mut select = tx.prepare_cached(sql)?;
    let rows = select.query_map([of], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The names in a scope must not stay behind when nothing else does.
pub(super) fn drop_scope_if_empty(tx: &Tx<'_>, scope: i64) -> Outcome<()> {
    let sql = "DELETE FROM recall_scopes WHERE id = ?1
        AND NOT EXISTS (SELECT 1 FROM recall_observations WHERE scope = ?1)";
    tx.prepare_cached(sql)?.execute([scope])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::preferences::tests::{observation, unfading, unspelt};
    use super::super::testing::{Folder, model, tokens};
    use super::*;

    fn ann() -> Scope {
        Scope { user: Some("ann".into()), project: None }
    }

    /// Erases the fact `key`; what else its observations held stays.
    fn erase(store: &Store, key: &str) -> Option<usize> {
        let facts = store.all_facts(&ann()).unwrap();
        let fact = facts.iter().find(|fact| fact.identity == key).unwrap().row;
        let rewritten = store.observations_of(&ann(), &[fact]).unwrap().into_iter().map(|row| {
            let words = row.data.split('"').nth(3).unwrap_or_default();
            let left: Vec<&str> = words.split(' ').filter(|word| *word != key).collect();
            let left = (!left.is_empty()).then(|| {
                let data = format!("{{\"holds\":\"{}\"}}", left.join(" "));
                let seed = row.row as u64 + 1_000_000;
                let text = (left.join(" "), tokens(seed, left.len(), &model("one")));
                let change = Change {
                    text: Some(text),
                    data: Some(Some(data.clone())),
                    ..Change::default()
                };
                Left { data, is_project: true, change }
            });
            Rewritten { row: row.row, memory: row.memory, left }
        });
        let erasure = Erasure { scope: ann(), facts: vec![fact], rewritten: rewritten.collect() };
        store.erase_facts(erasure, unfading, unspelt).unwrap()
    }

    #[test]
    fn erasing_among_thousands_leaves_nothing() {
        let folder = Folder::new();
        let store = folder.open();
        let word = |i: u64| format!("w{:012x}", i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16);
        let mut state = 7_u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        let (mut next, mut live, mut gone) = (0, Vec::new(), Vec::new());
        for round in 0..150 {
            let mut batch = Vec::new();
            for _ in 0..=random(12) {
                let mut words: Vec<String> = (next..next + 3).map(word).collect();
                next += 3;
                live.extend(words.iter().cloned());
                // Shared with other observations, which are rewritten once more.
                words.push(format!("shared{}", random(5)));
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                batch.push(observation("ann", round, &words, None));
            }
            store.learn(batch, unfading).unwrap();
            for _ in 0..random(6).min(live.len() as u64) {
                let word = live.swap_remove(random(live.len() as u64) as usize);
                assert_eq!(erase(&store, &word), Some(1));
                gone.push(word);
            }
        }
        let traces: Vec<_> = gone.iter().map(|word| word.clone().into_bytes()).collect();
        let left = folder.left_of(&traces);
        let sample = left.first().map(|trace| String::from_utf8_lossy(trace));
        assert!(left.is_empty(), "{} of {} are left: {sample:?}", left.len(), traces.len());
        let others: Vec<_> = live.iter().map(|word| word.clone().into_bytes()).collect();
        let there: std::collections::HashSet<_> = folder.left_of(&others).into_iter().collect();
        assert_eq!(there.len(), live.len(), "the others are there");
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_observation_learned_meanwhile_is_not_overlooked() {
        let folder = Folder::new();
        let store = folder.open();
        store.learn(vec![observation("ann", 1, &["x"], None)], unfading).unwrap();
        let fact = store.all_facts(&ann()).unwrap()[0].row;
        let rows = store.observations_of(&ann(), &[fact]).unwrap();
        store.learn(vec![observation("ann", 2, &["x", "y"], None)], unfading).unwrap();
        let rewritten =
            rows.into_iter().map(|row| Rewritten { row: row.row, memory: row.memory, left: None });
        let erasure = Erasure { scope: ann(), facts: vec![fact], rewritten: rewritten.collect() };
        assert_eq!(store.erase_facts(erasure, unfading, unspelt).unwrap(), None);
        assert_eq!(store.all_facts(&ann()).unwrap()[0].count, 2, "nothing was erased");
        assert_eq!(erase(&store, "x"), Some(1));
        assert_eq!(store.all_facts(&ann()).unwrap().len(), 1);
    }
}
