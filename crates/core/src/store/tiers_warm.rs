//! Back to hot: a warm memory that was used gets full-precision vectors again, encoded from its text.

use rusqlite::params;

use super::errors::damaged;
use super::handle::Store;
use super::reencode::{Reencode, Reencoded};
use super::text::unpack;
use super::types::Tier;
use super::vectors::PackedTokens;
use crate::error::Result;
use crate::tokens::Ratio;

impl Store {
    /// The texts of those of `rows` that are warm.
    pub fn warm_texts(&self, rows: &[u64]) -> Result<Vec<Reencode>> {
        let sql = "SELECT m.row, m.changed, c.text, t.ratio FROM memories m
            JOIN contents c ON c.row = m.row JOIN tokens t ON t.row = m.row
            WHERE m.row = ?1 AND m.tier = 'warm' AND t.model = ?2 AND c.text IS NOT NULL";
        self.read_snapshot(|conn| {
            let mut select = conn.prepare_cached(sql)?;
            let mut warm = Vec::new();
            for row in rows {
                let mut found = select.query(params![*row as i64, self.model_row])?;
                let Some(columns) = found.next()? else { continue };
                let text = columns.get_ref(2)?.as_blob().map_err(|err| damaged(err.to_string()))?;
                warm.push(Reencode {
                    row: *row,
                    changed: columns.get::<_, i64>(1)? as u64,
                    text: unpack(text)?,
                    ratio: Ratio::new(columns.get(3)?)?,
                });
            }
            Ok(warm)
        })
    }

    /// Writes the vectors of memories that are warm and become hot; how many did. Those that changed
    /// or were moved since they were read are left out. The text is the same, so the meaning is,
    /// and the index is told nothing.
    ///
    /// # Errors
    /// As [`Store::insert`].
    pub fn warm_up(&self, batch: &[Reencoded]) -> Result<usize> {
        let packed = batch.iter().map(|one| {
            let tokens = PackedTokens::new(&one.tokens, self)?;
            Ok((one.row as i64, one.changed as i64, tokens))
        });
        let packed = packed.collect::<Result<Vec<_>>>()?;
        let guard = self.model_guard();
        self.writer.call(move |tx| {
            guard(tx)?;
            let mut warmed = 0;
            for (row, changed, tokens) in &packed {
                let sql = "UPDATE memories SET tier = ?3
                    WHERE row = ?1 AND changed = ?2 AND tier = 'warm'";
                let values = params![row, changed, Tier::Hot.name()];
                if tx.prepare_cached(sql)?.execute(values)? > 0 {
                    tokens.write(tx, *row)?;
                    warmed += 1;
                }
            }
            Ok(warmed)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::testing::{Folder, memory, tokens};
    use super::super::tiers::TierMove;
    use super::super::types::Retention;
    use super::*;
    use crate::control::Control;

    #[test]
    fn only_what_is_warm_becomes_hot() {
        let folder = Folder::new();
        let store = folder.open();
        let retention = Retention { disposable: true, importance: 0.5 };
        let items = ["hot one", "warm one", "cold one"].map(memory);
        let items = items.into_iter().map(|item| crate::store::NewMemory { retention, ..item });
        store.insert(items.collect()).unwrap();
        let rows = store.tier_rows(0, 9).unwrap();
        let to = [(1, Tier::Warm), (2, Tier::Cold)];
        let moves = to.map(|(at, to)| TierMove { planned: rows[at], to });
        assert_eq!(store.move_tiers(&moves, u64::MAX, &Control::new()).unwrap().len(), 2);
        let exact = store.tokens(1).unwrap().unwrap();
        let warm = store.warm_texts(&[1, 2, 3, 99]).unwrap();
        assert_eq!(warm.iter().map(|one| &*one.text).collect::<Vec<_>>(), ["warm one"]);
        let encoded =
            |row, changed| Reencoded { row, changed, tokens: tokens(7, 2, store.model()) };
        let batch = [1, 2, 3, 99].map(|row| encoded(row, warm[0].changed));
        assert_eq!(store.warm_up(&batch).unwrap(), 1);
        assert_eq!(store.warm_up(&batch).unwrap(), 0, "it is hot already");
        assert_eq!(store.tokens(1).unwrap().unwrap(), exact);
        let record = store.records(&[2]).unwrap().remove(0).unwrap();
        assert_eq!((record.tier, record.token_bytes), (Tier::Hot, 3 * 16));
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    }
}
