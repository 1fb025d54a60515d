//! A model package on disk: read once, checked against its manifest.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::manifest::{Manifest, is_pair_model};
use crate::error::{Error, Result};

/// The model that is used unless another is named.
pub(crate) const DEFAULT_PACKAGE: &str = "@mixxclub/prime-memory-model-minilm-l6";

/// Part of every fingerprint; changes when windowing or pooling changes what vectors come out.
const SCHEME: &str =
    "windows: overlap 32, safest window; pooling: segment mean with CLS and SEP; v1";

/// Nothing is unpacked to more than this, in bytes: no ONNX file is larger.
const LARGEST: usize = 1 << 31;

/// A model package in memory: the bytes that were checked are the bytes that are used.
///
/// It holds the whole graph (23 MB for the default model): drop it once the encoder is open.
#[derive(Debug, Clone)]
pub struct ModelPackage {
    manifest: Manifest,
    folder: PathBuf,
    fingerprint: String,
    encoder: Arc<[u8]>,
    tokenizer: Arc<[u8]>,
}

impl ModelPackage {
    /// Reads the package in `folder`; most of the time goes into SHA-256.
    ///
    /// # Errors
    /// `PM_MODEL_NOT_FOUND` without a folder or a `model.json` in it; `PM_MODEL_CORRUPT` when
    /// `model.json` is malformed or a file is not the one it describes.
    pub fn load(folder: &Path) -> Result<ModelPackage> {
        let manifest = read_manifest(folder)?;
        let encoder = read_checked(folder, &manifest.encoder.file, &manifest.encoder.sha256)?;
        let tokenizer = read_checked(folder, &manifest.tokenizer.file, &manifest.tokenizer.sha256)?;
        let fingerprint = fingerprint(&manifest);
        Ok(ModelPackage { manifest, folder: folder.to_path_buf(), fingerprint, encoder, tokenizer })
    }

    /// What `model.json` says and the fingerprint that follows from it, without looking at the files
    /// it describes: enough to open a store with while [`ModelPackage::load`] checks them.
    ///
    /// # Errors
    /// As [`ModelPackage::load`], for `model.json` alone.
    pub fn identify(folder: &Path) -> Result<(Manifest, String)> {
        let manifest = read_manifest(folder)?;
        let fingerprint = fingerprint(&manifest);
        Ok((manifest, fingerprint))
    }

    /// What `model.json` says.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// 64 hexadecimal digits that stand for everything that decides which vectors come out: both
    /// files, the pooling, the window length and this version's way of windowing.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub(crate) fn encoder_bytes(&self) -> Arc<[u8]> {
        Arc::clone(&self.encoder)
    }

    pub(crate) fn tokenizer_bytes(&self) -> &[u8] {
        &self.tokenizer
    }

    /// An error about the graph's file.
    pub(crate) fn bad_encoder(&self, reason: String) -> Error {
        Error::ModelCorrupt { file: self.folder.join(&self.manifest.encoder.file), reason }
    }

    /// An error about the tokenizer's file.
    pub(crate) fn bad_tokenizer(&self, reason: String) -> Error {
        Error::ModelCorrupt { file: self.folder.join(&self.manifest.tokenizer.file), reason }
    }
}

fn read_manifest(folder: &Path) -> Result<Manifest> {
    let file = folder.join("model.json");
    let missing = |reason: &str| Error::ModelNotFound {
        path: folder.to_path_buf(),
        reason: reason.into(),
        package: DEFAULT_PACKAGE.to_owned(),
    };
    if !folder.is_dir() {
        return Err(missing("there is no such folder"));
    }
    if !file.is_file() {
        return Err(missing("it holds no model.json"));
    }
    let bytes = std::fs::read(&file).map_err(|err| Error::io("reading", &file, err))?;
    if is_pair_model(&bytes) {
        return Err(missing("it holds a pair model, which is given as guard, and no encoder"));
    }
    Manifest::parse(&bytes).map_err(|reason| Error::ModelCorrupt { file, reason })
}

/// Reads a file that `model.json` names, as it is or packed ([`packed`]), and checks it.
pub(super) fn read_checked(folder: &Path, name: &str, expected: &str) -> Result<Arc<[u8]>> {
    let file = folder.join(name);
    let corrupt = |reason| Error::ModelCorrupt { file: file.clone(), reason };
    let bytes = if file.is_file() {
        std::fs::read(&file).map_err(|err| Error::io("reading", &file, err))?
    } else {
        let packed = packed(&file);
        if !packed.is_file() {
            return Err(corrupt("model.json names it, but there is no such file".to_owned()));
        }
        let bytes = std::fs::read(&packed).map_err(|err| Error::io("reading", &packed, err))?;
        unpack(&bytes).map_err(|reason| Error::ModelCorrupt { file: packed, reason })?
    };
    let found = hex(&Sha256::digest(&bytes));
    if !found.eq_ignore_ascii_case(expected) {
        let size = bytes.len();
        return Err(corrupt(format!("expected SHA-256 {expected}, found {found} ({size} bytes)")));
    }
    Ok(bytes.into())
}

/// Whether a package's file is there, as it is or packed.
pub(super) fn is_there(file: &Path) -> bool {
    file.is_file() || packed(file).is_file()
}

/// How a file lies in the packages that ship: compressed with zstd, a fifth smaller. The SHA-256 in `model.json` is that
/// of what comes out.
fn packed(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".zst");
    name.into()
}

fn unpack(bytes: &[u8]) -> std::result::Result<Vec<u8>, String> {
    let size = zstd::zstd_safe::get_frame_content_size(bytes).ok().flatten();
    let size = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size <= LARGEST);
    let size = size.ok_or("it is no zstd file, or says no size it could have")?;
    zstd::bulk::decompress(bytes, size).map_err(|err| err.to_string())
}

fn fingerprint(manifest: &Manifest) -> String {
    let [encoder, tokenizer] = [&manifest.encoder.sha256, &manifest.tokenizer.sha256]
        .map(|hash| hash.to_ascii_lowercase());
    let (pooling, max_tokens) = (&manifest.pooling, manifest.max_tokens);
    hex(&Sha256::digest(format!("{encoder}\n{tokenizer}\n{pooling}\n{max_tokens}\n{SCHEME}")))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use std::fs;

    use super::*;
    use crate::model::fixture;

    /// A package of a few bytes; the graph and the tokenizer are only hashed here.
    fn toy() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fixture::write_package(folder.path(), b"graph", b"tokenizer", |_| ());
        folder
    }

    #[test]
    fn a_good_package_is_read_once_and_whole() {
        let folder = toy();
        let package = ModelPackage::load(folder.path()).unwrap();
        assert_eq!(&*package.encoder_bytes(), b"graph");
        assert_eq!(package.fingerprint().len(), 64);
    }

    #[test]
    fn a_packed_one_is_the_same() {
        let folder = toy();
        let plain = ModelPackage::load(folder.path()).unwrap();
        for name in ["model.onnx", "tokenizer.json"] {
            let file = folder.path().join(name);
            let bytes = zstd::bulk::compress(&fs::read(&file).unwrap(), 3).unwrap();
            fs::write(folder.path().join(format!("{name}.zst")), bytes).unwrap();
            fs::remove_file(file).unwrap();
        }
        let packed = ModelPackage::load(folder.path()).unwrap();
        assert_eq!(packed.encoder_bytes(), plain.encoder_bytes());
        assert_eq!(packed.tokenizer_bytes(), plain.tokenizer_bytes());
        assert_eq!(packed.fingerprint(), plain.fingerprint());
    }

    #[test]
    fn the_fingerprint_follows_what_decides_the_vectors() {
        let print = |graph: &[u8], change: fn(&mut serde_json::Value)| {
            let folder = tempfile::tempdir().unwrap();
            fixture::write_package(folder.path(), graph, b"tokenizer", change);
            ModelPackage::load(folder.path()).unwrap().fingerprint
        };
        let first = print(b"graph", |_| ());
        assert_eq!(first, print(b"graph", |m| m["name"] = "another name".into()));
        assert_ne!(first, print(b"graph", |m| m["maxTokens"] = 128.into()));
        assert_ne!(first, print(b"groph", |_| ()));
    }

    #[track_caller]
    fn check(spoil: impl Fn(&Path), code: &str, words: &str) {
        let folder = toy();
        spoil(folder.path());
        let err = ModelPackage::load(folder.path()).unwrap_err();
        assert_eq!(err.code(), code, "{err}");
        assert!(err.to_string().contains(words), "{err}");
    }

    #[test]
    fn bad_packages() {
        check(|f| fs::remove_dir_all(f).unwrap(), "PM_MODEL_NOT_FOUND", "no such folder");
        check(
            |f| fs::remove_file(f.join("model.json")).unwrap(),
            "PM_MODEL_NOT_FOUND",
            "no model.json",
        );
        check(|f| fs::write(f.join("model.json"), "{").unwrap(), "PM_MODEL_CORRUPT", "EOF");
        check(
            |f| fs::write(f.join("model.json"), "{}").unwrap(),
            "PM_MODEL_CORRUPT",
            "missing field",
        );
        check(
            |f| fs::remove_file(f.join("model.onnx")).unwrap(),
            "PM_MODEL_CORRUPT",
            "no such file",
        );
        check(
            |f| fs::write(f.join("model.onnx"), "grapi").unwrap(),
            "PM_MODEL_CORRUPT",
            "expected SHA-256",
        );
        check(|f| fs::write(f.join("model.onnx"), "gra").unwrap(), "PM_MODEL_CORRUPT", "(3 bytes)");
        let packed = |f: &Path, bytes: &[u8]| {
            fs::remove_file(f.join("model.onnx")).unwrap();
            fs::write(f.join("model.onnx.zst"), bytes).unwrap();
        };
        check(|f| packed(f, b"graph"), "PM_MODEL_CORRUPT", "no zstd file");
        let other = zstd::bulk::compress(b"grapi", 3).unwrap();
        check(|f| packed(f, &other), "PM_MODEL_CORRUPT", "expected SHA-256");
        check(|f| packed(f, &other[..other.len() - 2]), "PM_MODEL_CORRUPT", "model.onnx.zst");
        check(
            |f| fs::write(f.join("tokenizer.json"), "").unwrap(),
            "PM_MODEL_CORRUPT",
            "(0 bytes)",
        );
        let escape = |f: &Path| {
            fixture::write_package(f, b"", b"", |m| m["encoder"]["file"] = "../model.onnx".into());
        };
        check(escape, "PM_MODEL_CORRUPT", "not inside");
    }
}
