//! Where the library of ONNX Runtime may lie, in which order, without touching it.

use std::path::{Path, PathBuf};

/// What is looked for, and where; every part may be left out.
#[derive(Debug, Clone, Default)]
pub struct RuntimeSearch {
    /// The library file to use. It must exist: nothing else is tried.
    pub explicit: Option<PathBuf>,
    /// The folder of our own addon or program, beside which platform packages put the library.
    pub beside: Option<PathBuf>,
    /// Folders from which `node_modules/onnxruntime-node` is looked for as Node does: there, then
    /// in every folder above.
    pub node_modules_from: Vec<PathBuf>,
}

/// One place, and who named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) path: PathBuf,
    /// For messages: empty for places that follow from the installation.
    pub(crate) named_by: &'static str,
}

/// The places to look at, best first. A place named by the option, or else by `from_env` (the
/// value of `ORT_DYLIB_PATH`), is the only one: a typing error must not pick another version.
pub(crate) fn candidates(search: &RuntimeSearch, from_env: Option<PathBuf>) -> Vec<Candidate> {
    if let Some(path) = &search.explicit {
        return vec![Candidate { path: absolute(path), named_by: " (given as option)" }];
    }
    if let Some(path) = from_env.filter(|path| !path.as_os_str().is_empty()) {
        return vec![Candidate { path: absolute(&path), named_by: " (from ORT_DYLIB_PATH)" }];
    }
    let beside = search.beside.iter().flat_map(|folder| in_folder(&absolute(folder)));
    let from_node = search.node_modules_from.iter().flat_map(|folder| node_packages(folder));
    let mut found: Vec<Candidate> = Vec::new();
    for path in beside.chain(from_node.flat_map(|folder| in_folder(&folder))) {
        if found.iter().all(|known| known.path != path) {
            found.push(Candidate { path, named_by: "" });
        }
    }
    found
}

/// Every name the library has, in platform packages and in `onnxruntime-node` 1.24 and 1.30.
fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let names: &[&str] = if cfg!(target_os = "macos") {
        &[
            "libonnxruntime.1.dylib",
            "libonnxruntime.dylib",
            "libonnxruntime.1.24.1.dylib",
            "libonnxruntime.1.30.0.dylib",
        ]
    } else if cfg!(windows) {
        &["onnxruntime.dll"]
    } else {
        &["libonnxruntime.so.1", "libonnxruntime.so"]
    };
    names.iter().map(|name| folder.join(name)).collect()
}

/// The library folders of `onnxruntime-node` that Node's resolution would reach from `folder`; by
/// its real path too, since package managers that link need that one.
fn node_packages(folder: &Path) -> Vec<PathBuf> {
    let folder = absolute(folder);
    let real = folder.canonicalize().ok().filter(|real| *real != folder);
    let from = [Some(folder), real].into_iter().flatten();
    from.flat_map(|folder| folder.ancestors().map(Path::to_path_buf).collect::<Vec<_>>())
        .filter(|folder| !folder.ends_with("node_modules"))
        .map(|folder| {
            folder.join("node_modules/onnxruntime-node/bin/napi-v6").join(node_platform())
        })
        .collect()
}

fn node_platform() -> PathBuf {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    Path::new(system).join(machine)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;

    fn search(explicit: Option<&str>) -> RuntimeSearch {
        RuntimeSearch {
            explicit: explicit.map(PathBuf::from),
            beside: Some("/opt/addon".into()),
            node_modules_from: vec!["/srv/app/node_modules/pkg".into()],
        }
    }

    #[track_caller]
    fn check(explicit: Option<&str>, env: Option<&str>, first: &str, count: usize) {
        let found = candidates(&search(explicit), env.map(PathBuf::from));
        assert_eq!(found[0].path, Path::new(first), "{found:?}");
        assert_eq!(found.len(), count, "{found:?}");
    }

    #[test]
    fn a_place_that_was_named_is_the_only_one() {
        check(Some("/a/lib"), Some("/b/lib"), "/a/lib", 1);
        check(None, Some("/b/lib"), "/b/lib", 1);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn else_beside_the_addon_then_up_the_folders() {
        check(None, Some(""), "/opt/addon/libonnxruntime.so.1", 10);
        let found = candidates(&search(None), None);
        let tails: Vec<String> = found.iter().map(|c| c.path.display().to_string()).collect();
        let package = format!("onnxruntime-node/bin/napi-v6/{}", node_platform().display());
        for (place, folder) in [
            (2, "/srv/app/node_modules/pkg/node_modules/"),
            (4, "/srv/app/node_modules/"),
            (6, "/srv/node_modules/"),
        ] {
            assert_eq!(tails[place], format!("{folder}{package}/libonnxruntime.so.1"));
        }
    }

    #[test]
    fn relative_paths_become_absolute() {
        let here = RuntimeSearch { explicit: Some("lib.so".into()), ..RuntimeSearch::default() };
        assert!(candidates(&here, None)[0].path.is_absolute());
    }

    #[test]
    fn nothing_to_look_at_is_no_place() {
        assert_eq!(candidates(&RuntimeSearch::default(), None), []);
    }
}
