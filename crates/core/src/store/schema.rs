//! The tables, and how an older file becomes today's (`PRAGMA user_version`).

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::errors::Outcome;
use super::probe::APPLICATION_ID;
use super::responses_schema;
use super::types::ModelId;
use crate::error::Error;

/// The steps from format `n` to `n + 1`. Released steps never change.
const MIGRATIONS: [&str; 5] = [
    VERSION_1,
    responses_schema::VERSION_2,
    super::preferences::VERSION_3,
    super::snapshots_schema::VERSION_4,
    super::tiers_schema::VERSION_5,
];

/// The format this version writes.
pub(super) const FORMAT: u32 = MIGRATIONS.len() as u32;

/// Small columns apart from large ones: filters scan `memories` and counting an access rewrites
/// one of its rows, neither must touch text, snapshots of megabytes, or vectors.
///
/// The sizes in `memories` are kept by triggers, whoever writes, so that counting them all reads one
/// narrow index and no content.
///
/// `AUTOINCREMENT`: a row or partition number that the index still holds never means another one.
/// `words` keeps no text; `delete` is given the old text, and with `secure-delete` the terms leave
/// its pages at once (`contentless_delete=1` would keep them until a merge).
const VERSION_1: &str = "
CREATE TABLE settings (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE models (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    dims INTEGER NOT NULL
) STRICT;
CREATE TABLE partitions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    user TEXT,
    project TEXT
) STRICT;
CREATE UNIQUE INDEX partitions_key ON partitions
    (kind, ifnull(user, ''), user IS NULL, ifnull(project, ''), project IS NULL);
CREATE TABLE memories (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    partition INTEGER NOT NULL REFERENCES partitions (id),
    tier TEXT NOT NULL,
    metadata TEXT NOT NULL,
    source_tokens INTEGER NOT NULL,
    source_bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    accessed_at INTEGER,
    access_count INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL,
    text_bytes INTEGER NOT NULL DEFAULT 0,
    data_bytes INTEGER NOT NULL DEFAULT 0,
    memory_tokens INTEGER NOT NULL DEFAULT 0,
    token_bytes INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX memories_sizes ON memories (partition, tier, source_tokens, source_bytes,
    text_bytes, data_bytes, memory_tokens, token_bytes);
CREATE INDEX memories_changed ON memories (changed);
CREATE TABLE contents (
    row INTEGER PRIMARY KEY REFERENCES memories (row) ON DELETE CASCADE,
    text BLOB,
    data BLOB
) STRICT;
CREATE TABLE tokens (
    row INTEGER PRIMARY KEY REFERENCES memories (row) ON DELETE CASCADE,
    model INTEGER NOT NULL REFERENCES models (id),
    ratio INTEGER NOT NULL,
    count INTEGER NOT NULL,
    dims INTEGER NOT NULL,
    dtype TEXT NOT NULL,
    whole BLOB,
    data BLOB NOT NULL
) STRICT;
CREATE TRIGGER contents_added AFTER INSERT ON contents BEGIN
    UPDATE memories SET text_bytes = ifnull(length(NEW.text), 0),
        data_bytes = ifnull(length(NEW.data), 0) WHERE row = NEW.row;
END;
CREATE TRIGGER contents_changed AFTER UPDATE ON contents BEGIN
    UPDATE memories SET text_bytes = ifnull(length(NEW.text), 0),
        data_bytes = ifnull(length(NEW.data), 0) WHERE row = NEW.row;
END;
CREATE TRIGGER tokens_added AFTER INSERT ON tokens BEGIN
    UPDATE memories SET memory_tokens = NEW.count,
        token_bytes = length(NEW.data) + ifnull(length(NEW.whole), 0) WHERE row = NEW.row;
END;
CREATE TRIGGER tokens_changed AFTER UPDATE ON tokens BEGIN
    UPDATE memories SET memory_tokens = NEW.count,
        token_bytes = length(NEW.data) + ifnull(length(NEW.whole), 0) WHERE row = NEW.row;
END;
CREATE TRIGGER tokens_removed AFTER DELETE ON tokens BEGIN
    UPDATE memories SET memory_tokens = 0, token_bytes = 0 WHERE row = OLD.row;
END;
CREATE TABLE tombstones (row INTEGER PRIMARY KEY, generation INTEGER NOT NULL) STRICT;
CREATE INDEX tombstones_generation ON tombstones (generation);
CREATE VIRTUAL TABLE words USING fts5
    (text, content='', tokenize='porter unicode61 remove_diacritics 2');
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
CREATE VIRTUAL TABLE words_terms USING fts5vocab (words, row);
INSERT INTO settings (name, value)
    VALUES ('generation', 0), ('tombstones_since', 0), ('partitions_version', 0),
        ('scrubs', 0);
";

/// The full text of [`VERSION_1`], by itself.
pub(super) const CREATE_WORDS: &str = "CREATE VIRTUAL TABLE words USING fts5
    (text, content='', tokenize='porter unicode61 remove_diacritics 2')";

/// Makes the tables of a new file, or brings an older one up to date, in one transaction.
///
/// # Errors
/// `PM_STORE_TOO_NEW`, `PM_NOT_A_STORE`, or what SQLite says.
pub(super) fn migrate(
    conn: &mut Connection,
    path: &std::path::Path,
    model: &ModelId,
) -> Outcome<()> {
    if format_of(conn)? == FORMAT {
        return Ok(());
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    let found = format_of(&tx)?;
    if found > FORMAT {
        let path = path.to_path_buf();
        return Err(Error::StoreTooNew { path, found, known: FORMAT }.into());
    }
    for step in &MIGRATIONS[found as usize..] {
        tx.execute_batch(step)?;
    }
    if found == 0 {
        name_store(&tx, model)?;
    }
    tx.pragma_update(None, "user_version", FORMAT)?;
    tx.commit()?;
    Ok(())
}

fn format_of(conn: &Connection) -> Outcome<u32> {
    Ok(conn.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn name_store(tx: &Connection, model: &ModelId) -> Outcome<()> {
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    let id = uuid::Uuid::now_v7().to_string();
    tx.execute("INSERT INTO settings (name, value) VALUES ('id', ?1)", [id])?;
    let model = model_row(tx, model)?;
    tx.execute("INSERT INTO settings (name, value) VALUES ('model', ?1)", [model])?;
    Ok(())
}

/// The number of a model in this store; a model not met before gets one.
pub(super) fn model_row(conn: &Connection, model: &ModelId) -> Outcome<i64> {
    let known = "SELECT id FROM models WHERE fingerprint = ?1";
    if let Some(id) = conn.query_row(known, [&model.fingerprint], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    let sql = "INSERT INTO models (name, fingerprint, dims) VALUES (?1, ?2, ?3) RETURNING id";
    let values = params![model.name, model.fingerprint, model.dims as i64];
    Ok(conn.query_row(sql, values, |row| row.get(0))?)
}

/// One number of `settings`.
pub(super) fn setting(conn: &Connection, name: &str) -> Outcome<i64> {
    let mut select = conn.prepare_cached("SELECT value FROM settings WHERE name = ?1")?;
    Ok(select.query_row([name], |row| row.get(0))?)
}

/// Sets one number of `settings`.
pub(super) fn set_setting(conn: &Connection, name: &str, value: i64) -> Outcome<()> {
    let mut update = conn.prepare_cached("UPDATE settings SET value = ?2 WHERE name = ?1")?;
    update.execute(params![name, value])?;
    Ok(())
}

/// Adds one to a number of `settings`; the new value.
pub(super) fn advance(conn: &Connection, name: &str) -> Outcome<i64> {
    let sql = "UPDATE settings SET value = value + 1 WHERE name = ?1 RETURNING value";
    Ok(conn.prepare_cached(sql)?.query_row([name], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> ModelId {
        ModelId { name: "m".into(), fingerprint: "f".into(), dims: 4 }
    }

    fn migrated() -> Connection {
        let mut conn = Connection::open_in_memory().expect("a connection");
        migrate(&mut conn, std::path::Path::new("a.db"), &model()).expect("tables");
        conn
    }

    #[test]
    fn a_new_file_is_named_and_numbered() {
        let mut conn = migrated();
        assert_eq!(format_of(&conn).expect("a number"), FORMAT);
        assert_eq!(setting(&conn, "generation").expect("set"), 0);
        let again = migrate(&mut conn, std::path::Path::new("a.db"), &model());
        assert!(again.is_ok(), "a second time does nothing");
    }

    #[test]
    fn a_store_of_an_older_format_gets_the_new_tables() {
        let mut conn = Connection::open_in_memory().expect("a connection");
        conn.execute_batch(VERSION_1).expect("tables");
        name_store(&conn, &model()).expect("named");
        conn.pragma_update(None, "user_version", 1).expect("numbered");
        migrate(&mut conn, std::path::Path::new("a.db"), &model()).expect("migrated");
        assert_eq!(format_of(&conn).expect("a number"), FORMAT);
        assert_eq!(setting(&conn, "responses_entries").expect("set"), 0);
        let count =
            |table| conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0));
        assert_eq!(count("models"), Ok(1_i64));
    }

    #[test]
    fn a_file_of_any_older_format_is_brought_up_to_date() {
        for found in 1..MIGRATIONS.len() {
            let mut conn = Connection::open_in_memory().expect("a connection");
            let steps = MIGRATIONS[..found].concat();
            conn.execute_batch(&steps).expect("its tables");
            name_store(&conn, &model()).expect("a name");
            conn.pragma_update(None, "user_version", found as u32).expect("a number");
            migrate(&mut conn, std::path::Path::new("a.db"), &model()).expect("migrated");
            let tables = |conn: &Connection| -> Vec<String> {
                let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
                let mut select = conn.prepare(sql).expect("a query");
                let rows = select.query_map([], |row| row.get(0)).expect("rows");
                rows.map(|row| row.expect("a text")).collect()
            };
            assert_eq!(tables(&conn), tables(&migrated()), "from format {found}");
            assert_eq!(format_of(&conn).expect("a number"), FORMAT);
        }
    }

    #[test]
    fn a_partition_is_unique_with_and_without_parts() {
        let conn = migrated();
        let insert = "INSERT INTO partitions (kind, user, project) VALUES ('k', ?1, ?2)";
        for (user, project) in [(None, None), (Some(""), None), (None, Some("")), (Some("a"), None)]
        {
            conn.execute(insert, params![user, project]).expect("the first");
            conn.execute(insert, params![user, project]).expect_err("the second");
        }
    }

    #[test]
    fn words_alone_are_those_of_a_store() {
        assert!(VERSION_1.contains(CREATE_WORDS));
    }

    #[test]
    fn numbers_advance() {
        let conn = migrated();
        assert_eq!(advance(&conn, "generation").expect("advanced"), 1);
        set_setting(&conn, "generation", 41).expect("set");
        assert_eq!(advance(&conn, "generation").expect("advanced"), 42);
    }

    #[test]
    fn a_model_keeps_its_number() {
        let conn = migrated();
        let other = ModelId { fingerprint: "g".into(), ..model() };
        let first = model_row(&conn, &model()).expect("a number");
        assert_ne!(model_row(&conn, &other).expect("a number"), first);
        assert_eq!(model_row(&conn, &model()).expect("a number"), first);
    }
}
