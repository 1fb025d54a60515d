//! What the index reads: the vectors that changed since it was last in step.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::errors::Outcome;
use super::handle::Store;
use super::schema;
use super::vectors::blob_of;
use crate::error::Result;

/// One page of changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Changes {
    /// The changes after `after_row`, by rising row.
    Page {
        /// What changed. May be empty though there are more pages.
        changes: Vec<VectorChange>,
        /// Where the next page begins; none after the last.
        next: Option<u64>,
    },
    /// So old that removals since then are no longer known: the index must be built anew, from
    /// generation 0.
    TooOld,
}

/// What happened to the vectors of one memory.
#[derive(Debug, Clone, PartialEq)]
pub enum VectorChange {
    /// It has these vectors now.
    Put {
        /// The memory.
        row: u64,
        /// Its kind and scope: see [`Store::partitions`].
        partition: u32,
        /// Its vectors, one after the other: the whole text first when there are several memory
        /// tokens, then each of them.
        vectors: Vec<f32>,
    },
    /// It has none any more.
    Remove {
        /// The memory.
        row: u64,
    },
}

enum Step {
    Put { row: i64, partition: u32 },
    Remove { row: i64 },
}

impl Step {
    fn row(&self) -> i64 {
        let (Step::Put { row, .. } | Step::Remove { row }) = self;
        *row
    }
}

const CHANGED: &str = "SELECT row, partition FROM memories WHERE changed > ?1 AND row > ?2
    UNION ALL SELECT row, NULL FROM tombstones WHERE generation > ?1 AND row > ?2
    ORDER BY 1 LIMIT ?3";
/// From the beginning: in the order of the table, and nothing was removed before.
const EVERYTHING: &str =
    "SELECT row, partition FROM memories WHERE ?1 = 0 AND row > ?2 ORDER BY row LIMIT ?3";

impl Store {
    /// How often vectors changed. Every change makes it larger, in whichever process; reading it
    /// takes microseconds.
    pub fn generation(&self) -> Result<u64> {
        self.read(|conn| Ok(schema::setting(conn, "generation")? as u64))
    }

    /// The vectors of the opened model that changed after `generation`, at most `limit` memories,
    /// from the row after `after_row` on.
    ///
    /// Read [`Store::generation`] before the first page: an index that applied all pages is in step
    /// with at least that generation. Changes made between two pages may come now or next time,
    /// and applying one twice does no harm.
    pub fn changes_since(&self, generation: u64, after_row: u64, limit: usize) -> Result<Changes> {
        let (since, after, limit) = (generation as i64, after_row as i64, limit.max(1));
        self.read_snapshot(|conn| {
            if since != 0 && since < schema::setting(conn, "tombstones_since")? {
                return Ok(Changes::TooOld);
            }
            let steps = steps(conn, since, after, limit)?;
            let full = steps.len() == limit;
            let next = steps.last().filter(|_| full).map(|last| last.row() as u64);
            let changes = steps.into_iter().map(|step| self.read_step(conn, since, &step));
            let changes = changes.filter_map(Outcome::transpose).collect::<Outcome<_>>()?;
            Ok(Changes::Page { changes, next })
        })
    }

    /// Drops what is known about removals up to `generation`. Call it once every index of this
    /// store is saved at that generation or later; one that is older will be told to start anew.
    pub fn forget_tombstones_up_to(&self, generation: u64) -> Result<()> {
        let generation = generation as i64;
        self.writer.call(move |tx| {
            let sql = "DELETE FROM tombstones WHERE generation <= ?1";
            if tx.prepare_cached(sql)?.execute([generation])? > 0 {
                let since = schema::setting(tx, "tombstones_since")?.max(generation);
                schema::set_setting(tx, "tombstones_since", since)?;
            }
            Ok(())
        })
    }

    /// The rows that have vectors of the opened model: what a complete index holds.
    pub fn rows_with_tokens(&self) -> Result<HashSet<u64>> {
        self.read(|conn| {
            let mut select = conn.prepare_cached("SELECT row FROM tokens WHERE model = ?1")?;
            let rows = select.query_map([self.model_row], |row| row.get::<_, i64>(0))?;
            Ok(rows.map(|row| row.map(|row| row as u64)).collect::<rusqlite::Result<_>>()?)
        })
    }

    /// A memory without vectors of the opened model is told as removed: it may have had some.
    fn read_step(
        &self,
        conn: &Connection,
        since: i64,
        step: &Step,
    ) -> Outcome<Option<VectorChange>> {
        let Step::Put { row, partition } = *step else {
            return Ok(Some(VectorChange::Remove { row: step.row() as u64 }));
        };
        let sql = "SELECT dims, dtype, whole, data FROM tokens WHERE row = ?1 AND model = ?2";
        let mut select = conn.prepare_cached(sql)?;
        let mut found = select.query(params![row, self.model_row])?;
        let Some(columns) = found.next()? else {
            return Ok((since > 0).then_some(VectorChange::Remove { row: row as u64 }));
        };
        let blob = blob_of(columns, 0)?;
        let mut vectors = Vec::new();
        if let Some(whole) = blob.whole {
            blob.dtype.decode_into(whole, blob.dims, &mut vectors)?;
        }
        blob.dtype.decode_into(blob.tokens, blob.dims, &mut vectors)?;
        Ok(Some(VectorChange::Put { row: row as u64, partition, vectors }))
    }
}

fn steps(conn: &Connection, since: i64, after: i64, limit: usize) -> Outcome<Vec<Step>> {
    let sql = if since == 0 { EVERYTHING } else { CHANGED };
    let mut select = conn.prepare_cached(sql)?;
    let steps = select.query_map(params![since, after, limit as i64], |columns| {
        let row = columns.get(0)?;
        Ok(match columns.get(1)? {
            Some(partition) => Step::Put { row, partition },
            None => Step::Remove { row },
        })
    })?;
    Ok(steps.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use std::collections::BTreeMap;

    use super::super::testing::{DIMS, Folder, memory, nobody, partitions, tokens};
    use super::super::types::Change;
    use super::*;

    /// What an index holds: the vectors of each row.
    type Twin = BTreeMap<u64, Vec<f32>>;

    /// Brings a twin in step, in small pages; the generation it is at then.
    fn catch_up(store: &Store, twin: &mut Twin, since: u64) -> u64 {
        let generation = store.generation().unwrap();
        let mut after = Some(0);
        while let Some(row) = after {
            let Changes::Page { changes, next } = store.changes_since(since, row, 3).unwrap()
            else {
                panic!("too old")
            };
            for change in changes {
                match change {
                    VectorChange::Put { row, vectors, .. } => drop(twin.insert(row, vectors)),
                    VectorChange::Remove { row } => drop(twin.remove(&row)),
                }
            }
            after = next;
        }
        generation
    }

    #[test]
    fn an_index_that_follows_equals_one_made_anew() {
        let folder = Folder::new();
        let store = folder.open();
        let (mut follower, mut at, mut ids) = (Twin::new(), 0, Vec::new());
        for round in 0..12 {
            let items = (0..5).map(|i| memory(&format!("round {round} number {i}"))).collect();
            ids.extend(store.insert(items).unwrap());
            if round % 3 == 1 {
                at = catch_up(&store, &mut follower, at);
            }
            let text = Some(("changed".to_owned(), tokens(round, 2, store.model())));
            let change = Change { text, ..Change::default() };
            store.update(&ids[round as usize], &nobody(), change).unwrap();
            let last = ids.pop().unwrap();
            store.remove(&[last], &nobody()).unwrap();
        }
        catch_up(&store, &mut follower, at);
        let mut anew = Twin::new();
        catch_up(&store, &mut anew, 0);
        assert_eq!(follower, anew);
        assert_eq!(anew.len(), ids.len());
    }

    #[test]
    fn vectors_are_the_whole_and_then_the_tokens() {
        let folder = Folder::new();
        let store = folder.open();
        store.insert(vec![memory("one"), memory("one two")]).unwrap();
        let Changes::Page { changes, next } = store.changes_since(0, 0, 10).unwrap() else {
            panic!("too old")
        };
        assert_eq!(next, None);
        for (change, tokens) in changes.iter().zip([1, 2]) {
            let VectorChange::Put { row, partition, vectors } = change else { panic!("removed") };
            let expected = store.tokens(*row).unwrap().unwrap();
            let whole = if tokens > 1 { expected.whole.clone() } else { Vec::new() };
            assert_eq!(*vectors, [whole, expected.data].concat());
            assert_eq!(vectors.len() / DIMS, if tokens > 1 { 3 } else { 1 });
            assert_eq!(vec![*partition], partitions(&store));
        }
    }

    #[test]
    fn an_index_older_than_the_tombstones_starts_anew() {
        let folder = Folder::new();
        let store = folder.open();
        let ids = store.insert(vec![memory("a"), memory("b")]).unwrap();
        let before = store.generation().unwrap();
        store.remove(&ids[..1], &nobody()).unwrap();
        let after = store.generation().unwrap();
        assert_eq!(store.stats().unwrap().tombstones, 1);
        store.forget_tombstones_up_to(after).unwrap();
        assert_eq!(store.stats().unwrap().tombstones, 0);
        assert_eq!(store.changes_since(before, 0, 9).unwrap(), Changes::TooOld);
        assert_ne!(store.changes_since(after, 0, 9).unwrap(), Changes::TooOld);
        assert_ne!(store.changes_since(0, 0, 9).unwrap(), Changes::TooOld);
    }

    #[test]
    fn generations_grow_across_stores_of_one_file() {
        let folder = Folder::new();
        let (store, other) = (folder.open(), folder.open());
        for expected in 1..5 {
            store.insert(vec![memory("a")]).unwrap();
            assert_eq!(other.generation().unwrap(), expected);
        }
    }
}
