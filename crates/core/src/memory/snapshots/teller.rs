//! Memories and features of versions are made behind the save: both take milliseconds, and an autosave
//! has none to spare. What was not told when a process ended is told after the next open; features
//! that were not made are made when somebody looks for similar projects.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::KIND;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::memory::open::Open;

/// How long a search waits for versions saved before it to be found by it.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long nothing must have been saved before features are made: reading a state of a megabyte
/// takes a core for tens of milliseconds, which the next save would feel.
const LULL: Duration = Duration::from_secs(2);

/// The thread that tells, and what it still has to tell.
#[derive(Default)]
pub(in crate::memory) struct Teller {
    queue: Arc<Queue>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Queue {
    state: Mutex<Waiting>,
    changed: Condvar,
    control: Control,
}

#[derive(Default)]
struct Waiting {
    versions: VecDeque<i64>,
    /// Told, and without features yet. Their turn comes when there is nothing to tell, so that of
    /// autosaves in quick succession only the last needs any.
    told: VecDeque<i64>,
    last_told: Option<Instant>,
    is_busy: bool,
    is_closing: bool,
    is_started: bool,
}

/// What to do next.
enum Work {
    Tell(i64),
    Liken(i64),
}

impl Waiting {
    fn is_done(&self) -> bool {
        self.versions.is_empty() && !self.is_busy || !self.is_started
    }
}

/// Makes the memory of a version soon. Without a thread it is made after the next open.
pub(super) fn tell_later(open: &Arc<Open>, version: i64) {
    if let Err(err) = queue(open, [version]) {
        tracing::warn!(code = err.code(), "a version is not told yet: {err}");
    }
}

/// Goes on where an earlier process ended.
pub(in crate::memory) fn resume(open: &Arc<Open>) -> Result<()> {
    let untold = open.store.untold_versions()?;
    if untold.is_empty() || !open.store.model_matches() { Ok(()) } else { queue(open, untold) }
}

fn queue(open: &Arc<Open>, versions: impl IntoIterator<Item = i64>) -> Result<()> {
    let queue = &open.teller.queue;
    let mut state = queue.lock();
    if state.is_closing {
        return Ok(());
    }
    state.versions.extend(versions);
    queue.changed.notify_all();
    if state.is_started {
        return Ok(());
    }
    let (weak, shared) = (Arc::downgrade(open), Arc::clone(queue));
    let work = move || {
        while let Some(work) = shared.next() {
            let Some(open) = weak.upgrade() else { return };
            let done = match work {
                Work::Tell(version) => open.tell(version, &shared.control),
                Work::Liken(version) => open.liken(version),
            };
            if let Err(err) = done {
                tracing::warn!(code = err.code(), "a version is not told yet: {err}");
            }
            drop(open);
            if let Work::Tell(version) = work {
                shared.told(version);
            }
        }
    };
    let thread = std::thread::Builder::new().name("pm-teller".to_owned()).spawn(work);
    let thread = thread.map_err(Error::internal)?;
    state.is_started = true;
    drop(state);
    *open.teller.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
    Ok(())
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to do next; none once everything is told and the memory is closing.
    fn next(&self) -> Option<Work> {
        let state = self.lock();
        let nothing_to_tell = |state: &mut Waiting| state.versions.is_empty() && !state.is_closing;
        let nothing_to_do = |state: &mut Waiting| nothing_to_tell(state) && state.told.is_empty();
        let state =
            self.changed.wait_while(state, nothing_to_do).unwrap_or_else(PoisonError::into_inner);
        let lull = LULL.saturating_sub(state.last_told.map_or(LULL, |at| at.elapsed()));
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, lull, nothing_to_tell)
            .unwrap_or_else(PoisonError::into_inner);
        if self.control.is_stopped() {
            return None;
        }
        if let Some(version) = state.versions.pop_front() {
            state.is_busy = true;
            return Some(Work::Tell(version));
        }
        if state.is_closing { None } else { state.told.pop_front().map(Work::Liken) }
    }

    fn told(&self, version: i64) {
        let mut state = self.lock();
        state.is_busy = false;
        state.told.push_back(version);
        state.last_told = Some(Instant::now());
        drop(state);
        self.changed.notify_all();
    }
}

impl Teller {
    /// Waits until the versions saved so far can be found, where a search may be for them.
    pub(in crate::memory) fn wait_for_told(&self, kinds: &[String]) {
        if kinds.is_empty() || kinds.iter().any(|kind| kind == KIND) {
            let state = self.queue.lock();
            let waits = |state: &mut Waiting| !state.is_done();
            drop(self.queue.changed.wait_timeout_while(state, PATIENCE, waits));
        }
    }

    /// Tells what is queued, then ends.
    pub(in crate::memory) fn finish(&self) {
        self.queue.lock().is_closing = true;
        self.end();
    }

    /// Ends at once.
    pub(in crate::memory) fn stop_and_join(&self) {
        self.queue.control.stop();
        self.finish();
    }

    fn end(&self) {
        self.queue.changed.notify_all();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The thread itself may hold the last reference and run this on its way out.
        if let Some(thread) = thread.filter(|t| t.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.stop_and_join();
    }
}
