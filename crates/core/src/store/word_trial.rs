//! Keyword search over texts that are in no store: the baseline of a report. The same engine, words and
//! ranking as `keyword.rs`, in memory.

use rusqlite::{Connection, params};

use super::errors::Outcome;
use super::keyword::{Matching, match_query};
use super::schema::CREATE_WORDS;
use crate::error::{Error, Result};

/// Some texts, found by their words.
pub(crate) struct WordTrial {
    conn: Connection,
    texts: usize,
}

impl WordTrial {
    /// Indexes `texts`.
    pub(crate) fn new<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<WordTrial> {
        let build = || -> Outcome<WordTrial> {
            let conn = Connection::open_in_memory()?;
            conn.execute_batch(CREATE_WORDS)?;
            conn.execute_batch("BEGIN")?;
            let mut count = 0;
            let mut insert = conn.prepare("INSERT INTO words (rowid, text) VALUES (?1, ?2)")?;
            for text in texts {
                insert.execute(params![count as i64, text])?;
                count += 1;
            }
            drop(insert);
            conn.execute_batch("COMMIT")?;
            Ok(WordTrial { conn, texts: count })
        };
        build().map_err(|fail| Error::internal(format!("an index of words in memory: {fail:?}")))
    }

    /// BM25 of each text, 0 where no word matches.
    pub(crate) fn scores(&self, words: &[String]) -> Result<Vec<f32>> {
        let mut scores = vec![0.0; self.texts];
        let Some(query) = match_query(words, Matching::AnyWord) else { return Ok(scores) };
        let read = || -> Outcome<()> {
            let sql = "SELECT rowid, -rank FROM words WHERE words MATCH ?1";
            let mut select = self.conn.prepare_cached(sql)?;
            let mut rows = select.query([query])?;
            while let Some(row) = rows.next()? {
                let at = row.get::<_, i64>(0)? as usize;
                if let Some(score) = scores.get_mut(at) {
                    *score = row.get::<_, f64>(1)? as f32;
                }
            }
            Ok(())
        };
        read().map_err(|fail| Error::internal(format!("searching words in memory: {fail:?}")))?;
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::testing::{Folder, memory, partitions};
    use super::*;

    #[test]
    fn the_scores_are_those_of_the_store() {
        let texts = ["kick drum", "snare drum", "drums, drumming and a Röde microphone", "pad"];
        let folder = Folder::new();
        let store = folder.open();
        store.insert(texts.map(memory).to_vec()).unwrap();
        let trial = WordTrial::new(texts).unwrap();
        for words in [vec!["drum", "kick"], vec!["rode"], vec!["nothing"], vec!["!"]] {
            let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
            let all = partitions(&store);
            let stored = store.keyword(&words, Matching::AnyWord, &all, None, 10).unwrap();
            let mut expected = vec![0.0; texts.len()];
            for (row, score) in stored {
                expected[row as usize - 1] = score;
            }
            assert_eq!(trial.scores(&words).unwrap(), expected, "{words:?}");
        }
    }
}
