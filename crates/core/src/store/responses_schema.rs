//! The tables of the response cache.

/// Small columns apart from texts and vectors: looking up by key, choosing what to evict and
/// counting must touch neither.
///
/// Texts are TEXT as they are or BLOB as zstd frames, see `responses.rs`. The number of entries and
/// their bytes are kept by triggers, whoever writes. `AUTOINCREMENT`: a row that memory still knows
/// never means another one. A bar without a key bars every request. A tombstone is a hash only.
pub(super) const VERSION_2: &str = "
CREATE TABLE response_scopes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT,
    project TEXT
) STRICT;
CREATE UNIQUE INDEX response_scopes_key ON response_scopes
    (ifnull(user, ''), user IS NULL, ifnull(project, ''), project IS NULL);
CREATE TABLE compartments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scope INTEGER NOT NULL REFERENCES response_scopes (id),
    key BLOB NOT NULL UNIQUE
) STRICT;
CREATE INDEX compartments_scope ON compartments (scope);
CREATE TABLE responses (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    key BLOB NOT NULL UNIQUE,
    compartment INTEGER NOT NULL REFERENCES compartments (id),
    model TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    cost REAL NOT NULL,
    is_estimated INTEGER NOT NULL,
    worth REAL NOT NULL,
    priority REAL NOT NULL,
    bytes INTEGER NOT NULL,
    hits INTEGER NOT NULL DEFAULT 0,
    accessed_at INTEGER,
    judged_right INTEGER NOT NULL DEFAULT 0,
    judged_wrong INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL
) STRICT;
CREATE INDEX responses_compartment ON responses (compartment);
CREATE INDEX responses_changed ON responses (changed);
CREATE INDEX responses_priority ON responses (priority);
CREATE INDEX responses_expiry ON responses (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE response_texts (
    row INTEGER PRIMARY KEY REFERENCES responses (row) ON DELETE CASCADE,
    prompt ANY NOT NULL,
    content ANY NOT NULL,
    context TEXT,
    recall TEXT
) STRICT;
CREATE TABLE response_vectors (
    row INTEGER PRIMARY KEY REFERENCES responses (row) ON DELETE CASCADE,
    model INTEGER NOT NULL REFERENCES models (id),
    data BLOB NOT NULL
) STRICT;
CREATE TABLE response_bars (
    id INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL REFERENCES responses (row) ON DELETE CASCADE,
    key BLOB,
    model INTEGER,
    data BLOB
) STRICT;
CREATE INDEX response_bars_entry ON response_bars (entry);
CREATE TABLE response_tombstones (mark BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE response_counts (
    scope INTEGER NOT NULL REFERENCES response_scopes (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (scope, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE response_evidence (
    route TEXT NOT NULL,
    bin INTEGER NOT NULL,
    judged_right INTEGER NOT NULL,
    judged_wrong INTEGER NOT NULL,
    PRIMARY KEY (route, bin)
) STRICT, WITHOUT ROWID;
INSERT INTO settings (name, value) VALUES ('responses_generation', 0), ('responses_entries', 0),
    ('responses_bytes', 0), ('responses_clock', 0.0), ('responses_settings', '{}');
CREATE TRIGGER responses_added AFTER INSERT ON responses BEGIN
    UPDATE settings SET value = value + 1 WHERE name = 'responses_entries';
    UPDATE settings SET value = value + NEW.bytes WHERE name = 'responses_bytes';
END;
CREATE TRIGGER responses_resized AFTER UPDATE OF bytes ON responses BEGIN
    UPDATE settings SET value = value + NEW.bytes - OLD.bytes WHERE name = 'responses_bytes';
END;
CREATE TRIGGER responses_removed AFTER DELETE ON responses BEGIN
    UPDATE settings SET value = value - 1 WHERE name = 'responses_entries';
    UPDATE settings SET value = value - OLD.bytes WHERE name = 'responses_bytes';
END;
";
