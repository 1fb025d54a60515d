//! The one writer of this process: a thread (`worker.rs`) that merges the calls of all threads into
//! groups, one transaction and one commit each. Every call has a savepoint of its own, so one that
//! fails takes nothing from its neighbours.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::access::Touches;
use super::calls::{Call, Tx, TypedCall};
use super::errors::Outcome;
use super::separators::ErasedWords;
use super::types::StoreOptions;
use super::worker::Worker;
use crate::control::Control;
use crate::error::{Error, Result};

/// How often a call that waits for its commit looks whether it is to stop.
const STOP_LOOK: Duration = Duration::from_millis(20);

/// A handle to the thread; joined on [`Writer::stop`] or drop.
pub(super) struct Writer {
    path: PathBuf,
    calls: RwLock<Option<Sender<Box<dyn Call>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    pending_erase: Arc<AtomicBool>,
    erase_later: Arc<AtomicBool>,
    waiting: Arc<AtomicUsize>,
}

impl Writer {
    pub(super) fn start(
        conn: Connection,
        path: &Path,
        options: &StoreOptions,
        touches: Arc<Touches>,
    ) -> Result<Writer> {
        let (calls, queue) = channel();
        // A WAL left by a crash may hold what was being erased; dropped texts leave a note of it.
        let is_noted =
            super::schema::setting(&conn, "texts_dropped").is_ok_and(|groups| groups > 0);
        let leftover = is_noted || std::fs::metadata(wal_of(path)).is_ok_and(|meta| meta.len() > 0);
        let pending_erase = Arc::new(AtomicBool::new(leftover));
        let erase_later = Arc::<AtomicBool>::default();
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
            erase_later: Arc::clone(&erase_later),
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
            erase_later,
            waiting: Arc::default(),
        })
    }

    /// Runs `work` in a transaction and returns once it is committed. `work` may run again when a
    /// neighbour's failure took the whole transaction.
    pub(super) fn call<T: Send + 'static>(
        &self,
        work: impl FnMut(&Tx<'_>) -> Outcome<T> + Send + 'static,
    ) -> Result<T> {
        self.call_under(&Control::new(), work)
    }

    /// As [`Writer::call`]; a stop takes it back while it waits for its turn, or for another process.
    ///
    /// # Errors
    /// `PM_ABORTED`, and `work` never runs.
    pub(super) fn call_under<T: Send + 'static>(
        &self,
        control: &Control,
        work: impl FnMut(&Tx<'_>) -> Outcome<T> + Send + 'static,
    ) -> Result<T> {
        let begun = Instant::now();
        let (reply, answer) = sync_channel(1);
        let call = TypedCall::new(work, reply);
        let start = call.start();
        self.send(Box::new(call))?;
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let outcome = loop {
            match answer.recv_timeout(STOP_LOOK) {
                Ok(outcome) => break Ok(outcome),
                Err(RecvTimeoutError::Disconnected) => break Err(Error::Closed),
                Err(RecvTimeoutError::Timeout) if control.is_stopped() && start.take_back() => {
                    break Err(Error::Aborted);
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        let outcome = outcome?;
        outcome.map_err(|fail| fail.into_error(&self.path, begun.elapsed().as_millis() as u64))
    }

    fn send(&self, call: Box<dyn Call>) -> Result<()> {
        let calls = self.calls.read().unwrap_or_else(PoisonError::into_inner);
        calls.as_ref().and_then(|calls| calls.send(call).ok()).ok_or(Error::Closed)
    }

    /// As [`Writer::call`], for work that nobody waits for.
    pub(super) fn post(
        &self,
        work: impl FnMut(&Tx<'_>) -> Outcome<()> + Send + 'static,
    ) -> Result<()> {
        let (reply, _) = sync_channel(1);
        self.send(Box::new(TypedCall::new(work, reply)))
    }

    /// Calls that wait for their commit now.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Whether erased content may still stand in the files: because a reader holds it, or because
    /// who erased it has more to erase.
    pub(super) fn pending_erase(&self) -> bool {
        self.pending_erase.load(Ordering::Relaxed) || self.erase_later.load(Ordering::Relaxed)
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
    fn a_stop_takes_a_call_back_that_waits_for_another_writer() {
        let folder = Folder::new();
        let store = folder.open();
        let other = Connection::open(folder.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let control = Control::new();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(50));
                control.stop();
            });
            let begun = Instant::now();
            let err = store.insert_under(vec![memory("kick")], &control).unwrap_err();
            assert_eq!(err.code(), "PM_ABORTED");
            assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        });
        other.execute_batch("ROLLBACK").unwrap();
        store.insert(vec![memory("snare")]).unwrap();
        assert_eq!(
            store.stats().unwrap().kinds.iter().map(|kind| kind.sizes.memories).sum::<u64>(),
            1
        );
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
