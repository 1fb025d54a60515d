//! What feedback taught the cache, and its settings: small, read whole after a change.

use rusqlite::params;

use super::calls::Tx;
use super::errors::Outcome;
use super::handle::Store;
use super::responses::next_generation;
use crate::error::Result;
use crate::tokens::Dtype;

/// A request that an answer is barred from.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Hash of the request; none bars every request.
    pub key: Option<[u8; 32]>,
    /// The vector of the request, when it is of the opened model: requests near it are barred too.
    pub vector: Option<Vec<f32>>,
}

/// How often one way to a decision was right and wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRow {
    /// The way: a rule's code, or the pair model.
    pub route: String,
    /// Which part of the model's scale; 0 for a rule.
    pub bin: u32,
    /// Times it was right.
    pub right: u64,
    /// Times it was wrong.
    pub wrong: u64,
}

impl Store {
    /// The requests that the entry at `row` is barred from.
    pub fn response_bars(&self, row: u64) -> Result<Vec<Bar>> {
        let sql = "SELECT key, data, model FROM response_bars WHERE entry = ?1";
        self.read(|conn| {
            let mut select = conn.prepare_cached(sql)?;
            let mut rows = select.query([row as i64])?;
            let mut bars = Vec::new();
            while let Some(row) = rows.next()? {
                let is_ours = row.get::<_, Option<i64>>(2)? == Some(self.model_row);
                let data: Option<Vec<u8>> = row.get::<_, Option<Vec<u8>>>(1)?.filter(|_| is_ours);
                let vector = data.map(|data| self.vector_of(&data)).transpose()?;
                bars.push(Bar { key: row.get(0)?, vector });
            }
            Ok(bars)
        })
    }

    /// Writes down a judgement of the entry at `row`: how it had come to be served (none: as an
    /// equal request), and the request, which it is barred from when it was wrong and no longer
    /// barred from when it was right. False when the entry is gone.
    pub fn judge_response(
        &self,
        row: u64,
        is_right: bool,
        route: Option<(String, u32)>,
        bar: Option<Bar>,
    ) -> Result<bool> {
        let model = self.model_row;
        let (right, wrong) = (i64::from(is_right), i64::from(!is_right));
        let by_meaning = i64::from(route.is_some());
        let bar = bar.map(|bar| {
            let data = bar.vector.map(|vector| Dtype::F16.encode(&vector, vector.len()));
            (bar.key, data)
        });
        self.writer.call(move |tx| {
            let sql = "UPDATE responses SET judged_right = judged_right + ?2,
                judged_wrong = judged_wrong + ?3 WHERE row = ?1";
            let values = params![row as i64, right * by_meaning, wrong * by_meaning];
            if tx.prepare_cached(sql)?.execute(values)? == 0 {
                return Ok(false);
            }
            if let Some(route) = &route {
                add_evidence(tx, route, is_right)?;
            }
            if is_right {
                // Judged again: the request it was barred from is served once more.
                if let Some((Some(key), _)) = &bar {
                    let sql = "DELETE FROM response_bars WHERE entry = ?1 AND key = ?2";
                    tx.prepare_cached(sql)?.execute(params![row as i64, key])?;
                }
            } else if let Some((key, data)) = &bar {
                let sql = "INSERT INTO response_bars (entry, key, model, data)
                    VALUES (?1, ?2, ?3, ?4)";
                tx.prepare_cached(sql)?.execute(params![row as i64, key, model, data])?;
            }
            next_generation(tx)?;
            Ok(true)
        })
    }

    /// Adds to what is learned about a way to a decision.
    pub fn add_response_evidence(&self, route: (String, u32), is_right: bool) -> Result<()> {
        self.writer.call(move |tx| {
            add_evidence(tx, &route, is_right)?;
            next_generation(tx)?;
            Ok(())
        })
    }

    /// All that was learned about the ways to a decision.
    pub fn response_evidence(&self) -> Result<Vec<EvidenceRow>> {
        let sql = "SELECT route, bin, judged_right, judged_wrong FROM response_evidence";
        self.read(|conn| {
            let mut select = conn.prepare_cached(sql)?;
            let rows = select.query_map([], |row| {
                let count = |at| row.get::<_, i64>(at).map(|count| count as u64);
                let (right, wrong) = (count(2)?, count(3)?);
                Ok(EvidenceRow { route: row.get(0)?, bin: row.get(1)?, right, wrong })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The settings as they were written, JSON.
    pub fn response_settings(&self) -> Result<String> {
        let sql = "SELECT value FROM settings WHERE name = 'responses_settings'";
        self.read(|conn| Ok(conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?))
    }

    /// Writes the settings, made by `change` from those there are.
    pub fn change_response_settings(
        &self,
        change: impl Fn(&str) -> Result<String> + Send + 'static,
    ) -> Result<()> {
        self.writer.call(move |tx| {
            let sql = "SELECT value FROM settings WHERE name = 'responses_settings'";
            let old: String = tx.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            let sql = "UPDATE settings SET value = ?1 WHERE name = 'responses_settings'";
            tx.prepare_cached(sql)?.execute([change(&old)?])?;
            next_generation(tx)?;
            Ok(())
        })
    }
}

fn add_evidence(tx: &Tx<'_>, (route, bin): &(String, u32), is_right: bool) -> Outcome<()> {
    let sql = "INSERT INTO response_evidence VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (route, bin) DO UPDATE SET
        judged_right = judged_right + excluded.judged_right,
        judged_wrong = judged_wrong + excluded.judged_wrong";
    let values = params![route, bin, i64::from(is_right), i64::from(!is_right)];
    tx.prepare_cached(sql)?.execute(values)?;
    Ok(())
}
