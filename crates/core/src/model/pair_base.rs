//! What a pair model does not repeat: the tokenizer and the tables of the encoder it was made from.
//!
//! Training leaves the embeddings as they were, so the int8 tables of both graphs are the same bytes,
//! half of the package. The pair model's graph names them as external data; here they are read out of
//! the encoder's graph.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::package::{is_there, read_checked};
use crate::error::{Error, Result};

/// The encoder's package, as `model.json` of the pair model names it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Base {
    /// What to install when it is missing.
    package: String,
    /// Where its folder may be, seen from the pair model's own.
    folders: Vec<String>,
    /// Its graph, and the SHA-256 of that.
    file: String,
    sha256: String,
    /// Which bytes of the graph's file are which table.
    tables: Vec<Table>,
}

#[derive(Debug, Clone, Deserialize)]
struct Table {
    /// The name by which the pair model's graph asks for it.
    location: String,
    /// In bytes.
    offset: usize,
    /// In bytes.
    length: usize,
}

/// Tables by the name that the graph asks for.
pub(super) type Tables = Vec<(String, Arc<[u8]>)>;

impl Base {
    /// The folder of the encoder's package.
    ///
    /// # Errors
    /// `PM_MODEL_NOT_FOUND` when it is in none of the places.
    pub(super) fn find(&self, folder: &Path) -> Result<PathBuf> {
        // A linked package lies beside its base where it really is.
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        let places = [real.as_path(), folder].into_iter();
        let mut places = places.flat_map(|from| self.folders.iter().map(|name| from.join(name)));
        places.find(|place| is_there(&place.join(&self.file))).ok_or_else(|| {
            let package = self.package.clone();
            let reason = format!("it builds on the package {package}, which is not beside it");
            Error::ModelNotFound { path: folder.to_path_buf(), reason, package }
        })
    }

    /// The tables, read from the encoder's graph.
    ///
    /// # Errors
    /// `PM_MODEL_CORRUPT` when the graph is another one, or too short.
    pub(super) fn tables(&self, home: &Path) -> Result<Tables> {
        let graph = read_checked(home, &self.file, &self.sha256)?;
        let cut = |table: &Table| {
            let end = table.offset.checked_add(table.length);
            let bytes = end.and_then(|end| graph.get(table.offset..end)).ok_or_else(|| {
                let reason = format!("it does not hold the table \"{}\"", table.location);
                Error::ModelCorrupt { file: home.join(&self.file), reason }
            })?;
            Ok((table.location.clone(), Arc::from(bytes)))
        };
        self.tables.iter().map(cut).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use std::fs;

    use sha2::{Digest, Sha256};

    use super::super::package::hex;
    use super::*;

    const GRAPH: &[u8] = b"head TABLE tail";

    /// An encoder's package beside the folder of a pair model, and how the latter names it.
    fn beside(tables: &[(usize, usize)]) -> (tempfile::TempDir, PathBuf, Base) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("pair");
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir_all(root.path().join("encoder")).unwrap();
        fs::write(root.path().join("encoder/model.onnx"), GRAPH).unwrap();
        let table = |&(offset, length)| Table { location: "words".to_owned(), offset, length };
        let base = Base {
            package: "the-encoder".to_owned(),
            folders: vec!["../elsewhere".to_owned(), "../encoder".to_owned()],
            file: "model.onnx".to_owned(),
            sha256: hex(&Sha256::digest(GRAPH)),
            tables: tables.iter().map(table).collect(),
        };
        (root, folder, base)
    }

    #[test]
    fn a_table_is_cut_out_of_the_encoders_graph() {
        let (_root, folder, base) = beside(&[(5, 5)]);
        let tables = base.tables(&base.find(&folder).unwrap()).unwrap();
        assert_eq!(tables, vec![("words".to_owned(), Arc::from(&b"TABLE"[..]))]);
    }

    #[test]
    fn a_missing_encoder_is_named() {
        let (root, folder, base) = beside(&[]);
        fs::remove_dir_all(root.path().join("encoder")).unwrap();
        let err = base.find(&folder).unwrap_err();
        assert_eq!(err.code(), "PM_MODEL_NOT_FOUND");
        assert!(err.to_string().contains("install the-encoder"), "{err}");
    }

    #[test]
    fn another_encoder_or_a_table_outside_it_is_refused() {
        let (root, folder, base) = beside(&[(10, 6)]);
        let home = base.find(&folder).unwrap();
        let err = base.tables(&home).unwrap_err();
        assert_eq!(err.code(), "PM_MODEL_CORRUPT");
        assert!(err.to_string().contains("\"words\""), "{err}");
        let (_root, _, huge) = beside(&[(usize::MAX, 2)]);
        assert_eq!(huge.tables(&home).unwrap_err().code(), "PM_MODEL_CORRUPT");
        fs::write(root.path().join("encoder/model.onnx"), "another").unwrap();
        assert_eq!(base.tables(&home).unwrap_err().code(), "PM_MODEL_CORRUPT");
    }
}
