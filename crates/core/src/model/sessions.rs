//! A few sessions shared by many callers, handed out in the order of asking.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::package::ModelPackage;
use super::runtime::Runtime;
use super::session::{Session, Shape};
use crate::error::{Error, Result};

/// Up to `limit` sessions of one graph. The first is made at once, others when all are busy.
///
/// A caller borrows one for a single window of text and waits its turn in line: a search finds a
/// session within one window's time (tens of milliseconds) even during a long import.
#[derive(Debug)]
pub(crate) struct Sessions {
    runtime: Runtime,
    shape: Shape,
    limit: usize,
    state: Mutex<State>,
    turn: Condvar,
}

#[derive(Debug)]
struct State {
    idle: Vec<Session>,
    made: usize,
    /// The graph, as long as more sessions may be made from it.
    package: Option<ModelPackage>,
    /// Numbers of the next caller to come and of the one whose turn it is.
    next: u64,
    serving: u64,
}

/// A session out of the pool; it goes back when dropped.
#[derive(Debug)]
struct Borrowed<'p> {
    pool: &'p Sessions,
    session: Option<Session>,
}

impl Sessions {
    /// # Errors
    /// `PM_MODEL_CORRUPT` when the graph does not load or is not what its manifest says.
    pub(crate) fn open(
        package: &ModelPackage,
        runtime: &Runtime,
        limit: usize,
    ) -> Result<Sessions> {
        let shape = Shape::new(package.manifest());
        let first = Session::open(package, runtime, &shape)?;
        let package = (limit > 1).then(|| package.clone());
        let state = State { idle: vec![first], made: 1, package, next: 0, serving: 0 };
        let (state, turn) = (Mutex::new(state), Condvar::new());
        Ok(Sessions { runtime: runtime.clone(), shape, limit, state, turn })
    }

    /// Runs one window of text tokens: see [`Session::run`].
    ///
    /// # Errors
    /// `PM_INFERENCE`; `PM_MODEL_CORRUPT` when a further session cannot be made.
    pub(crate) fn run<T>(&self, tokens: &[u32], read: impl FnOnce(&[f32]) -> T) -> Result<T> {
        let mut borrowed = self.borrow()?;
        let session = borrowed.session.as_mut();
        session.ok_or_else(|| Error::internal("no session"))?.run(&self.shape, tokens, read)
    }

    /// A free session, or a new one, or the next that comes back.
    fn borrow(&self) -> Result<Borrowed<'_>> {
        let mut state = self.lock();
        let ticket = state.next;
        state.next += 1;
        while state.serving != ticket || (state.idle.is_empty() && state.made == self.limit) {
            state = self.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.serving += 1;
        let idle = state.idle.pop();
        let package = if idle.is_none() { state.take_package(self.limit) } else { None };
        drop(state);
        self.turn.notify_all();
        let session = match (idle, package) {
            (None, Some(package)) => Some(self.make(&package)?),
            (idle, _) => idle,
        };
        Ok(Borrowed { pool: self, session })
    }

    fn make(&self, package: &ModelPackage) -> Result<Session> {
        Session::open(package, &self.runtime, &self.shape).inspect_err(|_| {
            let mut state = self.lock();
            state.made -= 1;
            state.package.get_or_insert_with(|| package.clone());
            drop(state);
            self.turn.notify_all();
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The graph for one more session; the last one to be made takes it away, since it is large.
    fn take_package(&mut self, limit: usize) -> Option<ModelPackage> {
        self.made += 1;
        if self.made == limit { self.package.take() } else { self.package.clone() }
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        self.pool.lock().idle.extend(self.session.take());
        self.pool.turn.notify_all();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;
    use crate::model::fixture;

    fn open(limit: usize) -> Sessions {
        Sessions::open(fixture::package(), fixture::runtime(), limit).unwrap()
    }

    #[test]
    fn makes_no_more_than_its_limit_and_lets_the_graph_go() {
        let pool = open(2);
        assert_eq!(pool.lock().made, 1);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..5).for_each(|_| pool.run(&[2000; 30], |_| ()).unwrap()));
            }
        });
        let state = pool.lock();
        assert_eq!((state.made, state.idle.len(), state.package.is_some()), (2, 2, false));
    }

    /// Whoever comes while a busy caller asks again and again gets the next turn.
    #[test]
    fn a_newcomer_is_served_next() {
        let (pool, served) = (open(1), AtomicUsize::new(0));
        thread::scope(|scope| {
            let held = pool.borrow().unwrap();
            scope.spawn(|| {
                drop(pool.borrow().unwrap());
                served.fetch_add(1, Ordering::SeqCst);
            });
            while pool.lock().next < 2 {
                thread::yield_now();
            }
            drop(held);
            let again = pool.borrow().unwrap();
            assert!(pool.lock().serving >= 3, "the newcomer went first");
            drop(again);
        });
        assert_eq!(served.into_inner(), 1);
    }

    #[test]
    fn a_panic_in_the_reader_gives_the_session_back() {
        let pool = open(1);
        let run = || pool.run(&[2000], |_| panic!("on purpose"));
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        assert!(caught.is_err());
        assert!(pool.run(&[2000], |_| ()).is_ok());
    }
}
