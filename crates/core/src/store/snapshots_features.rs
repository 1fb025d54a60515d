//! What versions are compared by to find similar projects: rows derived from states. Only versions
//! that somebody may want to find have them: the newest of a branch, those with tags, and all but
//! autosaves.

use rusqlite::{Connection, OptionalExtension, params};

use super::calls::Tx;
use super::errors::Outcome;
use super::handle::Store;
use super::schema::setting;
use super::snapshots::exists;
use crate::error::Result;

/// Autosaves of a branch before its newest that are looked at for features of theirs. Features are made
/// behind the save, so that some autosaves were skipped.
const LOOKED_BACK: i64 = 256;

/// Differs once other versions are wanted; in whichever process that was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SnapshotsStamp {
    /// The last number given to a version.
    last: i64,
    /// Versions removed, tags set and taken off, branches made.
    changes: i64,
}

/// The versions of a user that may be found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedVersions {
    /// When that was so.
    pub stamp: SnapshotsStamp,
    /// Each one's row and the row of its project.
    pub versions: Vec<(i64, i64)>,
}

/// Whether a version is wanted; `v` is the version.
const IS_WANTED: &str = "(v.type & 3 <> 0
    OR EXISTS (SELECT 1 FROM snapshot_branches h WHERE h.head = v.row
        AND h.project = (SELECT project FROM snapshot_branches WHERE id = v.branch))
    OR EXISTS (SELECT 1 FROM snapshot_tags WHERE version = v.row))";

impl Store {
    /// As [`WantedVersions::stamp`], quickly.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn snapshots_stamp(&self) -> Result<SnapshotsStamp> {
        self.read_snapshot(stamp)
    }

    /// The versions of a user's projects that may be found.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn wanted_versions(&self, user: Option<&str>) -> Result<WantedVersions> {
        self.read_snapshot(|conn| {
            let sql = format!(
                "SELECT v.row, p.id FROM snapshot_projects p
                JOIN snapshot_branches b ON b.project = p.id
                JOIN snapshot_versions v ON v.branch = b.id
                WHERE ifnull(p.user, '') = ifnull(?1, '') AND (p.user IS NULL) = (?1 IS NULL)
                AND {IS_WANTED}"
            );
            let mut select = conn.prepare_cached(&sql)?;
            let rows = select.query_map([user], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let versions = rows.collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
            Ok(WantedVersions { stamp: stamp(conn)?, versions })
        })
    }

    /// Whether a version is wanted and has no features yet.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn lacks_features(&self, version: i64) -> Result<bool> {
        self.read(|conn| {
            let sql = format!(
                "SELECT 1 FROM snapshot_versions v WHERE v.row = ?1 AND {IS_WANTED}
                AND NOT EXISTS (SELECT 1 FROM snapshot_features WHERE version = v.row)"
            );
            exists(conn, &sql, version)
        })
    }

    /// The features of those versions that have some, with their rows.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn features(&self, versions: &[i64]) -> Result<Vec<(i64, Vec<u8>)>> {
        self.read(|conn| {
            let sql = "SELECT data FROM snapshot_features WHERE version = ?1";
            let mut select = conn.prepare_cached(sql)?;
            let mut found = Vec::new();
            for version in versions {
                let data = select.query_row([version], |row| row.get(0)).optional()?;
                found.extend(data.map(|data| (*version, data)));
            }
            Ok(found)
        })
    }

    /// The rows of at most `limit` versions with features, behind `after`, rising.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn versions_with_features(&self, after: i64, limit: usize) -> Result<Vec<i64>> {
        self.read(|conn| {
            let sql = "SELECT version FROM snapshot_features WHERE version > ?1
                ORDER BY version LIMIT ?2";
            let mut select = conn.prepare_cached(sql)?;
            let rows = select.query_map([after, limit as i64], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Keeps features of versions that are still there, over those they had. The newest autosave of a
    /// branch takes the place of the autosaves before it.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_IO`, `PM_CLOSED`.
    pub fn keep_features(&self, features: Vec<(i64, Vec<u8>)>) -> Result<()> {
        self.writer.call(move |tx| {
            for (version, data) in &features {
                let sql = "INSERT OR REPLACE INTO snapshot_features (version, data)
                    SELECT row, ?2 FROM snapshot_versions WHERE row = ?1";
                tx.prepare_cached(sql)?.execute(params![version, data])?;
                replace_earlier(tx, *version)?;
            }
            Ok(())
        })
    }
}

fn stamp(conn: &Connection) -> Outcome<SnapshotsStamp> {
    let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'snapshot_versions'";
    let last: Option<i64> = conn.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
    Ok(SnapshotsStamp { last: last.unwrap_or(0), changes: setting(conn, "snapshot_changes")? })
}

/// What autosaves before `version`, if it is the newest of a branch, have and nobody wants any more.
fn replace_earlier(tx: &Tx<'_>, version: i64) -> Outcome<()> {
    let sql = format!(
        "DELETE FROM snapshot_features WHERE version IN
            (SELECT row FROM (SELECT v.row, v.branch, v.type FROM snapshot_versions v
                WHERE v.row < ?1 AND v.branch = (SELECT id FROM snapshot_branches
                    WHERE id = (SELECT branch FROM snapshot_versions WHERE row = ?1) AND head = ?1)
                ORDER BY v.row DESC LIMIT ?2) v
            WHERE NOT {IS_WANTED})"
    );
    tx.prepare_cached(&sql)?.execute([version, LOOKED_BACK])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use std::sync::Arc;

    use super::super::snapshots::{NewState, NewVersion, VersionState};
    use super::*;
    use crate::snapshots::{Place, SnapshotType};
    use crate::store::testing::Folder;

    fn save(store: &Store, user: Option<&str>, kind: SnapshotType, branch: &str) -> i64 {
        let (place, data) = (Place::default(), b"{}".to_vec());
        let state =
            NewState { base: None, place, bytes: 2, hash: [7; 32], data, buffers: Vec::new() };
        let version = NewVersion {
            user: user.map(str::to_owned),
            project: "p".to_owned(),
            branch: branch.to_owned(),
            parent: None,
            kind,
            name: None,
            created_at: 1,
            tags: Vec::new(),
            state: VersionState::New(Arc::new(state)),
            note: None,
        };
        store.keep_version(version).unwrap().unwrap().version
    }

    fn wanted(store: &Store, user: Option<&str>) -> Vec<i64> {
        let versions = store.wanted_versions(user).unwrap().versions;
        let mut rows: Vec<i64> = versions.into_iter().map(|(version, _)| version).collect();
        rows.sort_unstable();
        rows
    }

    #[test]
    fn wanted_are_heads_and_what_somebody_chose_to_keep() {
        let folder = Folder::new();
        let store = folder.open();
        let auto = |branch| save(&store, None, SnapshotType::Auto, branch);
        let (first, second) = (auto("main"), auto("main"));
        let manual = save(&store, None, SnapshotType::Manual, "main");
        let theirs = save(&store, Some("u"), SnapshotType::Auto, "main");
        let (fourth, other) = (auto("main"), auto("other"));
        assert_eq!(wanted(&store, None), [manual, fourth, other]);
        assert_eq!(wanted(&store, Some("u")), [theirs]);
        assert_eq!(wanted(&store, Some("")), [0; 0]);

        let mut stamp = store.snapshots_stamp().unwrap();
        let mut changed = |what: &str| {
            let before = std::mem::replace(&mut stamp, store.snapshots_stamp().unwrap());
            assert_ne!(before, stamp, "{what}");
            assert_eq!(store.wanted_versions(None).unwrap().stamp, stamp);
        };
        let project = store.project_row(None, "p").unwrap().unwrap();
        store.tag_version(first, "t".to_owned(), true).unwrap();
        changed("a tag");
        store.make_branch(project, "third".to_owned(), second).unwrap();
        changed("a branch");
        assert_eq!(wanted(&store, None), [first, second, manual, fourth, other]);
        store.tag_version(first, "t".to_owned(), false).unwrap();
        changed("a tag taken off");
        assert_eq!(wanted(&store, None), [second, manual, fourth, other]);
        auto("third");
        changed("a version");
        assert!(!wanted(&store, None).contains(&second), "it was the head of a branch");
        store.erase_project(None, "p".to_owned()).unwrap();
        changed("a project erased");
        assert_eq!(wanted(&store, None), [0; 0]);
    }

    #[test]
    fn features_of_the_newest_autosave_replace_those_before_it() {
        let folder = Folder::new();
        let store = folder.open();
        let kept = || store.versions_with_features(0, 100).unwrap();
        let keep = |rows: &[i64]| {
            let all = rows.iter().map(|row| (*row, vec![*row as u8])).collect();
            store.keep_features(all).unwrap();
        };
        let first = save(&store, None, SnapshotType::Auto, "main");
        assert!(store.lacks_features(first).unwrap());
        keep(&[first]);
        assert!(!store.lacks_features(first).unwrap());
        let milestone = save(&store, None, SnapshotType::Milestone, "main");
        keep(&[milestone]);
        let other = save(&store, None, SnapshotType::Auto, "other");
        keep(&[other]);
        save(&store, None, SnapshotType::Auto, "main");
        let last = save(&store, None, SnapshotType::Auto, "main");
        keep(&[last]);
        assert_eq!(kept(), [milestone, other, last]);
        keep(&[99]);
        assert_eq!(kept(), [milestone, other, last], "nothing for what is not there");
        let found = store.features(&[last, first, other]).unwrap();
        assert_eq!(found, [(last, vec![last as u8]), (other, vec![other as u8])]);
        assert!(!store.lacks_features(first).unwrap(), "nobody wants it");
        store.erase_project(None, "p".to_owned()).unwrap();
        assert_eq!(kept(), [0; 0]);
    }
}
