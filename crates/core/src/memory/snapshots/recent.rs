//! Texts of states that were saved or restored last, so that an autosave needs no restore first.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes kept at most. A project without its audio is rarely over a few megabytes.
const LIMIT: usize = 32 << 20;

/// Texts by the rows of their states, without their audio; the ones used last.
#[derive(Default)]
pub(in crate::memory) struct Recent {
    texts: Mutex<VecDeque<(i64, Arc<Vec<u8>>)>>,
}

impl Recent {
    pub(super) fn get(&self, state: i64) -> Option<Arc<Vec<u8>>> {
        let mut texts = self.lock();
        let at = texts.iter().position(|(row, _)| *row == state)?;
        let found = texts.remove(at)?;
        let text = Arc::clone(&found.1);
        texts.push_front(found);
        Some(text)
    }

    pub(super) fn put(&self, state: i64, text: Arc<Vec<u8>>) {
        if text.len() > LIMIT {
            return;
        }
        let mut texts = self.lock();
        texts.retain(|(row, _)| *row != state);
        texts.push_front((state, text));
        while texts.iter().map(|(_, text)| text.len()).sum::<usize>() > LIMIT {
            texts.pop_back();
        }
    }

    /// Forgets everything: what was erased must not stay in memory either.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(i64, Arc<Vec<u8>>)>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_used_are_kept_within_the_limit() {
        let recent = Recent::default();
        let text = |bytes| Arc::new(vec![b'x'; bytes]);
        recent.put(1, text(LIMIT / 2));
        recent.put(2, text(LIMIT / 2));
        assert!(recent.get(1).is_some(), "used");
        recent.put(3, text(LIMIT / 4));
        assert!(recent.get(2).is_none(), "the one not used goes");
        assert!(recent.get(1).is_some() && recent.get(3).is_some());
        recent.put(4, text(LIMIT + 1));
        assert!(recent.get(4).is_none(), "too large for all");
        recent.clear();
        assert!(recent.get(1).is_none());
    }
}
