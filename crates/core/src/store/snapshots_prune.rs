//! Removing versions of projects, and what restoring costs.

use rusqlite::Connection;

use super::errors::Outcome;

/// Bytes of a version's row in its table and its index, besides its name (docs/snapshots.md).
const VERSION_BYTES: i64 = 40;
/// Bytes of a state's row besides its data.
const STATE_BYTES: i64 = 56;

/// Bytes of the file that restoring all versions of a project needs. Audio that other projects use
/// too is counted in each.
pub(super) fn stored_bytes(conn: &Connection, project: i64) -> Outcome<u64> {
    let sql = "WITH RECURSIVE versions AS (
            SELECT v.state, length(ifnull(v.name, '')) AS name FROM snapshot_branches b
            JOIN snapshot_versions v ON v.branch = b.id WHERE b.project = ?1),
        states (row, base, data) AS (
            SELECT s.row, s.base, length(s.data) FROM snapshot_states s
            WHERE s.row IN (SELECT state FROM versions)
            UNION SELECT s.row, s.base, length(s.data) FROM states
            JOIN snapshot_states s ON s.row = states.base)
        SELECT (SELECT ifnull(sum(name + ?2), 0) FROM versions)
            + (SELECT ifnull(sum(data + ?3), 0) FROM states)
            + (SELECT ifnull(sum(f.stored_bytes), 0) FROM snapshot_uses u
                JOIN snapshot_buffers f ON f.id = u.buffer WHERE u.project = ?1)";
    let values = [project, VERSION_BYTES, STATE_BYTES];
    let bytes: i64 = conn.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    Ok(bytes as u64)
}
