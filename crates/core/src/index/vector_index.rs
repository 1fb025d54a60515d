//! The index as the rest of the crate sees it: put, remove, search.

use std::collections::HashSet;
use std::sync::Mutex;

use super::allow::{Allow, Reach};
use super::exact::{Candidate, Query};
use super::flat::Flat;
use super::gate::{Gate, State};
use super::graph::Graph;
use super::plan::{Plan, Sizes, Tuning};
use super::quantise::Quantised;
use super::shortlist;
use super::walk::walk;
use crate::error::{Error, Result};

/// One row to put: its vectors replace the ones it had.
#[derive(Debug, Clone)]
pub struct Item {
    /// The caller's number for it.
    pub row: u64,
    /// Which searches may see it.
    pub partition: u32,
    /// One vector or several, one after the other: a whole number of times `dims`.
    pub vectors: Vec<f32>,
}

/// Vectors by row and partition, found by cosine. Every method takes `&self`; threads may share it.
///
/// ```
/// use prime_memory::index::{Allow, Item, VectorIndex};
/// let index = VectorIndex::new(3, "toy")?;
/// index.put(&[Item { row: 7, partition: 1, vectors: vec![1.0, 0.0, 0.0] }])?;
/// let found = index.search(&[0.9, 0.1, 0.0], Allow::Partitions(&[1]), 10)?;
/// assert_eq!(found[0].row, 7);
/// assert!(index.search(&[0.9, 0.1, 0.0], Allow::Partitions(&[2]), 10)?.is_empty());
/// # Ok::<(), prime_memory::Error>(())
/// ```
pub struct VectorIndex {
    model: String,
    dims: usize,
    pub(super) tuning: Tuning,
    pub(super) gate: Gate,
    /// Held by the one who does the upkeep.
    pub(super) upkeep: Mutex<()>,
}

impl VectorIndex {
    /// An empty index for vectors of `dims` numbers. `model` is named in errors.
    ///
    /// # Errors
    /// `PM_BAD_OPTION` when `dims` is not from 1 to 65,536.
    pub fn new(dims: usize, model: &str) -> Result<VectorIndex> {
        if !(1..=1 << 16).contains(&dims) {
            let advice = "give 1 to 65536".to_owned();
            return Err(Error::BadOption { what: "dims".into(), found: dims.to_string(), advice });
        }
        Ok(VectorIndex::from_state(dims, model, State::new(Flat::new(dims), None)))
    }

    pub(super) fn from_state(dims: usize, model: &str, state: State) -> VectorIndex {
        let (gate, tuning) = (Gate::new(state), Tuning::default());
        VectorIndex { model: model.to_owned(), dims, tuning, gate, upkeep: Mutex::new(()) }
    }

    /// Numbers in each vector.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// Puts all items or, on an error, none. Found by searches as soon as it returns.
    ///
    /// # Errors
    /// `PM_DIMS_MISMATCH` unless each item has a whole number of vectors, at least one;
    /// `PM_BAD_VECTOR` for NaN, infinity or nothing but zeros.
    pub fn put(&self, items: &[Item]) -> Result<()> {
        let quantised: Vec<_> =
            items.iter().map(|item| self.quantise(&item.vectors)).collect::<Result<_>>()?;
        let mut state = self.gate.write();
        state.changes += 1;
        for (item, vectors) in items.iter().zip(&quantised) {
            state.flat.put(item.row, item.partition, vectors)?;
        }
        Ok(())
    }

    /// Erases rows and tells how many there were. Their bytes are gone from the flat array at once,
    /// from every file saved later, and from the graph in memory when it is next built.
    pub fn remove(&self, rows: &[u64]) -> usize {
        let mut state = self.gate.write();
        state.changes += 1;
        rows.iter().filter(|row| state.flat.remove(**row)).count()
    }

    /// How many rows can be found.
    pub fn row_count(&self) -> usize {
        self.gate.read().flat.live_rows()
    }

    /// The rows in it, in no order: to compare with the store.
    pub fn rows(&self) -> HashSet<u64> {
        self.gate.read().flat.all_rows().collect()
    }

    /// Up to `limit` allowed rows, each once, best first; equally near ones by row. All of them are
    /// found while they are scanned; list and graph miss less than one in a hundred, see
    /// [`super::IndexStats::recall`].
    ///
    /// # Errors
    /// `PM_DIMS_MISMATCH`, or `PM_BAD_VECTOR` for NaN, infinity or nothing but zeros.
    pub fn search(&self, query: &[f32], allow: Allow<'_>, limit: usize) -> Result<Vec<Candidate>> {
        self.check_dims(query.len(), query.len() == self.dims)?;
        let query = Query::new(Quantised::new("the query", query)?);
        let state = self.gate.read();
        let reach = Reach::new(&state.flat, allow);
        let found = match self.plan(&state, reach.vectors, limit) {
            Plan::Graph => walk(&state, &query, &reach, limit),
            Plan::Shortlist => {
                shortlist::search(&state.flat, &query, &reach, state.list_length(), limit)
            }
            Plan::Scan => None,
        };
        Ok(found.unwrap_or_else(|| reach.scan(&state.flat, &query, 0, limit)))
    }

    pub(super) fn plan(&self, state: &State, allowed: usize, limit: usize) -> Plan {
        let live = state.flat.live();
        let length = shortlist::length_for(state.list_length(), limit);
        let in_sight = |graph: &Graph| (graph.in_sight(allowed, live, limit), state.tail());
        let graph = state.graph.as_ref().map(in_sight);
        self.tuning.plan(Sizes { allowed, live, length, graph })
    }

    fn quantise(&self, vectors: &[f32]) -> Result<Vec<Quantised>> {
        let whole = !vectors.is_empty() && vectors.len().is_multiple_of(self.dims);
        self.check_dims(vectors.len(), whole)?;
        vectors.chunks_exact(self.dims).map(|v| Quantised::new("a vector to index", v)).collect()
    }

    fn check_dims(&self, found: usize, right: bool) -> Result<()> {
        if right {
            return Ok(());
        }
        Err(Error::DimsMismatch { model: self.model.clone(), expected: self.dims, found })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::index::Mode;
    use crate::index::twin::{clustered, items, tiny};

    fn filled() -> VectorIndex {
        let index = VectorIndex::new(4, "toy").unwrap();
        let item =
            |row, partition, vectors: &[f32]| Item { row, partition, vectors: vectors.into() };
        index
            .put(&[
                item(1, 0, &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
                item(2, 0, &[0.8, 0.6, 0.0, 0.0]),
                item(3, 1, &[0.0, 1.0, 0.0, 0.0]),
            ])
            .unwrap();
        index
    }

    fn rows(index: &VectorIndex, query: &[f32], partitions: &[u32], limit: usize) -> Vec<u64> {
        let found = index.search(query, Allow::Partitions(partitions), limit).unwrap();
        found.iter().map(|c| c.row).collect()
    }

    #[test]
    fn a_row_comes_once_by_its_nearest_vector() {
        let index = filled();
        assert_eq!(rows(&index, &[0.0, 1.0, 0.0, 0.0], &[0], 9), [1, 2]);
        assert_eq!(rows(&index, &[0.0, 1.0, 0.0, 0.0], &[0, 1], 9), [1, 3, 2]);
        assert_eq!(rows(&index, &[0.8, 0.5, 0.0, 0.0], &[0], 1), [2]);
        assert_eq!(rows(&index, &[0.8, 0.5, 0.0, 0.0], &[0], 0), [0_u64; 0]);
        assert_eq!(index.rows(), HashSet::from([1, 2, 3]));
    }

    #[test]
    fn bad_queries_and_items_are_refused_whole() {
        let index = filled();
        let search = |q: &[f32]| index.search(q, Allow::Partitions(&[0]), 5).unwrap_err().code();
        assert_eq!(search(&[1.0; 3]), "PM_DIMS_MISMATCH");
        assert_eq!(search(&[]), "PM_DIMS_MISMATCH");
        assert_eq!(search(&[0.0; 4]), "PM_BAD_VECTOR");
        assert_eq!(search(&[1.0, f32::NAN, 0.0, 0.0]), "PM_BAD_VECTOR");
        for bad in [vec![], vec![1.0; 6], vec![0.0; 4], vec![1.0, 1.0, f32::INFINITY, 1.0]] {
            let good = Item { row: 50, partition: 0, vectors: vec![1.0; 4] };
            let bad = Item { row: 51, partition: 0, vectors: bad };
            assert!(index.put(&[good, bad]).is_err());
        }
        assert_eq!(index.stats().rows, 3, "nothing of the refused puts");
        assert!(VectorIndex::new(0, "toy").is_err() && VectorIndex::new(1 << 20, "toy").is_err());
    }

    #[test]
    fn removed_rows_never_come_back() {
        let index = tiny(8);
        let vectors = clustered(200, 8, 4, 3);
        index.put(&items(0, vectors.clone())).unwrap();
        while index.advance(1000).unwrap() {}
        index.remove(&[0, 4, 199, 5000]);
        assert_eq!(index.stats().mode, Mode::Graph);
        let found = rows(&index, &vectors[4], &[0, 1], 200);
        assert_eq!(found.len(), 197);
        assert!([0, 4, 199].iter().all(|row| !found.contains(row)));
    }
}
