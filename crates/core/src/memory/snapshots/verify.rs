//! Is every version as it was saved? Each state is brought back once, in the order of the chains,
//! and its BLAKE3 compared; audio is read once as long as it fits into memory.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, Result};
use crate::memory::open::Open;
use crate::snapshots::{buffers, pieces};
use crate::store::{VersionFilter, VersionRow};

/// Base64 of buffers kept between states, in bytes.
const AUDIO: usize = 64 << 20;

impl Open {
    /// What is wrong, a sentence for each version.
    pub(in crate::memory) fn verify_snapshots(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let mut audio = Audio::default();
        for project in self.store.all_projects()? {
            let mut versions = self.store.versions(project, &VersionFilter::default())?;
            versions.sort_by_key(|version| (version.state, version.row));
            let rows: HashSet<i64> = versions.iter().map(|version| version.row).collect();
            let held: HashSet<_> = self.store.held_audio(project)?.into_iter().collect();
            let mut states: HashMap<i64, Option<String>> = HashMap::new();
            for version in &versions {
                let wrong = states.entry(version.state).or_insert_with(|| {
                    self.check_state(version, &held, &mut audio).err().map(|err| match err {
                        Error::StoreCorrupt { reason } => reason,
                        other => other.to_string(),
                    })
                });
                let wrong = wrong.clone().or_else(|| wrong_row(version, &rows));
                // What was removed since the list was read is no damage.
                if wrong.is_some() && self.store.version(version.row)?.is_none() {
                    continue;
                }
                found.extend(wrong.map(|reason| {
                    let (id, project) = (self.id_of_row(version.row), &version.project);
                    format!("the snapshot {id} of \"{project}\": {reason}")
                }));
            }
        }
        for version in self.damaged_features()? {
            let id = self.id_of_row(version);
            found.push(format!(
                "what the snapshot {id} is compared by is damaged; repair() mends it"
            ));
        }
        Ok(found)
    }

    fn check_state(
        &self,
        version: &VersionRow,
        held: &HashSet<buffers::Hash>,
        audio: &mut Audio,
    ) -> Result<()> {
        let rest = self.rest_of(version.state)?;
        let mut hasher = blake3::Hasher::new();
        let mut at = 0;
        let mut is_held = true;
        for (mark, hash) in buffers::marks(&rest)? {
            is_held &= held.contains(&hash);
            hasher.update(&rest[at..mark]);
            audio.add(self, hash, &mut hasher)?;
            at = mark + 1 + hash.len();
        }
        hasher.update(&rest[at..]);
        let reason = if *hasher.finalize().as_bytes() != version.hash {
            "its BLAKE3 is not that of what was saved"
        } else if !is_held {
            // Whole today, gone with the last other project that has it.
            "its audio is not held for its project; repair() mends it"
        } else {
            return Ok(());
        };
        Err(Error::StoreCorrupt { reason: reason.to_owned() })
    }
}

fn wrong_row(version: &VersionRow, rows: &HashSet<i64>) -> Option<String> {
    if !version.is_whole {
        return Some("its row is not as it was written".to_owned());
    }
    let is_lost = version.parent.is_some_and(|parent| !rows.contains(&parent));
    is_lost.then(|| "the version it was made from is not there".to_owned())
}

/// Buffers as they stand in a text.
#[derive(Default)]
struct Audio {
    texts: HashMap<buffers::Hash, Vec<u8>>,
    bytes: usize,
}

impl Audio {
    fn add(&mut self, open: &Open, hash: buffers::Hash, to: &mut blake3::Hasher) -> Result<()> {
        if let Some(text) = self.texts.get(&hash) {
            to.update(text);
            return Ok(());
        }
        let (mut bytes, mut text) = (Vec::new(), Vec::new());
        open.store.read_buffer(&hash, |piece| pieces::unpack_onto(&mut bytes, piece))?;
        buffers::encode(&bytes, &mut text);
        to.update(&text);
        if self.bytes + text.len() > AUDIO {
            (self.texts, self.bytes) = (HashMap::new(), 0);
        }
        if text.len() <= AUDIO {
            self.bytes += text.len();
            self.texts.insert(hash, text);
        }
        Ok(())
    }
}
