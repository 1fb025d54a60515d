//! What is in the store, counted.

use std::ops::AddAssign;
use std::path::Path;

use rusqlite::{Connection, Row};
use serde::Serialize;

use super::errors::{Outcome, damaged};
use super::handle::Store;
use super::types::{Durability, Tier};
use super::writer::wal_of;
use crate::error::Result;

/// How many memories, and what they take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sizes {
    /// Memories.
    pub memories: u64,
    /// Text tokens of their texts.
    pub source_tokens: u64,
    /// Memory tokens that stand for them.
    pub memory_tokens: u64,
    /// UTF-8 bytes of their texts.
    pub source_bytes: u64,
    /// Bytes stored for their texts.
    pub text_bytes: u64,
    /// Bytes stored for their JSON data.
    pub data_bytes: u64,
    /// Bytes stored for their vectors.
    pub token_bytes: u64,
}

impl AddAssign for Sizes {
    fn add_assign(&mut self, other: Sizes) {
        self.memories += other.memories;
        self.source_tokens += other.source_tokens;
        self.memory_tokens += other.memory_tokens;
        self.source_bytes += other.source_bytes;
        self.text_bytes += other.text_bytes;
        self.data_bytes += other.data_bytes;
        self.token_bytes += other.token_bytes;
    }
}

/// The memories of one kind and tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindStats {
    /// The kind.
    pub kind: String,
    /// The tier.
    pub tier: Tier,
    /// How many, and what they take.
    pub sizes: Sizes,
}

/// The store as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoreStats {
    /// By kind, then tier.
    #[serde(skip)]
    pub kinds: Vec<KindStats>,
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Bytes of the write-ahead log beside it.
    pub wal_bytes: u64,
    /// Bytes inside the file that erasing left unused; new memories take them first.
    pub unused_bytes: u64,
    /// `wal`.
    pub journal_mode: String,
    /// What an acknowledged write survives.
    pub durability: Durability,
    /// Erased content may still stand in the write-ahead log, because a reader (of this or another
    /// process) holds it; it is tried again until it is gone.
    pub pending_erase: bool,
    /// How often vectors changed.
    pub generation: u64,
    /// Removals that an index may still have to be told.
    pub tombstones: u64,
}

/// By partition first: that is the order of the index, which holds all these columns.
const SELECT_KINDS: &str = "SELECT p.kind, s.tier, sum(s.memories), sum(s.source_tokens),
    sum(s.memory_tokens), sum(s.source_bytes), sum(s.text_bytes), sum(s.data_bytes),
    sum(s.token_bytes)
    FROM (SELECT partition, tier, count(*) AS memories, sum(source_tokens) AS source_tokens,
        sum(memory_tokens) AS memory_tokens, sum(source_bytes) AS source_bytes,
        sum(text_bytes) AS text_bytes, sum(data_bytes) AS data_bytes,
        sum(token_bytes) AS token_bytes FROM memories GROUP BY partition, tier) s
    JOIN partitions p ON p.id = s.partition GROUP BY p.kind, s.tier ORDER BY p.kind, s.tier";

impl Store {
    /// Counts everything; up to a second for 100,000 memories.
    pub fn stats(&self) -> Result<StoreStats> {
        self.read_snapshot(|conn| {
            let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
            let unused_pages = number("PRAGMA freelist_count")?;
            Ok(StoreStats {
                kinds: kinds(conn)?,
                file_bytes: bytes_of(&self.path),
                wal_bytes: bytes_of(&wal_of(&self.path)),
                unused_bytes: (unused_pages * number("PRAGMA page_size")?) as u64,
                journal_mode: conn.query_row("PRAGMA journal_mode", [], |row| row.get(0))?,
                durability: self.options.durability,
                pending_erase: self.writer.pending_erase(),
                generation: number("SELECT value FROM settings WHERE name = 'generation'")? as u64,
                tombstones: number("SELECT count(*) FROM tombstones")? as u64,
            })
        })
    }
}

fn bytes_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.len())
}

fn kinds(conn: &Connection) -> Outcome<Vec<KindStats>> {
    let mut select = conn.prepare_cached(SELECT_KINDS)?;
    let mut rows = select.query([])?;
    let mut kinds = Vec::new();
    while let Some(row) = rows.next()? {
        kinds.push(kind(row)?);
    }
    Ok(kinds)
}

fn kind(row: &Row<'_>) -> Outcome<KindStats> {
    let tier: String = row.get(1)?;
    let sum =
        |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.unwrap_or(0) as u64);
    Ok(KindStats {
        kind: row.get(0)?,
        tier: Tier::from_name(&tier).ok_or_else(|| damaged(format!("tier {tier:?}")))?,
        sizes: Sizes {
            memories: sum(2)?,
            source_tokens: sum(3)?,
            memory_tokens: sum(4)?,
            source_bytes: sum(5)?,
            text_bytes: sum(6)?,
            data_bytes: sum(7)?,
            token_bytes: sum(8)?,
        },
    })
}
