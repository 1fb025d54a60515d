//! Similar projects: features that are missing are made, the catalogue is brought in step with the
//! file, then searched.

use std::collections::HashMap;
use std::sync::Arc;

use super::Snapshots;
use super::save::check_length;
use super::shelf::{Held, Stock};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::memory::open::Open;
use crate::snapshots::similar::{Features, Found};
use crate::snapshots::{
    SimilarOptions, SimilarProject, SimilarTo, bad, buffers, check_name, parse,
};

/// Versions whose features are read or written at once.
const BATCH: usize = 64;

impl Snapshots {
    /// The projects most like a version or a state, best first, each by its version that is most like
    /// it. Compared are the newest version of every branch, versions with tags, and all but autosaves.
    /// A project with nothing to compare by is like no other.
    ///
    /// # Errors
    /// `PM_BAD_OPTION` (a limit out of range, no JSON object), `PM_NOT_FOUND` (no such version),
    /// `PM_TOO_LONG`, `PM_SNAPSHOT_DAMAGED` when that version is, `PM_ABORTED`, `PM_CLOSED`.
    pub fn similar(
        &self,
        to: &SimilarTo,
        options: &SimilarOptions,
        control: &Control,
    ) -> Result<Vec<SimilarProject>> {
        let limit = options.limit()?;
        let open = self.memory.open_parts()?;
        let user = open.user_of(options.scope.as_ref());
        let mut left_out = Vec::new();
        if let Some(project) = &options.exclude_project {
            check_name("options.excludeProject", project)?;
            left_out.extend(open.store.project_row(user, project)?);
        }
        let (state, version) = match to {
            SimilarTo::State(text) => (Some(features_of_text(text, control)?), None),
            SimilarTo::Version(id) => (None, Some(open.version_of(id, user)?)),
        };
        left_out.extend(version.as_ref().map(|version| version.project_row));
        control.check()?;
        let stock = open.stock_in_step(user, control)?;
        let held = stock.read();
        let known = version.as_ref().and_then(|version| held.catalogue.get(version.row)).cloned();
        let query = match (state.or(known), &version) {
            (Some(features), _) => features,
            (None, Some(version)) => Features::of(&open.parsed(version)?),
            (None, None) => Features::default(),
        };
        let is_allowed =
            |version| held.project_of(version).is_some_and(|project| !left_out.contains(&project));
        let found = held.catalogue.nearest(&query, limit, is_allowed);
        drop(held);
        let projects = found.into_iter().map(|found| open.similar_project(found));
        projects.filter_map(Result::transpose).collect()
    }
}

fn features_of_text(text: &str, control: &Control) -> Result<Features> {
    check_length(text)?;
    control.check()?;
    let (rest, _) = buffers::take_out(text, |_, _| control.check())?;
    control.check()?;
    let state = parse(&buffers::readable(&rest)?);
    let state = state.map_err(|err| bad("state", err, "give the JSON text of a project"))?;
    control.check()?;
    Ok(Features::of(&state))
}

impl Open {
    /// Makes the features of a version, if it is worth finding and has none.
    pub(super) fn liken(&self, version: i64) -> Result<()> {
        if !self.store.lacks_features(version)? {
            return Ok(());
        }
        match self.features_of(version)? {
            Some(features) => self.store.keep_features(vec![(version, features.to_bytes())]),
            None => Ok(()),
        }
    }

    /// The features of a version, from its state; none when it is gone.
    pub(super) fn features_of(&self, version: i64) -> Result<Option<Features>> {
        let version = self.store.version(version)?;
        version.map(|version| self.parsed(&version).map(|state| Features::of(&state))).transpose()
    }

    /// The catalogue of a user with all that is worth finding now, whoever saved it.
    fn stock_in_step(&self, user: Option<&str>, control: &Control) -> Result<Arc<Stock>> {
        let stock = self.shelf.of(user);
        let stamp = self.store.snapshots_stamp()?;
        if stock.read().stamp != Some(stamp) {
            self.bring_in_step(user, &mut stock.write(), control)?;
        }
        Ok(stock)
    }

    fn bring_in_step(&self, user: Option<&str>, held: &mut Held, control: &Control) -> Result<()> {
        let wanted = self.store.wanted_versions(user)?;
        // Another call may have done it while this one waited.
        if held.stamp == Some(wanted.stamp) {
            return Ok(());
        }
        held.keep_only(&wanted.versions);
        let missing: Vec<(i64, i64)> =
            wanted.versions.into_iter().filter(|(version, _)| !held.is_known(*version)).collect();
        let mut read = Vec::with_capacity(missing.len());
        for batch in missing.chunks(BATCH) {
            control.check()?;
            self.read_features(batch, held, &mut read)?;
        }
        held.add(read);
        held.stamp = Some(wanted.stamp);
        Ok(())
    }

    /// Reads the features of versions; makes those that are missing or damaged.
    fn read_features(
        &self,
        versions: &[(i64, i64)],
        held: &mut Held,
        read: &mut Vec<(i64, i64, Features)>,
    ) -> Result<()> {
        let rows: Vec<i64> = versions.iter().map(|(version, _)| *version).collect();
        let stored: HashMap<i64, Vec<u8>> = self.store.features(&rows)?.into_iter().collect();
        let mut made = Vec::new();
        for (version, project) in versions {
            let known = stored.get(version).and_then(|bytes| Features::from_bytes(bytes).ok());
            let features = match known {
                Some(features) => Ok(Some(features)),
                None => self.features_of(*version).inspect(|features| {
                    made.extend(features.as_ref().map(|made| (*version, made.to_bytes())));
                }),
            };
            match features {
                Ok(features) => read.extend(features.map(|found| (*version, *project, found))),
                // One damaged version must not hide all others.
                Err(err @ Error::SnapshotDamaged { .. }) => {
                    tracing::warn!(code = err.code(), "a version cannot be found: {err}");
                    held.give_up(*version);
                }
                Err(err) => return Err(err),
            }
        }
        if !made.is_empty()
            && let Err(err) = self.store.keep_features(made)
        {
            tracing::warn!(code = err.code(), "features will have to be made again: {err}");
        }
        Ok(())
    }

    /// None when the version was removed meanwhile.
    fn similar_project(&self, found: Found) -> Result<Option<SimilarProject>> {
        let Some(version) = self.store.version(found.row)? else { return Ok(None) };
        let why = found.similarity.why();
        let [_, key] = found.similarity.keys;
        Ok(Some(SimilarProject {
            id: self.id_of_row(version.row),
            project: version.project,
            score: found.similarity.score,
            parts: found.similarity.parts,
            shared_plugins: found.similarity.shared_plugins,
            key,
            bpm: found.similarity.bpm[1],
            transposed: found.similarity.transposed,
            why,
        }))
    }

    /// The versions whose features are not as they were written.
    pub(in crate::memory) fn damaged_features(&self) -> Result<Vec<i64>> {
        let (mut damaged, mut after) = (Vec::new(), 0);
        loop {
            let rows = self.store.versions_with_features(after, BATCH)?;
            let Some(last) = rows.last() else { return Ok(damaged) };
            after = *last;
            let features = self.store.features(&rows)?.into_iter();
            let is_damaged = |bytes: &[u8]| Features::from_bytes(bytes).is_err();
            damaged.extend(features.filter(|(_, data)| is_damaged(data)).map(|(row, _)| row));
        }
    }

    /// Makes damaged features again; how many.
    pub(in crate::memory) fn mend_features(&self) -> Result<usize> {
        let mut mended = 0;
        for version in self.damaged_features()? {
            if let Ok(Some(features)) = self.features_of(version) {
                self.store.keep_features(vec![(version, features.to_bytes())])?;
                mended += 1;
            }
        }
        Ok(mended)
    }
}
