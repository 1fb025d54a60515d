//! Reading one memory back.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{PrimeMemory, visible};
use crate::error::{Error, Result};
use crate::store::{Record, Scope, ScopeFilter, Tier};
use crate::tokens::MemoryTokens;

/// One memory as it is stored.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Whose it is.
    pub scope: Scope,
    /// Hot, warm or cold.
    pub tier: Tier,
    /// The text; null once a policy dropped it.
    pub text: Option<String>,
    /// The data as given.
    pub data: Option<Box<RawValue>>,
    /// Facts to filter by.
    pub metadata: Map<String, Value>,
    /// Text tokens per memory token.
    pub ratio: u16,
    /// Text tokens of the text.
    pub source_tokens: usize,
    /// Memory tokens.
    pub token_count: usize,
    /// Numbers per memory token.
    pub dims: usize,
    /// UTF-8 bytes of the text.
    pub source_bytes: usize,
    /// Bytes stored for text and memory tokens.
    pub stored_bytes: usize,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub updated_at: i64,
    /// Milliseconds since 1970; null when never found or read.
    pub accessed_at: Option<i64>,
    /// How often it was found or read.
    pub access_count: u64,
    /// Whether a tier policy may drop its text and data.
    pub disposable: bool,
    /// From 0 (moves to a smaller tier first) to 1 (never moves).
    pub importance: f64,
    /// When a policy dropped the text, in milliseconds since 1970; null while it is there.
    pub text_dropped_at: Option<i64>,
}

impl PrimeMemory {
    /// One memory, or none when it is not in the scope given.
    ///
    /// # Errors
    /// `PM_STORE_CORRUPT` when it does not decode, `PM_CLOSED`.
    pub fn get(&self, id: &str, scope: &[ScopeFilter]) -> Result<Option<Found>> {
        let open = self.open_parts()?;
        let Some(record) = open.store.get(id, &visible(scope, &open.scope))? else {
            return Ok(None);
        };
        let warm = if record.tier == Tier::Warm { &[record.row][..] } else { &[] };
        open.touch(&[record.row], warm);
        Found::try_from(record).map(Some)
    }

    /// The memory tokens stored for a memory, or none when it is not in the scope given.
    ///
    /// # Errors
    /// `PM_STORE_CORRUPT` when they do not decode, `PM_CLOSED`.
    pub fn tokens(&self, id: &str, scope: &[ScopeFilter]) -> Result<Option<MemoryTokens>> {
        let open = self.open_parts()?;
        let row = open.store.row_of(id, &visible(scope, &open.scope))?;
        row.map_or(Ok(None), |row| open.store.tokens(row))
    }
}

impl TryFrom<Record> for Found {
    type Error = Error;

    fn try_from(record: Record) -> Result<Found> {
        let corrupt = |err: serde_json::Error| Error::StoreCorrupt {
            reason: format!("the data of memory {} is no JSON: {err}", record.id),
        };
        let data = record.data.map(RawValue::from_string).transpose().map_err(corrupt)?;
        Ok(Found {
            id: record.id,
            kind: record.kind,
            scope: record.scope,
            tier: record.tier,
            text: record.text,
            data,
            metadata: record.metadata,
            ratio: record.ratio,
            source_tokens: record.source_tokens,
            token_count: record.token_count,
            dims: record.dims,
            source_bytes: record.source_bytes,
            stored_bytes: record.text_bytes + record.token_bytes,
            created_at: record.created_at,
            updated_at: record.updated_at,
            accessed_at: record.accessed_at,
            access_count: record.access_count,
            disposable: record.retention.disposable,
            importance: record.retention.importance,
            text_dropped_at: record.text_dropped_at,
        })
    }
}
