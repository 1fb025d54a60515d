//! A store that lost its settings is damaged, and says so.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

mod store_support;

use prime_memory::store::{Store, StoreOptions};
use store_support::{memory, model, open};

#[test]
fn a_store_without_its_settings_is_damaged() {
    for name in ["'id'", "'model'", "'generation'", "name"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("studio.db");
        open(&path).insert(vec![memory("kick")]).unwrap();
        let sql = format!("DELETE FROM settings WHERE name = {name}");
        rusqlite::Connection::open(&path).unwrap().execute_batch(&sql).unwrap();
        let err = Store::open(&path, StoreOptions::new(model())).unwrap_err();
        assert_eq!(err.code(), "PM_STORE_CORRUPT", "without {name}: {err}");
    }
}
