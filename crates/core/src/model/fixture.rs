//! What the tests of this room run with: the committed model package and the real runtime.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::package::hex;
use super::{Encoder, ModelPackage, Runtime, RuntimeSearch};

/// The repository, and every folder above this crate.
fn above() -> impl Iterator<Item = &'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors()
}

pub(crate) fn search() -> RuntimeSearch {
    let node_modules_from = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
    RuntimeSearch { node_modules_from, ..RuntimeSearch::default() }
}

pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        Runtime::load(&search())
            .unwrap_or_else(|err| panic!("these tests need ONNX Runtime: {err}"))
    });
    &RUNTIME
}

pub(crate) fn package() -> &'static ModelPackage {
    static PACKAGE: LazyLock<ModelPackage> = LazyLock::new(|| {
        let folders = above().map(|folder| folder.join("npm/model-minilm-l6"));
        let folder = folders.into_iter().find(|folder| folder.join("model.json").is_file());
        let folder = folder.expect("these tests need npm/model-minilm-l6 of the repository");
        ModelPackage::load(&folder)
            .unwrap_or_else(|err| panic!("these tests need the model: {err}"))
    });
    &PACKAGE
}

/// An encoder with two threads, shared by all tests.
pub(crate) fn encoder() -> Arc<Encoder> {
    static ENCODER: LazyLock<Arc<Encoder>> =
        LazyLock::new(|| Arc::new(Encoder::open(package(), runtime(), 2).unwrap()));
    Arc::clone(&ENCODER)
}

/// Writes a package of these files, its manifest right but for what `change` does to it.
pub(crate) fn write_package(
    folder: &Path,
    graph: &[u8],
    tokenizer: &[u8],
    change: impl Fn(&mut Value),
) {
    let hash = |bytes| hex(&Sha256::digest(bytes));
    let mut manifest = json!({
        "format": 1, "name": "test", "dims": 384, "maxTokens": 256, "specialTokens": 2,
        "pooling": "mean", "ratios": { "min": 1, "max": 256, "default": 16 },
        "encoder": { "file": "model.onnx", "sha256": hash(graph), "output": "last_hidden_state",
            "inputs": { "ids": "input_ids", "mask": "attention_mask", "types": "token_type_ids" } },
        "tokenizer": { "file": "tokenizer.json", "sha256": hash(tokenizer),
            "clsId": 101, "sepId": 102, "padId": 0 },
        "license": "Apache-2.0", "source": "a test"
    });
    change(&mut manifest);
    std::fs::write(folder.join("model.onnx"), graph).unwrap();
    std::fs::write(folder.join("tokenizer.json"), tokenizer).unwrap();
    std::fs::write(folder.join("model.json"), manifest.to_string()).unwrap();
}
