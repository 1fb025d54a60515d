//! Keyword search: BM25 over Porter stems.

use rusqlite::{Connection, Row, params_from_iter};

use super::condition::Where;
use super::errors::Outcome;
use super::filter::{Sql, number_list};
use super::handle::Store;
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
pub(super) fn match_query(words: &[String], matching: Matching) -> Option<String> {
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
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::super::testing::{Folder, memory, partitions};
    use super::super::types::{Filter, NewMemory, Scope, ScopeFilter};
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

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn rows(hits: &[(u64, f32)]) -> Vec<u64> {
        hits.iter().map(|hit| hit.0).collect()
    }

    #[test]
    fn the_rarer_word_wins_and_stems_meet() {
        let folder = Folder::new();
        let store = folder.open();
        let texts = ["kick drum", "snare drum", "drums, drumming and a Röde microphone", "pad"];
        store.insert(texts.map(memory).to_vec()).unwrap();
        let all = partitions(&store);
        let hits =
            store.keyword(&words(&["drum", "kick"]), Matching::AnyWord, &all, None, 10).unwrap();
        assert_eq!(hits[0].0, 1);
        assert_eq!(hits.len(), 3);
        assert!(hits.is_sorted_by(|a, b| a.1 >= b.1) && hits[2].1 > 0.0, "{hits:?}");
        assert_eq!(
            rows(&store.keyword(&words(&["rode"]), Matching::AnyWord, &all, None, 10).unwrap()),
            [3]
        );
        assert_eq!(
            store.keyword(&words(&["drum"]), Matching::AnyWord, &all, None, 2).unwrap().len(),
            2
        );
        let mut scores = store.keyword_scores(&words(&["drum", "kick"]), &[1, 4, 2]).unwrap();
        scores.sort_by_key(|score| score.0);
        let expected: Vec<_> = hits.iter().filter(|hit| hit.0 < 3).copied().collect();
        assert_eq!(scores, expected, "the same scores as in a search");
    }

    #[test]
    fn nothing_in_a_word_is_syntax() {
        let folder = Folder::new();
        let store = folder.open();
        store.insert(vec![memory("kick"), memory("snare")]).unwrap();
        let all = partitions(&store);
        for word in
            ["kick NOT snare", "kick*", "text:kick\"", "(kick", "^kick", "a\0kick", "{text}: x"]
        {
            let hits = store.keyword(&words(&[word]), Matching::AnyWord, &all, None, 10);
            assert!(hits.is_ok(), "{word:?}: {hits:?}");
        }
        let many: Vec<String> = (0..5_000).map(|i| format!("word{i}")).collect();
        assert_eq!(store.keyword(&many, Matching::AnyWord, &all, None, 10).unwrap(), []);
    }

    #[test]
    fn scope_and_condition_hold_before_the_limit() {
        let folder = Folder::new();
        let store = folder.open();
        let of = |user: &str, bpm: i32| NewMemory {
            scope: Scope { user: Some(user.to_owned()), project: None },
            metadata: json!({ "bpm": bpm }).as_object().unwrap().clone(),
            ..memory("kick kick kick")
        };
        let mut items: Vec<_> = (0..50).map(|bpm| of("bob", bpm)).collect();
        items.extend([of("ann", 90), of("ann", 120)]);
        store.insert(items).unwrap();
        let scope = ScopeFilter { user: Some("ann".into()), ..ScopeFilter::default() };
        let ann = store.partitions(&Filter { scopes: vec![scope], ..Filter::default() }).unwrap();
        let kick = words(&["kick"]);
        assert_eq!(store.keyword(&kick, Matching::AnyWord, &ann, None, 5).unwrap().len(), 2);
        let fast = Where::parse(&json!({ "bpm": { "gt": 100 } })).unwrap();
        assert_eq!(
            rows(&store.keyword(&kick, Matching::AnyWord, &ann, Some(&fast), 5).unwrap()),
            [52]
        );
        assert_eq!(store.keyword(&kick, Matching::AnyWord, &[], None, 5).unwrap(), []);
    }
}
