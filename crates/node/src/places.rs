//! Where the default model and ONNX Runtime may lie, seen from the addon's own file.

use std::path::{Path, PathBuf};

use napi::bindgen_prelude::Env;
use prime_memory::model::RuntimeSearch;

/// The folder of the default model package: installed beside us.
pub(crate) fn default_model(env: &Env) -> napi::Result<Option<PathBuf>> {
    installed(env, "prime-memory-model-minilm-l6")
}

/// The folder of the default package of the pair model, where it is installed.
pub(crate) fn default_guard(env: &Env) -> napi::Result<Option<PathBuf>> {
    installed(env, "prime-memory-guard-minilm-l6")
}

fn installed(env: &Env, package: &str) -> napi::Result<Option<PathBuf>> {
    let name = Path::new("node_modules/@mixxclub").join(package);
    let folder = addon_folder(env)?;
    let found = folder.ancestors().map(|parent| parent.join(&name)).find(|path| path.is_dir());
    Ok(found)
}

/// Where to look for ONNX Runtime.
pub(crate) fn runtime_search(env: &Env) -> napi::Result<RuntimeSearch> {
    let folder = addon_folder(env)?;
    Ok(RuntimeSearch {
        explicit: None,
        beside: Some(folder.clone()),
        node_modules_from: vec![folder],
    })
}

fn addon_folder(env: &Env) -> napi::Result<PathBuf> {
    let url = env.get_module_file_name()?;
    let path = url.strip_prefix("file://").unwrap_or(&url);
    let path = if cfg!(windows) { path.trim_start_matches('/') } else { path };
    let path = PathBuf::from(percent_decoded(path));
    let file = path.canonicalize().unwrap_or(path);
    Ok(file.parent().map(Path::to_path_buf).unwrap_or_default())
}

/// Node gives the file as a URL, with everything outside ASCII escaped.
fn percent_decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = path.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(byte) = escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
