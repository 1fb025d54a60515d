//! The graph: usearch's HNSW over the slots of the flat array, with the same bytes.
//!
//! Nothing is ever removed from it: erased slots are filtered out, and the graph is built anew when
//! they are many. usearch's own removal would leave the bytes in place and in its file.

use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

use super::angle;
use super::flat::Flat;
use super::probe::Probe;
use crate::error::{Error, Result};

/// Searches at one time. One more gets an error from usearch, and is answered by a scan.
const THREADS: usize = 64;
/// Recall@10 after rescoring 60 candidates: .9916 with 16, .994 with 32, over 100,000 vectors.
pub(super) const CONNECTIVITY: usize = 32;
const EXPANSION_ADD: usize = 128;
/// Until the first probe.
const EXPANSION_SEARCH: usize = 128;
/// The largest expansion of the probe, too.
const MOST_IN_SIGHT: usize = 512;
const FIRST_CAPACITY: usize = 8192;

/// An HNSW graph and which slot each of its nodes is.
pub(super) struct Graph {
    pub(super) index: Index,
    /// In the order they were added, which is that of their slots.
    pub(super) nodes: Vec<u32>,
    /// Slots before this one were added, or were erased before it was their turn.
    pub(super) graphed: usize,
    /// What the last probe found, and how many nodes there were.
    pub(super) probe: Option<(Probe, usize)>,
}

impl Graph {
    pub(super) fn new(dims: usize) -> Result<Graph> {
        let mut index = empty(dims).map_err(Error::internal)?;
        angle::measure(&mut index, dims).map_err(Error::internal)?;
        Ok(Graph { index, nodes: Vec::new(), graphed: 0, probe: None })
    }

    pub(super) fn graphed(&self) -> usize {
        self.graphed
    }

    pub(super) fn nodes(&self) -> &[u32] {
        &self.nodes
    }

    pub(super) fn probe(&self) -> Option<Probe> {
        self.probe.map(|(probe, _)| probe)
    }

    /// `nodes` is how many there were when the probe was taken.
    pub(super) fn set_probe(&mut self, probe: Probe, nodes: usize) {
        self.probe = Some((probe, nodes));
    }

    pub(super) fn probed_nodes(&self) -> usize {
        self.probe.map_or(0, |(_, nodes)| nodes)
    }

    /// How many nodes a search keeps in sight. More find more and take longer.
    pub(super) fn expansion(&self) -> usize {
        self.probe.map_or(EXPANSION_SEARCH, |(probe, _)| probe.expansion)
    }

    /// The expansion for a search that may return `allowed` of `live` vectors. With half of them and
    /// the plain one, recall fell from 1.0 to .976 at 100,000 vectors.
    pub(super) fn in_sight(&self, allowed: usize, live: usize, limit: usize) -> usize {
        let widened = self.expansion() * live / allowed.max(1);
        widened.clamp(self.expansion(), MOST_IN_SIGHT).max(limit)
    }

    /// Whether the last probe is older than the last fifth of the nodes.
    pub(super) fn wants_probe(&self) -> bool {
        self.probe.is_none_or(|(_, nodes)| self.nodes.len() * 5 >= nodes * 6 + 5)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.index.memory_usage() + self.nodes.capacity() * 4
    }

    /// Takes the next slot in, unless it was erased.
    pub(super) fn add_next(&mut self, flat: &Flat) -> Result<()> {
        let slot = self.graphed;
        if flat.is_live(slot) {
            self.make_room()?;
            self.index.add(slot as u64, flat.vector(slot)).map_err(Error::internal)?;
            self.nodes.push(slot as u32);
        }
        self.graphed += 1;
        Ok(())
    }

    /// The `count` nearest slots that `admits` lets through, nearest first. At least `count` nodes
    /// are kept in sight, so the caller sets the expansion with it.
    pub(super) fn search(
        &self,
        query: &[i8],
        count: usize,
        admits: impl Fn(usize) -> bool,
    ) -> Result<Vec<usize>> {
        if self.nodes.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.index.filtered_search(query, count, |slot| admits(slot as usize));
        let slots = found.map_err(Error::internal)?.keys;
        Ok(slots.into_iter().map(|slot| slot as usize).collect())
    }

    /// usearch's `reserve` sets a hard limit, so it is doubled as it fills.
    fn make_room(&mut self) -> Result<()> {
        if self.nodes.len() < self.index.capacity() {
            return Ok(());
        }
        let capacity = (self.nodes.len() * 2).max(FIRST_CAPACITY);
        self.index.reserve_capacity_and_threads(capacity, THREADS).map_err(Error::internal)
    }
}

/// Without its measure yet: a load would undo it. Threads are set before a load too: usearch keeps their number, and without it searches would fail.
pub(super) fn empty(dims: usize) -> std::result::Result<Index, String> {
    let index = Index::new(&IndexOptions {
        dimensions: dims,
        metric: MetricKind::Cos,
        quantization: ScalarKind::I8,
        connectivity: CONNECTIVITY,
        expansion_add: EXPANSION_ADD,
        expansion_search: EXPANSION_SEARCH,
        multi: false,
    })
    .map_err(|err| err.to_string())?;
    index.reserve_capacity_and_threads(0, THREADS).map_err(|err| err.to_string())?;
    Ok(index)
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::index::quantise::Quantised;
    use crate::index::twin::clustered;

    pub(in crate::index) fn sample(rows: usize) -> (Flat, Graph) {
        let mut flat = Flat::new(16);
        for (row, vector) in (0..).zip(clustered(rows, 16, 5, 1)) {
            flat.put(row, 0, &[Quantised::new("v", &vector).unwrap()]).unwrap();
        }
        flat.remove(3);
        let mut graph = Graph::new(16).unwrap();
        (0..rows).for_each(|_| graph.add_next(&flat).unwrap());
        (flat, graph)
    }

    #[test]
    fn it_grows_past_its_first_room_and_keeps_the_bytes() {
        let (flat, graph) = sample(FIRST_CAPACITY + 50);
        assert_eq!((graph.graphed(), graph.nodes().len()), (flat.slots(), flat.slots() - 1));
        let mut bytes = [0_i8; 16];
        for slot in [0, 77, FIRST_CAPACITY + 9] {
            graph.index.get(slot as u64, &mut bytes).unwrap();
            assert_eq!(&bytes[..], flat.vector(slot));
        }
    }
}
