//! The lock of the index. Searches share it; whoever waits goes before the upkeep.
//!
//! usearch can add while others search, but reads its entry point and top level unlocked then
//! (2.26.6, `index.hpp`). An add takes a third of a millisecond, so here it has the lock to itself.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use super::flat::Flat;
use super::graph::Graph;
use super::image::SavedGraph;
use super::probe::Probe;
use super::shortlist;

/// What the lock guards.
pub(super) struct State {
    pub(super) flat: Flat,
    pub(super) graph: Option<Graph>,
    /// A graph as read from a file, for the upkeep to bring to life.
    pub(super) saved: Option<SavedGraph>,
    /// What the last probe of the list found, and how many vectors there were.
    pub(super) list: Option<(Probe, usize)>,
    /// Counts puts and removals: work prepared outside the lock is stale when it moved.
    pub(super) changes: u64,
}

impl State {
    pub(super) fn new(flat: Flat, graph: Option<Graph>) -> State {
        State { flat, graph, saved: None, list: None, changes: 0 }
    }

    /// Slots before this one are in the graph, where they live.
    pub(super) fn graphed(&self) -> usize {
        self.graph.as_ref().map_or(0, Graph::graphed)
    }

    /// How many slots a search looks at closer, after the signs of all.
    pub(super) fn list_length(&self) -> usize {
        self.list.map_or(shortlist::LENGTH, |(probe, _)| probe.expansion)
    }

    /// Whether the last probe of the list is older than the last fifth of the vectors.
    pub(super) fn wants_list_probe(&self) -> bool {
        self.list.is_none_or(|(_, vectors)| self.flat.live() * 5 >= vectors * 6 + 5)
    }

    pub(super) fn tail(&self) -> usize {
        self.flat.slots() - self.graphed()
    }
}

/// A read-write lock with a side door for the upkeep.
pub(super) struct Gate {
    state: RwLock<State>,
    waiting: AtomicUsize,
}

impl Gate {
    pub(super) fn new(state: State) -> Gate {
        Gate { state: RwLock::new(state), waiting: AtomicUsize::new(0) }
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        state
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        state
    }

    /// One short step of the upkeep. Without the pause before it, a loop of steps would take the lock
    /// again before a woken reader could.
    pub(super) fn step<T>(&self, step: impl FnOnce(&mut State) -> T) -> T {
        self.give_way();
        step(&mut self.state.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for those who wait, but not for ever: a busy store must get its graph too.
    fn give_way(&self) {
        for _ in 0..20 {
            if self.waiting.load(Ordering::Relaxed) == 0 {
                return;
            }
            std::thread::sleep(Duration::from_micros(50));
        }
    }
}
