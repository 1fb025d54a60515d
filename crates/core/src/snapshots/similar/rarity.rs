//! How rare a term is: what music in general suggests, corrected by the projects that are known.

use super::features::Features;
use super::terms::Sort;

/// In how many projects each term occurs.
///
/// Counts stand in a table by the first bits of the hash; two terms that meet there look a little
/// more common than they are.
#[derive(Debug, Clone, Default)]
pub(super) struct Rarity {
    /// Projects counted.
    projects: u32,
    /// A power of two of counters; none before anything was counted.
    counts: Vec<u16>,
}

/// What music in general says counts as much as this many projects.
const PRIOR_PROJECTS: f32 = 10.0;

/// No term is taken for more common or rarer than this.
const MOST: f32 = 0.95;
const RAREST: f32 = 1e-5;

/// Most counters: 2 MB.
const MAX_COUNTERS: usize = 1 << 20;

impl Rarity {
    /// Counted in these projects, one state of each.
    pub(super) fn among<'a>(projects: impl Iterator<Item = &'a Features> + Clone) -> Rarity {
        let terms: usize =
            projects.clone().flat_map(|features| &features.bags).map(|bag| bag.list.len()).sum();
        let size = (2 * terms).next_power_of_two().clamp(1 << 10, MAX_COUNTERS);
        let mut rarity = Rarity { projects: 0, counts: vec![0; size] };
        for features in projects {
            rarity.projects += 1;
            for term in features.bags.iter().flat_map(|bag| &bag.list) {
                let place = rarity.place(term.hash);
                rarity.counts[place] = rarity.counts[place].saturating_add(1);
            }
        }
        rarity
    }

    /// Bytes of memory that its counters take.
    pub(super) fn bytes(&self) -> usize {
        self.counts.capacity() * size_of::<u16>()
    }

    fn place(&self, hash: u32) -> usize {
        ((u64::from(hash) * self.counts.len() as u64) >> 32) as usize
    }

    /// Minus the logarithm of the share of projects that hold the term: 0.05 to about 11.
    pub(super) fn nats(&self, hash: u32, surprise: u8, sort: &Sort) -> f32 {
        let expected = (sort.typical * (-f32::from(surprise) / 16.0).exp()).min(MOST);
        let counted = self.counts.get(self.place(hash)).copied().unwrap_or(0);
        let share = (f32::from(counted) + PRIOR_PROJECTS * expected)
            / (self.projects as f32 + PRIOR_PROJECTS);
        -share.clamp(RAREST, MOST).ln()
    }
}
