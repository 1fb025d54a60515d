//! The recall probe: are list and graph as good as the scan, on the vectors that are really there?
//!
//! usearch's defaults fall to a recall of .60 at 100,000 vectors without a word. So a sample is
//! searched both ways, and the expansion is raised until the two agree.

use super::exact::{Best, Query};
use super::flat::Flat;
use super::gate::{Gate, State};
use super::graph::Graph;
use super::quantise::{Quantised, inverse_norm};
use super::shortlist::{self, LENGTH, Ranked};
use crate::error::Result;

/// How well list or graph do, measured on vectors of their own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probe {
    /// Share of the true ten nearest vectors among the ten that are found, 0 to 1.
    pub recall: f32,
    /// How many searches that was measured with.
    pub sample: usize,
    /// Nodes kept in sight by each search from now on, 48 to 512; or slots on its list, 512 to 8192.
    pub expansion: usize,
}

const SAMPLE: usize = 64;
const NEAREST: usize = 10;
const RECALL: f32 = 0.99;
const EXPANSIONS: [usize; 8] = [48, 64, 96, 128, 192, 256, 384, 512];
const LENGTHS: [usize; 5] = [LENGTH, 2 * LENGTH, 4 * LENGTH, 8 * LENGTH, 16 * LENGTH];
/// Noise added to a sampled vector, of 127: a cosine of about .95 to the original, as a question has
/// to its answer at best. Unchanged vectors would find themselves too easily.
const NOISE: i64 = 24;

/// One search of the sample: the query, and how near its tenth nearest vector is.
struct Trial {
    query: Query,
    tenth: f32,
}

/// Probes the graph, if there is one, and sets its expansion. The lock is taken for a scan at a time.
pub(super) fn probe(gate: &Gate) -> Result<()> {
    let (sampled, nodes) = {
        let state = gate.read();
        let nodes = state.graph.as_ref().map_or(&[][..], Graph::nodes);
        (sample(&state.flat, nodes.len(), |i| nodes[i]), nodes.len())
    };
    let trials = trials(gate, sampled);
    let found =
        tune(&trials, &EXPANSIONS, |trial, expansion| graph_hits(&gate.read(), trial, expansion))?;
    gate.step(|state| {
        if let Some(graph) = &mut state.graph {
            graph.set_probe(found, nodes);
        }
    });
    Ok(())
}

/// Probes the list and sets its length.
pub(super) fn probe_list(gate: &Gate) -> Result<()> {
    let (sampled, live) = {
        let flat = &gate.read().flat;
        (sample(flat, flat.slots(), |slot| slot as u32), flat.live())
    };
    let trials = trials(gate, sampled);
    let found =
        tune(&trials, &LENGTHS, |trial, length| Ok(list_hits(&gate.read().flat, trial, length)))?;
    gate.step(|state| state.list = Some((found, live)));
    Ok(())
}

/// The lowest expansion that is good enough, or the last.
fn tune(
    trials: &[Trial],
    expansions: &[usize],
    hits: impl Fn(&Trial, usize) -> Result<usize>,
) -> Result<Probe> {
    let mut probe = Probe { recall: 1.0, sample: trials.len(), expansion: expansions[0] };
    for expansion in expansions {
        let found = trials.iter().map(|trial| hits(trial, *expansion)).sum::<Result<usize>>()?;
        probe.recall = found as f32 / (trials.len().max(1) * NEAREST) as f32;
        probe.expansion = *expansion;
        if probe.recall >= RECALL || trials.is_empty() {
            break;
        }
    }
    Ok(probe)
}

/// Vectors spread evenly over `count` slots, each a little off.
fn sample(flat: &Flat, count: usize, slot: impl Fn(usize) -> u32) -> Vec<Query> {
    let spread = (0..count).step_by(count.div_ceil(SAMPLE).max(1)).map(slot);
    let live = spread.filter(|slot| flat.is_live(*slot as usize));
    live.map(|slot| disturbed(flat.vector(slot as usize), u64::from(slot))).collect()
}

fn trials(gate: &Gate, sampled: Vec<Query>) -> Vec<Trial> {
    sampled.into_iter().map(|query| trial(&gate.read().flat, query)).collect()
}

fn disturbed(vector: &[i8], seed: u64) -> Query {
    let mut noise = seed;
    let bytes: Vec<i8> = vector
        .iter()
        .map(|byte| {
            noise =
                noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(0x9E37_79B9_7F4A_7C15);
            let offset = (noise >> 33) as i64 % (2 * NOISE + 1) - NOISE;
            (i64::from(*byte) + offset).clamp(-127, 127) as i8
        })
        .collect();
    let inverse_norm = inverse_norm(&bytes);
    Query::new(Quantised { bytes, inverse_norm })
}

/// The tenth nearest of all vectors: by slots, not rows, for those are what list and graph hold.
fn trial(flat: &Flat, query: Query) -> Trial {
    let mut best = Best::new(NEAREST);
    for slot in (0..flat.slots()).filter(|slot| flat.is_live(*slot)) {
        best.offer(slot as u64, query.similarity(flat, slot));
    }
    let tenth = best.into_sorted().last().map_or(-1.0, |candidate| candidate.similarity);
    Trial { query, tenth }
}

/// How many of the ten nearest the graph and the tail after it give. A tie is as good as the tenth.
fn graph_hits(state: &State, trial: &Trial, expansion: usize) -> Result<usize> {
    let State { flat, graph: Some(graph), .. } = state else { return Ok(NEAREST) };
    let live = |slot| flat.is_live(slot);
    let mut found = graph.search(trial.query.bytes(), expansion, live)?;
    found.truncate(NEAREST);
    found.extend((graph.graphed()..flat.slots()).filter(|slot| flat.is_live(*slot)));
    let near = found.iter().filter(|slot| trial.query.similarity(flat, **slot) >= trial.tenth);
    Ok(near.count().min(NEAREST))
}

/// How many of the ten nearest a list that begins with that length holds. All, where it would be as good as a
/// scan.
fn list_hits(flat: &Flat, trial: &Trial, length: usize) -> usize {
    let ranked = shortlist::listed(flat, &trial.query, length, |slot| flat.is_live(slot));
    let is_near = |one: &Ranked| trial.query.similarity(flat, one.slot()) >= trial.tenth;
    ranked.map_or(NEAREST, |ranked| ranked.into_iter().take(NEAREST).filter(is_near).count())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::index::twin::clustered;

    fn some_trials(count: usize) -> Vec<Trial> {
        (0..count)
            .map(|seed| Trial { query: disturbed(&[9; 8], seed as u64), tenth: 0.5 })
            .collect()
    }

    #[track_caller]
    fn check(hits_at: fn(usize) -> usize, recall: f32, expansion: usize) {
        let probe = tune(&some_trials(20), &EXPANSIONS, |_, at| Ok(hits_at(at))).unwrap();
        assert_eq!(probe, Probe { recall, sample: 20, expansion });
    }

    #[test]
    fn expansion_is_raised_as_far_as_needed() {
        check(|_| 10, 1.0, EXPANSIONS[0]);
        check(|expansion| if expansion < 192 { 9 } else { 10 }, 1.0, 192);
        check(|_| 5, 0.5, 512);
    }

    #[test]
    fn a_sampled_vector_stays_near_its_original() {
        let vector = &clustered(1, 384, 1, 4)[0];
        let mut flat = Flat::new(384);
        let original = Quantised::new("v", vector).unwrap();
        let query = disturbed(&original.bytes, 1);
        flat.put(0, 0, &[original]).unwrap();
        let cosine = query.similarity(&flat, 0);
        assert!((0.85..0.99).contains(&cosine), "{cosine}");
    }

    #[test]
    fn a_real_graph_passes() {
        let mut flat = Flat::new(16);
        for (row, vector) in (0..).zip(clustered(2000, 16, 40, 2)) {
            flat.put(row, 0, &[Quantised::new("v", &vector).unwrap()]).unwrap();
        }
        let mut graph = Graph::new(16).unwrap();
        (0..1990).for_each(|_| graph.add_next(&flat).unwrap());
        let gate = Gate::new(State::new(flat, Some(graph)));
        probe(&gate).unwrap();
        let probe = gate.read().graph.as_ref().unwrap().probe().unwrap();
        assert!(probe.recall >= RECALL && probe.sample >= 60, "{probe:?}");
    }
}
