//! The pace of work in the background: slow while others call, fast while nobody does.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::open::Open;
use crate::control::Control;
use crate::error::Result;

/// The pause after a piece of work while others call. A commit makes every reader read its pages
/// from the system again: so many searches must come between two that p99 does not see it.
const AMONG_CALLS: Duration = Duration::from_millis(300);
/// How often its own time a piece of work waits at least, so that it takes at most a tenth of a core.
const AMONG_CALLS_TIMES: u32 = 9;
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(2);
/// How often a pause looks at the stop flag, and at whether anybody called.
const LOOK: Duration = Duration::from_millis(5);

/// Pauses between pieces of work.
pub(super) struct Pace<'a> {
    open: &'a Open,
    seen: u64,
}

impl Pace<'_> {
    pub(super) fn new(open: &Open) -> Pace<'_> {
        Pace { open, seen: open.calls.load(Ordering::Relaxed) }
    }

    /// Waits after work that took `worked`; longer when others called since the last time, or wait
    /// for the writer.
    ///
    /// # Errors
    /// `PM_ABORTED` as soon as a stop is asked for.
    pub(super) fn pause(&mut self, worked: Duration, control: &Control) -> Result<()> {
        let begun = Instant::now();
        loop {
            control.check()?;
            let calls = self.open.calls.load(Ordering::Relaxed);
            let is_busy = calls != self.seen || self.open.store.waiting_writes() > 0;
            let left = length(worked, is_busy).saturating_sub(begun.elapsed());
            if left.is_zero() {
                self.seen = calls;
                return Ok(());
            }
            std::thread::sleep(LOOK.min(left));
        }
    }
}

/// How long to wait after work that took `worked`.
fn length(worked: Duration, is_busy: bool) -> Duration {
    if is_busy { (worked * AMONG_CALLS_TIMES).clamp(AMONG_CALLS, LONGEST) } else { worked / 4 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_come_first() {
        let ms = Duration::from_millis;
        assert_eq!(length(ms(4), false), ms(1));
        assert_eq!(length(ms(4), true), ms(300));
        assert_eq!(length(ms(50), true), ms(450));
        assert_eq!(length(ms(9_000), true), ms(2_000));
    }
}
