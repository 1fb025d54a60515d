//! How often and when memories were found: counted in memory, written along with the next write.
//! A search must not wait for a disk.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::params;

use super::calls::Tx;
use super::errors::Outcome;
use super::response_counts::ResponseCounts;

/// Counts not written yet. Lost when the process is killed; they are no acknowledged write.
#[derive(Default)]
pub(super) struct Touches {
    rows: Mutex<HashMap<u64, Touch>>,
    /// What the response cache counts; those are put back when they could not be written.
    pub(super) responses: ResponseCounts,
}

#[derive(Clone, Copy, Default)]
struct Touch {
    count: i64,
    at: i64,
}

impl Touches {
    pub(super) fn add(&self, rows: &[u64]) {
        let at = now_ms();
        let mut touches = self.lock();
        for row in rows {
            let touch = touches.entry(*row).or_default();
            *touch = Touch { count: touch.count + 1, at };
        }
    }

    /// Whether `row` was found since the counts were last written.
    pub(super) fn holds(&self, row: u64) -> bool {
        self.lock().contains_key(&row)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty() && self.responses.is_empty()
    }

    /// Drops all counts.
    pub(super) fn clear(&self) {
        self.lock().clear();
        self.responses.clear();
    }

    /// Writes all counts. What cannot be written is dropped: a count is worth no failed call.
    pub(super) fn write(&self, tx: &Tx<'_>) {
        let touches = std::mem::take(&mut *self.lock());
        if let Err(fail) = write_all(tx, &touches) {
            tracing::warn!(reason = ?fail, "access counts were not written");
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Touch>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_all(tx: &Tx<'_>, touches: &HashMap<u64, Touch>) -> Outcome<()> {
    let sql = "UPDATE memories SET access_count = access_count + ?2,
        accessed_at = max(ifnull(accessed_at, 0), ?3) WHERE row = ?1";
    for (row, touch) in touches {
        tx.prepare_cached(sql)?.execute(params![*row as i64, touch.count, touch.at])?;
    }
    Ok(())
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::testing::{Folder, memory};

    #[test]
    fn counts_are_written_later() {
        let folder = Folder::new();
        let store = folder.open();
        store.insert(vec![memory("a"), memory("b")]).unwrap();
        let count = |store: &super::super::Store| {
            store
                .records(&[1, 2])
                .unwrap()
                .into_iter()
                .map(|r| r.unwrap().access_count)
                .collect::<Vec<_>>()
        };
        store.touch(&[1, 1, 2, 77]);
        assert_eq!(count(&store), [0, 0]);
        store.flush().unwrap();
        assert_eq!(count(&store), [2, 1]);
        assert!(store.records(&[1]).unwrap()[0].as_ref().unwrap().accessed_at.is_some());
        store.touch(&[1]);
        store.insert(vec![memory("c")]).unwrap();
        assert_eq!(count(&store), [3, 1], "along with the next write");
        store.touch(&[2]);
        drop(store);
        assert_eq!(count(&folder.open()), [3, 2], "on closing");
    }

    #[test]
    fn dropped_counts_let_nobody_wait_at_the_end() {
        let folder = Folder::new();
        let store = folder.open_with(|options| options.busy_timeout_ms = 2_000);
        store.insert(vec![memory("a")]).unwrap();
        let other = rusqlite::Connection::open(folder.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        store.touch(&[1]);
        store.drop_counts();
        let begun = std::time::Instant::now();
        store.close();
        assert!(begun.elapsed().as_millis() < 1_000, "{:?}", begun.elapsed());
    }
}
