//! The one writer of this process: a thread that merges the calls of all threads into groups, one
//! transaction and one commit each. Every call has a savepoint of its own, so one that fails takes
//! nothing from its neighbours.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::access::Touches;
use super::errors::{Fail, Outcome, SqlFail};
use super::schema;
use super::scrub::scrub;
use super::separators::{ErasedWords, replace_separators};
use super::types::StoreOptions;
use crate::error::{Error, Result};

/// Calls in one transaction at most; their callers all wait for its commit.
const GROUP_CALLS: usize = 256;
/// How long an erasure that a reader held up waits for its next try.
const ERASE_RETRY: Duration = Duration::from_millis(250);
/// How long one try waits for readers.
const ERASE_WAIT: Duration = Duration::from_millis(60);

/// The transaction a call runs in.
pub(super) struct Tx<'a> {
    conn: &'a Connection,
    erased: Cell<bool>,
    erased_words: RefCell<ErasedWords>,
}

impl std::ops::Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

impl Tx<'_> {
    /// The generation of this change of vectors: one more than ever before.
    pub(super) fn next_generation(&self) -> Outcome<i64> {
        schema::advance(self.conn, "generation")
    }

    /// Old content must leave the WAL too, once this is committed.
    pub(super) fn erases(&self) {
        self.erased.set(true);
    }

    /// The words of a text were deleted.
    pub(super) fn erases_words(&self, text: &str) {
        self.erases();
        self.erased_words.borrow_mut().add(text);
    }
}

/// A handle to the thread; joined on [`Writer::stop`] or drop.
pub(super) struct Writer {
    path: PathBuf,
    calls: RwLock<Option<Sender<Box<dyn Call>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    pending_erase: Arc<AtomicBool>,
}

impl Writer {
    pub(super) fn start(
        conn: Connection,
        path: &Path,
        options: &StoreOptions,
        touches: Arc<Touches>,
    ) -> Result<Writer> {
        let (calls, queue) = channel();
        // A WAL left by a crash may hold what was being erased.
        let leftover = std::fs::metadata(wal_of(path)).is_ok_and(|meta| meta.len() > 0);
        let pending_erase = Arc::new(AtomicBool::new(leftover));
        let work = Worker {
            conn,
            path: path.to_path_buf(),
            touches,
            erased_words: RefCell::new(if leftover {
                ErasedWords::all()
            } else {
                ErasedWords::default()
            }),
            patience: Duration::from_millis(options.busy_timeout_ms),
            pending_erase: Arc::clone(&pending_erase),
        };
        let thread = std::thread::Builder::new()
            .name("prime-memory-writer".to_owned())
            .spawn(move || work.run(&queue))
            .map_err(|err| Error::io("starting the writer thread", path, err))?;
        Ok(Writer {
            path: path.to_path_buf(),
            calls: RwLock::new(Some(calls)),
            thread: Mutex::new(Some(thread)),
            pending_erase,
        })
    }

    /// Runs `work` in a transaction and returns once it is committed. `work` may run again when a
    /// neighbour's failure took the whole transaction.
    pub(super) fn call<T: Send + 'static>(
        &self,
        work: impl FnMut(&Tx<'_>) -> Outcome<T> + Send + 'static,
    ) -> Result<T> {
        let begun = Instant::now();
        let (reply, answer) = sync_channel(1);
        self.send(Box::new(TypedCall { work, outcome: None, reply }))?;
        let outcome = answer.recv().map_err(|_| Error::Closed)?;
        outcome.map_err(|fail| fail.into_error(&self.path, begun.elapsed().as_millis() as u64))
    }

    fn send(&self, call: Box<dyn Call>) -> Result<()> {
        let calls = self.calls.read().unwrap_or_else(PoisonError::into_inner);
        calls.as_ref().and_then(|calls| calls.send(call).ok()).ok_or(Error::Closed)
    }

    /// Whether erased content may still stand in the WAL, because a reader holds it.
    pub(super) fn pending_erase(&self) -> bool {
        self.pending_erase.load(Ordering::Relaxed)
    }

    /// Lets queued calls finish, then closes the connection.
    pub(super) fn stop(&self) {
        drop(self.calls.write().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer thread panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The WAL beside a file.
pub(super) fn wal_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// A queued call, its result type hidden.
trait Call: Send {
    /// Runs in the group's transaction. An error here has lost the whole transaction.
    fn run(&mut self, tx: &Tx<'_>) -> std::result::Result<(), SqlFail>;
    /// Answers the caller: with its own outcome once committed, or with what lost the transaction.
    fn settle(self: Box<Self>, lost: Option<SqlFail>);
}

struct TypedCall<T, W> {
    work: W,
    outcome: Option<Outcome<T>>,
    reply: SyncSender<Outcome<T>>,
}

impl<T: Send, W: FnMut(&Tx<'_>) -> Outcome<T> + Send> Call for TypedCall<T, W> {
    fn run(&mut self, tx: &Tx<'_>) -> std::result::Result<(), SqlFail> {
        tx.prepare_cached("SAVEPOINT call")?.execute([])?;
        let work = AssertUnwindSafe(|| (self.work)(tx));
        let outcome =
            catch_unwind(work).unwrap_or_else(|_| Err(Error::internal("a write panicked").into()));
        match &outcome {
            Err(Fail::Sql(fail)) if tx.is_autocommit() => return Err(fail.clone()),
            Err(_) => {
                tx.prepare_cached("ROLLBACK TO call")?.execute([])?;
            }
            Ok(_) => {}
        }
        tx.prepare_cached("RELEASE call")?.execute([])?;
        self.outcome = Some(outcome);
        Ok(())
    }

    fn settle(self: Box<Self>, lost: Option<SqlFail>) {
        let outcome = match lost {
            Some(fail) => Err(fail.into()),
            None => self.outcome.unwrap_or_else(|| Err(Error::internal("a call never ran").into())),
        };
        // A caller that is gone no longer needs its answer.
        drop(self.reply.send(outcome));
    }
}

/// What the thread owns.
struct Worker {
    conn: Connection,
    path: PathBuf,
    touches: Arc<Touches>,
    /// Words deleted since separators were last looked at.
    erased_words: RefCell<ErasedWords>,
    patience: Duration,
    pending_erase: Arc<AtomicBool>,
}

impl Worker {
    fn run(self, queue: &Receiver<Box<dyn Call>>) {
        while let Some(group) = self.next_group(queue) {
            self.commit_group(group);
        }
        self.flush_touches();
        if self.pending_erase.load(Ordering::Relaxed) {
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
        let tx = Tx { conn: &self.conn, erased: Cell::default(), erased_words: RefCell::default() };
        let done = group.iter_mut().try_for_each(|call| call.run(&tx)).and_then(|()| {
            self.touches.write(&tx);
            tx.prepare_cached("COMMIT")?.execute([])?;
            Ok(())
        });
        if done.is_err() && !self.conn.is_autocommit() {
            drop(self.conn.execute_batch("ROLLBACK"));
        }
        if done.is_ok() && tx.erased.get() {
            self.erased_words.borrow_mut().append(&mut tx.erased_words.borrow_mut());
            self.erase_wal(ERASE_WAIT);
        } else if done.is_ok() && self.pending_erase.load(Ordering::Relaxed) {
            self.erase_wal(Duration::ZERO);
        }
        done
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
        Ok(checkpoint(&self.conn)? && scrub(&self.conn, &self.path)?)
    }
}

/// Whether the WAL is empty now; not while another connection reads an older state from it.
fn checkpoint(conn: &Connection) -> Outcome<bool> {
    let busy: i64 = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(busy == 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use std::sync::Barrier;

    use super::super::testing::{Folder, memory};
    use super::*;

    fn write(tx: &Tx<'_>, name: &str) -> Outcome<()> {
        let sql = "INSERT INTO settings (name, value) VALUES (?1, 1)";
        tx.execute(sql, [name])?;
        Ok(())
    }

    #[test]
    fn one_that_fails_takes_nothing_from_its_neighbours() {
        let folder = Folder::new();
        let store = folder.open();
        let barrier = Barrier::new(16);
        std::thread::scope(|scope| {
            for i in 0..16 {
                let (store, barrier) = (&store, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let outcome = store.writer.call(move |tx| {
                        write(tx, &format!("ok-{i}"))?;
                        if i % 2 == 0 { write(tx, "generation") } else { Ok(()) }
                    });
                    assert_eq!(outcome.is_ok(), i % 2 == 1);
                });
            }
        });
        let sql = "SELECT count(*) FROM settings WHERE name LIKE 'ok-%'";
        let count = store.read(|conn| Ok(conn.query_row(sql, [], |row| row.get::<_, i64>(0))?));
        assert_eq!(count.unwrap(), 8);
    }

    #[test]
    fn a_panic_is_an_error_and_the_next_call_works() {
        let folder = Folder::new();
        let store = folder.open();
        let err = store.writer.call(|tx| -> Outcome<()> {
            write(tx, "half")?;
            panic!("as a defect would")
        });
        assert_eq!(err.unwrap_err().code(), "PM_INTERNAL");
        store.writer.call(|tx| write(tx, "half")).unwrap();
    }

    #[test]
    fn another_writer_makes_it_busy() {
        let folder = Folder::new();
        let store = folder.open_with(|options| options.busy_timeout_ms = 120);
        let other = Connection::open(folder.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        match store.insert(vec![memory("kick")]).unwrap_err() {
            Error::Busy { waited_ms } => assert!((120..2_000).contains(&waited_ms), "{waited_ms}"),
            other => panic!("{other}"),
        }
        other.execute_batch("ROLLBACK").unwrap();
        store.insert(vec![memory("kick")]).unwrap();
    }

    #[test]
    fn a_full_disk_takes_the_large_call_only() {
        let folder = Folder::new();
        let store = folder.open();
        store.insert(vec![memory("before")]).unwrap();
        let limit = |pages: u32| {
            store.writer.call(move |tx| {
                tx.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
                Ok(())
            })
        };
        limit(60).unwrap();
        let large = || (0..2_000).map(|i| memory(&format!("large {i}"))).collect();
        assert_eq!(store.insert(large()).unwrap_err().code(), "PM_DISK_FULL");
        std::thread::scope(|scope| {
            let big = scope.spawn(|| store.insert(large()).unwrap_err().code());
            for _ in 0..4 {
                scope.spawn(|| store.insert(vec![memory("small")]).unwrap());
            }
            assert_eq!(big.join().unwrap(), "PM_DISK_FULL");
        });
        limit(1_000_000).unwrap();
        store.insert(large()).unwrap();
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn calls_after_closing_are_refused() {
        let folder = Folder::new();
        let store = folder.open();
        store.close();
        store.close();
        assert_eq!(store.insert(vec![memory("late")]).unwrap_err().code(), "PM_CLOSED");
        assert_eq!(store.generation().unwrap_err().code(), "PM_CLOSED");
    }

    #[test]
    fn a_writer_lives_at_its_file() {
        assert_eq!(wal_of(Path::new("a/b.db")), Path::new("a/b.db-wal"));
    }
}
