//! Taking observations back, as if they had never been made.

use rusqlite::{OptionalExtension, params};

use super::calls::Tx;
use super::errors::Outcome;
use super::handle::Store;
use super::preferences::{Fade, Spell, known_scope};
use super::preferences_erase::{drop_scope_if_empty, remove_observation};
use super::preferences_states::rebuild_state;
use super::rows::{find, remove_one};
use super::types::{Scope, ScopeFilter};
use crate::error::Result;

impl Store {
    /// Removes the observations that these memories of exactly this scope were made of, with the
    /// memories: facts are counted again, those that nothing else holds are erased, states are made
    /// anew. All or nothing; how many there were.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub fn unlearn(
        &self,
        scope: Scope,
        memories: Vec<String>,
        fade: Fade,
        spell: Spell,
    ) -> Result<usize> {
        self.writer.call(move |tx| {
            let Some(scope_row) = known_scope(tx, &scope)? else { return Ok(0) };
            let filter = [ScopeFilter::from(scope.clone())];
            let (mut removed, mut states) = (0, Vec::new());
            for id in &memories {
                let Some(place) = find(tx, id, &filter)? else { continue };
                let Some(observation) = observation_of(tx, scope_row, place.row)? else { continue };
                remove_one(tx, &place)?;
                remove_observation(tx, observation, (fade, spell), &mut states)?;
                removed += 1;
            }
            for key in states {
                rebuild_state(tx, scope_row, &key)?;
            }
            drop_scope_if_empty(tx, scope_row)?;
            Ok(removed)
        })
    }
}

/// The observation that a memory was made of.
fn observation_of(tx: &Tx<'_>, scope: i64, memory: i64) -> Outcome<Option<i64>> {
    let sql = "SELECT row FROM recall_observations WHERE memory = ?2 AND scope = ?1";
    let values = params![scope, memory];
    Ok(tx.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::preferences::tests::{observation, unfading, unspelt};
    use super::super::testing::Folder;
    use super::*;

    #[test]
    fn what_is_left_is_what_was_there_before() {
        let folder = Folder::new();
        let store = folder.open();
        let ann = Scope { user: Some("ann".into()), project: None };
        let learn = |at, words: &[&str], lufs| {
            let one = observation("ann", at, words, lufs);
            store.learn(vec![one], unfading).unwrap().remove(0).memory
        };
        learn(10, &["trap", "eq"], Some("-14"));
        let before = store.facts(&ann).unwrap();
        let taken = vec![learn(5, &["trap"], Some("-9")), learn(20, &["eq", "night"], Some("-8"))];
        let bob = Scope { user: Some("bob".into()), project: None };
        assert_eq!(
            store.unlearn(bob, taken.clone(), unfading, unspelt).unwrap(),
            0,
            "of another user"
        );
        assert_eq!(store.unlearn(ann.clone(), taken.clone(), unfading, unspelt).unwrap(), 2);
        assert_eq!(store.facts(&ann).unwrap(), before);
        assert_eq!(
            store.unlearn(ann.clone(), taken, unfading, unspelt).unwrap(),
            0,
            "gone already"
        );
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
        assert!(folder.left_of(&[b"night".to_vec()]).is_empty(), "nothing of it is left");
    }
}
