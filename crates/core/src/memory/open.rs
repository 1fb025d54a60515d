//! Opening and closing.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, RwLock};

use serde::Deserialize;

use super::upkeep::{self, Loaded, Upkeep};
use super::warming::Warming;
use super::{PrimeMemory, cache, nul, snapshots};
use crate::error::{Error, Result};
use crate::index::VectorIndex;
use crate::model::{DEFAULT_PACKAGE, Encoder, Manifest, ModelPackage, Runtime, RuntimeSearch};
use crate::options::parse_object;
use crate::store::{Durability, ModelId, Scope, Store, StoreOptions};

/// What to do with a store that was filled with another model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MismatchPolicy {
    /// Refuse with `PM_MODEL_MISMATCH`.
    #[default]
    Fail,
    /// Open; until [`PrimeMemory::reindex`] ran, searches by meaning and writes refuse with
    /// `PM_MODEL_MISMATCH`, keyword search and reading work.
    Open,
}

/// How to open a memory.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct OpenOptions {
    /// The store's file; created when it does not exist. Its index lies beside it as `<path>.index`.
    pub path: PathBuf,
    /// Folder of a model package; none means the default model.
    pub model: Option<PathBuf>,
    /// Whose memories: the default of every call.
    pub scope: Scope,
    /// Most threads that encode at once, 1 to 64; none means the number of cores, at most 4.
    pub threads: Option<usize>,
    /// Whether an acknowledged write also survives a power cut.
    pub durability: Durability,
    /// What to do with a store of another model.
    pub model_mismatch: MismatchPolicy,
    /// Folder of the package of the pair model; none means the default one where it is installed.
    pub guard: Option<PathBuf>,
    /// The ONNX Runtime library file; none means look for it.
    pub runtime: Option<PathBuf>,
}

impl OpenOptions {
    /// Reads options from JSON.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`.
    pub fn from_json(json: &str) -> Result<OpenOptions> {
        let options: OpenOptions = parse_object("options", json)?;
        let bad_path = |found: &str| Error::BadOption {
            what: "options.path".to_owned(),
            found: found.to_owned(),
            advice: "give the path of the store's file".to_owned(),
        };
        if options.path.as_os_str().is_empty() {
            return Err(bad_path("missing"));
        }
        // SQLite's word for a store without a file: it would become a file of that name.
        if options.path.as_os_str() == ":memory:" {
            return Err(bad_path("\":memory:\", but a store is always a file"));
        }
        nul::refuse_in_scope("options.scope", &options.scope)?;
        Ok(options)
    }

    fn thread_count(&self) -> Result<usize> {
        match self.threads {
            None => Ok(std::thread::available_parallelism().map_or(1, usize::from).min(4)),
            Some(n) if (1..=64).contains(&n) => Ok(n),
            Some(n) => Err(Error::BadOption {
                what: "options.threads".to_owned(),
                found: n.to_string(),
                advice: "give a whole number from 1 to 64".to_owned(),
            }),
        }
    }
}

/// Links followed from a store's path; more are a circle.
const MOST_LINKS: usize = 40;

/// The parts of an open memory.
pub(super) struct Open {
    /// Absolute and without a link in its last part.
    pub(super) path: PathBuf,
    pub(super) scope: Scope,
    pub(super) store: Store,
    pub(super) encoder: Arc<Encoder>,
    pub(super) runtime: Runtime,
    pub(super) index: VectorIndex,
    pub(super) upkeep: Upkeep,
    pub(super) cache: cache::State,
    pub(super) recent_states: snapshots::Recent,
    pub(super) shelf: snapshots::Shelf,
    pub(super) teller: snapshots::Teller,
    pub(super) warming: Warming,
    /// Calls so far: who works in the background lets them go first.
    pub(super) calls: AtomicU64,
}

impl PrimeMemory {
    /// Opens the store at `options.path`, creating it when there is none.
    ///
    /// `default_model` and `default_guard` are the packages used when the options name none, `search`
    /// says where ONNX Runtime may lie. The index is loaded when healthy, else rebuilt in the background while
    /// searches scan exactly.
    ///
    /// # Errors
    /// `PM_BAD_PATH`, `PM_READ_ONLY`, `PM_NOT_A_STORE`, `PM_STORE_TOO_NEW`, `PM_STORE_CORRUPT`,
    /// `PM_MODEL_NOT_FOUND`, `PM_MODEL_CORRUPT`, `PM_MODEL_MISMATCH`, `PM_RUNTIME_NOT_FOUND`,
    /// `PM_RUNTIME_INVALID`, `PM_BAD_OPTION`.
    pub fn open(
        options: &OpenOptions,
        default_model: Option<&Path>,
        default_guard: Option<&Path>,
        search: &RuntimeSearch,
    ) -> Result<PrimeMemory> {
        // What checks and mends a damaged store needs it open.
        let unreadable = |err| match err {
            Error::StoreCorrupt { reason } => {
                Error::StoreUnreadable { path: options.path.clone(), reason }
            }
            other => other,
        };
        Self::open_readable(options, default_model, default_guard, search).map_err(unreadable)
    }

    fn open_readable(
        options: &OpenOptions,
        default_model: Option<&Path>,
        default_guard: Option<&Path>,
        search: &RuntimeSearch,
    ) -> Result<PrimeMemory> {
        let threads = options.thread_count()?;
        let path = real_path(&options.path)?;
        let mut search = search.clone();
        search.explicit = options.runtime.clone().or(search.explicit);
        let folder = model_folder(options, default_model)?;
        let (model, stored) = load_side_by_side(&path, options, &folder, || {
            let runtime = Runtime::load(&search)?;
            refuse_other_runtime(&runtime, options.runtime.as_deref())?;
            let package = ModelPackage::load(&folder)?;
            Ok((Encoder::shared(&package, &runtime, threads)?, runtime))
        })?;
        let ((encoder, runtime), (store, loaded)) = (model, stored);
        let named = options.guard.is_some();
        let guard = options.guard.clone().or_else(|| default_guard.map(Path::to_path_buf));
        let model = (encoder.dims(), encoder.manifest().name.as_str());
        let cache = cache::State::new(model, &runtime, guard, named)?;
        let open = Arc::new(Open {
            path,
            scope: options.scope.clone(),
            store,
            encoder,
            runtime,
            index: loaded.index,
            upkeep: Upkeep::new(loaded.generation, loaded.origin),
            cache,
            recent_states: snapshots::Recent::default(),
            shelf: snapshots::Shelf::default(),
            teller: snapshots::Teller::default(),
            warming: Warming::default(),
            calls: AtomicU64::default(),
        });
        open.catch_up()?;
        upkeep::start(&open)?;
        snapshots::resume(&open)?;
        Ok(PrimeMemory { open: Arc::new(RwLock::new(Some(open))) })
    }

    /// Saves the index and closes the files. Calls under way finish first; later calls get
    /// `PM_CLOSED`; closing twice is no error.
    ///
    /// An index that cannot be saved is no error: it is derived, the next open builds it again.
    ///
    /// Nor is it when another process holds the write lock for five seconds: the last access counts are lost then.
    ///
    /// # Errors
    /// `PM_DISK_FULL`, `PM_IO` when the last access counts could not be written; the store is closed and
    /// complete all the same.
    pub fn close(&self) -> Result<()> {
        let taken = {
            let mut guard = self.open.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            guard.take()
        };
        taken.map_or(Ok(()), |open| {
            open.teller.finish();
            open.upkeep.stop_and_join();
            let saved = open.save_index();
            if let Err(err) = &saved {
                tracing::warn!(code = err.code(), "the index was not saved: {err}");
            }
            let flushed = match saved {
                // Another process that writes on and on is waited for once.
                Err(busy @ Error::Busy { .. }) => Err(busy),
                _ => open.store.flush(),
            };
            let flushed = flushed.or_else(|err| {
                tracing::warn!(code = err.code(), "access counts were not written: {err}");
                open.store.drop_counts();
                if matches!(err, Error::Busy { .. }) { Ok(()) } else { Err(err) }
            });
            open.store.close();
            flushed
        })
    }

    /// Stops background work; calls still work. For a host that is about to exit and may call until then.
    pub fn stop_background(&self) {
        if let Ok(open) = self.open_parts() {
            open.teller.stop_and_join();
            open.upkeep.stop_and_join();
        }
    }

    /// Stops background work without saving the index: for a host that is about to exit.
    pub fn abandon(&self) {
        let taken = self.open.write().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(open) = taken {
            open.teller.stop_and_join();
            open.upkeep.stop_and_join();
            open.store.close();
        }
    }
}

/// The file that `path` means, as SQLite finds it: the index must lie beside the same one, whatever the process's
/// folder is by then and whichever link named it.
fn real_path(path: &Path) -> Result<PathBuf> {
    let bad = |reason: &str| Error::BadPath { path: path.to_path_buf(), reason: reason.to_owned() };
    let ends_as_folder = path.as_os_str().as_encoded_bytes().last().copied().map(char::from);
    if ends_as_folder.is_some_and(std::path::is_separator) && !path.is_dir() {
        return Err(bad("it ends in a separator, as only a folder's name does"));
    }
    let mut real = std::path::absolute(path).map_err(|err| Error::io("finding", path, err))?;
    for _ in 0..MOST_LINKS {
        // The file that a link points to may still have to be made.
        let Ok(target) = std::fs::read_link(&real) else { return Ok(real) };
        real = real.parent().unwrap_or(Path::new("/")).join(target);
    }
    Err(bad("it is a circle of links"))
}

fn model_folder(options: &OpenOptions, default_model: Option<&Path>) -> Result<PathBuf> {
    match (&options.model, default_model) {
        (Some(folder), _) => Ok(folder.clone()),
        (None, Some(folder)) => Ok(folder.to_path_buf()),
        (None, None) => Err(Error::ModelNotFound {
            path: Path::new("node_modules").join(DEFAULT_PACKAGE),
            reason: "the default model is not installed".to_owned(),
            package: DEFAULT_PACKAGE.to_owned(),
        }),
    }
}

/// A process has one ONNX Runtime: naming another than the one at work would have no effect.
fn refuse_other_runtime(at_work: &Runtime, named: Option<&Path>) -> Result<()> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    match named {
        Some(named) if real(named) != real(at_work.path()) => Err(Error::BadOption {
            what: "options.runtime".to_owned(),
            found: format!(
                "{} was given, but this process has loaded {}",
                named.display(),
                at_work.path().display()
            ),
            advice: "leave it out, or name it in the first open of the process".to_owned(),
        }),
        _ => Ok(()),
    }
}

/// The model on a thread of its own while store and index are read: each takes as long as the other.
/// A store that does not exist yet is made only once the model is known to be sound.
fn load_side_by_side<M: Send>(
    path: &Path,
    options: &OpenOptions,
    folder: &Path,
    load_model: impl FnOnce() -> Result<M> + Send,
) -> Result<(M, (Store, Loaded))> {
    let (manifest, fingerprint) = ModelPackage::identify(folder)?;
    if !path.exists() {
        let model = load_model()?;
        return Ok((model, open_store(path, options, &manifest, &fingerprint)?));
    }
    std::thread::scope(|scope| {
        let model = scope.spawn(load_model);
        let stored = open_store(path, options, &manifest, &fingerprint);
        let model = model.join().unwrap_or_else(|_| Err(Error::internal("loading the model")))?;
        Ok((model, stored?))
    })
}

/// The store, and its index as far as it could be loaded.
fn open_store(
    path: &Path,
    options: &OpenOptions,
    manifest: &Manifest,
    fingerprint: &str,
) -> Result<(Store, Loaded)> {
    let model = ModelId {
        name: manifest.name.clone(),
        fingerprint: fingerprint.to_owned(),
        dims: manifest.dims,
    };
    let accept_other_model = options.model_mismatch == MismatchPolicy::Open;
    let settings = StoreOptions {
        durability: options.durability,
        accept_other_model,
        ..StoreOptions::new(model)
    };
    let store = Store::open(path, settings)?;
    let loaded = upkeep::load_index(path, &store)?;
    Ok((store, loaded))
}
