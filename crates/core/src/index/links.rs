//! The graph as bytes, without the vectors: the flat array has them, but for the erased ones, and
//! those shall be in no file.

use usearch::{Index, MetricKind, ScalarKind};

use super::angle;
use super::flat::Flat;
use super::graph::{CONNECTIVITY, Graph, empty};
use crate::error::{Error, Result};

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

impl Graph {
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
        let mut index = empty(flat.dims())?;
        index.load_from_buffer(&bytes).map_err(|err| err.to_string())?;
        check_loaded(&index, flat.dims(), nodes.len())?;
        angle::measure(&mut index, flat.dims())?;
        Ok(Graph { index, nodes, graphed, probe: None })
    }
}

/// The eight bytes before usearch's matrix.
fn matrix_head(rows: usize, dims: usize) -> [u8; 8] {
    let (rows, dims) = (rows as u32, dims as u32);
    (u64::from(dims) << 32 | u64::from(rows)).to_le_bytes()
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
    use crate::index::graph::tests::sample;
    use crate::index::quantise::Quantised;

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
