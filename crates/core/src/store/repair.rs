//! Mending what `verify` finds, as far as it can be derived from what is whole. One transaction: a
//! repair that is killed has changed nothing.

use rusqlite::OptionalExtension;

use super::calls::Tx;
use super::errors::Outcome;
use super::handle::Store;
use super::response_put::remove_row;
use super::responses::text;
use super::rows::add_words;
use super::snapshots_check::mend_snapshots;
use super::text::unpack;
use super::vectors::blob_of;
use super::{schema, types::Tier};
use crate::error::Result;

/// What a repair did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepairReport {
    /// Texts whose words were indexed again: all of them.
    pub texts_indexed: u64,
    /// Rows that belonged to no memory, and partitions that held none.
    pub orphans_removed: u64,
    /// Memories whose vectors were damaged and dropped; re-encoding brings them back.
    pub tokens_dropped: u64,
    /// Memories whose text was damaged and dropped, or missing though no policy had dropped it;
    /// nothing brings it back.
    pub texts_lost: u64,
    /// Damaged vectors of memories without text, dropped: nothing brings them back, and only their
    /// id still finds those memories.
    pub vectors_lost: u64,
    /// Memories whose tier said otherwise of their text.
    pub tiers_mended: u64,
    /// Cached answers whose text was damaged and that were dropped.
    pub responses_dropped: u64,
    /// Audio buffers that a project has again, counted for each project.
    pub audio_held: u64,
    /// What `verify` still finds. Restore a backup for those.
    pub remaining: Vec<String>,
}

impl Store {
    /// Rebuilds what is derived (word index, SQLite's own indexes) and drops what is damaged.
    pub fn repair(&self) -> Result<RepairReport> {
        let report = self.writer.call(|tx| {
            tx.execute_batch("REINDEX")?;
            tx.erases();
            let mut report =
                RepairReport { orphans_removed: drop_orphans(tx)?, ..Default::default() };
            drop_damaged_tokens(tx, &mut report)?;
            index_words(tx, &mut report)?;
            report.texts_lost += give_up_missing_texts(tx)?;
            report.tiers_mended = mend_tiers(tx)?;
            report.responses_dropped = mend_responses(tx)?;
            mend_snapshots(tx, &mut report)?;
            tx.next_generation()?;
            Ok(report)
        })?;
        Ok(RepairReport { remaining: self.verify()?, ..report })
    }
}

fn drop_orphans(tx: &Tx<'_>) -> Outcome<u64> {
    let mut removed = 0;
    for sql in [
        "DELETE FROM contents WHERE row NOT IN (SELECT row FROM memories)",
        "DELETE FROM tokens WHERE row NOT IN (SELECT row FROM memories)
            OR model NOT IN (SELECT id FROM models)",
        "DELETE FROM tombstones WHERE row IN (SELECT row FROM memories)",
        "DELETE FROM partitions WHERE id NOT IN (SELECT partition FROM memories)",
    ] {
        removed += tx.execute(sql, [])? as u64;
    }
    tx.execute(
        "INSERT INTO contents (row) SELECT row FROM memories
            WHERE row NOT IN (SELECT row FROM contents)",
        [],
    )?;
    schema::advance(tx, "partitions_version")?;
    Ok(removed)
}

/// A cached answer is worth no guess: one that does not decode goes.
fn mend_responses(tx: &Tx<'_>) -> Outcome<u64> {
    let mut dropped = 0;
    for row in rows(tx, "SELECT row FROM responses ORDER BY row")? {
        let sql = "SELECT prompt, content FROM response_texts WHERE row = ?1";
        let mut select = tx.prepare_cached(sql)?;
        let mut found = select.query([row])?;
        let is_whole = match found.next()? {
            None => false,
            Some(columns) => text(columns.get_ref(0)?).is_ok() && text(columns.get_ref(1)?).is_ok(),
        };
        if !is_whole {
            remove_row(tx, row)?;
            dropped += 1;
        }
    }
    tx.execute_batch(
        "UPDATE settings SET value = (SELECT count(*) FROM responses)
            WHERE name = 'responses_entries';
        UPDATE settings SET value = (SELECT ifnull(sum(bytes), 0) FROM responses)
            WHERE name = 'responses_bytes'",
    )?;
    Ok(dropped)
}

fn drop_damaged_tokens(tx: &Tx<'_>, report: &mut RepairReport) -> Outcome<()> {
    let generation = tx.next_generation()?;
    for row in rows(tx, "SELECT row FROM tokens ORDER BY row")? {
        if tokens_are_whole(tx, row)? {
            continue;
        }
        tx.prepare_cached("DELETE FROM tokens WHERE row = ?1")?.execute([row])?;
        let sql = "UPDATE memories SET changed = ?2 WHERE row = ?1";
        tx.prepare_cached(sql)?.execute([row, generation])?;
        let text = "SELECT text IS NOT NULL FROM contents WHERE row = ?1";
        let has_text = tx.prepare_cached(text)?.query_row([row], |row| row.get(0)).optional()?;
        if has_text == Some(true) {
            report.tokens_dropped += 1;
        } else {
            report.vectors_lost += 1;
        }
    }
    Ok(())
}

/// A text that is missing and that no policy dropped is lost: its memory is cold, and does not say
/// that it was dropped.
fn give_up_missing_texts(tx: &Tx<'_>) -> Outcome<u64> {
    let sql = "UPDATE memories SET tier = ?1 WHERE tier <> ?1 AND text_dropped_at IS NULL
        AND row IN (SELECT row FROM contents WHERE text IS NULL)";
    Ok(tx.execute(sql, [Tier::Cold.name()])? as u64)
}

/// A text that is not there makes a memory cold, whatever its tier says; one that is there does not.
fn mend_tiers(tx: &Tx<'_>) -> Outcome<u64> {
    let sql = "UPDATE memories SET
        tier = CASE WHEN text IS NULL THEN 'cold' WHEN dtype = 'i8' THEN 'warm' ELSE 'hot' END,
        text_dropped_at = CASE WHEN text IS NULL THEN ifnull(text_dropped_at, ?1) END
        FROM (SELECT c.row AS at, c.text AS text, t.dtype AS dtype
            FROM contents c LEFT JOIN tokens t ON t.row = c.row)
        WHERE row = at
        AND (tier NOT IN ('hot', 'warm', 'cold') OR (tier = 'cold') <> (text IS NULL))";
    Ok(tx.execute(sql, [super::access::now_ms()])? as u64)
}

fn tokens_are_whole(tx: &Tx<'_>, row: i64) -> Outcome<bool> {
    let sql = "SELECT t.dims, t.dtype, t.whole, t.data, t.count, models.dims
        FROM tokens t JOIN models ON models.id = t.model WHERE t.row = ?1";
    let mut select = tx.prepare_cached(sql)?;
    let mut found = select.query([row])?;
    let Some(columns) = found.next()? else { return Ok(false) };
    let Ok(blob) = blob_of(columns, 0) else { return Ok(false) };
    let (count, dims): (i64, i64) = (columns.get(4)?, columns.get(5)?);
    let fits = dims == blob.dims as i64
        && blob.tokens.len() == blob.dtype.vector_bytes(blob.dims) * count as usize
        && (count > 1) == blob.whole.is_some();
    let finite = |part: &[u8]| {
        blob.dtype.decode(part, blob.dims).is_ok_and(|all| all.iter().all(|n| n.is_finite()))
    };
    Ok(fits && finite(blob.tokens) && blob.whole.is_none_or(finite))
}

fn index_words(tx: &Tx<'_>, report: &mut RepairReport) -> Outcome<()> {
    tx.execute("INSERT INTO words (words) VALUES ('delete-all')", [])?;
    for row in rows(tx, "SELECT row FROM contents WHERE text IS NOT NULL ORDER BY row")? {
        let select = "SELECT text FROM contents WHERE row = ?1";
        let packed: Vec<u8> = tx.prepare_cached(select)?.query_row([row], |row| row.get(0))?;
        if let Ok(text) = unpack(&packed) {
            add_words(tx, row, &text)?;
            report.texts_indexed += 1;
        } else {
            drop_text(tx, row)?;
            report.texts_lost += 1;
        }
    }
    Ok(())
}

fn drop_text(tx: &Tx<'_>, row: i64) -> Outcome<()> {
    let sql = "UPDATE contents SET text = NULL WHERE row = ?1";
    tx.prepare_cached(sql)?.execute([row])?;
    let sql = "UPDATE memories SET tier = ?2 WHERE row = ?1";
    tx.prepare_cached(sql)?.execute(rusqlite::params![row, Tier::Cold.name()])?;
    Ok(())
}

fn rows(tx: &Tx<'_>, sql: &str) -> Outcome<Vec<i64>> {
    let mut select = tx.prepare(sql)?;
    let rows = select.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::Matching;
    use super::super::testing::{Folder, memory, partitions};
    use super::*;

    /// Damages a store of ten texts with `sql`, expects `verify` to name it and `repair` to mend it.
    #[track_caller]
    fn check(sql: &'static str, complaint: &str) -> RepairReport {
        let folder = Folder::new();
        let store = folder.open();
        store.insert((0..10).map(|i| memory(&format!("word{i} common"))).collect()).unwrap();
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
        let damage = move |tx: &Tx<'_>| Ok(tx.execute_batch(sql)?);
        store
            .writer
            .call(move |tx| {
                tx.execute_batch("PRAGMA defer_foreign_keys = ON")?;
                damage(tx)
            })
            .unwrap();
        let found = store.verify().unwrap().join("\n");
        assert!(found.contains(complaint), "{complaint:?} in {found:?}");
        let report = store.repair().unwrap();
        // Only the model makes vectors again.
        assert_eq!(report.remaining.len() as u64, report.tokens_dropped);
        let hits = store
            .keyword(&["common".to_owned()], Matching::AnyWord, &partitions(&store), None, 20)
            .unwrap();
        assert_eq!(hits.len() as u64, report.texts_indexed);
        report
    }

    #[test]
    fn words_are_indexed_again() {
        let gone = "INSERT INTO words (words) VALUES ('delete-all')";
        assert_eq!(check(gone, "10 texts cannot be found").texts_indexed, 10);
        let broken = "UPDATE words_data SET block = x'00112233' WHERE id > 100";
        assert_eq!(check(broken, "word index").texts_indexed, 10);
        check("INSERT INTO words (rowid, text) VALUES (99, 'ghost')", "1 texts that are gone");
    }

    #[test]
    fn damaged_vectors_are_dropped() {
        for (sql, complaint) in [
            ("UPDATE tokens SET data = x'0011' WHERE row = 3", "vectors of 2 bytes"),
            ("UPDATE tokens SET count = 9 WHERE row = 3", "for 9 memory tokens"),
            ("UPDATE tokens SET whole = NULL WHERE row = 3", "the whole is missing"),
            ("UPDATE tokens SET dtype = 'f99' WHERE row = 3", "dtype"),
            ("UPDATE tokens SET dims = 4 WHERE row = 3", "where one has 8"),
            (
                "UPDATE tokens SET whole = unhex('007e00000000000000000000000000ff') WHERE row = 3",
                "not finite",
            ),
        ] {
            assert_eq!(check(sql, complaint).tokens_dropped, 1, "{sql}");
        }
    }

    #[test]
    fn a_damaged_text_is_dropped_and_counted() {
        let report = check("UPDATE contents SET text = x'99' WHERE row = 5", "zstd");
        assert_eq!((report.texts_lost, report.texts_indexed), (1, 9));
    }

    #[test]
    fn vectors_that_are_missing_are_told_until_they_are_made_again() {
        let folder = Folder::new();
        let store = folder.open();
        store.insert(vec![memory("a"), memory("b")]).unwrap();
        let sql = "DELETE FROM tokens WHERE row = 2";
        store.writer.call(move |tx| Ok(tx.execute_batch(sql)?)).unwrap();
        for told in [store.verify().unwrap(), store.repair().unwrap().remaining] {
            assert!(told.len() == 1 && told[0].contains("no vectors"), "{told:?}");
        }
        let waiting = store.reencode_batch(0, 9).unwrap().remove(0);
        let tokens = super::super::testing::tokens(1, 1, store.model());
        let (row, changed) = (waiting.row, waiting.changed);
        store.replace_tokens(vec![super::super::Reencoded { row, changed, tokens }]).unwrap();
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_text_that_no_policy_dropped_is_lost_and_says_so() {
        let folder = Folder::new();
        let store = folder.open();
        store.insert(vec![memory("a"), memory("b"), memory("c")]).unwrap();
        let sql =
            "DELETE FROM contents WHERE row = 1; UPDATE contents SET text = NULL WHERE row = 2;
            UPDATE contents SET text = x'99' WHERE row = 3";
        store.writer.call(move |tx| Ok(tx.execute_batch(sql)?)).unwrap();
        let report = store.repair().unwrap();
        assert_eq!((report.texts_lost, report.tiers_mended), (3, 0));
        assert_eq!(report.remaining, Vec::<String>::new());
        for record in store.records(&[1, 2, 3]).unwrap() {
            let record = record.unwrap();
            assert_eq!((record.tier, record.text_dropped_at), (Tier::Cold, None));
        }
    }

    #[test]
    fn a_tier_says_what_is_there() {
        let wrong = "have a tier that says otherwise of their text";
        let sql = "UPDATE memories SET tier = 'cold' WHERE row IN (2, 3)";
        assert_eq!(check(sql, wrong).tiers_mended, 2);
        let sql = "UPDATE memories SET tier = 'tepid' WHERE row = 4";
        assert_eq!(check(sql, "a tier that does not exist").tiers_mended, 1);
    }

    #[test]
    fn vectors_of_a_memory_without_text_are_lost_for_good() {
        let folder = Folder::new();
        let store = folder.open();
        let retention = super::super::Retention { disposable: true, importance: 0.5 };
        store.insert(vec![super::super::NewMemory { retention, ..memory("a") }]).unwrap();
        let planned = store.tier_rows(0, 1).unwrap().remove(0);
        let cold = super::super::TierMove { planned, to: Tier::Cold };
        assert_eq!(store.move_tiers(&[cold], u64::MAX, &crate::Control::new()).unwrap().len(), 1);
        let sql = "UPDATE tokens SET data = x'0011'";
        store.writer.call(move |tx| Ok(tx.execute_batch(sql)?)).unwrap();
        let report = store.repair().unwrap();
        assert_eq!((report.vectors_lost, report.tokens_dropped), (1, 0));
        assert_eq!(report.remaining, Vec::<String>::new());
    }

    #[test]
    fn orphans_are_removed() {
        let sql = "INSERT INTO partitions (kind) VALUES ('empty')";
        assert_eq!(check(sql, "partitions hold nothing").orphans_removed, 1);
        let sql = "INSERT INTO tombstones (row, generation) VALUES (2, 1)";
        assert_eq!(check(sql, "count as removed").orphans_removed, 1);
        check("DELETE FROM contents WHERE row = 2", "it has no contents");
    }

    #[test]
    fn what_cannot_be_mended_remains() {
        let folder = Folder::new();
        let store = folder.open();
        store.insert(vec![memory("a")]).unwrap();
        let sql = "UPDATE memories SET metadata = '{'";
        store.writer.call(move |tx| Ok(tx.execute_batch(sql)?)).unwrap();
        let report = store.repair().unwrap();
        assert!(report.remaining[0].contains("metadata do not parse"), "{report:?}");
    }
}
