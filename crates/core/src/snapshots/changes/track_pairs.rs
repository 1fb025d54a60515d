//! Which track is which: by id, else by what tracks are.

use std::collections::{HashMap, HashSet};

use super::pairing::{Paired, Pairing};
use super::tracks::{NAME, Track};
use super::value::{hash, same};

/// Tracks that may share one note before it tells nothing about which track is which.
const MAX_SHARING: usize = 8;

/// By id; then by what the tracks are: notes, name and group, in falling order of evidence.
pub(super) fn pair(before: &[Track<'_>], after: &[Track<'_>]) -> Paired {
    let key = |track: &Track<'_>| track.id.clone();
    // Of tracks with one id, the name tells which is which.
    let identity = |track: &Track<'_>| Some((track.id.clone()?, track.name.clone()));
    let named = |track: &Track<'_>| (track.name.to_lowercase(), track.group.clone());
    let mut pairing = Pairing::new(before.len(), after.len())
        .equal_ends(|i, j| same(before[i].value, after[j].value));
    if renumbered(before, after) {
        pairing = pairing.by_key(|i| Some(before[i].content()), |j| Some(after[j].content()));
    }
    let whole = |track: &Track<'_>| Some((track.id.clone()?, track.content()));
    pairing = pairing
        .by_key(|i| whole(&before[i]), |j| whole(&after[j]))
        .by_key(|i| identity(&before[i]), |j| identity(&after[j]))
        .by_key(|i| key(&before[i]), |j| key(&after[j]))
        .by_key(|i| Some(before[i].content()), |j| Some(after[j].content()));
    let full = |track: &Track<'_>| Some((named(track), track.notes_hash()?));
    let played = |track: &Track<'_>| track.notes_hash().filter(|_| track.notes.len() > 3);
    pairing = pairing
        .by_key(|i| full(&before[i]), |j| full(&after[j]))
        .by_key(|i| played(&before[i]), |j| played(&after[j]))
        .by_key(|i| Some(named(&before[i])), |j| Some(named(&after[j])))
        .by_similarity(before, after)
        .by_key(|i| Some(named(&before[i]).0), |j| Some(named(&after[j]).0));
    let ids: HashSet<&Option<String>> = after.iter().map(|track| &track.id).collect();
    if !before.iter().any(|track| track.id.is_some() && ids.contains(&track.id)) {
        // All ids are new: what is like another but for its name was renamed.
        let unnamed = |track: &Track<'_>| Some(hash(track.value, &["id", NAME[0], NAME[1]]));
        pairing = pairing.by_key(|i| unnamed(&before[i]), |j| unnamed(&after[j]));
    }
    pairing.finish()
}

/// Whether ids are only positions: content says that tracks went on under another's id.
fn renumbered(before: &[Track<'_>], after: &[Track<'_>]) -> bool {
    if before.len() == after.len() {
        return false;
    }
    let by_id: HashMap<Option<&str>, u64> =
        before.iter().map(|track| (track.id.as_deref(), track.content())).collect();
    let kept = |track: &&Track<'_>| by_id.get(&track.id.as_deref()) == Some(&track.content());
    let contents: HashSet<u64> = by_id.values().copied().collect();
    let by_content = after.iter().filter(|track| contents.contains(&track.content())).count();
    by_content > 2 * after.iter().filter(kept).count() + 2
}

impl Pairing {
    /// Links tracks that share at least half of their notes, best first.
    fn by_similarity(mut self, before: &[Track<'_>], after: &[Track<'_>]) -> Pairing {
        let open = self.open();
        let mut sharing: HashMap<u64, Vec<usize>> = HashMap::new();
        for j in open.1 {
            for note in after[j].notes {
                let list = sharing.entry(hash(note, &["id", "velocity"])).or_default();
                if list.len() <= MAX_SHARING && list.last() != Some(&j) {
                    list.push(j);
                }
            }
        }
        let mut found: Vec<(usize, usize, usize)> = Vec::new();
        for i in open.0 {
            let mut shared: HashMap<usize, usize> = HashMap::new();
            for note in before[i].notes {
                let list = sharing.get(&hash(note, &["id", "velocity"]));
                for j in list.into_iter().flatten() {
                    *shared.entry(*j).or_default() += 1;
                }
            }
            let enough =
                |j: usize, count| 2 * count > before[i].notes.len().max(after[j].notes.len());
            let close = shared.into_iter().filter(|(j, count)| enough(*j, *count));
            found.extend(close.map(|(j, count)| (count, i, j)));
        }
        found.sort_unstable_by_key(|(count, i, j)| (usize::MAX - count, *i, *j));
        for (_, i, j) in found {
            if self.is_open(i, j) {
                self.link(i, j);
            }
        }
        self
    }
}
