//! A warm memory that was found or read becomes hot again: later, on the upkeep thread, a few at a
//! time. A search never waits for it, and a thousand searches cost a few transactions.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::open::Open;
use crate::control::Control;
use crate::error::Result;
use crate::store::Reencoded;
use crate::tokens::Ratio;

/// Memories that may wait; one more is left warm until it is found again.
const MOST_WAITING: usize = 1_024;
/// Memories encoded and written at once: some 50 ms of one core.
const BATCH: usize = 32;
/// How long the first one waits, for others to join it, and the pause between two batches.
pub(super) const DELAY: Duration = Duration::from_secs(1);

/// Warm memories that were used.
#[derive(Default)]
pub(super) struct Warming {
    waiting: Mutex<BTreeSet<u64>>,
    /// Moves under way: they and warming would undo each other.
    holds: AtomicUsize,
}

/// While it lives, nothing is warmed.
pub(super) struct Hold<'a>(&'a Warming);

impl Warming {
    /// Notes those memories; true when they are the first that wait.
    fn add(&self, rows: &[u64]) -> bool {
        let mut waiting = self.lock();
        let was_empty = waiting.is_empty();
        for row in rows {
            if waiting.len() < MOST_WAITING {
                waiting.insert(*row);
            }
        }
        was_empty && !waiting.is_empty()
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.holds.load(Ordering::Acquire) == 0 && !self.lock().is_empty()
    }

    pub(super) fn hold(&self) -> Hold<'_> {
        self.holds.fetch_add(1, Ordering::AcqRel);
        Hold(self)
    }

    fn take(&self) -> Vec<u64> {
        let mut waiting = self.lock();
        let batch: Vec<u64> = waiting.iter().take(BATCH).copied().collect();
        waiting.retain(|row| !batch.contains(row));
        batch
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.0.holds.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Open {
    /// Counts an access of each of `rows`; those that are warm will be hot again.
    pub(super) fn touch(&self, rows: &[u64], warm: &[u64]) {
        self.store.touch(rows);
        if !warm.is_empty() && self.warming.add(warm) {
            self.upkeep.wake();
        }
    }

    /// Makes a batch of warm memories hot.
    pub(super) fn warm_up(&self) -> Result<()> {
        if !self.warming.is_wanted() || !self.store.model_matches() {
            return Ok(());
        }
        let batch = self.store.warm_texts(&self.warming.take())?;
        let texts: Vec<(&str, Ratio)> =
            batch.iter().map(|one| (one.text.as_str(), one.ratio)).collect();
        let encoded = self.encoder.compress_many(&texts, &Control::new())?;
        let encoded = batch.iter().zip(encoded).map(|(one, tokens)| Reencoded {
            row: one.row,
            changed: one.changed,
            tokens,
        });
        self.store.warm_up(&encoded.collect::<Vec<_>>())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_wakes_once() {
        let warming = Warming::default();
        assert!(!warming.add(&[]) && !warming.is_wanted());
        assert!(warming.add(&[3, 3, 1]));
        assert!(!warming.add(&[2]), "the thread knows already");
        let hold = warming.hold();
        assert!(!warming.is_wanted());
        drop(hold);
        assert!(warming.is_wanted());
        assert_eq!(warming.take(), [1, 2, 3]);
        warming.add(&(0..5_000).collect::<Vec<_>>());
        assert_eq!(warming.lock().len(), MOST_WAITING);
        assert_eq!(warming.take().len(), BATCH);
    }
}
