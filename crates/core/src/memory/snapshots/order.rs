//! Calls on one project take effect in the order in which they were made, though what takes long in
//! them, packing, is done side by side.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Snapshots;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::snapshots::UserScope;
use crate::store::now_ms;

/// How often a call that waits looks whether it was stopped.
const LOOK: Duration = Duration::from_millis(20);
/// How long a call waits for one that does not even run yet. It may never: all threads may be waiting
/// for the one that waits here.
const PATIENCE: Duration = Duration::from_secs(5);

/// A project: whose, and its name.
type Project = (Option<String>, String);

/// The calls that were made and are not over.
#[derive(Debug, Default)]
pub(super) struct Order {
    calls: Mutex<Calls>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Calls {
    last: u64,
    /// In the order in which they were made.
    made: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    number: u64,
    project: Project,
    runs: bool,
}

/// The place of a call in the order. Given up when dropped, so also by one that fails or panics.
#[derive(Debug)]
pub(super) struct Turn {
    order: Arc<Order>,
    number: u64,
    /// None: it waits for those of all projects, and none waits for it.
    project: Option<Project>,
    /// When the call was made, in milliseconds since 1970.
    pub(super) at: i64,
}

impl Snapshots {
    /// For one call on `project` that is made now and runs later, on another thread: it takes effect
    /// after those made before it here, and before those made after it. Threads must begin such calls
    /// in the order in which they were made.
    ///
    /// # Errors
    /// `PM_CLOSED`.
    pub fn begin(&self, project: &str, scope: Option<&UserScope>) -> Result<Snapshots> {
        let open = self.memory.open_parts()?;
        Ok(self.with(self.order.join(open.user_of(scope), project)))
    }

    /// As [`Snapshots::begin`] for a call on the project of a version.
    ///
    /// # Errors
    /// `PM_NOT_FOUND`, `PM_CLOSED`.
    pub fn begin_at(&self, id: &str, scope: Option<&UserScope>) -> Result<Snapshots> {
        let open = self.memory.open_parts()?;
        let user = open.user_of(scope);
        let project = open.version_of(id, user)?.project;
        Ok(self.with(self.order.join(user, &project)))
    }

    /// As [`Snapshots::begin`] for a call that follows those on any project, and that none follows.
    #[must_use]
    pub fn begin_last(&self) -> Snapshots {
        self.with(self.order.follow())
    }

    fn with(&self, turn: Turn) -> Snapshots {
        Snapshots { turn: Some(Arc::new(turn)), ..self.clone() }
    }

    /// The turn of the call that runs now.
    pub(super) fn turn(&self, user: Option<&str>, project: &str) -> Arc<Turn> {
        let turn = self.turn.clone().unwrap_or_else(|| Arc::new(self.order.join(user, project)));
        turn.run();
        turn
    }

    /// For what a call that runs now does by another one.
    pub(super) fn in_turn(&self, user: Option<&str>, project: &str) -> Snapshots {
        Snapshots { turn: Some(self.turn(user, project)), ..self.clone() }
    }

    /// As [`Snapshots::turn`] of a call that none follows.
    pub(super) fn last_turn(&self) -> Arc<Turn> {
        self.turn.clone().unwrap_or_else(|| Arc::new(self.order.follow()))
    }
}

impl Order {
    fn join(self: &Arc<Order>, user: Option<&str>, project: &str) -> Turn {
        let project = (user.map(str::to_owned), project.to_owned());
        let mut calls = self.lock();
        calls.last += 1;
        let number = calls.last;
        calls.made.push(Call { number, project: project.clone(), runs: false });
        Turn { order: Arc::clone(self), number, project: Some(project), at: now_ms() }
    }

    fn follow(self: &Arc<Order>) -> Turn {
        let number = self.lock().last + 1;
        Turn { order: Arc::clone(self), number, project: None, at: now_ms() }
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    fn run(&self) {
        let mut calls = self.order.lock();
        calls
            .made
            .iter_mut()
            .filter(|call| call.number == self.number)
            .for_each(|call| call.runs = true);
    }

    /// Returns once the calls made before this one are over.
    ///
    /// # Errors
    /// `PM_ABORTED`; `PM_BUSY` when one of them does not even begin.
    pub(super) fn wait(&self, control: &Control) -> Result<()> {
        self.wait_with(PATIENCE, control)
    }

    fn wait_with(&self, patience: Duration, control: &Control) -> Result<()> {
        let since = Instant::now();
        let mut calls = self.order.lock();
        loop {
            let Some(before) = calls.made.iter().find(|call| self.follows(call)) else {
                return Ok(());
            };
            control.check()?;
            let waited = since.elapsed();
            if !before.runs && waited > patience {
                return Err(Error::Busy { waited_ms: waited.as_millis() as u64 });
            }
            let woken = self.order.changed.wait_timeout(calls, LOOK);
            calls = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn follows(&self, call: &Call) -> bool {
        let is_of_project = self.project.as_ref().is_none_or(|project| *project == call.project);
        call.number < self.number && is_of_project
    }

    /// Lets those that wait for this one go on.
    pub(super) fn end(&self) {
        // A number without a project is that of the next call.
        if self.project.is_some() {
            self.order.lock().made.retain(|call| call.number != self.number);
            self.order.changed.notify_all();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    #[test]
    fn a_call_waits_for_those_made_before_it_on_its_project() {
        let order = Arc::<Order>::default();
        let (first, other) = (order.join(None, "p"), order.join(Some("ana"), "p"));
        let (second, last) = (order.join(None, "p"), order.follow());
        first.run();
        assert!(other.wait(&Control::new()).is_ok(), "another user's");
        let stopped = Control::new();
        stopped.stop();
        assert_eq!(second.wait(&stopped).unwrap_err().code(), "PM_ABORTED");
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| second.wait(&Control::new()).is_ok());
            drop(first);
            assert!(waits.join().unwrap());
        });
        assert_eq!(last.wait(&stopped).unwrap_err().code(), "PM_ABORTED");
        other.end();
        drop(second);
        assert!(last.wait(&stopped).is_ok());
    }

    #[test]
    fn a_call_that_never_begins_holds_up_none_for_ever() {
        let order = Arc::<Order>::default();
        let (_first, second) = (order.join(None, "p"), order.join(None, "p"));
        let given_up = second.wait_with(LOOK, &Control::new()).unwrap_err();
        assert_eq!(given_up.code(), "PM_BUSY");
    }
}
