//! From tier to tier: what a policy looks at, and the moves, a small transaction each group.
//!
//! Moving changes no meaning, so it is no change for the index: that keeps 8-bit vectors of its own,
//! made by the same rule as those of a warm memory (`index/quantise.rs`, `tokens/codec.rs`), and
//! they are the same numbers before and after.

use rusqlite::{Row, params};

use super::errors::{Outcome, damaged};
use super::handle::Store;
use super::tiers_pack::{Packed, pack};
use super::types::{Retention, Tier};
use crate::control::Control;
use crate::error::{Error, Result};

/// What a tier policy looks at in one memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TierRow {
    /// The memory.
    pub row: u64,
    /// Its kind and scope: see [`Store::partitions`].
    pub partition: u32,
    /// How much of it is kept.
    pub tier: Tier,
    /// The caller's word on it.
    pub retention: Retention,
    /// When it was last stored, changed or found, in milliseconds since 1970.
    pub used_at: i64,
    /// How often it was found.
    pub access_count: u64,
    /// Bytes stored for its text and data.
    pub content_bytes: u64,
    /// Bytes stored for its vectors.
    pub token_bytes: u64,
    /// Vectors stored: its memory tokens, and that of the whole when there are several.
    pub vectors: u64,
    /// The generation of its vectors.
    pub changed: i64,
}

impl TierRow {
    /// All bytes stored for it.
    pub fn bytes(&self) -> u64 {
        self.content_bytes + self.token_bytes
    }

    #[cfg(test)]
    pub(crate) fn sample(row: u64) -> TierRow {
        TierRow {
            row,
            partition: 1,
            tier: Tier::Hot,
            retention: Retention::default(),
            used_at: 0,
            access_count: 0,
            content_bytes: 0,
            token_bytes: 0,
            vectors: 1,
            changed: 0,
        }
    }
}

/// One memory that is to move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TierMove {
    /// The memory as it was planned: one that was found or changed since then stays.
    pub planned: TierRow,
    /// Where to: warm or cold.
    pub to: Tier,
}

/// One memory that moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The memory.
    pub row: u64,
    /// Its kind and scope.
    pub partition: u32,
    /// Where it is now.
    pub to: Tier,
    /// Bytes stored for it before.
    pub before: u64,
    /// Bytes stored for it now.
    pub after: u64,
}

pub(super) const SELECT_ROWS: &str = "SELECT row, partition, tier, disposable, importance,
    max(created_at, updated_at, ifnull(accessed_at, 0)), access_count, text_bytes + data_bytes,
    token_bytes, memory_tokens, changed FROM memories";

impl Store {
    /// What a policy looks at, at most `limit` memories after row `after_row` (0 at first), in all
    /// scopes.
    pub fn tier_rows(&self, after_row: u64, limit: usize) -> Result<Vec<TierRow>> {
        let sql = format!("{SELECT_ROWS} WHERE row > ?1 ORDER BY row LIMIT ?2");
        self.read(|conn| {
            let mut select = conn.prepare_cached(&sql)?;
            let mut rows = select.query(params![after_row as i64, limit as i64])?;
            let mut page = Vec::with_capacity(limit);
            while let Some(columns) = rows.next()? {
                page.push(tier_row(columns)?);
            }
            Ok(page)
        })
    }

    /// Moves memories in one transaction, in the order given, until they freed `enough` bytes or a
    /// stop is asked for; those that moved. Left out are memories that were removed, found or changed since they were
    /// planned, and those whose vectors are of another model or damaged.
    ///
    /// Cold ones lose their text and data. The bytes leave the tables and the word index at once;
    /// their traces in the files are overwritten by the next [`Store::checkpoint`] or on closing.
    ///
    /// # Errors
    /// `PM_MODEL_MISMATCH` once the store is bound to another model, `PM_BUSY`, `PM_DISK_FULL`,
    /// `PM_IO`.
    pub fn move_tiers(
        &self,
        moves: &[TierMove],
        enough: u64,
        control: &Control,
    ) -> Result<Vec<Moved>> {
        let packed = self.pack_moves(moves, enough, control)?;
        if packed.is_empty() {
            return Ok(Vec::new());
        }
        let (guard, model) = (self.model_guard(), self.model_row);
        self.writer.call(move |tx| {
            guard(tx)?;
            let mut done = Vec::with_capacity(packed.len());
            for one in &packed {
                if one.apply(tx, model)? {
                    done.push(one.moved);
                }
            }
            Ok(done)
        })
    }

    /// # Errors
    /// `PM_MODEL_MISMATCH` while the store holds vectors of two models: a text that is still to be
    /// encoded again must not be dropped.
    pub fn refuse_half_reencoded(&self) -> Result<()> {
        let sql = "SELECT max(name) FROM models WHERE id <> ?1
            AND EXISTS (SELECT 1 FROM tokens WHERE model = models.id)";
        let other = self.read(|conn| {
            Ok(conn.query_row(sql, [self.model_row], |row| row.get::<_, Option<String>>(0))?)
        })?;
        match other {
            None => Ok(()),
            Some(stored) => Err(Error::ModelMismatch { stored, given: self.model().to_string() }),
        }
    }

    fn pack_moves(
        &self,
        moves: &[TierMove],
        enough: u64,
        control: &Control,
    ) -> Result<Vec<Packed>> {
        let sql = "SELECT dims, dtype, whole, data FROM tokens WHERE row = ?1 AND model = ?2";
        self.read(|conn| {
            let mut select = conn.prepare_cached(sql)?;
            let (mut packed, mut freed) = (Vec::with_capacity(moves.len()), 0);
            for asked in moves {
                if freed >= enough || control.is_stopped() {
                    break;
                }
                if self.touches.holds(asked.planned.row) {
                    continue;
                }
                let mut rows = select.query(params![asked.planned.row as i64, self.model_row])?;
                let Some(columns) = rows.next()? else { continue };
                if let Ok(mut one) = pack(*asked, columns) {
                    if asked.to == Tier::Warm {
                        one.repack(conn)?;
                    }
                    freed += one.moved.before.saturating_sub(one.moved.after);
                    packed.push(one);
                }
            }
            Ok(packed)
        })
    }
}

pub(super) fn tier_row(columns: &Row<'_>) -> Outcome<TierRow> {
    let number = |at| columns.get::<_, i64>(at).map(|n| n.max(0) as u64);
    let tier: String = columns.get(2)?;
    let tokens = number(9)?;
    Ok(TierRow {
        row: number(0)?,
        partition: columns.get(1)?,
        tier: Tier::from_name(&tier).ok_or_else(|| damaged(format!("tier {tier:?}")))?,
        retention: Retention { disposable: columns.get(3)?, importance: columns.get(4)? },
        used_at: columns.get(5)?,
        access_count: number(6)?,
        content_bytes: number(7)?,
        token_bytes: number(8)?,
        vectors: tokens + u64::from(tokens > 1),
        changed: columns.get(10)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::super::testing::{Folder, memory, nobody, partitions, tokens};
    use super::super::types::{Change, NewMemory};
    use super::super::{Matching, Where};
    use super::*;

    fn disposable(text: &str) -> NewMemory {
        NewMemory {
            data: Some(format!("{{\"lyric\":\"{text}\"}}")),
            metadata: json!({ "bpm": 120 }).as_object().unwrap().clone(),
            retention: Retention { disposable: true, importance: 0.5 },
            ..memory(text)
        }
    }

    /// Moves everything as it stands now.
    fn move_all(store: &Store, to: Tier) -> Vec<Moved> {
        let rows = store.tier_rows(0, 1_000).unwrap();
        let moves: Vec<_> = rows.into_iter().map(|planned| TierMove { planned, to }).collect();
        store.move_tiers(&moves, u64::MAX, &Control::new()).unwrap()
    }

    #[test]
    fn warm_keeps_the_text_and_halves_the_vectors() {
        let folder = Folder::new();
        let store = folder.open();
        let id = store.insert(vec![memory("one two three")]).unwrap().remove(0);
        let before = store.get(&id, &nobody()).unwrap().unwrap();
        let exact = store.tokens(1).unwrap().unwrap();
        let generation = store.generation().unwrap();
        let moved = move_all(&store, Tier::Warm);
        let after = store.get(&id, &nobody()).unwrap().unwrap();
        assert_eq!((after.tier, after.text.as_ref()), (Tier::Warm, before.text.as_ref()));
        assert_eq!((before.token_bytes, after.token_bytes), (4 * 16, 4 * 12));
        assert_eq!((moved[0].before - moved[0].after) as usize, 4 * 4);
        assert_eq!(store.generation().unwrap(), generation, "no news for the index");
        let small = store.tokens(1).unwrap().unwrap();
        let error = |(a, b): (&f32, &f32)| (a - b).abs();
        let most = exact.data.iter().zip(&small.data).map(error).fold(0.0, f32::max);
        assert!(most < 1.0 / 127.0, "{most}");
        assert_eq!(move_all(&store, Tier::Warm)[0].before, moved[0].after, "nothing twice");
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn warm_packs_large_data_tighter_byte_for_byte() {
        let folder = Folder::new();
        let store = folder.open();
        let note = |i: u32| format!("{{\"id\":{i},\t\"pitch\":{},\"at\":{}}}", i * 7 % 61, i * 3);
        let data = format!("[{}]", (0..3_000).map(note).collect::<Vec<_>>().join(", "));
        let id = store.insert(vec![NewMemory { data: Some(data.clone()), ..memory("a") }]).unwrap();
        let bytes = || {
            let kinds = store.stats().unwrap().kinds;
            kinds
                .iter()
                .map(|kind| {
                    let sizes = &kind.sizes;
                    sizes.text_bytes + sizes.data_bytes + sizes.token_bytes
                })
                .sum::<u64>()
        };
        let before = bytes();
        let moved = move_all(&store, Tier::Warm).remove(0);
        assert_eq!((moved.before, moved.after), (before, bytes()));
        assert!(moved.after < before * 9 / 10, "{moved:?}");
        assert_eq!(store.get(&id[0], &nobody()).unwrap().unwrap().data, Some(data));
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn cold_keeps_vectors_and_metadata_and_nothing_of_the_text() {
        let folder = Folder::new();
        let store = folder.open();
        store.insert((0..50).map(|i| memory(&format!("other words {i}"))).collect()).unwrap();
        let id = store.insert(vec![disposable("zyxophone qwlarp secretly")]).unwrap().remove(0);
        let planned = *store.tier_rows(50, 9).unwrap().first().unwrap();
        let moved = store
            .move_tiers(&[TierMove { planned, to: Tier::Cold }], u64::MAX, &Control::new())
            .unwrap()
            .remove(0);
        assert_eq!(moved.after, 4 * 12);
        assert!(store.stats().unwrap().pending_erase, "its traces still stand");
        store.checkpoint().unwrap();
        assert!(!store.stats().unwrap().pending_erase);
        for trace in [&b"zyxophon"[..], b"qwlarp", b"secretl", b"lyric"] {
            assert!(!folder.holds(trace), "{}", String::from_utf8_lossy(trace));
        }
        let record = store.get(&id, &nobody()).unwrap().unwrap();
        assert_eq!((record.tier, record.text, record.data), (Tier::Cold, None, None));
        assert!(record.text_dropped_at.is_some() && record.source_bytes == 25);
        let all = partitions(&store);
        let words = ["qwlarp".to_owned()];
        assert_eq!(store.keyword(&words, Matching::AnyWord, &all, None, 9).unwrap(), []);
        let bpm = Where::parse(&json!({ "bpm": 120 })).unwrap();
        assert_eq!(store.rows_where(&all, &bpm).unwrap(), [51]);
        assert!(store.tokens(51).unwrap().is_some());
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_text_dropped_by_a_killed_process_is_erased_by_the_next() {
        let folder = Folder::new();
        let store = folder.open();
        store.insert(vec![disposable("zyxophone qwlarp"), memory("other")]).unwrap();
        move_all(&store, Tier::Cold);
        // As after a kill: no WAL is left, and nobody has overwritten anything.
        let conn = rusqlite::Connection::open(folder.path()).unwrap();
        let noted = || super::super::schema::setting(&conn, "texts_dropped").unwrap();
        assert_eq!(noted(), 1);
        drop(folder.open());
        for _ in 0..100 {
            let other = folder.open();
            std::thread::sleep(std::time::Duration::from_millis(20));
            if !other.stats().unwrap().pending_erase {
                break;
            }
        }
        assert_eq!(noted(), 0);
        assert!(!folder.holds(b"qwlarp"));
    }

    #[test]
    fn what_was_used_or_changed_meanwhile_stays() {
        let folder = Folder::new();
        let store = folder.open();
        let ids = store.insert((0..5).map(|i| disposable(&format!("text {i}"))).collect()).unwrap();
        let rows = store.tier_rows(0, 9).unwrap();
        let moves: Vec<_> =
            rows.into_iter().map(|planned| TierMove { planned, to: Tier::Cold }).collect();
        std::thread::sleep(std::time::Duration::from_millis(2));
        store.touch(&[1]);
        store.touch(&[2]);
        let keep = Change { disposable: Some(false), ..Change::default() };
        store.update(&ids[2], &nobody(), keep).unwrap();
        let text = Some(("new".to_owned(), tokens(9, 1, store.model())));
        store.update(&ids[3], &nobody(), Change { text, ..Change::default() }).unwrap();
        store.touch(&[2]);
        let done = store.move_tiers(&moves, u64::MAX, &Control::new()).unwrap();
        assert_eq!(done.iter().map(|one| one.row).collect::<Vec<_>>(), [5]);
        store.remove(&ids[4..], &nobody()).unwrap();
        assert_eq!(store.move_tiers(&moves[4..], u64::MAX, &Control::new()).unwrap(), []);
    }

    #[test]
    fn it_stops_when_enough_is_free() {
        let folder = Folder::new();
        let store = folder.open();
        store.insert((0..9).map(|i| memory(&format!("text {i}"))).collect()).unwrap();
        let rows = store.tier_rows(0, 9).unwrap();
        let moves: Vec<_> =
            rows.iter().map(|planned| TierMove { planned: *planned, to: Tier::Warm }).collect();
        // Two tokens and the whole: 12 bytes less each.
        assert_eq!(store.move_tiers(&moves, 25, &Control::new()).unwrap().len(), 3);
        assert_eq!(store.move_tiers(&moves, 0, &Control::new()).unwrap(), []);
    }

    #[test]
    fn vectors_of_another_model_or_damaged_ones_stay() {
        let folder = Folder::new();
        let store = folder.open();
        store.insert(vec![disposable("a"), disposable("b")]).unwrap();
        let sql =
            "UPDATE tokens SET data = x'0011' WHERE row = 1; DELETE FROM tokens WHERE row = 2";
        store.writer.call(move |tx| Ok(tx.execute_batch(sql)?)).unwrap();
        assert_eq!(move_all(&store, Tier::Cold), []);
        assert!(store.refuse_half_reencoded().is_ok());
        let sql = "INSERT INTO models (name, fingerprint, dims) VALUES ('two', 'f2', 8)";
        store.writer.call(move |tx| Ok(tx.execute_batch(sql)?)).unwrap();
        assert!(store.refuse_half_reencoded().is_ok(), "it has made nothing");
        let sql = "UPDATE tokens SET model = (SELECT max(id) FROM models)";
        store.writer.call(move |tx| Ok(tx.execute_batch(sql)?)).unwrap();
        assert_eq!(store.refuse_half_reencoded().unwrap_err().code(), "PM_MODEL_MISMATCH");
    }
}
