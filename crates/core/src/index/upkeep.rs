//! The work in the background: compacting, moving new vectors into the graph, probing it.

use super::gate::State;
use super::graph::Graph;
use super::plan::Tuning;
use super::probe;
use super::vector_index::VectorIndex;
use crate::error::Result;

/// What the upkeep would do next.
#[derive(Debug, PartialEq, Eq)]
enum Job {
    Restore,
    Compact,
    Grow,
    Probe,
    ProbeList,
}

impl VectorIndex {
    /// Does some of the upkeep: moves up to `max` vectors into the graph, or compacts, or probes.
    /// Tells whether there is more to do. Call it from a thread of its own until there is not, after
    /// every change. Searches and changes go on meanwhile, and go first: they wait for one vector at
    /// most, under a millisecond. Only compacting holds changes up for longer, while it copies.
    ///
    /// A second caller waits for the first.
    ///
    /// # Errors
    /// `PM_INTERNAL` when usearch refuses; searches go on without what it refused.
    pub fn advance(&self, max: usize) -> Result<bool> {
        let _one_at_a_time = self.upkeep.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match self.next_job() {
            None => return Ok(false),
            Some(Job::Restore) => self.restore(),
            Some(Job::Compact) => self.compact(),
            Some(Job::Grow) => self.grow(max)?,
            Some(Job::Probe) => probe::probe(&self.gate)?,
            Some(Job::ProbeList) => probe::probe_list(&self.gate)?,
        }
        Ok(self.next_job().is_some())
    }

    /// Waits until a graph read from a file lives.
    pub(super) fn settle(&self) {
        let _one_at_a_time = self.upkeep.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.restore();
    }

    /// Brings a graph read from a file to life; one that usearch refuses is built anew by growing.
    pub(super) fn restore(&self) {
        let Some(saved) = self.gate.step(|state| state.saved.take()) else { return };
        if self.gate.read().flat.live() * 2 < self.tuning.graph_from {
            return; // Of a time when fewer vectors had a graph, or more lived.
        }
        let restored = saved.restore(&self.gate.read().flat);
        match restored {
            Ok(graph) => self.gate.step(|state| state.graph = Some(graph)),
            Err(reason) => tracing::warn!("the saved graph is built anew: {reason}"),
        }
    }

    fn next_job(&self) -> Option<Job> {
        next_job(&self.gate.read(), self.tuning)
    }

    /// Copies what lives, beside the searches, then puts it in place. The graph is dropped: its keys
    /// are slots. Until the new one has caught up, searches scan.
    fn compact(&self) {
        let state = self.gate.read();
        let (mut compact, changes) = (state.flat.compacted(), state.changes);
        drop(state);
        let mut state = self.gate.write();
        if state.changes != changes {
            compact = state.flat.compacted();
        }
        let old = (std::mem::replace(&mut state.flat, compact), state.graph.take());
        drop(state);
        drop(old); // Outside the lock: a graph of 100,000 nodes takes milliseconds to free.
    }

    fn grow(&self, max: usize) -> Result<()> {
        if self.gate.read().graph.is_none() {
            let graph = Graph::new(self.dims())?;
            self.gate.step(|state| state.graph = Some(graph));
        }
        for _ in 0..max {
            if !self.gate.step(add_next)? {
                break;
            }
        }
        Ok(())
    }
}

/// Takes one slot into the graph; tells whether there was one.
fn add_next(state: &mut State) -> Result<bool> {
    let State { flat, graph: Some(graph), .. } = state else { return Ok(false) };
    if graph.graphed() >= flat.slots() {
        return Ok(false);
    }
    graph.add_next(flat)?;
    Ok(true)
}

fn next_job(state: &State, tuning: Tuning) -> Option<Job> {
    let flat = &state.flat;
    if state.saved.is_some() {
        return Some(Job::Restore);
    }
    if tuning.should_compact(flat.dead(), flat.slots()) {
        return Some(Job::Compact);
    }
    match &state.graph {
        _ if flat.live() >= tuning.list_from && state.wants_list_probe() => Some(Job::ProbeList),
        None => (flat.live() >= tuning.graph_from).then_some(Job::Grow),
        Some(_) if state.tail() > 0 => Some(Job::Grow),
        Some(graph) => graph.wants_probe().then_some(Job::Probe),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::index::Mode;
    use crate::index::twin::{clustered, items, tiny};

    fn next(index: &VectorIndex) -> Option<Job> {
        index.next_job()
    }

    #[test]
    fn a_small_index_needs_no_upkeep() {
        let index = VectorIndex::new(8, "toy").unwrap();
        index.put(&items(0, clustered(50, 8, 3, 1))).unwrap();
        assert!(!index.advance(100).unwrap());
        assert_eq!(index.stats().mode, Mode::Exact);
    }

    #[test]
    fn it_grows_probes_and_rests() {
        let index = tiny(8);
        index.put(&items(0, clustered(100, 8, 3, 1))).unwrap();
        assert!(index.advance(30).unwrap());
        assert_eq!((index.stats().graphed, index.stats().mode), (30, Mode::Building));
        assert!(index.advance(1000).unwrap());
        assert_eq!((index.stats().graphed, next(&index)), (100, Some(Job::Probe)));
        assert!(!index.advance(1).unwrap());
        assert_eq!(index.stats().mode, Mode::Graph);
        assert!(index.stats().recall.unwrap() > 0.9);
    }

    #[test]
    fn a_fifth_more_is_probed_again() {
        let index = tiny(8);
        index.put(&items(0, clustered(100, 8, 3, 1))).unwrap();
        while index.advance(1000).unwrap() {}
        index.put(&items(100, clustered(10, 8, 3, 2))).unwrap();
        assert!(!index.advance(1000).unwrap(), "a tenth more");
        index.put(&items(110, clustered(20, 8, 3, 2))).unwrap();
        assert!(index.advance(1000).unwrap());
        assert_eq!(next(&index), Some(Job::Probe));
    }

    #[test]
    fn many_erased_are_compacted_and_the_graph_built_anew() {
        let index = tiny(8);
        index.put(&items(0, clustered(100, 8, 3, 1))).unwrap();
        while index.advance(1000).unwrap() {}
        index.remove(&(0..40).collect::<Vec<u64>>());
        assert_eq!((index.stats().dead, next(&index)), (40, Some(Job::Compact)));
        assert!(index.advance(1).unwrap());
        assert_eq!((index.stats().dead, index.stats().graphed), (0, 0));
        while index.advance(1000).unwrap() {}
        assert_eq!((index.stats().graphed, index.stats().vectors), (60, 60));
    }
}
