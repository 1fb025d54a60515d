//! The thread that writes: groups of calls, one transaction and one commit each, and erasing
//! after those that erased.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::Connection;

use super::access::Touches;
use super::calls::{Call, Tx};
use super::errors::{Fail, Outcome, SqlFail};
use super::response_counts::Pending;
use super::schema::setting;
use super::scrub::scrub;
use super::separators::{ErasedWords, replace_separators};

/// Calls in one transaction at most; their callers all wait for its commit.
const GROUP_CALLS: usize = 256;
/// How long an erasure that a reader held up waits for its next try.
const ERASE_RETRY: Duration = Duration::from_millis(250);
/// How long one try waits for readers.
const ERASE_WAIT: Duration = Duration::from_millis(60);

/// What the thread owns.
pub(super) struct Worker {
    pub(super) conn: Connection,
    pub(super) path: PathBuf,
    pub(super) touches: Arc<Touches>,
    /// Words deleted since separators were last looked at.
    pub(super) erased_words: RefCell<ErasedWords>,
    pub(super) patience: Duration,
    pub(super) pending_erase: Arc<AtomicBool>,
    /// Something was erased whose traces the caller of it will ask to be overwritten.
    pub(super) erase_later: Arc<AtomicBool>,
}

impl Worker {
    pub(super) fn run(self, queue: &Receiver<Box<dyn Call>>) {
        while let Some(group) = self.next_group(queue) {
            self.commit_group(group);
        }
        self.flush_touches();
        let is_left = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        if is_left(&self.pending_erase) || is_left(&self.erase_later) {
            self.erase_wal(ERASE_WAIT);
        }
    }

    /// Waits for a call and takes what else is queued; none once every handle is gone.
    fn next_group(&self, queue: &Receiver<Box<dyn Call>>) -> Option<Vec<Box<dyn Call>>> {
        let first = loop {
            if !self.pending_erase.load(Ordering::Relaxed) {
                break queue.recv().ok()?;
            }
            match queue.recv_timeout(ERASE_RETRY) {
                Ok(call) => break call,
                Err(RecvTimeoutError::Timeout) => self.erase_wal(Duration::ZERO),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        };
        let more = std::iter::from_fn(|| queue.try_recv().ok()).take(GROUP_CALLS - 1);
        Some(std::iter::once(first).chain(more).collect())
    }

    /// A group that is lost as a whole runs again call by call: one too large for the disk must
    /// not take small ones with it. Waiting for a lock again would be in vain.
    fn commit_group(&self, mut group: Vec<Box<dyn Call>>) {
        let lost = self.transact(&mut group).err();
        let again = lost.as_ref().is_some_and(|fail| !fail.is_busy()) && group.len() > 1;
        for mut call in group {
            let lost = if again {
                self.transact(std::slice::from_mut(&mut call)).err()
            } else {
                lost.clone()
            };
            call.settle(lost);
        }
    }

    fn transact(&self, group: &mut [Box<dyn Call>]) -> std::result::Result<(), SqlFail> {
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let tx = Tx::new(&self.conn);
        // Before the calls: what is used most must not be evicted for hits that are not counted yet.
        self.touches.write(&tx);
        let counted = self.write_counts(&tx);
        let done = group.iter_mut().try_for_each(|call| call.run(&tx)).and_then(|()| {
            tx.prepare_cached("COMMIT")?.execute([])?;
            Ok(())
        });
        if let Some(counted) = counted.filter(|_| done.is_err()) {
            self.touches.responses.put_back(counted);
        }
        if done.is_err() && !self.conn.is_autocommit() {
            drop(self.conn.execute_batch("ROLLBACK"));
        }
        if done.is_ok() {
            let mut erased = tx.into_erased();
            self.erased_words.borrow_mut().append(&mut erased.words);
            self.erase_later.fetch_or(erased.later, Ordering::Relaxed);
            if erased.now {
                self.erase_wal(ERASE_WAIT);
            } else if self.pending_erase.load(Ordering::Relaxed) {
                self.erase_wal(Duration::ZERO);
            }
        }
        done
    }

    /// The cache's counts, in a savepoint: half of them would be counted twice later.
    fn write_counts(&self, tx: &Tx<'_>) -> Option<Pending> {
        if self.touches.responses.is_empty() {
            return None;
        }
        let written = tx.execute_batch("SAVEPOINT counts").map_err(Fail::from).and_then(|()| {
            let written = self.touches.responses.write(tx);
            let end = if written.is_ok() { "RELEASE" } else { "ROLLBACK TO" };
            tx.execute_batch(&format!("{end} counts"))?;
            written
        });
        written
            .inspect_err(|fail| tracing::warn!(reason = ?fail, "cache counts were not written"))
            .ok()
    }

    fn flush_touches(&self) {
        if !self.touches.is_empty() {
            drop(self.transact(&mut []));
        }
    }

    /// Moves the WAL into the file, where erased content is overwritten, and cuts it to nothing.
    fn erase_wal(&self, patience: Duration) {
        let erased = self.checkpoint_within(patience).unwrap_or_else(|fail| {
            tracing::warn!(reason = ?fail, "the WAL could not be emptied, it will be tried again");
            false
        });
        self.pending_erase.store(!erased, Ordering::Relaxed);
        if erased {
            self.erase_later.store(false, Ordering::Relaxed);
        }
    }

    fn checkpoint_within(&self, patience: Duration) -> Outcome<bool> {
        self.conn.busy_timeout(patience)?;
        let done = self.erase();
        self.conn.busy_timeout(self.patience)?;
        done
    }

    fn erase(&self) -> Outcome<bool> {
        let mut words = self.erased_words.borrow_mut();
        if !words.is_empty() {
            replace_separators(&self.conn, &words)?;
            *words = ErasedWords::default();
        }
        let dropped = setting(&self.conn, "texts_dropped")?;
        let erased = checkpoint(&self.conn)? && scrub(&self.conn, &self.path)?;
        if erased && dropped > 0 {
            // Not when another process dropped more meanwhile.
            let sql = "UPDATE settings SET value = 0 WHERE name = 'texts_dropped' AND value = ?1";
            self.conn.prepare_cached(sql)?.execute([dropped])?;
        }
        Ok(erased)
    }
}

/// Whether the WAL is empty now; not while another connection reads an older state from it.
fn checkpoint(conn: &Connection) -> Outcome<bool> {
    let busy: i64 = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(busy == 0)
}
