//! Do the rows of project history hang together? What their states hold is checked above, where
//! differences are applied. Mending drops what belongs to nothing; it guesses at nothing.

use rusqlite::Connection;

use super::calls::Tx;
use super::errors::Outcome;

/// What must never be, and what is said then.
const COMPLAINTS: [(&str, &str); 10] = [
    (
        "SELECT count(*) FROM snapshot_versions v WHERE NOT EXISTS
            (SELECT 1 FROM snapshot_branches WHERE id = v.branch)",
        "snapshots are on no branch",
    ),
    (
        "SELECT count(*) FROM snapshot_branches b WHERE NOT EXISTS
            (SELECT 1 FROM snapshot_projects WHERE id = b.project)",
        "branches are of no project",
    ),
    (
        "SELECT count(*) FROM snapshot_branches b WHERE head IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM snapshot_versions v JOIN snapshot_branches o ON o.id = v.branch
            WHERE v.row = b.head AND o.project = b.project)",
        "branches have a newest snapshot that is not there",
    ),
    (
        "SELECT count(*) FROM snapshot_states s WHERE base IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM snapshot_states WHERE row = s.base)",
        "states are told by one that is not there",
    ),
    (
        "SELECT count(*) FROM snapshot_states WHERE row NOT IN
            (SELECT state FROM snapshot_versions
            UNION SELECT base FROM snapshot_states WHERE base IS NOT NULL)",
        "states belong to no snapshot",
    ),
    (
        "SELECT count(*) FROM snapshot_tags WHERE version NOT IN (SELECT row FROM snapshot_versions)",
        "tags are of no snapshot",
    ),
    (
        "SELECT count(*) FROM snapshot_notes WHERE version NOT IN (SELECT row FROM snapshot_versions)",
        "summaries are of no snapshot",
    ),
    (
        "SELECT count(*) FROM snapshot_features
            WHERE version NOT IN (SELECT row FROM snapshot_versions)",
        "rows of features are of no snapshot",
    ),
    (
        "SELECT count(*) FROM snapshot_buffers WHERE id NOT IN (SELECT buffer FROM snapshot_uses)",
        "audio buffers belong to no project",
    ),
    (
        "SELECT count(*) FROM snapshot_pieces WHERE row >> 16 NOT IN (SELECT id FROM snapshot_buffers)",
        "pieces belong to no audio buffer",
    ),
];

pub(super) fn check_snapshots(conn: &Connection, found: &mut Vec<String>) -> Outcome<()> {
    for (sql, what) in COMPLAINTS {
        let count: i64 = conn.query_row(sql, [], |row| row.get(0))?;
        if count > 0 {
            found.push(format!("{count} {what}"));
        }
    }
    Ok(())
}

/// Drops what belongs to nothing; how many rows.
pub(super) fn mend_snapshots(tx: &Tx<'_>) -> Outcome<u64> {
    let mut removed = 0;
    for sql in [
        "DELETE FROM snapshot_tags WHERE version NOT IN (SELECT row FROM snapshot_versions)",
        "DELETE FROM snapshot_notes WHERE version NOT IN (SELECT row FROM snapshot_versions)",
        "DELETE FROM snapshot_features WHERE version NOT IN (SELECT row FROM snapshot_versions)",
        "DELETE FROM snapshot_buffers WHERE id NOT IN (SELECT buffer FROM snapshot_uses)",
        "DELETE FROM snapshot_pieces WHERE row >> 16 NOT IN (SELECT id FROM snapshot_buffers)",
    ] {
        removed += tx.execute(sql, [])? as u64;
    }
    // One that is freed may have been the last to need another.
    let states = "DELETE FROM snapshot_states WHERE row NOT IN
        (SELECT state FROM snapshot_versions
        UNION SELECT base FROM snapshot_states WHERE base IS NOT NULL)";
    loop {
        let freed = tx.execute(states, [])?;
        removed += freed as u64;
        if freed == 0 {
            break;
        }
    }
    let heads = "UPDATE snapshot_branches AS b SET head =
        (SELECT max(row) FROM snapshot_versions WHERE branch = b.id)
        WHERE head IS NOT NULL AND NOT EXISTS (SELECT 1 FROM snapshot_versions WHERE row = b.head)";
    tx.execute(heads, [])?;
    Ok(removed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use std::sync::Arc;

    use super::super::snapshots::{NewState, NewVersion, VersionState};
    use super::super::testing::Folder;
    use crate::snapshots::{Place, SnapshotType};

    fn version(parent: Option<i64>, base: Option<i64>) -> NewVersion {
        let place = Place { depth: u32::from(base.is_some()), block: 0 };
        let (bytes, hash, data) = (2, [7; 32], b"{}".to_vec());
        let state = NewState { base, place, bytes, hash, data, buffers: Vec::new() };
        NewVersion {
            user: None,
            project: "p".to_owned(),
            branch: "main".to_owned(),
            parent,
            kind: SnapshotType::Auto,
            name: None,
            created_at: 1,
            tags: vec!["t".to_owned()],
            state: VersionState::New(Arc::new(state)),
            note: None,
        }
    }

    #[track_caller]
    fn check(sql: &'static str, complaint: &str, is_mended: bool) {
        let folder = Folder::new();
        let store = folder.open();
        let first = store.keep_version(version(None, None)).unwrap().unwrap();
        let second = version(Some(first.version), Some(first.state));
        store.keep_version(second).unwrap().unwrap();
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
        store.writer.call(move |tx| Ok(tx.execute_batch(sql)?)).unwrap();
        let found = store.verify().unwrap().join("\n");
        assert!(found.contains(complaint), "{complaint:?} in {found:?}");
        assert_eq!(store.repair().unwrap().remaining.is_empty(), is_mended, "{sql}");
    }

    #[test]
    fn what_hangs_on_nothing_is_told_and_mended() {
        check("DELETE FROM snapshot_versions WHERE row = 2", "newest snapshot", true);
        check("DELETE FROM snapshot_versions WHERE row = 2", "1 states belong to no", true);
        check("DELETE FROM snapshot_versions WHERE row = 2", "1 tags are of no", true);
        check("DELETE FROM snapshot_states WHERE row = 1", "told by one that is not there", false);
        check("DELETE FROM snapshot_branches", "2 snapshots are on no branch", false);
        check("DELETE FROM snapshot_projects", "1 branches are of no project", false);
        let features = "INSERT INTO snapshot_features VALUES (99, x'00')";
        check(features, "1 rows of features are of no snapshot", true);
        check("INSERT INTO snapshot_pieces VALUES (99, x'00')", "belong to no audio", true);
        let buffer =
            "INSERT INTO snapshot_buffers (hash, bytes, stored_bytes) VALUES (x'00', 1, 1)";
        check(buffer, "1 audio buffers belong to no project", true);
    }

    #[test]
    fn what_a_version_stands_on_must_be_there() {
        let folder = Folder::new();
        let store = folder.open();
        assert_eq!(store.keep_version(version(Some(9), None)).unwrap(), None);
        assert_eq!(store.keep_version(version(None, Some(9))).unwrap(), None);
        let mut same = version(None, None);
        same.state = VersionState::Same(9);
        assert_eq!(store.keep_version(same).unwrap(), None);
        assert_eq!(store.snapshot_projects(None).unwrap(), Vec::new(), "nothing is half written");
    }
}
