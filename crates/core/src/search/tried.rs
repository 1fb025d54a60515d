//! A question with everything it is compared with, to see at which place one memory comes.

use std::collections::HashSet;

use super::fuse::Candidate;

/// The candidates of one question.
#[derive(Debug, Clone)]
pub(crate) struct Tried {
    pub(crate) vector: Vec<f32>,
    /// What one unit of BM25 adds.
    pub(crate) keyword_scale: f32,
    /// By meaning and by keywords.
    pub(crate) candidates: Vec<Candidate>,
    /// Rows found by meaning.
    pub(crate) near: HashSet<u64>,
}

impl Tried {
    /// The place of a memory in a search by meaning and keywords, from 1; none when it is no
    /// candidate.
    pub(crate) fn place(&self, row: u64) -> Option<usize> {
        let scored = self.candidates.iter().map(|one| (one.row, one.hybrid(self.keyword_scale)));
        place(&scored.collect::<Vec<_>>(), row)
    }

    /// The same by meaning alone.
    pub(crate) fn place_by_meaning(&self, row: u64) -> Option<usize> {
        let near = self.candidates.iter().filter(|one| self.near.contains(&one.row));
        place(&near.map(|one| (one.row, one.similarity())).collect::<Vec<_>>(), row)
    }
}

fn place(scored: &[(u64, f32)], row: u64) -> Option<usize> {
    let own = scored.iter().find(|one| one.0 == row)?.1;
    let before = |one: &&(u64, f32)| one.1 > own || (one.1 >= own && one.0 < row);
    Some(1 + scored.iter().filter(before).count())
}

#[cfg(test)]
mod tests {
    use super::super::rescore::Meaning;
    use super::*;

    #[test]
    fn places() {
        let candidate = |row, similarity, keyword| {
            let meaning = Some(Meaning { best_token: similarity, whole: similarity });
            Candidate { row, meaning, keyword, looked_up: false }
        };
        let tried = Tried {
            vector: Vec::new(),
            keyword_scale: 0.01,
            candidates: vec![
                candidate(1, 0.5, 0.0),
                candidate(2, 0.4, 20.0),
                candidate(3, 0.5, 0.0),
            ],
            near: HashSet::from([1, 3]),
        };
        let places = |place: &dyn Fn(u64) -> Option<usize>| [1, 2, 3, 4].map(place);
        assert_eq!(places(&|row| tried.place(row)), [Some(2), Some(1), Some(3), None]);
        assert_eq!(places(&|row| tried.place_by_meaning(row)), [Some(1), None, Some(2), None]);
    }
}
