//! Connections to the file: one way to open it, and the settings every connection needs.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

use super::errors::{Fail, Outcome};
use super::schema;
use super::types::StoreOptions;
use crate::describe::key::Key;

const CACHED_STATEMENTS: usize = 96;
/// The WAL falls back to this after a burst, in bytes.
const WAL_LIMIT: i64 = 16 << 20;

/// The pages that one reader keeps, in KiB; taken as they are read. Rescoring reads vectors from all
/// over the file: SQLite's own 2 MiB would go to the system for nearly each of them.
const READER_CACHE_KIB: i64 = 32 << 10;

/// The connection that writes; makes the tables of a new file.
pub(super) fn open_writer(path: &Path, options: &StoreOptions) -> Outcome<Connection> {
    let mut conn = connect(path, OpenFlags::SQLITE_OPEN_CREATE, options)?;
    // No auto-vacuum: pages that erasing freed are zeroed and used again, and without its maps of
    // pointers a page's first byte tells what it is (`scrub.rs`).
    conn.pragma_update(None, "auto_vacuum", "NONE")?;
    conn.pragma_update(None, "secure_delete", true)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    schema::migrate(&mut conn, path, &options.model)?;
    enter_wal(&conn, options)?;
    conn.pragma_update(None, "synchronous", options.durability.synchronous())?;
    conn.pragma_update_and_check(None, "journal_size_limit", WAL_LIMIT, |_| Ok(()))?;
    Ok(conn)
}

/// A connection that only reads.
pub(super) fn open_reader(path: &Path, options: &StoreOptions) -> Outcome<Connection> {
    let conn = connect(path, OpenFlags::empty(), options)?;
    conn.pragma_update(None, "query_only", true)?;
    conn.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    Ok(conn)
}

/// No mutex: a connection is used by one thread at a time, its owner sees to that.
fn connect(path: &Path, more: OpenFlags, options: &StoreOptions) -> Outcome<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(Duration::from_millis(options.busy_timeout_ms))?;
    conn.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    // Plans that do not depend on bound values: otherwise a cached statement is prepared anew each
    // time its values change (5 µs become 50).
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    add_one_key(&conn)?;
    Ok(conn)
}

/// `one_key(text)`: musical keys in the spelling they are compared in, other values as they are.
fn add_one_key(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    conn.create_scalar_function("one_key", 1, flags, |call| {
        Ok(match call.get(0)? {
            Value::Text(text) => Value::Text(Key::one_spelling(&text)),
            other => other,
        })
    })
}

/// SQLite does not wait by itself for this one lock.
fn enter_wal(conn: &Connection, options: &StoreOptions) -> Outcome<()> {
    let begun = Instant::now();
    loop {
        let change = conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()));
        match change.map_err(Fail::from) {
            Err(Fail::Sql(fail)) if fail.is_busy() && !is_over(begun, options) => {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return other,
        }
    }
}

fn is_over(begun: Instant, options: &StoreOptions) -> bool {
    begun.elapsed() >= Duration::from_millis(options.busy_timeout_ms)
}
