//! Keeping the derived index in step with SQLite, saving it, and the thread that does the slow part.
//!
//! One path feeds the index, for our own writes and for those of other processes: whatever SQLite
//! says has changed since the generation the index shows.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use super::open::Open;
use super::warming;
use crate::error::{Error, Result};
use crate::index::{Expected, Item, Stamp, VectorIndex, is_replaceable};
use crate::store::{Changes, Store, VectorChange};

/// Rows read from SQLite at a time.
const PAGE: usize = 512;
/// Vectors moved into the graph between two looks at the stop flag: about 10 ms.
const STEP: usize = 64;
/// Changes after which the index is saved without waiting for close.
const SAVE_AFTER: usize = 2_000;
/// How often the thread looks for changes by other processes, when nobody wakes it.
const NAP: Duration = Duration::from_secs(30);

/// The state of upkeep of one open memory.
pub(super) struct Upkeep {
    /// The generation the index shows.
    applied: Mutex<u64>,
    /// Changes of the index since it was last saved or loaded.
    unsaved: AtomicUsize,
    /// How the index came to be at open.
    origin: String,
    signal: Arc<Signal>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Signal {
    awake: Mutex<bool>,
    changed: Condvar,
    stop: AtomicBool,
}

/// An index as it stands at open.
pub(super) struct Loaded {
    pub(super) index: VectorIndex,
    pub(super) generation: u64,
    pub(super) origin: String,
}

impl Upkeep {
    pub(super) fn new(generation: u64, origin: String) -> Upkeep {
        Upkeep {
            applied: Mutex::new(generation),
            unsaved: AtomicUsize::new(0),
            origin,
            signal: Arc::default(),
            thread: Mutex::new(None),
        }
    }

    /// How the index came to be: `loaded`, `new`, or `rebuilt: ` and why.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// There is work for the thread.
    pub(super) fn wake(&self) {
        self.signal.wake();
    }

    pub(super) fn stop_and_join(&self) {
        self.signal.stop.store(true, Ordering::Relaxed);
        self.signal.wake();
        let thread = lock(&self.thread).take();
        // The thread itself may hold the last reference and run this on its way out.
        if let Some(thread) = thread.filter(|t| t.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

impl Signal {
    fn wake(&self) {
        *lock(&self.awake) = true;
        self.changed.notify_all();
    }

    /// Waits to be woken, at most `longest`.
    fn wait(&self, longest: Duration) {
        let awake = lock(&self.awake);
        let waited = self.changed.wait_timeout_while(awake, longest, |awake| !*awake);
        let (mut awake, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *awake = false;
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Starts the upkeep thread of `open`; it ends when `open` is dropped or stopped.
pub(super) fn start(open: &Arc<Open>) -> Result<()> {
    let weak = Arc::downgrade(open);
    let signal = Arc::clone(&open.upkeep.signal);
    let work = move || {
        while !signal.stopped() {
            let Some(open) = weak.upgrade() else { return };
            if let Err(err) = open.upkeep_round() {
                tracing::warn!(code = err.code(), "index upkeep: {err}");
            }
            let warms = open.warming.is_wanted();
            drop(open);
            if !signal.stopped() {
                signal.wait(if warms { warming::DELAY } else { NAP });
            }
            if warms && !signal.stopped() {
                warm_up(&weak);
            }
        }
    };
    let thread = std::thread::Builder::new()
        .name("pm-upkeep".to_owned())
        .spawn(work)
        .map_err(Error::internal)?;
    *lock(&open.upkeep.thread) = Some(thread);
    Ok(())
}

fn warm_up(open: &Weak<Open>) {
    let Some(open) = open.upgrade() else { return };
    if let Err(err) = open.warm_up() {
        tracing::warn!(code = err.code(), "warming up: {err}");
    }
}

/// The index file of the store at `path`.
pub(super) fn index_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".index");
    PathBuf::from(name)
}

/// Whether the index may be saved to `file`, or removed from there: it may be another file of that name, which is not
/// even looked into where it is a store that is open here.
fn may_replace(file: &Path) -> Result<bool> {
    let looked =
        || is_replaceable(file).map_err(|err| Error::io("looking at the index", file, err));
    if Store::is_open_here(file) { Ok(false) } else { looked() }
}

/// The index as it was saved, or an empty one and the reason why.
pub(super) fn load_index(path: &Path, store: &Store) -> Result<Loaded> {
    let file = index_path(path);
    let model = store.model();
    let empty = |origin: &str| {
        let index = VectorIndex::new(model.dims, &model.name)?;
        Ok(Loaded { index, generation: 0, origin: origin.to_owned() })
    };
    let left_alone =
        |reason: &str| empty(&format!("rebuilt: {reason}; it is left alone, no index is saved"));
    if Store::is_open_here(&file) {
        return left_alone("it is another store");
    }
    if !file.exists() {
        return empty("new");
    }
    let expected = Expected { dims: model.dims, store: store.id(), model: &model.fingerprint };
    let loaded = match VectorIndex::load(&file, &expected) {
        Ok(loaded) => loaded,
        // It may be another file of that name, or one that cannot be looked at.
        Err(rejected) if !is_replaceable(&file).unwrap_or(false) => {
            return left_alone(&rejected.reason);
        }
        Err(rejected) => return empty(&format!("rebuilt: {}", rejected.reason)),
    };
    // A store put back from a backup is behind the index it finds beside it.
    let (then, now) = (loaded.generation, store.generation()?);
    if then > now {
        return empty(&format!("rebuilt: index of generation {then}, store of generation {now}"));
    }
    Ok(Loaded { index: loaded.index, generation: then, origin: "loaded".to_owned() })
}

impl Open {
    /// Brings the index up to what SQLite shows now. Costs microseconds when nothing changed.
    pub(super) fn catch_up(&self) -> Result<()> {
        let mut applied = lock(&self.upkeep.applied);
        let target = self.store.generation()?;
        if *applied == target {
            return Ok(());
        }
        let mut after = Some(0);
        while let Some(row) = after {
            after = match self.store.changes_since(*applied, row, PAGE)? {
                Changes::Page { changes, next } => {
                    self.apply(changes)?;
                    next
                }
                Changes::TooOld => {
                    self.empty_index();
                    *applied = 0;
                    Some(0)
                }
            };
        }
        *applied = target;
        drop(applied);
        self.upkeep.signal.wake();
        Ok(())
    }

    fn empty_index(&self) {
        let rows: Vec<u64> = self.index.rows().into_iter().collect();
        self.index.remove(&rows);
    }

    fn apply(&self, page: Vec<VectorChange>) -> Result<()> {
        self.upkeep.unsaved.fetch_add(page.len(), Ordering::Relaxed);
        let mut items = Vec::with_capacity(page.len());
        let mut gone = Vec::new();
        for change in page {
            match change {
                VectorChange::Put { row, partition, vectors } => {
                    items.push(Item { row, partition, vectors });
                }
                VectorChange::Remove { row } => gone.push(row),
            }
        }
        self.index.remove(&gone);
        match self.index.put(&items) {
            Err(Error::BadVector { .. }) => self.put_one_by_one(&items),
            done => done,
        }
    }

    /// Damaged vectors keep their memory out of searches by meaning, not the store from opening:
    /// `verify` names them.
    fn put_one_by_one(&self, items: &[Item]) -> Result<()> {
        for item in items {
            match self.index.put(std::slice::from_ref(item)) {
                Err(err @ Error::BadVector { .. }) => {
                    tracing::warn!(row = item.row, "left out of the index: {err}");
                }
                done => done?,
            }
        }
        Ok(())
    }

    /// What follows every acknowledged write. The write is safe already: an index that cannot
    /// follow now will at the next search, so this never fails the call.
    pub(super) fn after_write(&self) {
        if let Err(err) = self.catch_up() {
            tracing::warn!(code = err.code(), "index catch-up: {err}");
        }
    }

    /// Vectors of erased memories must not stay readable in the saved index: the file is derived,
    /// so it goes, and is written anew by the upkeep thread or at close.
    pub(super) fn erase_from_saved_index(&self) -> Result<()> {
        let file = index_path(&self.path);
        if !may_replace(&file)? {
            return Ok(());
        }
        match std::fs::remove_file(&file) {
            Ok(()) => {
                self.upkeep.unsaved.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(err) => Err(Error::io("removing the old index", &file, err)),
        }
    }

    /// Saves the index when it has changed since the last time.
    pub(super) fn save_index(&self) -> Result<()> {
        if self.upkeep.unsaved.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        self.catch_up()?;
        let file = index_path(&self.path);
        let generation = *lock(&self.upkeep.applied);
        self.upkeep.unsaved.store(0, Ordering::Relaxed);
        let stamp = Stamp {
            store: self.store.id().to_owned(),
            model: self.encoder.fingerprint().to_owned(),
            generation,
        };
        if may_replace(&file)? {
            self.index.save(&file, &stamp)?;
        }
        // Another process may have erased something while the file was written.
        if self.store.generation()? == generation {
            self.store.forget_tombstones_up_to(generation)
        } else {
            self.erase_from_saved_index()
        }
    }

    /// Drops the index and builds it again from SQLite.
    pub(super) fn rebuild_index(&self) -> Result<()> {
        let mut applied = lock(&self.upkeep.applied);
        self.empty_index();
        *applied = 0;
        drop(applied);
        self.catch_up()
    }

    /// One round of the thread: follow SQLite, grow the graph and probe its recall, save.
    fn upkeep_round(&self) -> Result<()> {
        self.catch_up()?;
        while self.index.advance(STEP)? {
            if self.upkeep.signal.stopped() {
                return Ok(());
            }
        }
        let unsaved = self.upkeep.unsaved.load(Ordering::Relaxed);
        if unsaved >= SAVE_AFTER.max(self.index.row_count() / 10) {
            self.save_index()?;
        }
        while self.cache_upkeep()? {
            if self.upkeep.signal.stopped() {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.upkeep.stop_and_join();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
