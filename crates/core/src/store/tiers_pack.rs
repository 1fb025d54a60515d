//! One move between tiers: what it writes, made before it waits for the writer, and the writing.

use rusqlite::{Connection, Row, params};

use super::access::now_ms;
use super::calls::Tx;
use super::errors::{Outcome, damaged};
use super::rows::remove_words_later;
use super::text::repack;
use super::tiers::{Moved, SELECT_ROWS, TierMove, tier_row};
use super::types::Tier;
use super::vectors::blob_of;
use crate::tokens::Dtype;

/// A move with the vectors it writes, made before it waits for the writer.
pub(super) struct Packed {
    asked: TierMove,
    /// The whole and the tokens as 8-bit vectors; none when they are small already.
    vectors: Option<(Option<Vec<u8>>, Vec<u8>)>,
    text: Option<Repacked>,
    data: Option<Repacked>,
    pub(super) moved: Moved,
}

/// A column of `contents` and what takes its place.
struct Repacked {
    old: Vec<u8>,
    new: Vec<u8>,
}

/// # Errors
/// `PM_STORE_CORRUPT` when the vectors do not decode to finite numbers.
pub(super) fn pack(asked: TierMove, columns: &Row<'_>) -> Outcome<Packed> {
    let blob = blob_of(columns, 0)?;
    let smaller = |part: &[u8]| {
        let vectors = blob.dtype.decode(part, blob.dims)?;
        if vectors.iter().any(|number| !number.is_finite()) {
            return Err(damaged("a vector holds a number that is not finite"));
        }
        Ok(Dtype::I8.encode(&vectors, blob.dims))
    };
    let vectors = if blob.dtype == Dtype::F16 {
        Some((blob.whole.map(smaller).transpose()?, smaller(blob.tokens)?))
    } else {
        None
    };
    let TierMove { planned, to } = asked;
    let small = |(whole, data): &(Option<Vec<u8>>, Vec<u8>)| {
        (whole.as_ref().map_or(0, Vec::len) + data.len()) as u64
    };
    let content = if to == Tier::Cold { 0 } else { planned.content_bytes };
    let after = content + vectors.as_ref().map_or(planned.token_bytes, small);
    let moved = Moved {
        row: planned.row,
        partition: planned.partition,
        to,
        before: planned.bytes(),
        after,
    };
    Ok(Packed { asked, vectors, text: None, data: None, moved })
}

impl Packed {
    /// Text and data in smaller frames, where that pays.
    pub(super) fn repack(&mut self, conn: &Connection) -> Outcome<()> {
        let sql = "SELECT text, data FROM contents WHERE row = ?1";
        let mut select = conn.prepare_cached(sql)?;
        let mut rows = select.query([self.moved.row as i64])?;
        let Some(columns) = rows.next()? else { return Ok(()) };
        let mut smaller = |column| {
            let old = columns.get_ref(column)?.as_blob_or_null().ok().flatten();
            // One that does not decode stays: `verify` names it.
            let new = old.and_then(|old| repack(old).ok().flatten());
            let repacked = old.zip(new).map(|(old, new)| Repacked { old: old.to_vec(), new });
            let saved = repacked.as_ref().map_or(0, |one| one.old.len() - one.new.len());
            self.moved.after -= saved as u64;
            Ok::<_, rusqlite::Error>(repacked)
        };
        (self.text, self.data) = (smaller(0)?, smaller(1)?);
        Ok(())
    }

    /// Puts smaller frames in the place of those they were made from; false when one is another now.
    fn write_contents(&self, tx: &Tx<'_>) -> Outcome<bool> {
        for (column, repacked) in [("text", &self.text), ("data", &self.data)] {
            let Some(Repacked { old, new }) = repacked else { continue };
            let sql = format!("UPDATE contents SET {column} = ?3 WHERE row = ?1 AND {column} = ?2");
            if tx.prepare_cached(&sql)?.execute(params![self.moved.row as i64, old, new])? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// False when the memory is no longer as it was planned.
    pub(super) fn apply(&self, tx: &Tx<'_>, model: i64) -> Outcome<bool> {
        let row = self.moved.row as i64;
        let sql = format!("{SELECT_ROWS} WHERE row = ?1");
        let mut select = tx.prepare_cached(&sql)?;
        let mut rows = select.query([row])?;
        let current = rows.next()?.map(tier_row).transpose()?;
        if current != Some(self.asked.planned) {
            return Ok(false);
        }
        drop(rows);
        if !self.write_contents(tx)? {
            return Ok(false);
        }
        if let Some((whole, data)) = &self.vectors {
            let sql = "UPDATE tokens SET dtype = ?3, whole = ?4, data = ?5
                WHERE row = ?1 AND model = ?2";
            let values = params![row, model, Dtype::I8.name(), whole, data];
            if tx.prepare_cached(sql)?.execute(values)? == 0 {
                return Ok(false);
            }
        }
        let dropped_at = if self.asked.to == Tier::Cold {
            remove_words_later(tx, row)?;
            let sql = "UPDATE contents SET text = NULL, data = NULL WHERE row = ?1";
            tx.prepare_cached(sql)?.execute([row])?;
            Some(now_ms())
        } else {
            None
        };
        let sql = "UPDATE memories SET tier = ?2, text_dropped_at = ?3 WHERE row = ?1";
        let values = params![row, self.asked.to.name(), dropped_at];
        tx.prepare_cached(sql)?.execute(values)?;
        Ok(true)
    }
}
