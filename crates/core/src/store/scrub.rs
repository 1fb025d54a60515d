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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::super::testing::{Folder, memory, model, nobody, tokens};
    use super::super::types::{Change, NewMemory, Scope, ScopeFilter};
    use super::*;
    use crate::tokens::MemoryTokens;

    /// A b-tree page of 64 bytes with these cell pointers, its cells from `cells` on.
    fn page(kind: u8, pointers: &[u8], cells: u8) -> Vec<u8> {
        let mut page = vec![0xEE; 64];
        page[..8].copy_from_slice(&[kind, 0, 0, 0, pointers.len() as u8, 0, cells, 0]);
        for (i, pointer) in pointers.iter().enumerate() {
            page[8 + 2 * i..10 + 2 * i].copy_from_slice(&[0, *pointer]);
        }
        page
    }

    #[test]
    fn gaps() {
        assert_eq!(gap_of(&page(0x0d, &[50, 40], 40), 0), Some(12..40));
        assert_eq!(gap_of(&page(0x0a, &[], 64), 0), Some(8..64));
        assert_eq!(gap_of(&page(0x0d, &[30], 40), 0), None, "a cell before the cells");
        assert_eq!(gap_of(&page(0x0d, &[50], 10), 0), None, "no room between");
        assert_eq!(gap_of(&page(0x00, &[50], 40), 0), None, "no b-tree");
        assert_eq!(gap_of(&[], 0), None);
    }

    fn with_everything(text: &str, secret: &str) -> NewMemory {
        let metadata = json!({ "singer": format!("singer-{secret}") });
        NewMemory {
            data: Some(format!("{{ \"lyric\":\t\"lyric-{secret}\" }}")),
            metadata: metadata.as_object().unwrap().clone(),
            scope: Scope { user: Some(format!("user-{secret}")), project: None },
            ..memory(text)
        }
    }

    /// Bytes that only one memory has: its own words, metadata, user, id and vectors.
    fn traces(secret: &str, id: &str, tokens: &MemoryTokens) -> Vec<Vec<u8>> {
        let blob = crate::tokens::Dtype::F16.encode(&tokens.data, tokens.dims);
        let words = ["singer-", "user-", ""].map(|prefix| format!("{prefix}{secret}").into_bytes());
        words.into_iter().chain([id.as_bytes().to_vec(), blob]).collect()
    }

    #[test]
    fn removing_erases() {
        let folder = Folder::new();
        let store = folder.open();
        let item = with_everything("zyxophone qwlarp secretly", "zyxophon");
        let traces_of = |id: &str| traces("zyxophon", id, &item.tokens);
        let others = (0..300).map(|i| memory(&format!("ordinary words number{i}"))).collect();
        store.insert(others).unwrap();
        let id = store.insert(vec![item.clone()]).unwrap().remove(0);
        for trace in traces_of(&id) {
            assert!(folder.holds(&trace), "the search finds {trace:?} while it is there");
        }
        let scope = [ScopeFilter { user: Some("user-zyxophon".into()), ..ScopeFilter::default() }];
        assert_eq!(store.remove(std::slice::from_ref(&id), &scope).unwrap(), 1);
        for trace in traces_of(&id) {
            assert!(!folder.holds(&trace), "{}", String::from_utf8_lossy(&trace));
        }
        assert!(!store.stats().unwrap().pending_erase);
    }

    #[test]
    fn an_update_erases_the_old_text() {
        let folder = Folder::new();
        let store = folder.open();
        let item = memory("qwlarp secretly");
        let old = crate::tokens::Dtype::F16.encode(&item.tokens.data, item.tokens.dims);
        let id = store.insert(vec![item]).unwrap().remove(0);
        assert!(folder.holds(b"qwlarp") && folder.holds(&old));
        let text = ("plain".to_owned(), tokens(3, 1, &model("one")));
        let change = Change { text: Some(text), ..Change::default() };
        store.update(&id, &nobody(), change).unwrap();
        assert!(!folder.holds(b"qwlarp") && !folder.holds(&old));
    }

    #[test]
    fn erasing_waits_for_a_reader_and_says_so() {
        let folder = Folder::new();
        let store = folder.open();
        let id = store.insert(vec![memory("qwlarp")]).unwrap().remove(0);
        let reader = Connection::open(folder.path()).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM memories").unwrap();
        assert_eq!(store.remove(&[id], &nobody()).unwrap(), 1);
        assert!(store.stats().unwrap().pending_erase);
        reader.execute_batch("COMMIT").unwrap();
        for _ in 0..100 {
            if !store.stats().unwrap().pending_erase {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert!(!store.stats().unwrap().pending_erase);
        assert!(!folder.holds(b"qwlarp"));
    }

    /// Inserts, updates and removes in an order that `seed` determines, then looks for what is gone.
    fn churn(word: impl Fn(u64) -> String, seed: u64) {
        let folder = Folder::new();
        let store = folder.open();
        let mut state = seed;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        let (mut next, mut live, mut gone) = (0_u64, Vec::new(), Vec::new());
        let mut fresh = || {
            next += 1;
            (memory(&format!("shared {} words", word(next))), word(next))
        };
        for _ in 0..400 {
            let (items, words): (Vec<_>, Vec<_>) = (0..random(20)).map(|_| fresh()).unzip();
            live.extend(store.insert(items).unwrap().into_iter().zip(words));
            for _ in 0..random(4).min(live.len()) {
                let at = random(live.len());
                let (item, word) = fresh();
                let change = Change { text: Some((item.text, item.tokens)), ..Change::default() };
                assert!(store.update(&live[at].0, &nobody(), change).unwrap());
                gone.push(std::mem::replace(&mut live[at].1, word));
            }
            let removed =
                (0..random(8).min(live.len())).map(|_| live.swap_remove(random(live.len())));
            let (ids, words): (Vec<_>, Vec<_>) = removed.unzip();
            assert_eq!(store.remove(&ids, &nobody()).unwrap(), ids.len());
            gone.extend(ids.into_iter().chain(words));
        }
        let traces: Vec<_> = gone.into_iter().map(String::into_bytes).collect();
        let left = folder.left_of(&traces);
        let sample = left.first().map(|trace| String::from_utf8_lossy(trace));
        assert!(left.is_empty(), "{} of {} are left: {sample:?}", left.len(), traces.len());
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn erasing_among_thousands_leaves_nothing() {
        churn(|i| format!("w{:016x}", i.wrapping_mul(0x9E37_79B9_7F4A_7C15)), 1);
    }

    #[test]
    fn erasing_among_words_that_begin_alike_leaves_nothing() {
        churn(|i| format!("session{i:05}"), 2);
    }
}
