//! How a caller follows a long job, and how it stops one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Items done.
    pub done: usize,
    /// Items in all.
    pub total: usize,
}

type Listener = Arc<dyn Fn(Progress) + Send + Sync>;

/// A stop flag and a progress listener, handed to calls that may take long. Cloning shares both.
///
/// Jobs poll the flag between windows of text and between batches of rows, so a stop takes effect
/// within tens of milliseconds.
#[derive(Clone, Default)]
pub struct Control {
    stop: Arc<AtomicBool>,
    listener: Option<Listener>,
}

impl Control {
    /// Neither watched nor stopped by anybody.
    pub fn new() -> Control {
        Control::default()
    }

    /// Stops when `stop` becomes true.
    pub fn with_stop(stop: Arc<AtomicBool>) -> Control {
        Control { stop, listener: None }
    }

    /// Calls `listener` from the working thread as items are done.
    #[must_use]
    pub fn on_progress(mut self, listener: impl Fn(Progress) + Send + Sync + 'static) -> Control {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// Asks the job to stop.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether a stop was asked for.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// # Errors
    /// `PM_ABORTED` once a stop was asked for.
    pub fn check(&self) -> Result<()> {
        if self.is_stopped() { Err(Error::Aborted) } else { Ok(()) }
    }

    pub(crate) fn report(&self, done: usize, total: usize) {
        if let Some(listener) = &self.listener {
            listener(Progress { done, total });
        }
    }
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").field("stopped", &self.is_stopped()).finish_non_exhaustive()
    }
}
