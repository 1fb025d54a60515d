//! Moving memories between tiers: the order of work. What moves is decided in `tiers/`, how bytes
//! move stands in `store/tiers.rs`, at which pace in `pace.rs`, back to hot in `warming.rs`.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use super::PrimeMemory;
use super::open::Open;
use super::pace::Pace;
use crate::control::Control;
use crate::error::Result;
use crate::store::{Tier, TierMove, now_ms};
use crate::tiers::{Plan, Rules, Tally, TierPolicy, TierReport, missing, plan, why};

/// Memories read at a time while planning.
const PAGE: usize = 4_096;
/// Memories moved in one transaction at most: some 6 ms of the writer's time. With 256 searches
/// beside a move had a p99 30 % higher; far fewer make more commits, each of which costs searches the
/// pages they keep in memory.
const GROUP_ROWS: usize = 96;
/// The same for texts to drop: their words leave the full text one by one.
const GROUP_TEXTS: usize = 64;
/// Bytes of the memories moved in one transaction at most, unless it is a single one.
const GROUP_BYTES: u64 = 1 << 20;
/// How often what is left is planned anew: others may write while a move is under way.
const PASSES: usize = 3;

/// Moves memories to smaller tiers, and tells beforehand what that would do.
///
/// ```no_run
/// # fn example(memory: &prime_memory::PrimeMemory) -> prime_memory::Result<()> {
/// use prime_memory::{Control, TierPolicy};
///
/// let policy = TierPolicy::from_json(r#"{ "budgetBytes": 50000000, "warmAfterDays": 30 }"#)?;
/// let would = memory.tiers().simulate(&policy, 200, &Control::new())?;
/// if would.budget_reached && would.kinds.values().all(|kind| kind.cold == 0) {
///     memory.tiers().apply(&policy, &Control::new())?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Tiers {
    pub(super) memory: PrimeMemory,
}

impl PrimeMemory {
    /// Tiers: what is kept of a memory, by age, use and importance.
    pub fn tiers(&self) -> Tiers {
        Tiers { memory: self.clone() }
    }
}

impl Tiers {
    /// Moves memories as `policy` says, in small transactions between which other calls have their
    /// turn; `control` reports memories done and stops between two groups. What was moved until a
    /// stop, an error or a kill stays moved and whole, and calling it again goes on.
    ///
    /// # Errors
    /// `PM_BAD_OPTION`, `PM_UNKNOWN_KIND`, `PM_MODEL_MISMATCH`, `PM_ABORTED`, `PM_BUSY`,
    /// `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn apply(&self, policy: &TierPolicy, control: &Control) -> Result<TierReport> {
        policy.check()?;
        let open = self.memory.open_parts()?;
        let covered = open.covered(policy)?;
        open.store.refuse_half_reencoded()?;
        let _no_warming = open.warming.hold();
        let (pace, tally) = (Pace::new(&open), Tally::default());
        let mut mover = Mover { open: &open, covered, control, pace, tally };
        let done = mover.run(policy);
        if done.is_err() && mover.tally.texts_dropped > 0 {
            // Whoever stops it does not wait until the traces of what it dropped are overwritten.
            drop(open.store.checkpoint_soon());
        }
        done
    }
}

/// Which memories a policy covers: the kind of each of their partitions.
pub(super) struct Covered {
    kinds: HashMap<u32, String>,
    disposable: HashSet<u32>,
}

impl Covered {
    pub(super) fn kind(&self, partition: u32) -> &str {
        self.kinds.get(&partition).map_or("", String::as_str)
    }
}

impl Open {
    /// # Errors
    /// `PM_UNKNOWN_KIND`, `PM_MODEL_MISMATCH`.
    pub(super) fn covered(&self, policy: &TierPolicy) -> Result<Covered> {
        self.refuse_other_model()?;
        self.refuse_unknown_kind(&policy.kinds.0)?;
        self.refuse_unknown_kind(&policy.disposable_kinds.0)?;
        let mut covered = Covered { kinds: HashMap::new(), disposable: HashSet::new() };
        for (partition, kind, scope) in self.store.all_partitions()? {
            let (user, project) = (scope.user.as_deref(), scope.project.as_deref());
            let mut scopes = policy.scope.0.iter();
            let of_scope =
                policy.scope.0.is_empty() || scopes.any(|scope| scope.admits(user, project));
            if !of_scope || !(policy.kinds.0.is_empty() || policy.kinds.0.contains(&kind)) {
                continue;
            }
            if policy.disposable_kinds.0.contains(&kind) {
                covered.disposable.insert(partition);
            }
            covered.kinds.insert(partition, kind);
        }
        Ok(covered)
    }

    /// What `policy` asks for as the store stands now.
    pub(super) fn plan_tiers(
        &self,
        policy: &TierPolicy,
        covered: &Covered,
        control: &Control,
    ) -> Result<Plan> {
        let (mut rows, mut after) = (Vec::new(), 0);
        loop {
            control.check()?;
            let page = self.store.tier_rows(after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.row;
            rows.extend(page.into_iter().filter(|row| covered.kinds.contains_key(&row.partition)));
        }
        let rules = Rules {
            budget: policy.budget_bytes.map(|bytes| bytes as u64),
            warm_after_days: policy.warm_after_days,
            cold_after_days: policy.cold_after_days,
            disposable: covered.disposable.clone(),
            dims: self.encoder.dims(),
            now_ms: now_ms(),
        };
        Ok(plan(rows, &rules))
    }
}

/// A move under way.
struct Mover<'a> {
    open: &'a Open,
    covered: Covered,
    control: &'a Control,
    pace: Pace<'a>,
    tally: Tally,
}

impl Mover<'_> {
    fn run(&mut self, policy: &TierPolicy) -> Result<TierReport> {
        let begun = Instant::now();
        // How often things were used counts up to now.
        self.open.store.flush()?;
        let first = self.open.plan_tiers(policy, &self.covered, self.control)?;
        let (bytes_before, budget) = (first.before, policy.budget_bytes.map(|bytes| bytes as u64));
        let (mut skipped, mut current) = (0, first);
        for _ in 0..PASSES {
            if current.moves.is_empty() {
                break;
            }
            skipped = self.pass(&current, budget)?;
            current = self.open.plan_tiers(policy, &self.covered, self.control)?;
        }
        let tally = self.tally.clone();
        let erased = tally.texts_dropped == 0 || self.open.store.checkpoint()?;
        let missing_bytes = missing(budget, current.before);
        Ok(TierReport {
            memories: current.memories,
            moved: tally.moved,
            kinds: tally.kinds,
            skipped,
            bytes_before,
            bytes_after: current.before,
            budget_bytes: budget,
            budget_reached: missing_bytes == 0,
            missing_bytes,
            why: why(missing_bytes, &current.kept, skipped),
            kept: current.kept,
            pending_erase: !erased,
            duration_ms: begun.elapsed().as_millis() as u64,
        })
    }

    /// Makes the moves of a plan; how many memories were no longer as planned.
    fn pass(&mut self, plan: &Plan, budget: Option<u64>) -> Result<u64> {
        let mut missing_bytes =
            budget.map_or(u64::MAX, |budget| missing(Some(budget), plan.before));
        let (mut done, mut moved) = (0, 0);
        let mut left = &plan.moves[..];
        while !left.is_empty() && missing_bytes > 0 {
            self.control.check()?;
            let (group, rest) = left.split_at(group_length(left));
            left = rest;
            let begun = Instant::now();
            for one in self.open.store.move_tiers(group, missing_bytes, self.control)? {
                let freed = one.before.saturating_sub(one.after);
                self.tally.add(self.covered.kind(one.partition), one.to, freed);
                missing_bytes = missing_bytes.saturating_sub(freed);
                moved += 1;
            }
            done += group.len();
            self.control.report(done, plan.moves.len());
            self.pace.pause(begun.elapsed(), self.control)?;
        }
        Ok((done - moved) as u64)
    }
}

/// How many of the moves make the next transaction.
fn group_length(moves: &[TierMove]) -> usize {
    let Some(first) = moves.first() else { return 0 };
    let most = if first.to == Tier::Cold { GROUP_TEXTS } else { GROUP_ROWS };
    let mut bytes = 0;
    let mut fits = |one: &&TierMove| {
        bytes += one.planned.bytes();
        one.to == first.to && bytes <= GROUP_BYTES
    };
    moves.iter().take(most).take_while(&mut fits).count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::TierRow;

    #[test]
    fn groups_are_of_one_tier_and_bounded() {
        let one = |to, content_bytes| TierMove {
            planned: TierRow { content_bytes, ..TierRow::sample(1) },
            to,
        };
        assert_eq!(group_length(&[]), 0);
        assert_eq!(group_length(&vec![one(Tier::Warm, 9); 999]), GROUP_ROWS);
        assert_eq!(group_length(&vec![one(Tier::Cold, 9); 999]), GROUP_TEXTS);
        assert_eq!(group_length(&[one(Tier::Warm, 9), one(Tier::Cold, 9)]), 1);
        assert_eq!(group_length(&[one(Tier::Cold, 1 << 30), one(Tier::Cold, 9)]), 1);
        assert_eq!(group_length(&vec![one(Tier::Cold, 1 << 18); 9]), 4);
    }
}
