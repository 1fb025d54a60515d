//! What the versions of users are compared by, in memory, for the users asked for last.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::snapshots::similar::{Catalogue, Features};
use crate::store::{SnapshotsStamp, Store};

/// Users at most; of another one the catalogue is filled anew.
const USERS: usize = 8;

/// A catalogue for each of some users.
#[derive(Default)]
pub(in crate::memory) struct Shelf {
    stocks: Mutex<VecDeque<(Option<String>, Arc<Stock>)>>,
}

/// The catalogue of one user.
#[derive(Default)]
pub(super) struct Stock(RwLock<Held>);

/// What a catalogue holds, and as of when.
#[derive(Default)]
pub(super) struct Held {
    /// None before it is filled.
    pub(super) stamp: Option<SnapshotsStamp>,
    pub(super) catalogue: Catalogue,
    /// The project of each version in the catalogue.
    projects: HashMap<i64, i64>,
    /// Versions that cannot be read; `verify` tells of them.
    unreadable: HashSet<i64>,
}

impl Shelf {
    /// The catalogue of a user, empty if it was not asked for before.
    pub(super) fn of(&self, user: Option<&str>) -> Arc<Stock> {
        let mut stocks = self.lock();
        let at = stocks.iter().position(|(known, _)| known.as_deref() == user);
        let found = at.and_then(|at| stocks.remove(at));
        let found = found.unwrap_or_else(|| (user.map(str::to_owned), Arc::default()));
        let stock = Arc::clone(&found.1);
        stocks.push_front(found);
        stocks.truncate(USERS);
        stock
    }

    /// What was erased must not stay in memory either.
    pub(super) fn forget_gone(&self, store: &Store) {
        let stocks: Vec<_> = self.lock().iter().cloned().collect();
        for (user, stock) in stocks {
            let mut held = stock.write();
            match store.wanted_versions(user.as_deref()) {
                Ok(wanted) => held.keep_only(&wanted.versions),
                Err(_) => *held = Held::default(),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Option<String>, Arc<Stock>)>> {
        self.stocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stock {
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Held> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Held> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Drops what is not among `wanted`, rows of versions with those of their projects.
    pub(super) fn keep_only(&mut self, wanted: &[(i64, i64)]) {
        let wanted: HashSet<i64> = wanted.iter().map(|(version, _)| *version).collect();
        let catalogue = &mut self.catalogue;
        self.projects.retain(|version, _| {
            let stays = wanted.contains(version);
            if !stays {
                catalogue.remove(*version);
            }
            stays
        });
        self.unreadable.retain(|version| wanted.contains(version));
    }

    /// Whether a version is in the catalogue, or cannot be.
    pub(super) fn is_known(&self, version: i64) -> bool {
        self.projects.contains_key(&version) || self.unreadable.contains(&version)
    }

    /// Adds versions: rows, those of their projects, and features.
    pub(super) fn add(&mut self, versions: Vec<(i64, i64, Features)>) {
        self.projects.extend(versions.iter().map(|(version, project, _)| (*version, *project)));
        self.catalogue.extend(versions);
    }

    pub(super) fn give_up(&mut self, version: i64) {
        self.unreadable.insert(version);
    }

    /// The project of a version in the catalogue.
    pub(super) fn project_of(&self, version: i64) -> Option<i64> {
        self.projects.get(&version).copied()
    }
}
