//! The index as a file: written aside and renamed into place, believed only whole.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::aside::{aside, sweep, sync_folder};
use super::image::{self, Image};
use super::vector_index::VectorIndex;
use crate::error::{Error, Result};

/// Whose index it is, and up to which change of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The store's own id.
    pub store: String,
    /// Fingerprint of the model that made the vectors.
    pub model: String,
    /// Number of the store's last change that is in it.
    pub generation: u64,
}

/// What a file must be to be of use.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Numbers in each vector.
    pub dims: usize,
    /// The store's own id.
    pub store: &'a str,
    /// Fingerprint of the model.
    pub model: &'a str,
}

/// An index from a file.
pub struct Loaded {
    /// As it was when it was saved, erased rows aside.
    pub index: VectorIndex,
    /// Number of the store's last change that is in it; later ones are for the caller to put.
    pub generation: u64,
}

/// Why a file is of no use. The index is then built again from the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// In words, "it …" being the file.
    pub reason: String,
}

impl VectorIndex {
    /// Writes the index to `path`, whole or not at all: beside it first, then renamed. Changes and
    /// searches go on, but for a copy in memory at the start.
    ///
    /// # Errors
    /// `PM_IO`, `PM_DISK_FULL`; the file that was there before is untouched then.
    pub fn save(&self, path: &Path, stamp: &Stamp) -> Result<()> {
        self.settle();
        let image = Image::of(&self.gate.read(), stamp)?;
        sweep(path);
        let aside = aside(path);
        let written = write(&aside, &image).and_then(|()| rename(&aside, path));
        if written.is_err() {
            drop(fs::remove_file(&aside));
        }
        written
    }

    /// Reads what [`VectorIndex::save`] wrote. A single wrong bit and it is rejected, with a reason.
    pub fn load(path: &Path, expected: &Expected) -> std::result::Result<Loaded, Rejected> {
        load(path, expected).map_err(|reason| Rejected { reason })
    }
}

/// Whether a save may take the place of what lies at `path`: an index, whosever and however damaged, or
/// nothing that could be lost. Anything else is somebody's file.
///
/// # Errors
/// What reading its first bytes gives.
pub fn is_replaceable(path: &Path) -> std::io::Result<bool> {
    match fs::metadata(path) {
        Ok(meta) if !meta.is_file() => return Ok(false),
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(true),
        _ => {}
    }
    let mut begin = Vec::new();
    File::open(path)?.take(image::MAGIC.len() as u64).read_to_end(&mut begin)?;
    if begin.iter().all(|byte| *byte == 0) {
        // What a power cut may leave.
        return Ok(fs::read(path)?.iter().all(|byte| *byte == 0));
    }
    let odd = begin.iter().zip(image::MAGIC).filter(|(found, ours)| found != ours).count();
    Ok(begin.len() == image::MAGIC.len() && odd <= 1)
}

fn load(path: &Path, expected: &Expected) -> std::result::Result<Loaded, String> {
    let bytes = fs::read(path).map_err(|err| format!("it cannot be read: {err}"))?;
    let (state, generation) = image::read(&bytes, expected)?;
    let index = VectorIndex::from_state(expected.dims, expected.model, state);
    Ok(Loaded { index, generation })
}

fn write(aside: &Path, image: &Image) -> Result<()> {
    let failed = |err| Error::io("writing the index", aside, err);
    let mut file = File::create(aside).map_err(failed)?;
    let mut checksum = Xxh3::new();
    for part in image.parts() {
        checksum.update(part);
        file.write_all(part).map_err(failed)?;
    }
    file.write_all(&checksum.digest().to_le_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}

fn rename(aside: &Path, path: &Path) -> Result<()> {
    fs::rename(aside, path).map_err(|err| Error::io("renaming the index", path, err))?;
    sync_folder(path).map_err(|err| Error::io("syncing the folder of the index", path, err))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::index::twin::{clustered, items, tiny};
    use crate::index::{Allow, Mode};
    use proptest::prelude::*;
    use std::path::PathBuf;

    const EXPECTED: Expected = Expected { dims: 16, store: "store-1", model: "toy:abc" };

    fn stamp() -> Stamp {
        Stamp { store: "store-1".into(), model: "toy:abc".into(), generation: 42 }
    }

    /// 120 rows, 8 of them erased, 110 slots in the graph.
    fn sample() -> VectorIndex {
        let index = tiny(16);
        index.put(&items(0, clustered(110, 16, 5, 1))).unwrap();
        while index.advance(1000).unwrap() {}
        index.put(&items(110, clustered(10, 16, 5, 2))).unwrap();
        index.remove(&[3, 5, 8, 13, 21, 34, 55, 110]);
        index
    }

    fn saved(index: &VectorIndex) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mémoire.db.index");
        index.save(&path, &stamp()).unwrap();
        (folder, path)
    }

    fn reason(path: &Path, expected: &Expected) -> String {
        VectorIndex::load(path, expected).err().expect("rejected").reason
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let index = sample();
        let (folder, path) = saved(&index);
        let mut loaded = VectorIndex::load(&path, &EXPECTED).map_err(|r| r.reason).unwrap();
        loaded.index.tuning = index.tuning;
        assert_eq!(loaded.generation, 42);
        let query = clustered(1, 16, 5, 1).remove(0);
        let before = loaded.index.search(&query, Allow::Partitions(&[0, 1]), 9).unwrap();
        loaded.index.settle();
        let settled = loaded.index.search(&query, Allow::Partitions(&[0, 1]), 9).unwrap();
        assert_eq!(before, settled, "scanned until the graph lives");
        let [before, after] = [&index, &loaded.index].map(VectorIndex::stats);
        assert_eq!((after.rows, after.vectors, after.dead), (112, 112, 8));
        assert_eq!((after.mode, after.graphed, after.recall), (Mode::Graph, 110, before.recall));
        for query in clustered(20, 16, 5, 1) {
            let find = |index: &VectorIndex| index.search(&query, Allow::Partitions(&[0, 1]), 9);
            assert_eq!(find(&index).unwrap(), find(&loaded.index).unwrap());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside");
        assert!(loaded.index.gate.read().graph.as_ref().unwrap().wants_probe(), "many erased");
    }

    #[test]
    fn an_empty_index_and_one_without_graph() {
        for rows in [0, 30] {
            let index = VectorIndex::new(16, "toy").unwrap();
            index.put(&items(0, clustered(rows, 16, 5, 1))).unwrap();
            let (_folder, path) = saved(&index);
            let loaded = VectorIndex::load(&path, &EXPECTED).map_err(|r| r.reason).unwrap();
            assert_eq!(loaded.index.stats().rows, rows);
        }
    }

    #[test]
    fn others_files_are_rejected() {
        let (folder, path) = saved(&sample());
        assert!(reason(&path, &Expected { dims: 8, ..EXPECTED }).contains("16 dims"));
        assert!(
            reason(&path, &Expected { store: "store-2", ..EXPECTED }).contains("another store")
        );
        assert!(reason(&path, &Expected { model: "toy", ..EXPECTED }).contains("another model"));
        assert!(reason(&folder.path().join("none"), &EXPECTED).contains("cannot be read"));
        fs::write(&path, "SQLite format 3").unwrap();
        assert!(reason(&path, &EXPECTED).contains("no index"));
    }

    #[test]
    fn every_cut_and_every_flipped_byte_of_the_header_is_rejected() {
        let (_folder, path) = saved(&sample());
        let whole = fs::read(&path).unwrap();
        for at in 0..120 {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x40;
            assert!(image::read(&bytes, &EXPECTED).is_err(), "byte {at}");
            assert!(image::read(&whole[..at], &EXPECTED).is_err(), "cut at {at}");
        }
    }

    proptest! {
        #[test]
        fn damage_anywhere_is_rejected(at: prop::sample::Index, bit in 0_u32..8, cut: prop::sample::Index) {
            thread_local!(static WHOLE: Vec<u8> = {
                let (_folder, path) = saved(&sample());
                fs::read(path).unwrap()
            });
            WHOLE.with(|whole| {
                let mut bytes = whole.clone();
                bytes[at.index(whole.len())] ^= 1_u8 << bit;
                assert!(image::read(&bytes, &EXPECTED).is_err());
                assert!(image::read(&whole[..cut.index(whole.len())], &EXPECTED).is_err());
            });
        }
    }

    #[test]
    fn erased_bytes_are_in_no_file() {
        let index = tiny(16);
        let vectors = clustered(200, 16, 5, 1);
        index.put(&items(0, vectors.clone())).unwrap();
        while index.advance(1000).unwrap() {}
        index.remove(&[77]);
        let (_folder, path) = saved(&index);
        let file = fs::read(&path).unwrap();
        let holds = |row: usize| {
            let quantised = super::super::quantise::Quantised::new("v", &vectors[row]).unwrap();
            let bytes: Vec<u8> = quantised.bytes.iter().map(|b| *b as u8).collect();
            file.windows(8).any(|window| window == &bytes[4..12])
        };
        assert!(holds(76) && holds(78) && !holds(77));
    }

    #[test]
    fn only_an_index_or_nothing_is_replaced() {
        let (folder, path) = saved(&sample());
        let other = folder.path().join("other");
        let replaceable = |bytes: &[u8]| {
            fs::write(&other, bytes).unwrap();
            is_replaceable(&other).unwrap()
        };
        assert!(is_replaceable(&folder.path().join("none")).unwrap());
        assert!(!is_replaceable(folder.path()).unwrap(), "a folder");
        let mut bytes = fs::read(&path).unwrap();
        assert!(replaceable(&bytes) && replaceable(&bytes[..40]));
        bytes[3] ^= 0x10;
        assert!(replaceable(&bytes), "damaged");
        assert!(replaceable(&[]) && replaceable(&[0; 100]));
        for theirs in [&b"SQLite format 3\0"[..], b"verse, chorus", b"PM", b"\0\0\0\0\0\0\0\0RIFF"]
        {
            assert!(!replaceable(theirs), "{theirs:?}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let err = sample().save(Path::new("/nowhere/at/all/x.index"), &stamp()).unwrap_err();
        assert_eq!(err.code(), "PM_IO");
    }
}
