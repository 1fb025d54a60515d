//! Memory tokens as rows: encoded before a write waits for its turn, lent as bytes to rescoring.

use std::ops::ControlFlow;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::errors::{Outcome, damaged};
use super::handle::Store;
use super::types::StoreOptions;
use crate::error::{Error, Result};
use crate::tokens::{Dtype, MemoryTokens, Ratio};

/// The stored vectors of one memory, borrowed from SQLite for the length of a callback.
#[derive(Debug, Clone, Copy)]
pub struct TokenBlob<'a> {
    /// Numbers in each vector.
    pub dims: usize,
    /// How they are encoded.
    pub dtype: Dtype,
    /// The vector of the whole text; none when there is one memory token, which it equals.
    pub whole: Option<&'a [u8]>,
    /// The memory tokens, one after the other, at least one.
    pub tokens: &'a [u8],
}

impl TokenBlob<'_> {
    /// Checks that both parts have a length that `dims` and `dtype` allow.
    fn check(&self) -> Outcome<()> {
        let size = self.dtype.vector_bytes(self.dims);
        let whole_fits = self.whole.is_none_or(|whole| whole.len() == size);
        let fits = size > 0 && !self.tokens.is_empty() && self.tokens.len().is_multiple_of(size);
        if fits && whole_fits {
            return Ok(());
        }
        Err(damaged(format!("vectors of {} bytes where one has {size}", self.tokens.len())))
    }
}

/// Memory tokens ready to be written.
pub(super) struct PackedTokens {
    model: i64,
    ratio: u16,
    count: i64,
    dims: i64,
    dtype: Dtype,
    whole: Option<Vec<u8>>,
    data: Vec<u8>,
}

impl PackedTokens {
    /// # Errors
    /// `PM_DIMS_MISMATCH`, `PM_MODEL_MISMATCH`, `PM_BAD_VECTOR`.
    pub(super) fn new(tokens: &MemoryTokens, store: &Store) -> Result<PackedTokens> {
        let options = &store.options;
        check_model(tokens, options)?;
        check_vectors(tokens)?;
        let encode = |vectors| options.dtype.encode(vectors, tokens.dims);
        Ok(PackedTokens {
            model: store.model_row,
            ratio: tokens.ratio.get(),
            count: tokens.count() as i64,
            dims: tokens.dims as i64,
            dtype: options.dtype,
            whole: (tokens.count() > 1).then(|| encode(&tokens.whole)),
            data: encode(&tokens.data),
        })
    }

    /// Writes them as those of `row`, in place of what it had.
    pub(super) fn write(&self, conn: &Connection, row: i64) -> Outcome<()> {
        let sql = "INSERT OR REPLACE INTO tokens
            (row, model, ratio, count, dims, dtype, whole, data)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let dtype = self.dtype.name();
        conn.prepare_cached(sql)?.execute(params![
            row, self.model, self.ratio, self.count, self.dims, dtype, self.whole, self.data
        ])?;
        Ok(())
    }
}

fn check_model(tokens: &MemoryTokens, options: &StoreOptions) -> Result<()> {
    let model = &options.model;
    if tokens.dims != model.dims {
        let (model, expected) = (model.name.clone(), model.dims);
        return Err(Error::DimsMismatch { model, expected, found: tokens.dims });
    }
    if tokens.model != model.fingerprint {
        let given = format!("{:.12}", tokens.model);
        return Err(Error::ModelMismatch { stored: model.to_string(), given });
    }
    Ok(())
}

fn check_vectors(tokens: &MemoryTokens) -> Result<()> {
    let found = if tokens.data.is_empty() || !tokens.data.len().is_multiple_of(tokens.dims) {
        format!("have {} numbers", tokens.data.len())
    } else if tokens.whole.len() != tokens.dims {
        format!("have {} numbers for the whole", tokens.whole.len())
    } else if tokens.data.iter().chain(&tokens.whole).any(|number| !number.is_finite()) {
        "hold a number that is not finite".to_owned()
    } else {
        return Ok(());
    };
    let advice = "give whole vectors of finite numbers, as compress() makes them";
    Err(Error::BadVector { what: "the memory tokens", found, advice })
}

/// Columns `dims`, `dtype`, `whole`, `data`, from `first` on.
pub(super) fn blob_of<'a>(row: &'a Row<'_>, first: usize) -> Outcome<TokenBlob<'a>> {
    let name = row.get_ref(first + 1)?.as_str().map_err(|err| damaged(err.to_string()))?;
    let blob = TokenBlob {
        dims: row.get::<_, i64>(first)? as usize,
        dtype: Dtype::from_name(name).ok_or_else(|| damaged(format!("dtype {name:?}")))?,
        whole: row.get_ref(first + 2)?.as_blob_or_null().map_err(|err| damaged(err.to_string()))?,
        tokens: row.get_ref(first + 3)?.as_blob().map_err(|err| damaged(err.to_string()))?,
    };
    blob.check()?;
    Ok(blob)
}

const SELECT_BLOB: &str =
    "SELECT dims, dtype, whole, data FROM tokens WHERE row = ?1 AND model = ?2";
const SELECT_TOKENS: &str = "SELECT t.dims, t.dtype, t.whole, t.data, t.ratio, m.source_tokens,
    m.source_bytes, models.fingerprint
    FROM tokens t JOIN memories m ON m.row = t.row JOIN models ON models.id = t.model
    WHERE t.row = ?1";

impl Store {
    /// The memory tokens of a memory, with the fingerprint of the model that made them.
    pub fn tokens(&self, row: u64) -> Result<Option<MemoryTokens>> {
        self.read(|conn| {
            let mut select = conn.prepare_cached(SELECT_TOKENS)?;
            let mut rows = select.query([row as i64])?;
            rows.next()?.map(decode_row).transpose()
        })
    }

    /// Hands the stored vectors of each of `rows` to `visit`, in their order, without copying, until it breaks
    /// off. Rows that are gone, or whose vectors are of another model, are left out.
    ///
    /// # Errors
    /// Those of `visit`, `PM_STORE_CORRUPT`.
    pub fn for_each_tokens(
        &self,
        rows: &[u64],
        visit: &mut dyn FnMut(u64, TokenBlob<'_>) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        self.read_snapshot(|conn| {
            let mut select = conn.prepare_cached(SELECT_BLOB)?;
            for row in rows {
                let mut found = select.query(params![*row as i64, self.model_row])?;
                if let Some(columns) = found.next()?
                    && visit(*row, blob_of(columns, 0)?)?.is_break()
                {
                    break;
                }
            }
            Ok(())
        })
    }
}

fn decode_row(row: &Row<'_>) -> Outcome<MemoryTokens> {
    let blob = blob_of(row, 0)?;
    let data = blob.dtype.decode(blob.tokens, blob.dims)?;
    let whole = match blob.whole {
        Some(whole) => blob.dtype.decode(whole, blob.dims)?,
        None => data[..blob.dims].to_vec(),
    };
    Ok(MemoryTokens {
        dims: blob.dims,
        ratio: Ratio::new(row.get(4)?)?,
        data,
        whole,
        source_tokens: row.get::<_, i64>(5)? as usize,
        source_bytes: row.get::<_, i64>(6)? as usize,
        model: row.get(7)?,
    })
}

/// Whether a row has vectors, and of which model.
pub(super) fn model_of(conn: &Connection, row: i64) -> Outcome<Option<i64>> {
    let mut select = conn.prepare_cached("SELECT model FROM tokens WHERE row = ?1")?;
    Ok(select.query_row([row], |row| row.get(0)).optional()?)
}
