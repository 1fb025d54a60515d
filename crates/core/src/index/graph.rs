//! The graph: usearch's HNSW over the slots of the flat array, with the same bytes.
//!
//! Nothing is ever removed from it: erased slots are filtered out, and the graph is built anew when
//! they are many. usearch's own removal would leave the bytes in place and in its file.

use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

use super::flat::Flat;
use super::probe::Probe;
use crate::error::{Error, Result};

/// Searches at one time. One more gets an error from usearch, and is answered by a scan.
const THREADS: usize = 64;
/// Recall@10 after rescoring 60 candidates: .9916 with 16, .994 with 32, over 100,000 vectors.
const CONNECTIVITY: usize = 32;
const EXPANSION_ADD: usize = 128;
/// Until the first probe.
const EXPANSION_SEARCH: usize = 128;
const FIRST_CAPACITY: usize = 8192;

/// An HNSW graph and which slot each of its nodes is.
pub(super) struct Graph {
    index: Index,
    /// In the order they were added, which is that of their slots.
    nodes: Vec<u32>,
    /// Slots before this one were added, or were erased before it was their turn.
    graphed: usize,
    /// What the last probe found, and how many nodes there were.
    probe: Option<(Probe, usize)>,
}

impl Graph {
    pub(super) fn new(dims: usize) -> Result<Graph> {
        let index = empty(dims).map_err(Error::internal)?;
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

    /// usearch's own bytes, after its matrix of vectors: that may hold erased ones, and the flat array
    /// has the others.
    pub(super) fn links(&self) -> Result<Links> {
        let mut bytes = vec![0; self.index.serialized_length()];
        self.index.save_to_buffer(&mut bytes).map_err(Error::internal)?;
        let dims = self.index.dimensions();
        let start = 8 + self.nodes.len() * dims;
        if bytes.get(..8) != Some(&matrix_head(self.nodes.len(), dims)[..]) || bytes.len() < start {
            return Err(Error::internal("usearch writes another format than 2.26"));
        }
        Ok(Links { bytes, start })
    }

    /// From the links, with vectors from `flat`: an erased slot comes back as a vector of zeros.
    ///
    /// # Errors
    /// In words, when usearch refuses the bytes or they are not of this graph.
    pub(super) fn load(
        flat: &Flat,
        nodes: Vec<u32>,
        graphed: usize,
        links: &[u8],
    ) -> std::result::Result<Graph, String> {
        let ascending = nodes.windows(2).all(|pair| pair[0] < pair[1]);
        let last = nodes.last().map_or(0, |slot| *slot as usize + 1);
        if !ascending || last > graphed || graphed > flat.slots() {
            return Err("its nodes are not slots in order".to_owned());
        }
        let mut bytes = Vec::with_capacity(8 + nodes.len() * flat.dims() + links.len());
        bytes.extend(matrix_head(nodes.len(), flat.dims()));
        for slot in &nodes {
            bytes.extend(flat.vector(*slot as usize).iter().map(|b| *b as u8));
        }
        bytes.extend(links);
        let index = empty(flat.dims())?;
        index.load_from_buffer(&bytes).map_err(|err| err.to_string())?;
        check_loaded(&index, flat.dims(), nodes.len())?;
        Ok(Graph { index, nodes, graphed, probe: None })
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

/// What usearch serialised; [`Links::bytes`] leaves the vectors out.
pub(super) struct Links {
    bytes: Vec<u8>,
    start: usize,
}

impl Links {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

/// The eight bytes before usearch's matrix.
fn matrix_head(rows: usize, dims: usize) -> [u8; 8] {
    let (rows, dims) = (rows as u32, dims as u32);
    (u64::from(dims) << 32 | u64::from(rows)).to_le_bytes()
}

/// Threads are set before a load too: usearch keeps their number, and without it searches would fail.
fn empty(dims: usize) -> std::result::Result<Index, String> {
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

/// usearch takes dims, metric and kind from the buffer, whatever it was made with.
fn check_loaded(index: &Index, dims: usize, nodes: usize) -> std::result::Result<(), String> {
    let same = index.dimensions() == dims
        && index.size() == nodes
        && index.metric_kind() == MetricKind::Cos
        && index.scalar_kind() == ScalarKind::I8
        && index.connectivity() == CONNECTIVITY
        && !index.multi();
    if same { Ok(()) } else { Err("its graph is of another shape than its header says".to_owned()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::index::quantise::Quantised;
    use crate::index::twin::clustered;

    fn sample(rows: usize) -> (Flat, Graph) {
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

    #[test]
    fn links_hold_no_vector_and_load_again() {
        let (mut flat, graph) = sample(300);
        let (probe, erased) = (flat.vector(40).to_vec(), flat.vector(200).to_vec());
        flat.remove(200);
        let links = graph.links().unwrap();
        let erased: Vec<u8> = erased.iter().map(|b| *b as u8).collect();
        assert!(!links.bytes().windows(16).any(|window| window == erased));

        let loaded = Graph::load(&flat, graph.nodes().to_vec(), 300, links.bytes()).unwrap();
        let mut bytes = [1_i8; 16];
        loaded.index.get(200, &mut bytes).unwrap();
        assert_eq!(bytes, [0; 16]);
        let live = |slot| flat.is_live(slot);
        assert_eq!(loaded.search(&probe, 5, live).unwrap()[0], 40);
    }

    #[test]
    fn a_loaded_graph_goes_on_growing() {
        let (mut flat, graph) = sample(300);
        let links = graph.links().unwrap();
        let mut loaded = Graph::load(&flat, graph.nodes().to_vec(), 300, links.bytes()).unwrap();
        let newcomer = Quantised::new("v", &[3.0; 16]).unwrap();
        flat.put(999, 0, std::slice::from_ref(&newcomer)).unwrap();
        loaded.add_next(&flat).unwrap();
        assert_eq!(loaded.search(&newcomer.bytes, 1, |_| true).unwrap(), [300]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (flat, graph) = sample(50);
        let links = graph.links().unwrap();
        let load = |nodes: Vec<u32>, graphed, bytes: &[u8]| {
            Graph::load(&flat, nodes, graphed, bytes).is_err()
        };
        let nodes = graph.nodes().to_vec();
        assert!(!load(nodes.clone(), 50, links.bytes()));
        assert!(load(nodes.clone(), 51, links.bytes()), "more than there are slots");
        assert!(load(nodes[1..].to_vec(), 50, links.bytes()), "a node missing");
        assert!(load(nodes.iter().rev().copied().collect(), 50, links.bytes()), "out of order");
        assert!(load(nodes.clone(), 50, &links.bytes()[..links.bytes().len() - 1]), "cut");
        assert!(load(nodes, 50, &[]), "nothing");
    }
}
