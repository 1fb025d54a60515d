//! Opening what is no store, is damaged or newer: an error that says so, and the file untouched.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

mod store_support;

use std::path::Path;

use prime_memory::store::{Durability, Store, StoreOptions};
use store_support::{memory, model, nobody, open};

fn code_of(path: &Path) -> &'static str {
    Store::open(path, StoreOptions::new(model())).unwrap_err().code()
}

/// The names and bytes of everything in a folder.
fn picture(folder: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    let mut files: Vec<_> = files
        .map(|file| (file.file_name(), std::fs::read(file.path()).unwrap_or_default()))
        .collect();
    files.sort();
    files
}

/// Makes a file with `make`, expects `code` and nothing changed.
#[track_caller]
fn check(make: impl FnOnce(&Path), code: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("studio.db");
    make(&path);
    let before = picture(folder.path());
    assert_eq!(code_of(&path), code);
    assert!(picture(folder.path()) == before, "the folder changed");
}

fn sqlite(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn files_of_others_stay_untouched() {
    check(|path| std::fs::create_dir(path).unwrap(), "PM_BAD_PATH");
    check(|path| std::fs::write(path, "a text file").unwrap(), "PM_NOT_A_STORE");
    check(|path| std::fs::write(path, [0_u8; 4_096]).unwrap(), "PM_NOT_A_STORE");
    check(|path| sqlite(path, "CREATE TABLE theirs (a)"), "PM_NOT_A_STORE");
    check(|path| sqlite(path, "PRAGMA journal_mode = WAL; CREATE TABLE a (b)"), "PM_NOT_A_STORE");
    check(|path| sqlite(path, "PRAGMA application_id = 7; CREATE TABLE a (b)"), "PM_NOT_A_STORE");
}

#[test]
fn a_wal_that_others_left_stays_too() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("a.db"), folder.path().join("copy"));
    std::fs::create_dir(&copy).unwrap();
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE a (b)").unwrap();
    for name in ["a.db", "a.db-wal"] {
        std::fs::copy(folder.path().join(name), copy.join(name)).unwrap();
    }
    let before = picture(&copy);
    assert_eq!(code_of(&copy.join("a.db")), "PM_NOT_A_STORE");
    assert!(picture(&copy) == before);
}

#[test]
fn a_newer_store_stays_untouched() {
    let newer = |path: &Path| {
        drop(open(path));
        sqlite(path, "PRAGMA user_version = 99");
    };
    check(newer, "PM_STORE_TOO_NEW");
}

fn damaged(path: &Path, damage: impl FnOnce(&mut Vec<u8>)) {
    let store = open(path);
    store.insert((0..500).map(|i| memory(&format!("text number {i}"))).collect()).unwrap();
    drop(store);
    let mut bytes = std::fs::read(path).unwrap();
    damage(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_truncated_store_is_corrupt() {
    for keep in [150, 4_096, 5_000, 40_960] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("studio.db");
        damaged(&path, |bytes| bytes.truncate(keep));
        assert_eq!(code_of(&path), "PM_STORE_CORRUPT", "{keep} bytes kept");
    }
}

#[test]
fn a_scrambled_page_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("studio.db");
    damaged(&path, |bytes| {
        let middle = bytes.len() / 2 / 4_096 * 4_096;
        bytes[middle..middle + 4_096].fill(0xA5);
    });
    match Store::open(&path, StoreOptions::new(model())) {
        Err(err) => assert_eq!(err.code(), "PM_STORE_CORRUPT"),
        Ok(store) => assert_ne!(store.verify().unwrap(), Vec::<String>::new()),
    }
}

#[test]
fn an_absent_and_an_empty_file_become_stores() {
    let folder = tempfile::tempdir().unwrap();
    let (absent, empty) = (folder.path().join("absent.db"), folder.path().join("empty.db"));
    std::fs::write(&empty, "").unwrap();
    for path in [absent, empty] {
        let store = open(&path);
        let id = store.insert(vec![memory("a")]).unwrap().remove(0);
        let name = store.id().to_owned();
        drop(store);
        assert!(!path.with_extension("db-wal").exists(), "closing leaves one file");
        let store = open(&path);
        assert_eq!(store.id(), name);
        assert!(store.get(&id, &nobody()).unwrap().is_some());
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(&bytes[68..72], b"PMEM");
    }
}

#[test]
fn eight_at_once_make_one_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("studio.db");
    let ids: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
        let opening: Vec<_> = (0..8).map(|_| scope.spawn(|| open(&path).id().to_owned())).collect();
        opening.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(ids.len(), 1);
}

#[test]
fn names_that_sqlite_would_read_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["file:a.db", "a?mode=memory", ":memory:", "Übung ♫.db", "a b.db"] {
        let path = folder.path().join(name);
        drop(open(&path));
        assert!(path.is_file(), "{name}");
    }
}

#[test]
fn durability_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions { durability: Durability::Full, ..StoreOptions::new(model()) };
    let store = Store::open(&folder.path().join("studio.db"), options).unwrap();
    store.insert(vec![memory("a b c"), memory("d")]).unwrap();
    let stats = store.stats().unwrap();
    assert_eq!((stats.durability, &*stats.journal_mode), (Durability::Full, "wal"));
    let kind = &stats.kinds[0];
    let sizes = kind.sizes;
    assert_eq!((sizes.memories, sizes.memory_tokens, sizes.source_bytes), (2, 4, 6));
    assert_eq!(sizes.token_bytes, (4 + 1) * 2 * store_support::DIMS as u64);
}
