//! What a policy would do, before anything moves: the plan added up, and how well the memories that
//! would move are found now and then, tried with parts of their own texts through the real encoder.

use std::collections::HashMap;
use std::time::Instant;

use super::open::Open;
use super::tiers::Tiers;
use crate::control::Control;
use crate::error::Result;
use crate::search::{Candidate, Tried, rescore_small};
use crate::store::{Scope, Tier, TierMove};
use crate::tiers::{
    Plan, Quality, Retrieval, SimulateOptions, Tally, TierForecast, TierPolicy, question_of,
};

impl Tiers {
    /// What [`Tiers::apply`] would do now; changes nothing. At most `sample` of the memories that
    /// would move, spread evenly over their order, are looked for by a part of their text.
    ///
    /// # Errors
    /// `PM_BAD_OPTION`, `PM_UNKNOWN_KIND`, `PM_MODEL_MISMATCH`, `PM_INFERENCE`, `PM_ABORTED`,
    /// `PM_CLOSED`.
    pub fn simulate(
        &self,
        policy: &TierPolicy,
        sample: usize,
        control: &Control,
    ) -> Result<TierForecast> {
        let begun = Instant::now();
        policy.check()?;
        let open = self.memory.open_parts()?;
        let covered = open.covered(policy)?;
        open.store.flush()?;
        let plan = open.plan_tiers(policy, &covered, control)?;
        let mut tally = Tally::default();
        for one in &plan.moves {
            tally.add(covered.kind(one.planned.partition), one.to, open.freed_by(one));
        }
        let budget = policy.budget_bytes.map(|bytes| bytes as u64);
        let mut forecast = TierForecast::of(&plan, tally, budget);
        forecast.quality = open.quality(&plan, sample, control)?;
        forecast.duration_ms = begun.elapsed().as_millis() as u64;
        Ok(forecast)
    }

    /// As [`Tiers::simulate`], the size of the sample as JSON options.
    ///
    /// # Errors
    /// As [`Tiers::simulate`]; `PM_UNKNOWN_OPTION`.
    pub fn simulate_with(
        &self,
        policy: &TierPolicy,
        options: &str,
        control: &Control,
    ) -> Result<TierForecast> {
        self.simulate(policy, SimulateOptions::sample_from_json(options)?, control)
    }
}

/// The memories that would move, by row.
type Moving = HashMap<u64, Tier>;

impl Open {
    fn quality(&self, plan: &Plan, sample: usize, control: &Control) -> Result<Option<Quality>> {
        let moving: Moving = plan.moves.iter().map(|one| (one.planned.row, one.to)).collect();
        let scopes = self.partitions_by_scope()?;
        let tried: Vec<&TierMove> = spread(&plan.moves, sample).collect();
        let mut sums = Sums::default();
        for (done, one) in tried.iter().enumerate() {
            control.check()?;
            let Some(record) = self.store.records(&[one.planned.row])?.pop().flatten() else {
                continue;
            };
            if let (Some(text), Some(partitions)) = (record.text, scopes.get(&record.scope)) {
                let question = question_of(&text, one.planned.row);
                let now = self.try_question(&question, partitions)?;
                sums.add(one.planned.row, &now, &self.then(&now, &moving)?);
            }
            control.report(done + 1, tried.len());
        }
        Ok(sums.quality(plan.moves.len()))
    }

    /// The partitions of each scope: a question is asked where its memory lives.
    fn partitions_by_scope(&self) -> Result<HashMap<Scope, Vec<u32>>> {
        let mut scopes: HashMap<Scope, Vec<u32>> = HashMap::new();
        for (partition, _, scope) in self.store.all_partitions()? {
            scopes.entry(scope).or_default().push(partition);
        }
        Ok(scopes)
    }

    /// The same candidates as they would compare once everything moved: similarities of 8-bit
    /// vectors, and no words where the text would be gone.
    fn then(&self, now: &Tried, moving: &Moving) -> Result<Tried> {
        let rows = now.candidates.iter().map(|candidate| candidate.row);
        let rows: Vec<u64> = rows.filter(|row| moving.contains_key(row)).collect();
        let small: HashMap<u64, _> =
            rescore_small(&self.store, &now.vector, &rows)?.into_iter().collect();
        let moved = |candidate: &Candidate| {
            let Some(to) = moving.get(&candidate.row) else { return Some(*candidate) };
            let meaning = small.get(&candidate.row).copied().or(candidate.meaning);
            let is_cold = *to == Tier::Cold;
            // What only its words had found.
            if is_cold && !now.near.contains(&candidate.row) {
                return None;
            }
            let keyword = if is_cold { 0.0 } else { candidate.keyword };
            let looked_up = candidate.looked_up && !is_cold;
            Some(Candidate { meaning, keyword, looked_up, ..*candidate })
        };
        Ok(Tried { candidates: now.candidates.iter().filter_map(moved).collect(), ..now.clone() })
    }

    /// Bytes a planned move frees.
    fn freed_by(&self, one: &TierMove) -> u64 {
        let vectors = crate::tokens::Dtype::I8.vector_bytes(self.encoder.dims()) as u64;
        let row = &one.planned;
        let content = if one.to == Tier::Cold { row.content_bytes } else { 0 };
        content + row.token_bytes.saturating_sub(row.vectors * vectors)
    }
}

/// At most `sample` of the moves, spread evenly.
fn spread(moves: &[TierMove], sample: usize) -> impl Iterator<Item = &TierMove> {
    let count = sample.min(moves.len());
    (0..count).map(move |i| &moves[i * moves.len() / count])
}

/// Places of the memories looked for, added up.
#[derive(Default)]
struct Sums {
    tried: u64,
    now: Places,
    then: Places,
    meaning_now: Places,
    meaning_then: Places,
    errors: (f64, u64),
    most_error: f64,
}

#[derive(Default)]
struct Places {
    first: u64,
    reciprocal: f64,
}

impl Places {
    fn add(&mut self, place: Option<usize>) {
        self.first += u64::from(place == Some(1));
        self.reciprocal += place.map_or(0.0, |place| 1.0 / place as f64);
    }

    fn of(&self, tried: u64) -> Retrieval {
        let tried = tried as f64;
        Retrieval { recall_at_1: self.first as f64 / tried, mrr: self.reciprocal / tried }
    }
}

impl Sums {
    fn add(&mut self, row: u64, now: &Tried, then: &Tried) {
        self.tried += 1;
        self.now.add(now.place(row));
        self.then.add(then.place(row));
        self.meaning_now.add(now.place_by_meaning(row));
        self.meaning_then.add(then.place_by_meaning(row));
        let before: HashMap<u64, f32> =
            now.candidates.iter().map(|one| (one.row, one.similarity())).collect();
        for one in &then.candidates {
            let error = f64::from((before[&one.row] - one.similarity()).abs());
            if error > 0.0 {
                self.errors = (self.errors.0 + error, self.errors.1 + 1);
                self.most_error = self.most_error.max(error);
            }
        }
    }

    fn quality(&self, of: usize) -> Option<Quality> {
        (self.tried > 0).then(|| Quality {
            sample: self.tried,
            of: of as u64,
            now: self.now.of(self.tried),
            then: self.then.of(self.tried),
            meaning_now: self.meaning_now.of(self.tried),
            meaning_then: self.meaning_then.of(self.tried),
            similarity_error: self.errors.0 / self.errors.1.max(1) as f64,
            most_similarity_error: self.most_error,
        })
    }
}
