//! Is everything in order? Each complaint is a sentence that names the memory.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::errors::{Fail, Outcome, damaged};
use super::handle::Store;
use super::preferences_check::check_preferences;
use super::snapshots_check::check_snapshots;
use super::text::unpack;
use super::vectors::blob_of;
use crate::error::{Error, Result};

impl Store {
    /// Reads everything and lists what is wrong: an empty list is a healthy store. Takes seconds
    /// for 100,000 memories.
    ///
    /// # Errors
    /// Only those that keep it from looking: `PM_BUSY`, `PM_IO`, `PM_CLOSED`.
    pub fn verify(&self) -> Result<Vec<String>> {
        // FTS5 takes its check as an insert, which only the writer may do.
        let mut found = self.writer.call(|tx| {
            let check = "INSERT INTO words (words) VALUES ('integrity-check')";
            Ok(tx.execute(check, []).err().map(|err| format!("the word index: {err}")))
        })?;
        let more = self.read_snapshot(|conn| {
            let mut found: Vec<String> = found.take().into_iter().collect();
            for check in [
                check_file,
                check_foreign_keys,
                check_memories,
                check_words,
                check_rest,
                check_responses,
                check_preferences,
                check_snapshots,
            ] {
                // One that stumbles over damage must not hide what the others find.
                match check(conn, &mut found) {
                    Err(Fail::Sql(fail)) if fail.is_busy() => return Err(fail.into()),
                    Err(fail) => found.push(reason_of(fail)),
                    Ok(()) => {}
                }
            }
            Ok(found)
        })?;
        Ok(more)
    }
}

fn reason_of(fail: Fail) -> String {
    match fail {
        Fail::Ours(Error::StoreCorrupt { reason }) => reason,
        Fail::Ours(err) => err.to_string(),
        Fail::Sql(fail) => fail.reason().to_owned(),
    }
}

fn check_file(conn: &Connection, found: &mut Vec<String>) -> Outcome<()> {
    // FTS5 notices what other connections wrote when it is queried, but not when it is checked.
    let mut wake = conn.prepare("SELECT rowid FROM words LIMIT 1")?;
    wake.query([])?.next()?;
    let mut check = conn.prepare("PRAGMA integrity_check")?;
    let lines = check.query_map([], |row| row.get::<_, String>(0))?;
    for line in lines {
        found.extend(Some(line?).filter(|line| line != "ok"));
    }
    Ok(())
}

fn check_foreign_keys(conn: &Connection, found: &mut Vec<String>) -> Outcome<()> {
    let mut check = conn.prepare("PRAGMA foreign_key_check")?;
    let lines = check.query_map([], |row| {
        let (table, row, parent): (String, Option<i64>, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!("row {} of {table} points into {parent}, at nothing", row.unwrap_or(0)))
    })?;
    for line in lines {
        found.push(line?);
    }
    Ok(())
}

fn check_responses(conn: &Connection, found: &mut Vec<String>) -> Outcome<()> {
    let sql = "SELECT r.id, t.prompt, t.content, t.row IS NULL FROM responses r
        LEFT JOIN response_texts t ON t.row = r.row ORDER BY r.row";
    let mut select = conn.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        if row.get(3)? {
            found.push(format!("the cached answer {id} has no text"));
            continue;
        }
        for column in [1, 2] {
            if let Err(fail) = super::responses::text(row.get_ref(column)?) {
                found.push(format!("the cached answer {id}: {}", reason_of(fail)));
            }
        }
    }
    let sql = "SELECT count(*), ifnull(sum(bytes), 0) FROM responses";
    let counted: (i64, i64) = conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let kept = |name| super::schema::setting(conn, name);
    if counted != (kept("responses_entries")?, kept("responses_bytes")?) {
        found.push("the cache counts its entries wrong".to_owned());
    }
    Ok(())
}

const SELECT_ALL: &str = "SELECT m.id, m.metadata, c.text, c.data, c.row IS NULL, t.row IS NULL,
    t.count, models.dims, t.dims, t.dtype, t.whole, t.data
    FROM memories m LEFT JOIN contents c ON c.row = m.row LEFT JOIN tokens t ON t.row = m.row
    LEFT JOIN models ON models.id = t.model ORDER BY m.row";

const NO_VECTORS: &str = "it has a text and no vectors, so nothing finds it by meaning; reindex() \
    makes them again";

fn check_memories(conn: &Connection, found: &mut Vec<String>) -> Outcome<()> {
    let mut select = conn.prepare(SELECT_ALL)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        let checks = [check_metadata(row), check_contents(row), check_tokens(row)];
        let wrong = checks.into_iter().filter_map(Outcome::err).map(reason_of);
        found.extend(wrong.map(|reason| format!("memory {id}: {reason}")));
    }
    Ok(())
}

fn check_metadata(row: &Row<'_>) -> Outcome<()> {
    let text: String = row.get(1)?;
    let parsed = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text);
    parsed.map(drop).map_err(|err| damaged(format!("metadata do not parse: {err}")))
}

fn check_contents(row: &Row<'_>) -> Outcome<()> {
    if row.get(4)? {
        return Err(damaged("it has no contents"));
    }
    for column in [2, 3] {
        let packed = row.get_ref(column)?.as_blob_or_null();
        packed.map_err(|err| damaged(err.to_string()))?.map(unpack).transpose()?;
    }
    Ok(())
}

fn check_tokens(row: &Row<'_>) -> Outcome<()> {
    if row.get(5)? {
        let has_text = !matches!(row.get_ref(2)?, ValueRef::Null);
        // Those of a memory without text went with the model that had made them.
        return if has_text { Err(damaged(NO_VECTORS)) } else { Ok(()) };
    }
    let blob = blob_of(row, 8)?;
    let (count, dims): (i64, Option<i64>) = (row.get(6)?, row.get(7)?);
    if dims != Some(blob.dims as i64) {
        return Err(damaged(format!("vectors of {} dims, its model has {dims:?}", blob.dims)));
    }
    if blob.tokens.len() != blob.dtype.vector_bytes(blob.dims) * count as usize {
        return Err(damaged(format!("{} bytes for {count} memory tokens", blob.tokens.len())));
    }
    if (count > 1) != blob.whole.is_some() {
        return Err(damaged("the vector of the whole is missing, or one too many"));
    }
    for part in [Some(blob.tokens), blob.whole].into_iter().flatten() {
        if !blob.dtype.decode(part, blob.dims)?.iter().all(|number| number.is_finite()) {
            return Err(damaged("a vector holds a number that is not finite"));
        }
    }
    Ok(())
}

/// `words_docsize` has a row for each text that FTS5 knows.
fn check_words(conn: &Connection, found: &mut Vec<String>) -> Outcome<()> {
    for (sql, complaint) in [
        (
            "SELECT count(*) FROM contents WHERE text IS NOT NULL
                AND row NOT IN (SELECT id FROM words_docsize)",
            "texts cannot be found by their words",
        ),
        (
            "SELECT count(*) FROM words_docsize
                WHERE id NOT IN (SELECT row FROM contents WHERE text IS NOT NULL)",
            "texts that are gone can still be found by their words",
        ),
    ] {
        complain(conn, found, sql, complaint)?;
    }
    Ok(())
}

fn check_rest(conn: &Connection, found: &mut Vec<String>) -> Outcome<()> {
    let unused = "SELECT count(*) FROM partitions
        WHERE id NOT IN (SELECT partition FROM memories)";
    complain(conn, found, unused, "partitions hold nothing")?;
    let removed = "SELECT count(*) FROM tombstones WHERE row IN (SELECT row FROM memories)";
    complain(conn, found, removed, "memories count as removed")?;
    let tiers = "SELECT count(*) FROM memories WHERE tier NOT IN ('hot', 'warm', 'cold')";
    complain(conn, found, tiers, "memories have a tier that does not exist")?;
    let texts = "SELECT count(*) FROM memories m JOIN contents c ON c.row = m.row
        WHERE (m.tier = 'cold') <> (c.text IS NULL)";
    complain(conn, found, texts, "memories have a tier that says otherwise of their text")
}

fn complain(conn: &Connection, found: &mut Vec<String>, sql: &str, what: &str) -> Outcome<()> {
    let count: i64 = conn.query_row(sql, [], |row| row.get(0))?;
    if count > 0 {
        found.push(format!("{count} {what}"));
    }
    Ok(())
}
