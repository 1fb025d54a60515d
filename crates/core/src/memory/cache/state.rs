//! What the cache keeps in memory, and how it follows the store: one path for our own writes and
//! those of other processes, whatever the store says has changed since the generation shown here.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::cache::{Evidence, Recent, Settings, Shelf};
use crate::error::Result;
use crate::memory::open::Open;
use crate::model::{PairModel, Runtime};

/// Entries read from the store at a time.
const PAGE: usize = 512;

pub(in crate::memory) struct State {
    pub(super) shelf: Shelf,
    pub(super) recent: Recent,
    pair: Pair,
    followed: Mutex<Followed>,
}

/// What was read from the store, at which generation.
#[derive(Default)]
struct Followed {
    generation: Option<u64>,
    known: Arc<Known>,
    /// The generation whose vectors are on the shelf.
    shelved: u64,
}

/// What is the same for every lookup until something changes.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) settings: Settings,
    pub(super) evidence: Evidence,
}

impl Known {
    /// The score from which the pair model is believed.
    pub(super) fn threshold(&self, pair: &PairModel) -> f32 {
        let most = self.settings.max_error_rate;
        self.evidence.threshold(pair.threshold(most), most)
    }
}

/// The pair model, opened when it is first needed: most lookups never are.
struct Pair {
    folder: Option<PathBuf>,
    runtime: Runtime,
    opened: OnceLock<std::result::Result<PairModel, String>>,
}

impl State {
    /// `folder` is the package of the pair model. One the caller named must open now.
    ///
    /// # Errors
    /// `PM_MODEL_NOT_FOUND`, `PM_MODEL_CORRUPT` for a named one.
    pub(in crate::memory) fn new(
        (dims, model): (usize, &str),
        runtime: &Runtime,
        folder: Option<PathBuf>,
        is_named: bool,
    ) -> Result<State> {
        let opened = OnceLock::new();
        if let Some(folder) = folder.as_ref().filter(|_| is_named) {
            let model = PairModel::open(folder, runtime)?;
            drop(opened.set(Ok(model)));
        }
        Ok(State {
            shelf: Shelf::new(dims, model)?,
            recent: Recent::default(),
            pair: Pair { folder, runtime: runtime.clone(), opened },
            followed: Mutex::default(),
        })
    }

    /// The pair model, or why there is none.
    pub(super) fn pair_model(&self) -> std::result::Result<&PairModel, &str> {
        let open = || {
            let none = "no package of a pair model is installed; the rules decide alone";
            let folder = self.pair.folder.as_ref().ok_or_else(|| none.to_owned())?;
            PairModel::open(folder, &self.pair.runtime).map_err(|err| {
                tracing::warn!(code = err.code(), "the pair model: {err}");
                err.to_string()
            })
        };
        self.pair.opened.get_or_init(open).as_ref().map_err(String::as_str)
    }

    fn lock(&self) -> MutexGuard<'_, Followed> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Settings and evidence as the store has them now. Microseconds when nothing changed.
    pub(super) fn cache_known(&self) -> Result<Arc<Known>> {
        let mut followed = self.cache.lock();
        self.follow(&mut followed)
    }

    fn follow(&self, followed: &mut Followed) -> Result<Arc<Known>> {
        let generation = self.store.responses_generation()?;
        if followed.generation != Some(generation) {
            let settings = Settings::from_store(&self.store.response_settings()?)?;
            let evidence = Evidence::new(&self.store.response_evidence()?);
            followed.known = Arc::new(Known { settings, evidence });
            followed.generation = Some(generation);
        }
        Ok(Arc::clone(&followed.known))
    }

    /// As [`Open::cache_known`], and the shelf holds every vector written until now.
    pub(super) fn cache_shelved(&self) -> Result<Arc<Known>> {
        let mut followed = self.cache.lock();
        let known = self.follow(&mut followed)?;
        let target = followed.generation.unwrap_or_default();
        if followed.shelved == target {
            return Ok(known);
        }
        let mut after = 0;
        loop {
            let items = self.store.response_vectors_since(followed.shelved, after, PAGE)?;
            self.cache.shelf.put(&items)?;
            match items.last() {
                Some(last) if items.len() == PAGE => after = last.row,
                _ => break,
            }
        }
        followed.shelved = target;
        Ok(known)
    }

    /// Drops what is in memory of answers; it is read again when it is needed.
    pub(in crate::memory) fn empty_cache_memory(&self) {
        let mut followed = self.cache.lock();
        self.cache.shelf.clear();
        self.cache.recent.clear();
        *followed = Followed::default();
    }

    /// The vector of a prompt.
    pub(super) fn cache_vector(&self, prompt: &str) -> Result<Arc<Vec<f32>>> {
        if let Some(known) = self.cache.recent.vector(prompt) {
            return Ok(known);
        }
        let vector = Arc::new(self.encoder.embed(prompt)?);
        self.cache.recent.add_vector(prompt, &vector);
        Ok(vector)
    }
}
