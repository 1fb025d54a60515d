//! Keyword search: BM25 over Porter stems.

use rusqlite::{Connection, Row, params_from_iter};

use super::condition::Where;
use super::errors::Outcome;
use super::filter::{Sql, number_list};
use super::store::Store;
use crate::error::Result;

/// More words make a query slower, not better.
const MOST_WORDS: usize = 64;

/// Which memories a list of words matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    /// Those with at least one of the words.
    AnyWord,
    /// Those with all of them.
    EveryWord,
}

impl Store {
    /// The best `limit` memories that match `words`, best first, with their BM25 score (higher is
    /// better, above 0). A word of several parts ("c#-minor") is looked for as a phrase.
    ///
    /// How rare a word is counts over all memories, whoever they belong to.
    pub fn keyword(
        &self,
        words: &[String],
        matching: Matching,
        partitions: &[u32],
        condition: Option<&Where>,
        limit: usize,
    ) -> Result<Vec<(u64, f32)>> {
        let Some(query) = match_query(words, matching) else { return Ok(Vec::new()) };
        let mut sql = Sql::default();
        // CROSS JOIN keeps FTS5's order by rank outside: memories are looked up one by one, best
        // first, until the limit is reached.
        sql.push("SELECT w.rowid, -w.rank FROM words w CROSS JOIN memories m ON m.row = w.rowid");
        sql.push(" WHERE w.words MATCH ");
        sql.bind(query);
        sql.push(" AND ");
        sql.partitions(partitions);
        if let Some(condition) = condition {
            sql.condition(condition);
        }
        sql.push(" ORDER BY w.rank LIMIT ");
        sql.bind(limit as i64);
        self.read(|conn| scores(conn, &sql))
    }

    /// The BM25 scores of those of `rows` that have any of `words`, in no order.
    pub fn keyword_scores(&self, words: &[String], rows: &[u64]) -> Result<Vec<(u64, f32)>> {
        let Some(query) = match_query(words, Matching::AnyWord) else { return Ok(Vec::new()) };
        let mut sql = Sql::default();
        sql.push("SELECT w.rowid, -w.rank FROM words w WHERE w.words MATCH ");
        sql.bind(query);
        sql.push(" AND +w.rowid IN (SELECT value FROM json_each(");
        sql.bind(number_list(rows.iter().copied()));
        sql.push("))");
        self.read(|conn| scores(conn, &sql))
    }
}

fn scores(conn: &Connection, sql: &Sql) -> Outcome<Vec<(u64, f32)>> {
    let score = |row: &Row<'_>| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, f64>(1)? as f32));
    let mut select = conn.prepare_cached(&sql.text)?;
    let hits = select.query_map(params_from_iter(&sql.values), score)?;
    Ok(hits.collect::<rusqlite::Result<_>>()?)
}

/// Each word as an FTS5 string, so that nothing in it is syntax; none if nothing is left.
fn match_query(words: &[String], matching: Matching) -> Option<String> {
    let quoted: Vec<String> = words
        .iter()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .take(MOST_WORDS)
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"").replace('\0', " ")))
        .collect();
    let joint = match matching {
        Matching::AnyWord => " OR ",
        Matching::EveryWord => " AND ",
    };
    (!quoted.is_empty()).then(|| quoted.join(joint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], query: Option<&str>) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(match_query(&words, Matching::AnyWord).as_deref(), query);
    }

    #[test]
    fn words_are_quoted() {
        check(&["kick", "snare"], Some(r#""kick" OR "snare""#));
        check(&["NEAR(", "a\"b", "text:", "x*"], Some(r#""NEAR(" OR "a""b" OR "text:" OR "x*""#));
        check(&["a\0b"], Some(r#""a b""#));
        check(&["!", "", "\""], None);
        check(&[], None);
    }
}
