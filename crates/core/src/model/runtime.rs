//! The ONNX Runtime library: loaded once for the process, by absolute path.

use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;

pub use super::library::RuntimeSearch;
use super::library::{Candidate, candidates};
use crate::error::{Error, Result};

/// The loaded library and its environment. Clones are handles to the same one.
///
/// There is one per process, whatever the number of stores and threads: ONNX Runtime allows one
/// environment only. Telemetry is off; its errors go to `tracing`.
#[derive(Debug, Clone)]
pub struct Runtime {
    environment: Environment,
    path: Arc<Path>,
    version: Arc<str>,
}

/// Filled by the first success and never emptied: the environment lives as long as the process.
static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

impl Runtime {
    /// Finds and loads the library: the path given as option, else `ORT_DYLIB_PATH`, else beside
    /// our own addon, else the one inside the npm package `onnxruntime-node`.
    ///
    /// Once a library is loaded, later calls get that one even when they name another:
    /// [`Runtime::path`] tells which one is at work.
    ///
    /// # Errors
    /// `PM_RUNTIME_NOT_FOUND` with every path tried; `PM_RUNTIME_INVALID` when the file found is
    /// not ONNX Runtime, is older than 1.24 or cannot be loaded.
    pub fn load(search: &RuntimeSearch) -> Result<Runtime> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*loaded {
            return Ok(runtime.clone());
        }
        let from_env = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
        let path = first_file(&candidates(search, from_env))?;
        Ok(loaded.insert(open(&path)?).clone())
    }

    /// The library file at work.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its version as it names itself, such as `1.24.1`.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }
}

/// The first place where there is a file: the loader's own message would not say what is missing.
fn first_file(places: &[Candidate]) -> Result<PathBuf> {
    places.iter().find(|place| place.path.is_file()).map(|place| place.path.clone()).ok_or_else(
        || {
            let tried = |place: &Candidate| format!("{}{}", place.path.display(), place.named_by);
            Error::RuntimeNotFound { tried: places.iter().map(tried).collect() }
        },
    )
}

fn open(path: &Path) -> Result<Runtime> {
    let invalid = |reason: String| Error::RuntimeInvalid { path: path.to_path_buf(), reason };
    let environment = ort::init_from(path)
        .map_err(|err| invalid(err.to_string()))?
        .with_name("prime-memory")
        .with_telemetry(false)
        .with_logger(Arc::new(log))
        .build()
        .map_err(|err| invalid(err.to_string()))?;
    // With a logger of ours the library begins by telling everything.
    environment.set_log_level(LogLevel::Error);
    let version: Arc<str> = version_of(path).as_deref().unwrap_or("unknown").into();
    tracing::debug!(path = %path.display(), version = %version, "loaded ONNX Runtime");
    Ok(Runtime { environment, path: path.into(), version })
}

fn log(level: LogLevel, _category: &str, _id: &str, location: &str, message: &str) {
    if level >= LogLevel::Error {
        tracing::error!(location, "ONNX Runtime: {message}");
    }
}

/// The version the library names itself: `ort` checks it, but does not tell it.
fn version_of(path: &Path) -> Option<String> {
    type ApiBase = unsafe extern "C" fn() -> *const ort::sys::OrtApiBase;
    // SAFETY: `ort::init_from` loaded this very file before and found it to be ONNX Runtime, so no
    // initialiser runs again, the symbol has this type, and the text it hands out lives as long as
    // the library, which `ort` never unloads.
    unsafe {
        let library = libloading::Library::new(path).ok()?;
        let api_base = library.get::<ApiBase>(b"OrtGetApiBase").ok()?();
        let version = CStr::from_ptr((api_base.as_ref()?.GetVersionString)());
        version.to_str().ok().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::model::fixture;

    #[test]
    fn nothing_found_names_every_place() {
        let folder = tempfile::tempdir().unwrap();
        let search = RuntimeSearch {
            beside: Some(folder.path().join("addon")),
            node_modules_from: vec![folder.path().to_path_buf()],
            ..RuntimeSearch::default()
        };
        let places = candidates(&search, None);
        let text = first_file(&places).unwrap_err().to_string();
        assert!(places.len() > 3);
        assert!(
            places.iter().all(|place| text.contains(&place.path.display().to_string())),
            "{text}"
        );
        assert!(text.contains("npm install"), "{text}");
    }

    #[test]
    fn a_named_path_that_is_missing_is_an_error_by_itself() {
        let search =
            RuntimeSearch { explicit: Some("/nowhere/lib.so".into()), ..fixture::search() };
        let err = first_file(&candidates(&search, None)).unwrap_err();
        assert_eq!(err.code(), "PM_RUNTIME_NOT_FOUND");
        assert!(err.to_string().contains("lib.so (given as option)"), "{err}");
    }

    #[test]
    fn the_first_library_stays() {
        let first = fixture::runtime();
        let search =
            RuntimeSearch { explicit: Some("/nowhere/lib.so".into()), ..RuntimeSearch::default() };
        let second = Runtime::load(&search).unwrap();
        assert_eq!(first.path(), second.path());
        assert!(second.path().is_absolute());
        assert!(second.version().starts_with("1."), "{}", second.version());
    }

    /// In a process of its own: here the real library is loaded already, or about to be.
    #[test]
    fn a_file_that_is_no_library_is_told_so() {
        if std::env::var_os("PM_TEST_BAD_LIBRARY").is_some() {
            let err = Runtime::load(&RuntimeSearch::default()).unwrap_err();
            assert_eq!(err.code(), "PM_RUNTIME_INVALID", "{err}");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("libonnxruntime.so.1");
        std::fs::write(&file, "no library").unwrap();
        let name = "model::runtime::tests::a_file_that_is_no_library_is_told_so";
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact"])
            .env("PM_TEST_BAD_LIBRARY", "1")
            .env("ORT_DYLIB_PATH", &file)
            .output()
            .unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
        assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"));
    }
}
