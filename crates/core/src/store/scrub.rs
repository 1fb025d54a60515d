//! The last step of erasing. `secure_delete` zeroes what SQLite frees, but when it balances a
//! b-tree it moves rows between pages and leaves their old bytes in the unused middle of the page
//! (seen in 1 of 3,400 erased ids). Nothing ever reads those bytes, so they are zeroed in place.
//!
//! Safe at any instant: the bytes between a page's cell pointers and its cells mean nothing to
//! SQLite, so neither a reader nor a kill in between can tell a page half zeroed from one not.

use std::ffi::c_void;
use std::path::Path;

use rusqlite::{Connection, ffi};

use super::errors::Outcome;
use super::schema;
use super::writer::wal_of;
use crate::error::Error;

/// Pages read at once.
const CHUNK_PAGES: usize = 64;

/// Zeroes the unused bytes of all pages. False: another process wrote meanwhile, try again later.
/// To be called right after the WAL was emptied, outside a transaction.
pub(super) fn scrub(conn: &Connection, path: &Path) -> Outcome<bool> {
    // Pages kept in memory still have the bytes, and would bring them back when written.
    conn.release_memory()?;
    conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let done = scrub_locked(conn, path);
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    conn.prepare_cached(end)?.execute([])?;
    conn.release_memory()?;
    done
}

/// With the write lock held and nothing in the WAL, the file is all there is and nobody else
/// changes it.
fn scrub_locked(conn: &Connection, path: &Path) -> Outcome<bool> {
    if std::fs::metadata(wal_of(path)).is_ok_and(|meta| meta.len() > 0) {
        return Ok(false);
    }
    let page_bytes: i64 = conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let page_count: i64 = conn.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let file = DatabaseFile::of(conn)?;
    if file.zero_gaps(page_bytes as usize, page_count as usize)? {
        // A commit makes every other process forget the pages it keeps in memory.
        schema::advance(conn, "scrubs")?;
    }
    Ok(true)
}

/// The unused bytes in the middle of a b-tree page; none for any other page. `header` is where its
/// header begins: 100 on the first page of a file.
fn gap_of(page: &[u8], header: usize) -> Option<std::ops::Range<usize>> {
    let number =
        |at: usize| Some(usize::from(*page.get(at)?) << 8 | usize::from(*page.get(at + 1)?));
    let header_bytes = match page.get(header)? {
        0x02 | 0x05 => 12,
        0x0a | 0x0d => 8,
        _ => return None,
    };
    let pointers = header + header_bytes;
    let end = pointers + 2 * number(header + 3)?;
    let cells = match number(header + 5)? {
        0 => 65_536,
        cells => cells,
    };
    let sound =
        cells <= page.len() && (pointers..end).step_by(2).all(|at| number(at) >= Some(cells));
    (sound && end < cells).then_some(end..cells)
}

/// SQLite's own handle of the file. A second one of ours would drop SQLite's locks when closed.
struct DatabaseFile(*mut ffi::sqlite3_file);

impl DatabaseFile {
    fn of(conn: &Connection) -> Outcome<DatabaseFile> {
        let mut file: *mut ffi::sqlite3_file = std::ptr::null_mut();
        let place = std::ptr::from_mut(&mut file).cast::<c_void>();
        // SAFETY: the connection is open and used by this thread only; for this operation SQLite
        // writes one pointer to the place given and nothing else.
        let code = unsafe {
            let operation = ffi::SQLITE_FCNTL_FILE_POINTER;
            ffi::sqlite3_file_control(conn.handle(), c"main".as_ptr(), operation, place)
        };
        if code != ffi::SQLITE_OK || file.is_null() {
            return Err(Error::internal("SQLite does not give its file").into());
        }
        Ok(DatabaseFile(file))
    }

    /// Whether there was anything to zero.
    fn zero_gaps(&self, page_bytes: usize, page_count: usize) -> Outcome<bool> {
        let mut chunk = vec![0_u8; page_bytes * CHUNK_PAGES];
        let mut found = false;
        for first in (0..page_count).step_by(CHUNK_PAGES) {
            let pages = CHUNK_PAGES.min(page_count - first);
            let chunk = &mut chunk[..pages * page_bytes];
            self.read(chunk, first * page_bytes)?;
            for (i, page) in chunk.chunks_exact(page_bytes).enumerate() {
                let header = if first + i == 0 { 100 } else { 0 };
                let gap =
                    gap_of(page, header).filter(|gap| page[gap.clone()].iter().any(|b| *b != 0));
                if let Some(gap) = gap {
                    let zeros = vec![0_u8; gap.len()];
                    self.write(&zeros, (first + i) * page_bytes + gap.start)?;
                    found = true;
                }
            }
        }
        if found {
            self.sync()?;
        }
        Ok(found)
    }

    fn read(&self, bytes: &mut [u8], offset: usize) -> Outcome<()> {
        let (length, place) = (bytes.len() as i32, bytes.as_mut_ptr().cast::<c_void>());
        // SAFETY: the handle is SQLite's and open as long as the connection, which outlives this
        // value; the buffer is as long as told.
        let code = unsafe {
            methods(self.0)?.xRead.map(|read| read(self.0, place, length, offset as i64))
        };
        check(code)
    }

    fn write(&self, bytes: &[u8], offset: usize) -> Outcome<()> {
        let (length, place) = (bytes.len() as i32, bytes.as_ptr().cast::<c_void>());
        // SAFETY: as in `read`.
        let code = unsafe {
            methods(self.0)?.xWrite.map(|write| write(self.0, place, length, offset as i64))
        };
        check(code)
    }

    fn sync(&self) -> Outcome<()> {
        // SAFETY: as in `read`.
        let code =
            unsafe { methods(self.0)?.xSync.map(|sync| sync(self.0, ffi::SQLITE_SYNC_NORMAL)) };
        check(code)
    }
}

/// # Safety
/// `file` is a handle that SQLite gave and has not closed.
unsafe fn methods<'a>(file: *mut ffi::sqlite3_file) -> Outcome<&'a ffi::sqlite3_io_methods> {
    // SAFETY: the handle is open, so its methods are there and static.
    let methods = unsafe { (*file).pMethods.as_ref() };
    methods.ok_or_else(|| Error::internal("SQLite's file is closed").into())
}

fn check(code: Option<i32>) -> Outcome<()> {
    match code {
        Some(ffi::SQLITE_OK) => Ok(()),
        Some(code) => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None).into()),
        None => Err(Error::internal("SQLite's file lacks a method").into()),
    }
}
