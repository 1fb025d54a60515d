//! Removing versions: what stays is told anew first, then all that goes is erased at once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::{Snapshots, TRIES, teller};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::memory::open::Open;
use crate::snapshots::chain::Base;
use crate::snapshots::prune::{Candidate, removed};
use crate::snapshots::{Place, PrunePolicy, PruneReport, ScopeOption, buffers, check_name, delta};
use crate::store::{MemoryAnew, NoteAnew, ProjectGraph, Retold, VersionFilter, VersionRow, now_ms};

impl Snapshots {
    /// Removes the versions of a project that the policy does not keep, for good. The newest of each
    /// branch, versions with tags and, unless the policy names them, milestones always stay. Killed
    /// at any instant, either all of them are gone or none is. The memory of a version that followed one
    /// that goes says what changed since the one before; its id stays, and so does what it was given by
    /// [`PrimeMemory::update`](crate::PrimeMemory::update).
    ///
    /// # Errors
    /// `PM_MODEL_MISMATCH` when such a memory was given something and must be encoded with another model,
    /// `PM_BAD_OPTION` (a policy without a rule, or one that would keep nothing),
    /// `PM_STORE_CORRUPT` when a version that stays is damaged,
    /// `PM_ABORTED`, `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn prune(
        &self,
        project: &str,
        policy: &PrunePolicy,
        control: &Control,
    ) -> Result<PruneReport> {
        check_name("project", project)?;
        policy.check()?;
        let open = self.memory.open_parts()?;
        let user = open.user_of(policy.scope.as_ref());
        let turn = self.turn(user, project);
        turn.wait(control)?;
        let Some(project) = open.store.project_row(user, project)? else {
            return Ok(PruneReport::default());
        };
        let mut heads = open.heads(project)?;
        // What is saved from now on does not count, so nobody needs to wait. Whoever did on the thread
        // that progress is told on would wait for ever.
        turn.end();
        let last = heads.iter().max().copied().unwrap_or_default();
        for _ in 0..TRIES {
            let mut versions = open.store.versions(project, &VersionFilter::default())?;
            versions.retain(|version| version.row <= last);
            heads.extend(open.heads(project)?);
            let candidates: Vec<_> = versions.iter().map(|one| candidate(one, &heads)).collect();
            let mut gone = removed(&candidates, policy, now_ms());
            gone.sort_unstable();
            let report = |freed_bytes| PruneReport {
                removed: gone.iter().map(|row| open.id_of_row(*row)).collect(),
                kept: (versions.len() - gone.len()) as u64,
                freed_bytes,
            };
            if gone.is_empty() {
                return Ok(report(0));
            }
            let seen = open.store.project_graph(project)?;
            let gone_set: HashSet<i64> = gone.iter().copied().collect();
            if policy.dry_run {
                let rows = bytes_of_gone(&versions, &seen, &gone_set);
                let kept = kept_states(&seen, &gone_set);
                let audio = open
                    .used_audio(project, &kept, control)?
                    .map(|kept_audio| open.store.audio_bytes_besides(project, &kept_audio));
                return Ok(report(rows + audio.transpose()?.unwrap_or(0)));
            }
            if let Some(freed) = open.erase(project, gone_set, &seen, control)? {
                open.erased()?;
                return Ok(report(freed));
            }
        }
        Err(Error::Busy { waited_ms: 0 })
    }

    /// Erases every version of a project for good, with the memories made for them; also what calls
    /// made before are still saving. Returns how many versions there were.
    ///
    /// # Errors
    /// `PM_BAD_OPTION`, `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn forget(&self, project: &str, options: &ScopeOption) -> Result<usize> {
        check_name("project", project)?;
        let open = self.memory.open_parts()?;
        let user = open.user_of(options.scope.as_ref()).map(str::to_owned);
        let turn = self.turn(user.as_deref(), project);
        turn.wait(&Control::new())?;
        let erased = open.store.erase_project(user, project.to_owned())?;
        if erased > 0 {
            open.erased()?;
        }
        Ok(erased)
    }
}

fn candidate(version: &VersionRow, heads: &HashSet<i64>) -> Candidate {
    Candidate {
        row: version.row,
        branch: version.branch.clone(),
        kind: version.kind,
        created_at: version.created_at,
        is_tagged: !version.tags.is_empty(),
        is_head: heads.contains(&version.row),
    }
}

/// The states that versions that stay have.
fn kept_states(seen: &ProjectGraph, gone: &HashSet<i64>) -> HashSet<i64> {
    let stays = seen.versions.iter().filter(|(row, ..)| !gone.contains(row));
    stays.map(|(_, _, state)| *state).collect()
}

/// Bytes of the versions that go and of the states that no version has afterwards, as they stand now.
fn bytes_of_gone(versions: &[VersionRow], seen: &ProjectGraph, gone: &HashSet<i64>) -> u64 {
    let kept = kept_states(seen, gone);
    let states = seen.states.iter().filter(|(row, ..)| !kept.contains(row));
    let rows = versions.iter().filter(|version| gone.contains(&version.row)).map(|version| {
        let name = version.name.as_ref().map_or(0, |name| name.chars().count());
        ProjectGraph::VERSION_BYTES + name as u64
    });
    states.map(|(.., bytes)| *bytes).sum::<u64>() + rows.sum::<u64>()
}

impl Open {
    /// The newest version of each branch.
    fn heads(&self, project: i64) -> Result<HashSet<i64>> {
        let branches = self.store.branches(project)?;
        Ok(branches.into_iter().filter_map(|branch| branch.head).collect())
    }

    /// The bytes freed; none when the project has changed meanwhile.
    pub(super) fn erase(
        self: &Arc<Open>,
        project: i64,
        gone: HashSet<i64>,
        seen: &ProjectGraph,
        control: &Control,
    ) -> Result<Option<u64>> {
        let kept = kept_states(seen, &gone);
        if !self.retell(seen, &kept, control)? {
            return Ok(None);
        }
        let used = self.used_audio(project, &kept, control)?;
        let notes = self.notes_anew(seen, &gone, control)?;
        let now = self.store.project_graph(project)?;
        if now.versions != seen.versions {
            return Ok(None);
        }
        let untold: Vec<i64> = notes
            .iter()
            .filter(|anew| {
                anew.note.is_some() && !matches!(anew.memory, MemoryAnew::Changed { .. })
            })
            .map(|anew| anew.version)
            .collect();
        let freed = self.store.erase_versions(project, gone, now, notes, used)?;
        if freed.is_some() {
            for version in untold {
                teller::tell_later(self, version);
            }
        }
        Ok(freed)
    }

    /// What is said of the versions that follow one that goes, as what each follows then makes it.
    fn notes_anew(
        &self,
        seen: &ProjectGraph,
        gone: &HashSet<i64>,
        control: &Control,
    ) -> Result<Vec<NoteAnew>> {
        let mut notes = Vec::new();
        for (row, parent) in seen.relinked(gone) {
            control.check()?;
            let parent = parent.map_or(Ok(None), |parent| self.store.version(parent))?;
            if let Some(version) = self.store.version(row)? {
                notes.push(self.renote(&version, parent.as_ref(), control)?);
            }
        }
        Ok(notes)
    }

    /// Tells every state that stays by others that stay, oldest first. False: one has changed.
    fn retell(&self, seen: &ProjectGraph, kept: &HashSet<i64>, control: &Control) -> Result<bool> {
        let bases: HashMap<i64, Option<i64>> =
            seen.states.iter().map(|(row, base, ..)| (*row, *base)).collect();
        let places: HashMap<i64, Place> =
            seen.states.iter().map(|(row, _, place, _)| (*row, *place)).collect();
        // Where those told already stand now.
        let mut told: BTreeMap<i64, Place> = BTreeMap::new();
        let stays = seen.states.iter().filter(|(row, ..)| kept.contains(row));
        let total = kept.len();
        for (done, (row, base, place, _)) in stays.enumerate() {
            control.check()?;
            let mut ancestor = *base;
            while let Some(gone) = ancestor.filter(|row| !kept.contains(row)) {
                ancestor = bases.get(&gone).copied().flatten();
            }
            let (new_base, new_place) = match (base, ancestor) {
                (None, _) => (None, Place::default()),
                (Some(base), Some(_))
                    if told.get(base) == places.get(base) && kept.contains(base) =>
                {
                    (Some(*base), *place)
                }
                (Some(_), Some(ancestor)) => self.base_behind(ancestor, *row, &told)?,
                // Everything it was told by goes: by the one before it, as good as any.
                (Some(_), None) => match told.keys().next_back() {
                    Some(last) => self.base_behind(*last, *row, &told)?,
                    None => (None, Place::default()),
                },
            };
            let retold = Retold {
                state: *row,
                old_base: *base,
                base: new_base,
                place: new_place,
                data: None,
            };
            let Some(now) = self.retell_one(retold, *place)? else { return Ok(false) };
            told.insert(*row, now);
            control.report(done + 1, total);
        }
        Ok(true)
    }

    /// The base and place of a state that follows `before`, whose place is known by now.
    fn base_behind(
        &self,
        before: i64,
        state: i64,
        told: &BTreeMap<i64, Place>,
    ) -> Result<(Option<i64>, Place)> {
        let place = told.get(&before).copied().unwrap_or_default();
        let (base, place) = place.next(self.rest_of(state)?.len());
        Ok(match base {
            Base::Before => (Some(before), place),
            Base::Leader => (Some(self.store.leader_of(before)?), place),
            Base::Nothing => (None, Place::default()),
        })
    }

    /// Where it stands now; none when it has changed.
    fn retell_one(&self, mut retold: Retold, old_place: Place) -> Result<Option<Place>> {
        let place = retold.place;
        if retold.base == retold.old_base {
            let is_told = place == old_place || self.store.retell_state(retold)?;
            return Ok(is_told.then_some(place));
        }
        let text = self.rest_of(retold.state)?;
        let alone = delta::encode(&[], &text)?;
        let base = retold.base.map(|base| self.rest_of(base)).transpose()?;
        let told = base.map(|base| delta::encode(&base, &text)).transpose()?;
        retold.data = told.filter(|told| told.len() < alone.len());
        if retold.data.is_none() {
            (retold.base, retold.place) = (None, Place::default());
            retold.data = Some(alone);
        }
        let place = retold.place;
        Ok(self.store.retell_state(retold)?.then_some(place))
    }

    /// The hashes of the audio in the states that stay; none when the project has no audio at all.
    fn used_audio(
        &self,
        project: i64,
        kept: &HashSet<i64>,
        control: &Control,
    ) -> Result<Option<Vec<buffers::Hash>>> {
        if !self.store.has_audio(project)? {
            return Ok(None);
        }
        let mut states: Vec<i64> = kept.iter().copied().collect();
        states.sort_unstable();
        let mut used = HashSet::new();
        for state in states {
            control.check()?;
            let rest: Arc<Vec<u8>> = self.rest_of(state)?;
            used.extend(buffers::marks(&rest)?.into_iter().map(|(_, hash)| hash));
        }
        Ok(Some(used.into_iter().collect()))
    }

    /// What was erased leaves memory and the saved index too.
    pub(super) fn erased(&self) -> Result<()> {
        self.recent_states.clear();
        self.shelf.forget_gone(&self.store);
        self.after_write();
        self.erase_from_saved_index()
    }
}
