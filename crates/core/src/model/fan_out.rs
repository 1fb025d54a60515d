//! A list of jobs spread over a few threads, each thread taking the next job as it gets free.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::error::{Error, Result};

/// The results of `work(0)` to `work(count - 1)`, in that order, made by up to `threads` threads,
/// the calling one among them.
///
/// # Errors
/// The error of the earliest job that failed; no new job begins after a failure.
pub(crate) fn fan_out<T: Send>(
    threads: usize,
    count: usize,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    if threads.min(count) <= 1 {
        return (0..count).map(work).collect();
    }
    let queue = Queue { next: AtomicUsize::new(0), failed: AtomicBool::new(false), count };
    let mut done = thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, || queue.drain(&work));
        // A system that gives no more threads gets the same work done with fewer.
        let helpers: Vec<_> = (1..threads.min(count)).map_while(|i| spawn(i).ok()).collect();
        let mut done = queue.drain(&work);
        for helper in helpers {
            done.extend(helper.join().map_err(|_| Error::internal("an encoding thread panicked"))?);
        }
        Ok::<_, Error>(done)
    })?;
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

struct Queue {
    next: AtomicUsize,
    failed: AtomicBool,
    count: usize,
}

impl Queue {
    /// Takes jobs until none is left or one failed anywhere.
    fn drain<T>(&self, work: &impl Fn(usize) -> Result<T>) -> Vec<(usize, Result<T>)> {
        let mut done = Vec::new();
        while !self.failed.load(Ordering::Relaxed) {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= self.count {
                break;
            }
            let result = work(index);
            self.failed.fetch_or(result.is_err(), Ordering::Relaxed);
            done.push((index, result));
        }
        done
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_threads() {
        for threads in [0, 1, 2, 7] {
            let squares = fan_out(threads, 100, |i| Ok(i * i)).unwrap();
            assert_eq!(squares, (0..100).map(|i| i * i).collect::<Vec<_>>());
        }
        assert!(fan_out(4, 0, Ok).unwrap().is_empty());
    }

    #[test]
    fn the_earliest_failure_is_told_and_nothing_new_begins() {
        let begun = AtomicUsize::new(0);
        let result = fan_out(3, 10_000, |i| {
            begun.fetch_add(1, Ordering::Relaxed);
            if i >= 5 { Err(Error::internal(i)) } else { Ok(i) }
        });
        assert!(result.unwrap_err().to_string().contains("error: 5;"));
        assert!(begun.into_inner() < 20);
    }

    #[test]
    fn a_panic_becomes_an_error() {
        let (calling, helped) = (thread::current().id(), AtomicBool::new(false));
        let result = fan_out(2, 2, |i| {
            if thread::current().id() != calling {
                helped.store(true, Ordering::SeqCst);
                panic!("on purpose");
            }
            while !helped.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            Ok(i)
        });
        assert_eq!(result.unwrap_err().code(), "PM_INTERNAL");
    }
}
