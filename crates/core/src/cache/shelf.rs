//! The entries in memory: their vectors by compartment, and the readings of those looked at.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::guard::Reading;
use crate::error::Result;
use crate::index::{Allow, Candidate, Item, VectorIndex};

/// Readings kept at most, some kilobytes each; past that every other one goes.
const READINGS: usize = 8192;
/// Steps of upkeep in one go.
const STEP: usize = 64;

/// Derived from the store, filled by its owner.
pub(crate) struct Shelf {
    index: VectorIndex,
    readings: Mutex<HashMap<u64, Arc<Reading>>>,
}

impl Shelf {
    pub(crate) fn new(dims: usize, model: &str) -> Result<Shelf> {
        Ok(Shelf { index: VectorIndex::new(dims, model)?, readings: Mutex::default() })
    }

    pub(crate) fn put(&self, items: &[Item]) -> Result<()> {
        self.lock().retain(|row, _| !items.iter().any(|item| item.row == *row));
        self.index.put(items)
    }

    /// Drops an entry that is gone.
    pub(crate) fn remove(&self, row: u64) {
        self.index.remove(&[row]);
        self.lock().remove(&row);
    }

    pub(crate) fn clear(&self) {
        let rows: Vec<u64> = self.index.rows().into_iter().collect();
        self.index.remove(&rows);
        self.lock().clear();
    }

    /// The nearest entries of a compartment, best first.
    pub(crate) fn nearest(
        &self,
        vector: &[f32],
        compartment: u32,
        limit: usize,
    ) -> Result<Vec<Candidate>> {
        self.index.search(vector, Allow::Partitions(&[compartment]), limit)
    }

    /// The reading of an entry, made by `read` the first time.
    pub(crate) fn reading(&self, row: u64, read: impl FnOnce() -> Reading) -> Arc<Reading> {
        if let Some(known) = self.lock().get(&row) {
            return Arc::clone(known);
        }
        let reading = Arc::new(read());
        let mut readings = self.lock();
        if readings.len() >= READINGS {
            let mut stays = false;
            readings.retain(|_, _| {
                stays = !stays;
                stays
            });
        }
        readings.insert(row, Arc::clone(&reading));
        reading
    }

    /// Some of the index's own upkeep; whether there is more to do.
    pub(crate) fn advance(&self) -> Result<bool> {
        self.index.advance(STEP)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Reading>>> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
