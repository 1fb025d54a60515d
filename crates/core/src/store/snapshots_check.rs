//! Do the rows of project history hang together? What their states hold is checked above, where
//! differences are applied. Mending drops what belongs to nothing; it guesses at nothing, and drops
//! nothing at all while any row is damaged that the rest may belong to.

use rusqlite::{Connection, Row};

use super::calls::Tx;
use super::errors::Outcome;
use super::repair::RepairReport;
use super::snapshots_audio::hold_audio;
use super::snapshots_read::{SELECT_VERSION, version_of};
use super::snapshots_states::{SELECT_STATE, state_of};

/// What must never be, and what is said then.
const COMPLAINTS: [(&str, &str); 16] = [
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
    (
        "SELECT count(*) FROM snapshot_uses WHERE buffer NOT IN (SELECT id FROM snapshot_buffers)
            OR project NOT IN (SELECT id FROM snapshot_projects)",
        "uses of audio are of no project or of no buffer",
    ),
    (
        "SELECT count(*) FROM snapshot_branches b WHERE head IN (SELECT row FROM snapshot_versions)
            AND head <> (SELECT max(row) FROM snapshot_versions WHERE branch = b.id)
            OR head IS NULL AND EXISTS (SELECT 1 FROM snapshot_versions WHERE branch = b.id)",
        "branches have another newest snapshot than the last that came on them",
    ),
    (
        "SELECT count(*) FROM snapshot_branches b WHERE origin IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM snapshot_versions v JOIN snapshot_branches o ON o.id = v.branch
            WHERE v.row = b.origin AND o.project = b.project)",
        "branches begin at a snapshot that is not there",
    ),
    (
        "SELECT count(*) FROM snapshot_notes
            WHERE is_told NOT IN (0, 1) OR is_told = 0 AND memory IS NOT NULL",
        "summaries say otherwise than is whether they have a memory",
    ),
    (
        "SELECT count(*) FROM snapshot_notes n WHERE EXISTS
            (SELECT 1 FROM snapshot_notes WHERE memory = n.memory AND version <> n.version)",
        "summaries share a memory",
    ),
    (
        // Also where the user or the name of a project is not as it was: the memories say both.
        "SELECT count(*) FROM snapshot_notes n
            JOIN snapshot_versions v ON v.row = n.version
            JOIN snapshot_branches b ON b.id = v.branch
            JOIN snapshot_projects p ON p.id = b.project
            JOIN memories m ON m.row = n.memory
            JOIN partitions s ON s.id = m.partition
            WHERE s.kind <> 'project_snapshot' OR s.user IS NOT p.user
                OR s.project IS NOT p.project",
        "snapshots have a memory of another user or project",
    ),
];
/// What is lost where one of these is not 0: other rows may belong to it.
const LOST: [&str; 3] = [COMPLAINTS[0].0, COMPLAINTS[1].0, COMPLAINTS[3].0];

pub(super) fn check_snapshots(conn: &Connection, found: &mut Vec<String>) -> Outcome<()> {
    for (sql, what) in COMPLAINTS {
        let count: i64 = conn.query_row(sql, [], |row| row.get(0))?;
        if count > 0 {
            found.push(format!("{count} {what}"));
        }
    }
    Ok(())
}

/// Gives projects back the audio that their states name, then drops what belongs to nothing; `report`
/// counts both.
pub(super) fn mend_snapshots(tx: &Tx<'_>, report: &mut RepairReport) -> Outcome<()> {
    let heads = "UPDATE snapshot_branches AS b SET head =
        (SELECT max(row) FROM snapshot_versions WHERE branch = b.id)
        WHERE head IS NOT NULL AND NOT EXISTS (SELECT 1 FROM snapshot_versions WHERE row = b.head)";
    tx.execute(heads, [])?;
    let held = hold_audio(tx)?;
    report.audio_held = held.again;
    // A version of which one bit is wrong may be what a state or audio belongs to.
    let is_whole = held.is_all_told
        && !is_any_lost(tx)?
        && all(tx, SELECT_VERSION, |row| version_of(row).is_ok_and(|version| version.is_whole))?
        && all(tx, SELECT_STATE, |row| state_of(row).is_ok_and(|state| state.is_whole))?;
    if !is_whole {
        return Ok(());
    }
    let heads = "UPDATE snapshot_branches AS b SET head =
        (SELECT max(row) FROM snapshot_versions WHERE branch = b.id)
        WHERE EXISTS (SELECT 1 FROM snapshot_versions WHERE branch = b.id)";
    tx.execute(heads, [])?;
    // Where it began, as far as its first version says.
    let origins = "UPDATE snapshot_branches AS b SET origin =
        (SELECT parent FROM snapshot_versions WHERE branch = b.id ORDER BY row LIMIT 1)
        WHERE origin IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM snapshot_versions v JOIN snapshot_branches o ON o.id = v.branch
            WHERE v.row = b.origin AND o.project = b.project)";
    tx.execute(origins, [])?;
    for sql in [
        "DELETE FROM snapshot_tags WHERE version NOT IN (SELECT row FROM snapshot_versions)",
        "DELETE FROM snapshot_notes WHERE version NOT IN (SELECT row FROM snapshot_versions)",
        "DELETE FROM snapshot_features WHERE version NOT IN (SELECT row FROM snapshot_versions)",
        "DELETE FROM snapshot_uses WHERE buffer NOT IN (SELECT id FROM snapshot_buffers)
            OR project NOT IN (SELECT id FROM snapshot_projects)",
        "DELETE FROM snapshot_buffers WHERE id NOT IN (SELECT buffer FROM snapshot_uses)",
        "DELETE FROM snapshot_pieces WHERE row >> 16 NOT IN (SELECT id FROM snapshot_buffers)",
    ] {
        report.orphans_removed += tx.execute(sql, [])? as u64;
    }
    // One that is freed may have been the last to need another.
    let states = "DELETE FROM snapshot_states WHERE row NOT IN
        (SELECT state FROM snapshot_versions
        UNION SELECT base FROM snapshot_states WHERE base IS NOT NULL)";
    loop {
        let freed = tx.execute(states, [])?;
        report.orphans_removed += freed as u64;
        if freed == 0 {
            return Ok(());
        }
    }
}

/// Whether all rows are as they should.
fn all(conn: &Connection, sql: &str, is_right: impl Fn(&Row<'_>) -> bool) -> Outcome<bool> {
    let mut select = conn.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        if !is_right(row) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_any_lost(conn: &Connection) -> Outcome<bool> {
    let parents = "SELECT count(*) FROM snapshot_versions WHERE parent IS NOT NULL
        AND parent NOT IN (SELECT row FROM snapshot_versions)";
    for sql in LOST.into_iter().chain([parents]) {
        if conn.query_row(sql, [], |row| row.get::<_, i64>(0))? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use std::sync::Arc;

    use super::super::handle::Store;
    use super::super::snapshot_buffers::NewBuffer;
    use super::super::snapshots::{Kept, NewNote, NewState, NewVersion, VersionState};
    use super::super::testing::{Folder, memory};
    use crate::snapshots::{Place, SnapshotType, delta};

    fn version(parent: Option<i64>, base: Option<i64>) -> NewVersion {
        let place = Place { depth: u32::from(base.is_some()), block: 0 };
        let before = if base.is_some() { b"{}".as_slice() } else { b"" };
        let (bytes, hash, data) = (2, [7; 32], delta::encode(before, b"{}").unwrap());
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
        check("UPDATE snapshot_branches SET head = 1", "1 branches have another newest", true);
        check("UPDATE snapshot_branches SET head = NULL", "1 branches have another newest", true);
        check("UPDATE snapshot_branches SET origin = 9", "1 branches begin at", true);
        let note = "INSERT INTO snapshot_notes VALUES (1, NULL, 2, 0, '')";
        check(note, "1 summaries say otherwise", false);
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
    fn a_version_and_its_memory_must_say_the_same_of_whose_they_are() {
        for (sql, complaint) in [
            ("UPDATE snapshot_projects SET project = 'q'", "2 snapshots have a memory of another"),
            ("UPDATE snapshot_projects SET user = 'bo'", "2 snapshots have a memory of another"),
            ("UPDATE snapshot_notes SET is_told = 0", "2 summaries say otherwise"),
            ("UPDATE snapshot_notes SET memory = 1", "2 summaries share a memory"),
        ] {
            let folder = Folder::new();
            let store = folder.open();
            for _ in 0..2 {
                let note = Some(NewNote::default());
                let kept = store.keep_version(NewVersion { note, ..version(None, None) });
                let mut memory = memory("Tempo 120.");
                memory.kind = "project_snapshot".to_owned();
                memory.scope.project = Some("p".to_owned());
                let row = kept.unwrap().unwrap().version;
                assert!(store.tell_version(row, String::new(), Some(memory)).unwrap());
            }
            assert_eq!(store.verify().unwrap(), Vec::<String>::new());
            store.writer.call(move |tx| Ok(tx.execute_batch(sql)?)).unwrap();
            let found = store.verify().unwrap().join("\n");
            assert!(found.contains(complaint), "{complaint:?} in {found:?}");
        }
    }

    /// A version whose state names audio.
    fn with_audio(store: &Store, project: &str) -> Kept {
        let mut first = version(None, None);
        first.project = project.to_owned();
        let (hash, pieces) = ([9; 32], Some(Arc::new(vec![b"audio".to_vec()])));
        let marked = [b"{\"a\":\"\x01".as_slice(), &hash, b"\"}"].concat();
        let VersionState::New(state) = &mut first.state else { unreachable!() };
        let state = Arc::make_mut(state);
        state.data = delta::encode(&[], &marked).unwrap();
        state.buffers = vec![NewBuffer { hash, bytes: 5, pieces }];
        store.keep_version(first).unwrap().unwrap()
    }

    #[test]
    fn audio_that_a_state_names_is_never_dropped() {
        let folder = Folder::new();
        let store = folder.open();
        with_audio(&store, "p");
        with_audio(&store, "q");
        let audio = || store.held_audio(1).unwrap().len() + store.held_audio(2).unwrap().len();
        for (sql, held) in
            [("DELETE FROM snapshot_uses", 2), ("DELETE FROM snapshot_uses WHERE project = 2", 1)]
        {
            store.writer.call(move |tx| Ok(tx.execute_batch(sql)?)).unwrap();
            let repaired = store.repair().unwrap();
            assert_eq!((repaired.remaining, repaired.audio_held), (Vec::new(), held), "{sql}");
            assert_eq!(audio(), 2, "{sql}");
        }
        let sql = "INSERT INTO snapshot_uses VALUES (1, 99), (99, 1)";
        store.writer.call(move |tx| Ok(tx.execute_batch(sql)?)).unwrap();
        let found = store.verify().unwrap();
        assert_eq!(found, ["2 uses of audio are of no project or of no buffer"]);
        assert_eq!(store.repair().unwrap().remaining, Vec::<String>::new());
        assert_eq!(audio(), 2);
    }

    #[test]
    fn nothing_is_dropped_while_a_row_is_damaged() {
        for damage in [
            "UPDATE snapshot_versions SET state = 2 WHERE row = 1",
            "UPDATE snapshot_versions SET row = 7 WHERE row = 1",
            "UPDATE snapshot_states SET mark = 0 WHERE row = 1",
            "UPDATE snapshot_states SET depth = -1 WHERE row = 1",
            "UPDATE snapshot_states SET base = 9 WHERE row = 1",
            "UPDATE snapshot_branches SET project = 9 WHERE id = 1",
            "UPDATE snapshot_buffers SET hash = x'00'",
        ] {
            let folder = Folder::new();
            let store = folder.open();
            with_audio(&store, "p");
            let other = NewVersion { project: "q".to_owned(), ..version(None, None) };
            store.keep_version(other).unwrap().unwrap();
            let sql = format!("{damage}; DELETE FROM snapshot_uses");
            store.writer.call(move |tx| Ok(tx.execute_batch(&sql)?)).unwrap();
            let count = || {
                let sql = "SELECT (SELECT count(*) FROM snapshot_states)
                    + (SELECT count(*) FROM snapshot_pieces)
                    + (SELECT count(*) FROM snapshot_buffers)
                    + (SELECT count(*) FROM snapshot_tags)";
                store.read(|conn| Ok(conn.query_row(sql, [], |row| row.get::<_, i64>(0))?))
            };
            let before = count().unwrap();
            store.repair().unwrap();
            assert_eq!(count().unwrap(), before, "{damage}");
        }
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
