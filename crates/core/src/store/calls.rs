//! One write: what it may do inside a transaction, and how its caller gets the answer.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, OnceLock};

use rusqlite::Connection;

use super::errors::{Fail, Outcome, SqlFail};
use super::schema;
use super::separators::ErasedWords;
use crate::error::Error;

/// The transaction a call runs in.
pub(super) struct Tx<'a> {
    conn: &'a Connection,
    erased: Cell<bool>,
    erased_later: Cell<bool>,
    erased_words: RefCell<ErasedWords>,
}

/// What a transaction erased.
pub(super) struct Erased {
    /// Its traces must go at once.
    pub(super) now: bool,
    /// Its traces may wait for the next erasure.
    pub(super) later: bool,
    /// The words that were deleted.
    pub(super) words: ErasedWords,
}

impl std::ops::Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

impl<'a> Tx<'a> {
    pub(super) fn new(conn: &'a Connection) -> Tx<'a> {
        let (erased, erased_later) = (Cell::default(), Cell::default());
        Tx { conn, erased, erased_later, erased_words: RefCell::default() }
    }

    /// What was erased.
    pub(super) fn into_erased(self) -> Erased {
        let words = self.erased_words.into_inner();
        Erased { now: self.erased.get(), later: self.erased_later.get(), words }
    }

    /// The generation of this change of vectors: one more than ever before.
    pub(super) fn next_generation(&self) -> Outcome<i64> {
        schema::advance(self.conn, "generation")
    }

    /// Old content must leave the WAL too, once this is committed.
    pub(super) fn erases(&self) {
        self.erased.set(true);
    }

    /// A text was deleted whose traces the caller will have overwritten together with others', by
    /// [`Store::checkpoint`](super::Store::checkpoint): that reads the whole file. Until then the
    /// file itself says that there are traces, so a kill in between forgets none.
    pub(super) fn erases_later(&self, text: &str) -> Outcome<()> {
        self.erased_words.borrow_mut().add(text);
        if !self.erased_later.replace(true) {
            schema::advance(self.conn, "texts_dropped")?;
        }
        Ok(())
    }

    /// The words of a text were deleted.
    pub(super) fn erases_words(&self, text: &str) {
        self.erases();
        self.erased_words.borrow_mut().add(text);
    }
}

/// A queued call, its result type hidden.
pub(super) trait Call: Send {
    /// Runs in the group's transaction. An error here has lost the whole transaction.
    fn run(&mut self, tx: &Tx<'_>) -> std::result::Result<(), SqlFail>;
    /// Answers the caller: with its own outcome once committed, or with what lost the transaction.
    fn settle(self: Box<Self>, lost: Option<SqlFail>);
}

pub(super) struct TypedCall<T, W> {
    work: W,
    outcome: Option<Outcome<T>>,
    reply: SyncSender<Outcome<T>>,
    start: Start,
}

impl<T, W> TypedCall<T, W> {
    pub(super) fn new(work: W, reply: SyncSender<Outcome<T>>) -> TypedCall<T, W> {
        TypedCall { work, outcome: None, reply, start: Start::default() }
    }

    /// Where its caller may take it back.
    pub(super) fn start(&self) -> Start {
        self.start.clone()
    }
}

/// Whether a call has begun, or its caller has taken it back: whichever comes first.
#[derive(Clone, Default)]
pub(super) struct Start(Arc<OnceLock<bool>>);

impl Start {
    /// False once it was taken back.
    fn begin(&self) -> bool {
        *self.0.get_or_init(|| true)
    }

    /// Whether it will never begin.
    pub(super) fn take_back(&self) -> bool {
        !*self.0.get_or_init(|| false)
    }
}

impl<T: Send, W: FnMut(&Tx<'_>) -> Outcome<T> + Send> Call for TypedCall<T, W> {
    fn run(&mut self, tx: &Tx<'_>) -> std::result::Result<(), SqlFail> {
        if !self.start.begin() {
            self.outcome = Some(Err(Error::Aborted.into()));
            return Ok(());
        }
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
