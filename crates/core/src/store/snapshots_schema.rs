//! The tables of project history, since format 4.

/// Rows are narrow: an autosave that differs little should cost little more than what differs. So
/// there are no text ids (`snapshots.rs` makes them of row numbers), few indexes, and what can be
/// told again, notes for search, stands apart from what restoring needs.
///
/// A state is a text without its audio, told by the state `base`, or alone. It may be shared by
/// versions of one project, never by two. Audio is shared by all: `snapshot_uses` says by which
/// projects. The pieces of buffer `b` are the rows from `b << 16`.
///
/// A version that changed something has a note; `is_told` once the memory for search was made, which
/// may be forgotten later.
///
/// `snapshot_features` is derived: what the versions worth finding are compared by. `snapshot_changes`
/// counts what makes other versions worth finding, besides new ones; whoever writes, by triggers.
///
/// `AUTOINCREMENT`: a number that somebody holds on to never means another row. `mark` is a checksum
/// of a row's other columns; what `data` holds is checked by `hash`.
pub(super) const VERSION_4: &str = "
CREATE TABLE snapshot_projects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT,
    project TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX snapshot_projects_key ON snapshot_projects
    (ifnull(user, ''), user IS NULL, project);
CREATE TABLE snapshot_branches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project INTEGER NOT NULL,
    name TEXT NOT NULL,
    head INTEGER,
    origin INTEGER
) STRICT;
CREATE UNIQUE INDEX snapshot_branches_key ON snapshot_branches (project, name);
CREATE TABLE snapshot_versions (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    branch INTEGER NOT NULL,
    parent INTEGER,
    state INTEGER NOT NULL,
    type INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    name TEXT
) STRICT;
CREATE INDEX snapshot_versions_branch ON snapshot_versions (branch);
CREATE TABLE snapshot_states (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    base INTEGER,
    depth INTEGER NOT NULL,
    block INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    hash BLOB NOT NULL,
    data BLOB NOT NULL
) STRICT;
CREATE TABLE snapshot_tags (
    version INTEGER NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (version, tag)
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot_notes (
    version INTEGER PRIMARY KEY,
    memory INTEGER REFERENCES memories (row) ON DELETE SET NULL,
    is_told INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    summary TEXT NOT NULL
) STRICT;
CREATE INDEX snapshot_notes_memory ON snapshot_notes (memory);
CREATE INDEX snapshot_notes_untold ON snapshot_notes (version) WHERE is_told = 0;
CREATE TABLE snapshot_features (version INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
INSERT INTO settings (name, value) VALUES ('snapshot_changes', 0);
CREATE TRIGGER snapshot_versions_removed AFTER DELETE ON snapshot_versions BEGIN
    UPDATE settings SET value = value + 1 WHERE name = 'snapshot_changes';
END;
CREATE TRIGGER snapshot_tags_added AFTER INSERT ON snapshot_tags BEGIN
    UPDATE settings SET value = value + 1 WHERE name = 'snapshot_changes';
END;
CREATE TRIGGER snapshot_tags_removed AFTER DELETE ON snapshot_tags BEGIN
    UPDATE settings SET value = value + 1 WHERE name = 'snapshot_changes';
END;
CREATE TRIGGER snapshot_branches_added AFTER INSERT ON snapshot_branches BEGIN
    UPDATE settings SET value = value + 1 WHERE name = 'snapshot_changes';
END;
CREATE TABLE snapshot_buffers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    bytes INTEGER NOT NULL,
    stored_bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE snapshot_pieces (row INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE snapshot_uses (
    project INTEGER NOT NULL,
    buffer INTEGER NOT NULL,
    PRIMARY KEY (project, buffer)
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshot_uses_buffer ON snapshot_uses (buffer);
";
