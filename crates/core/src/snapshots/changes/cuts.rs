//! Clips cut in pieces, and pieces joined to one: the same time filled before and after.

use std::collections::{BTreeSet, HashMap};

use super::clips::Clip;
use super::pairing::Paired;

/// Times closer than this are one.
const NEAR: f64 = 1e-3;

/// What was cut and joined, and the places of the clips that this tells of.
#[derive(Default)]
pub(super) struct Cuts {
    pub(super) splits: Vec<Cut>,
    pub(super) joins: Vec<Cut>,
    pub(super) older: BTreeSet<usize>,
    pub(super) newer: BTreeSet<usize>,
}

/// A whole clip, and the times at which pieces of it meet.
pub(super) struct Cut {
    pub(super) whole: usize,
    pub(super) at: Vec<f64>,
}

/// Finds cuts among clips that became shorter or are gone, and joins among those that became longer or
/// are new.
pub(super) fn find(was: &[Clip<'_>], is: &[Clip<'_>], pairs: &Paired) -> Cuts {
    let mut cuts = Cuts::default();
    let pieces = ByTrack::of(is, &pairs.added);
    let mut wholes: Vec<(usize, Option<usize>)> =
        pairs.both.iter().map(|(i, j)| (*i, Some(*j))).collect();
    wholes.extend(pairs.removed.iter().map(|i| (*i, None)));
    for (whole, kept) in wholes {
        let kept_clip = kept.map(|j| &is[j]);
        if let Some((at, used)) = pieces.tiling(&was[whole], kept_clip, &cuts.newer) {
            cuts.older.insert(whole);
            cuts.newer.extend(used.into_iter().chain(kept));
            cuts.splits.push(Cut { whole, at });
        }
    }
    let pieces = ByTrack::of(was, &pairs.removed);
    let mut wholes: Vec<(usize, Option<usize>)> =
        pairs.both.iter().map(|(i, j)| (*j, Some(*i))).collect();
    wholes.extend(pairs.added.iter().map(|j| (*j, None)));
    for (whole, kept) in wholes {
        if cuts.newer.contains(&whole) {
            continue;
        }
        let kept_clip = kept.map(|i| &was[i]);
        if let Some((at, used)) = pieces.tiling(&is[whole], kept_clip, &cuts.older) {
            cuts.newer.insert(whole);
            cuts.older.extend(used.into_iter().chain(kept));
            cuts.joins.push(Cut { whole, at });
        }
    }
    cuts
}

/// Clips without a partner, by track and in order of their start.
struct ByTrack(HashMap<String, Vec<Piece>>);

#[derive(Clone, Copy)]
struct Piece {
    place: usize,
    start: f64,
    end: f64,
}

impl ByTrack {
    fn of(clips: &[Clip<'_>], places: &[usize]) -> ByTrack {
        let mut tracks: HashMap<String, Vec<Piece>> = HashMap::new();
        for place in places {
            let clip = &clips[*place];
            if let (Some(track), Some(start), Some(end)) = (&clip.track, clip.start, clip.end()) {
                let piece = Piece { place: *place, start, end };
                tracks.entry(track.clone()).or_default().push(piece);
            }
        }
        for pieces in tracks.values_mut() {
            pieces.sort_by(|a, b| a.start.total_cmp(&b.start));
        }
        ByTrack(tracks)
    }

    /// The pieces that with `kept` fill the time of `whole` exactly, at least two in all, and where
    /// they meet.
    fn tiling(
        &self,
        whole: &Clip<'_>,
        kept: Option<&Clip<'_>>,
        taken: &BTreeSet<usize>,
    ) -> Option<(Vec<f64>, Vec<usize>)> {
        let (from, to) = (whole.start?, whole.end()?);
        let own = match kept {
            Some(kept) if kept.track != whole.track => return None,
            Some(kept) => {
                let (start, end) = (kept.start?, kept.end()?);
                let inside =
                    start > from - NEAR && end < to + NEAR && end - start < to - from - NEAR;
                Some((start, end)).filter(|_| inside).map(Some)?
            }
            None => None,
        };
        let pieces = self.0.get(whole.track.as_ref()?)?;
        let (mut at, mut used, mut reached, mut own) = (Vec::new(), Vec::new(), from, own);
        let mut next = pieces.partition_point(|piece| piece.start < from - NEAR);
        while reached < to - NEAR {
            let end = if let Some((_, end)) = own.filter(|own| (own.0 - reached).abs() < NEAR) {
                own = None;
                end
            } else {
                let piece = pieces.get(next).filter(|p| (p.start - reached).abs() < NEAR)?;
                next += 1;
                if taken.contains(&piece.place) {
                    continue;
                }
                used.push(piece.place);
                piece.end
            };
            if end <= reached + NEAR || end > to + NEAR {
                return None;
            }
            if end < to - NEAR {
                at.push(end);
            }
            reached = end;
        }
        let whole_told = own.is_none() && !at.is_empty() && !used.is_empty();
        whole_told.then_some((at, used))
    }
}
