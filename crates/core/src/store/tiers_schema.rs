//! Format 5: what a tier policy looks at, and whether traces of a dropped text may still stand in
//! the file.

/// `importance` and `disposable` are the caller's word; `text_dropped_at` is when a text went, in
/// milliseconds since 1970. `texts_dropped` counts groups of drops whose traces nobody has
/// overwritten yet, so that a kill between the two leaves nothing readable for good.
pub(super) const VERSION_5: &str = "
ALTER TABLE memories ADD COLUMN disposable INTEGER NOT NULL DEFAULT 0;
ALTER TABLE memories ADD COLUMN importance REAL NOT NULL DEFAULT 0.5;
ALTER TABLE memories ADD COLUMN text_dropped_at INTEGER;
UPDATE memories SET text_dropped_at = updated_at WHERE tier = 'cold';
INSERT INTO settings (name, value) VALUES ('texts_dropped', 0);
";
