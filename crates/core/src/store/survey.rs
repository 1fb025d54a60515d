//! What a report reads of the store: how long texts are, when they came, a sample of them, and what the
//! cache counted. Nothing here writes, nor waits for the writer.

use std::collections::{BTreeMap, BinaryHeap};

use rusqlite::Connection;
use xxhash_rust::xxh3::xxh3_64;

use super::errors::Outcome;
use super::handle::Store;
use super::text::unpack;
use super::types::Tier;
use crate::error::Result;

/// Memories of one kind and tier whose texts have the same number of text tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lengths {
    /// The kind.
    pub kind: String,
    /// The tier.
    pub tier: Tier,
    /// Text tokens of each.
    pub source_tokens: usize,
    /// Memories.
    pub memories: u64,
    /// Vectors stored for them: memory tokens, and one for the whole text where there are several.
    pub vectors: u64,
}

/// The store counted for a report, all of it at one time.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// By kind, tier and length.
    pub lengths: Vec<Lengths>,
    /// Bytes of the full-text index.
    pub word_bytes: u64,
    /// Answers in the cache, and bytes of their texts and vectors.
    pub responses: (u64, u64),
    /// By the day they were added, oldest first.
    pub days: Vec<Day>,
    /// What the cache counted in all scopes, by name.
    pub counts: BTreeMap<String, f64>,
    /// The versions of all projects of all users.
    pub history: History,
}

/// What versions of projects take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct History {
    /// Projects.
    pub projects: u64,
    /// Versions.
    pub versions: u64,
    /// UTF-8 bytes of the versions' texts.
    pub bytes: u64,
    /// Bytes of the file that restoring them needs, audio included once.
    pub stored_bytes: u64,
}

/// What was added on one day, as it is kept now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970, UTC.
    pub day: i64,
    /// Memories.
    pub items: u64,
    /// UTF-8 bytes of their texts.
    pub source_bytes: u64,
    /// Bytes stored for text, data and memory tokens.
    pub stored_bytes: u64,
}

/// A memory chosen to be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sampled {
    /// Where it is.
    pub row: u64,
    /// Its text.
    pub text: String,
    /// Text tokens per memory token that it is stored with.
    pub ratio: u16,
}

/// In the order of the index `memories_sizes`, which holds every column.
const SELECT_LENGTHS: &str =
    "SELECT p.kind, s.tier, s.source_tokens, sum(s.memories), sum(s.vectors)
    FROM (SELECT partition, tier, source_tokens, count(*) AS memories,
        sum(memory_tokens + (memory_tokens > 1)) AS vectors
        FROM memories GROUP BY partition, tier, source_tokens) s
    JOIN partitions p ON p.id = s.partition
    GROUP BY p.kind, s.tier, s.source_tokens ORDER BY p.kind, s.tier, s.source_tokens";

/// Times before 1970 round down too.
const SELECT_DAYS: &str = "SELECT (created_at - ((created_at % 86400000) + 86400000) % 86400000)
        / 86400000 AS day,
    count(*), sum(source_bytes), sum(text_bytes + data_bytes + token_bytes)
    FROM memories GROUP BY 1 ORDER BY 1";

/// `length()` of a blob reads its header only.
const SELECT_WORD_BYTES: &str = "SELECT (SELECT ifnull(sum(length(block)), 0) FROM words_data)
    + (SELECT ifnull(sum(length(sz)), 0) FROM words_docsize)";

/// Covered by `memories_sizes`.
const SELECT_ROWS: &str = "SELECT m.row, m.source_tokens FROM memories m
    JOIN partitions p ON p.id = m.partition WHERE p.kind = ?1 AND m.text_bytes > 0";

impl Store {
    /// Counts everything; up to a second for 100,000 memories.
    pub fn survey(&self) -> Result<Survey> {
        self.read_snapshot(|conn| {
            let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
            let setting = |name: &str| super::schema::setting(conn, name);
            let mut counts = response_counts(conn)?;
            self.touches.responses.add_to(&mut counts);
            Ok(Survey {
                lengths: lengths(conn)?,
                word_bytes: number(SELECT_WORD_BYTES)? as u64,
                responses: (
                    setting("responses_entries")? as u64,
                    setting("responses_bytes")? as u64,
                ),
                days: days(conn)?,
                counts,
                history: super::snapshots_prune::history(conn)?,
            })
        })
    }

    /// Rows of at most `limit` memories of a kind that have a text, with their text tokens, in no order
    /// that has to do with their content, and the same ones each time.
    pub fn sample_rows(&self, kind: &str, limit: usize) -> Result<Vec<(u64, usize)>> {
        self.read(|conn| {
            let mut select = conn.prepare_cached(SELECT_ROWS)?;
            let mut rows = select.query([kind])?;
            let mut lowest: BinaryHeap<(u64, u64, usize)> = BinaryHeap::new();
            while let Some(row) = rows.next()? {
                let (at, tokens) = (row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as usize);
                lowest.push((xxh3_64(&at.to_le_bytes()), at, tokens));
                if lowest.len() > limit {
                    lowest.pop();
                }
            }
            let lowest = lowest.into_sorted_vec().into_iter();
            Ok(lowest.map(|(_, row, tokens)| (row, tokens)).collect())
        })
    }

    /// The memory at `row` with its text, unless it has gone.
    pub fn sampled(&self, row: u64) -> Result<Option<Sampled>> {
        let sql = "SELECT c.text, t.ratio FROM contents c JOIN tokens t ON t.row = c.row
            WHERE c.row = ?1 AND c.text IS NOT NULL";
        self.read(|conn| {
            let mut select = conn.prepare_cached(sql)?;
            let mut rows = select.query([row as i64])?;
            let Some(found) = rows.next()? else { return Ok(None) };
            let text = found.get_ref(0)?.as_blob().map_err(rusqlite::Error::from);
            Ok(Some(Sampled { row, text: unpack(text?)?, ratio: found.get::<_, i64>(1)? as u16 }))
        })
    }
}

fn lengths(conn: &Connection) -> Outcome<Vec<Lengths>> {
    let mut select = conn.prepare_cached(SELECT_LENGTHS)?;
    let mut rows = select.query([])?;
    let mut lengths = Vec::new();
    while let Some(row) = rows.next()? {
        let tier: String = row.get(1)?;
        lengths.push(Lengths {
            kind: row.get(0)?,
            tier: Tier::from_name(&tier)
                .ok_or_else(|| super::errors::damaged(format!("tier {tier:?}")))?,
            source_tokens: row.get::<_, i64>(2)? as usize,
            memories: row.get::<_, i64>(3)? as u64,
            vectors: row.get::<_, i64>(4)? as u64,
        });
    }
    Ok(lengths)
}

fn days(conn: &Connection) -> Outcome<Vec<Day>> {
    let mut select = conn.prepare_cached(SELECT_DAYS)?;
    let days = select.query_map([], |row| {
        let number = |column| Ok::<_, rusqlite::Error>(row.get::<_, i64>(column)? as u64);
        let (items, source_bytes, stored_bytes) = (number(1)?, number(2)?, number(3)?);
        Ok(Day { day: row.get(0)?, items, source_bytes, stored_bytes })
    })?;
    Ok(days.collect::<rusqlite::Result<_>>()?)
}

fn response_counts(conn: &Connection) -> Outcome<BTreeMap<String, f64>> {
    let sql = "SELECT name, sum(value) FROM response_counts GROUP BY name";
    let mut select = conn.prepare_cached(sql)?;
    let counts = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(counts.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::testing::{Folder, memory};
    use super::super::types::{NewMemory, Scope};
    use super::*;

    fn of(kind: &str, text: &str) -> NewMemory {
        let scope = Scope { user: Some(text.chars().take(1).collect()), project: None };
        NewMemory { kind: kind.to_owned(), scope, ..memory(text) }
    }

    #[test]
    fn lengths_are_told_once_for_all_scopes() {
        let folder = Folder::new();
        let store = folder.open();
        let items = [of("note", "a b"), of("note", "c d"), of("note", "lone"), of("idea", "e f")];
        store.insert(items.to_vec()).unwrap();
        let survey = store.survey().unwrap();
        let told = |l: &Lengths| (l.kind.clone(), l.source_tokens, l.memories, l.vectors);
        let seen: Vec<_> = survey.lengths.iter().map(told).collect();
        // A vector for the whole text is kept where there are several memory tokens.
        let expected = [("idea", 32, 1, 3), ("note", 16, 1, 1), ("note", 32, 2, 6)];
        assert_eq!(seen, expected.map(|(kind, a, b, c)| (kind.to_owned(), a, b, c)));
        assert!(survey.word_bytes > 0);
        assert_eq!(survey.days.iter().map(|day| day.items).sum::<u64>(), 4);
        assert!(survey.days[0].day > 20_000 && survey.days[0].stored_bytes > 0);
    }

    #[test]
    fn an_empty_store_is_counted_too() {
        let folder = Folder::new();
        let survey = folder.open().survey().unwrap();
        assert!(survey.lengths.is_empty() && survey.days.is_empty() && survey.counts.is_empty());
    }

    #[test]
    fn a_sample_is_the_same_each_time_and_grows_by_its_end() {
        let folder = Folder::new();
        let store = folder.open();
        let items: Vec<_> = (0..40).map(|i| of("note", &format!("text {i}"))).collect();
        store.insert(items).unwrap();
        let few = store.sample_rows("note", 5).unwrap();
        let more = store.sample_rows("note", 9).unwrap();
        assert_eq!((few.len(), more.len()), (5, 9));
        assert_eq!(few, more[..5], "the first of a larger sample");
        assert_eq!(store.sample_rows("note", 99).unwrap().len(), 40);
        assert!(store.sample_rows("none", 9).unwrap().is_empty());
        let one = store.sampled(few[0].0).unwrap().unwrap();
        assert!(one.text.starts_with("text ") && one.ratio == 16);
        assert_eq!(store.sampled(999).unwrap(), None);
    }

    #[test]
    fn counts_that_wait_to_be_written_are_told_and_stay_unwritten() {
        let folder = Folder::new();
        let (store, other) = (folder.open(), folder.open());
        let ana = Scope { user: Some("ana".into()), project: None };
        store.count_responses(&ana, &[("saved", 0.5)]);
        store.flush().unwrap();
        store.count_responses(&Scope::default(), &[("saved", 0.25)]);
        let cents =
            |store: &Store| (store.survey().unwrap().counts["saved"] * 100.0).round() as i64;
        assert_eq!(cents(&store), 75);
        assert_eq!(cents(&other), 50, "nothing was written by asking");
    }
}
