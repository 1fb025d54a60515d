//! Reading versions of projects, and their branches. `snapshots_states.rs` reads what they hold.

use std::collections::HashMap;

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::errors::Outcome;
use super::handle::Store;
use super::records::record;
use super::snapshots::{VersionFields, hash_of, known_project};
use super::types::Record;
use crate::error::Result;
use crate::snapshots::SnapshotType;

/// A version as it stands in the store.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionRow {
    /// Its row.
    pub row: i64,
    /// The row of its project.
    pub project_row: i64,
    /// Whose it is.
    pub user: Option<String>,
    /// Its project.
    pub project: String,
    /// Its branch.
    pub branch: String,
    /// The row of the version it was made from.
    pub parent: Option<i64>,
    /// The row of its state.
    pub state: i64,
    /// Who caused it.
    pub kind: SnapshotType,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Its name.
    pub name: Option<String>,
    /// Its tags, sorted.
    pub tags: Vec<String>,
    /// Bytes of its state.
    pub bytes: u64,
    /// Bytes stored for its state; 0 when an earlier version has it too.
    pub stored_bytes: u64,
    /// BLAKE3 of its state.
    pub hash: [u8; 32],
    /// What changed; none while it is not told yet.
    pub summary: Option<String>,
    /// How many changes.
    pub changes: u64,
    /// Whether the row is as it was written.
    pub is_whole: bool,
}

/// A branch as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchRow {
    /// Its name.
    pub name: String,
    /// The row of its newest version, or of the one it begins at.
    pub head: Option<i64>,
    /// The row of the version it begins at.
    pub origin: Option<i64>,
    /// Versions on it.
    pub versions: u64,
}

/// What is kept of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRow {
    /// Its name.
    pub project: String,
    /// Versions.
    pub versions: u64,
    /// Branches.
    pub branches: u64,
    /// Bytes of all states.
    pub bytes: u64,
    /// Bytes that restoring them needs.
    pub stored_bytes: u64,
    /// When the first version was made.
    pub first_at: i64,
    /// When the last version was made.
    pub last_at: i64,
}

/// Which versions of a project to list.
#[derive(Debug, Clone, Default)]
pub struct VersionFilter {
    /// Only of this branch.
    pub branch: Option<String>,
    /// Only of these types; empty: all.
    pub kinds: Vec<SnapshotType>,
    /// Only with this tag.
    pub tag: Option<String>,
    /// Only made then or later.
    pub since: Option<i64>,
    /// Only made before.
    pub before: Option<i64>,
    /// The most.
    pub limit: Option<usize>,
}

pub(super) const SELECT_VERSION: &str =
    "SELECT v.row, v.branch, v.parent, v.state, v.type, v.created_at,
    v.name, v.mark, b.project, b.name, p.user, p.project, s.bytes, length(s.data), s.hash,
    n.summary, n.changes,
    (SELECT group_concat(tag, char(0)) FROM
        (SELECT tag FROM snapshot_tags WHERE version = v.row ORDER BY tag))
    FROM snapshot_versions v
    JOIN snapshot_branches b ON b.id = v.branch
    JOIN snapshot_projects p ON p.id = b.project
    LEFT JOIN snapshot_states s ON s.row = v.state
    LEFT JOIN snapshot_notes n ON n.version = v.row";

impl Store {
    /// The row of a project, if anything was saved of it.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn project_row(&self, user: Option<&str>, project: &str) -> Result<Option<i64>> {
        self.read(|conn| known_project(conn, user, project))
    }

    /// The version in this row.
    ///
    /// # Errors
    /// `PM_STORE_CORRUPT`, `PM_IO`, `PM_CLOSED`.
    pub fn version(&self, row: i64) -> Result<Option<VersionRow>> {
        self.read(|conn| {
            let sql = format!("{SELECT_VERSION} WHERE v.row = ?1");
            let mut select = conn.prepare_cached(&sql)?;
            let mut rows = select.query([row])?;
            rows.next()?.map(version_of).transpose()
        })
    }

    /// The memory made for a version; none before it is told, and once it was forgotten.
    ///
    /// # Errors
    /// `PM_STORE_CORRUPT`, `PM_IO`, `PM_CLOSED`.
    pub fn memory_of_version(&self, version: i64) -> Result<Option<Record>> {
        self.read_snapshot(|conn| {
            let sql = "SELECT memory FROM snapshot_notes WHERE version = ?1";
            let row =
                conn.prepare_cached(sql)?.query_row([version], |row| row.get(0)).optional()?;
            row.flatten().map_or(Ok(None), |row| record(conn, row))
        })
    }

    /// The versions of a project that a filter lets through, newest first; those of one branch
    /// in the order in which they came.
    ///
    /// # Errors
    /// `PM_STORE_CORRUPT`, `PM_IO`, `PM_CLOSED`.
    pub fn versions(&self, project: i64, filter: &VersionFilter) -> Result<Vec<VersionRow>> {
        self.read_snapshot(|conn| {
            let mut select = conn.prepare_cached(&format!("{SELECT_VERSION} WHERE v.row = ?1"))?;
            let mut found = Vec::new();
            for row in newest_first(conn, project, filter)? {
                let mut rows = select.query([row])?;
                found.extend(rows.next()?.map(version_of).transpose()?);
            }
            Ok(found)
        })
    }

    /// The head of a branch, none before its first version; none where there is no such branch.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    #[allow(clippy::option_option, reason = "no branch, and a branch without a head, differ")]
    pub fn branch_head(&self, project: i64, name: &str) -> Result<Option<Option<i64>>> {
        self.read(|conn| {
            let sql = "SELECT head FROM snapshot_branches WHERE project = ?1 AND name = ?2";
            let mut select = conn.prepare_cached(sql)?;
            Ok(select.query_row(params![project, name], |row| row.get(0)).optional()?)
        })
    }

    /// The rows of all projects of all users.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn all_projects(&self) -> Result<Vec<i64>> {
        self.read(|conn| {
            let mut select = conn.prepare_cached("SELECT id FROM snapshot_projects ORDER BY id")?;
            let rows = select.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The branches of a project, the oldest first.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn branches(&self, project: i64) -> Result<Vec<BranchRow>> {
        self.read(|conn| {
            let sql = "SELECT name, head, origin,
                (SELECT count(*) FROM snapshot_versions v WHERE v.branch = b.id)
                FROM snapshot_branches b WHERE project = ?1 ORDER BY id";
            let mut select = conn.prepare_cached(sql)?;
            let rows = select.query_map([project], |row| {
                Ok(BranchRow {
                    name: row.get(0)?,
                    head: row.get(1)?,
                    origin: row.get(2)?,
                    versions: row.get::<_, i64>(3)? as u64,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// A user's projects, the one saved last first.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn snapshot_projects(&self, user: Option<&str>) -> Result<Vec<ProjectRow>> {
        self.read_snapshot(|conn| {
            let sql = "SELECT id, project FROM snapshot_projects
                WHERE ifnull(user, '') = ifnull(?1, '') AND (user IS NULL) = (?1 IS NULL)";
            let mut select = conn.prepare_cached(sql)?;
            let rows = select.query_map([user], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let rows = rows.collect::<rusqlite::Result<Vec<(i64, String)>>>()?;
            let found = rows.into_iter().map(|(id, project)| summary(conn, id, project));
            let mut found = found.collect::<Outcome<Vec<_>>>()?;
            found.sort_by(|a, b| b.last_at.cmp(&a.last_at).then_with(|| a.project.cmp(&b.project)));
            Ok(found)
        })
    }
}

fn summary(conn: &Connection, id: i64, project: String) -> Outcome<ProjectRow> {
    let sql = "SELECT count(*), count(DISTINCT v.branch), ifnull(sum(s.bytes), 0),
        ifnull(min(v.created_at), 0), ifnull(max(v.created_at), 0)
        FROM snapshot_branches b JOIN snapshot_versions v ON v.branch = b.id
        LEFT JOIN snapshot_states s ON s.row = v.state WHERE b.project = ?1";
    let (versions, bytes, first_at, last_at) =
        conn.prepare_cached(sql)?.query_row([id], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(2)?, row.get(3)?, row.get(4)?))
        })?;
    let sql = "SELECT count(*) FROM snapshot_branches WHERE project = ?1";
    let branches: i64 = conn.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
    let stored_bytes = super::snapshots_prune::stored_bytes(conn, id)?;
    Ok(ProjectRow {
        project,
        versions: versions as u64,
        branches: branches as u64,
        bytes: bytes as u64,
        stored_bytes,
        first_at,
        last_at,
    })
}

/// The rows that a filter lets through. None was made after one that came later on its branch: where a
/// clock says so, it ran ahead.
fn newest_first(conn: &Connection, project: i64, filter: &VersionFilter) -> Outcome<Vec<i64>> {
    let (sql, values) = filtered(project, filter);
    let mut select = conn.prepare_cached(&sql)?;
    let mut rows = select.query(rusqlite::params_from_iter(&values))?;
    let (mut found, mut least) = (Vec::new(), HashMap::new());
    while let Some(row) = rows.next()? {
        let (branch, at): (i64, i64) = (row.get(1)?, row.get(2)?);
        let least = least.entry(branch).or_insert(at);
        *least = at.min(*least);
        found.push((*least, row.get::<_, i64>(0)?));
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.truncate(filter.limit.unwrap_or(usize::MAX));
    Ok(found.into_iter().map(|(_, row)| row).collect())
}

/// Rows, branches and times of the versions that a filter lets through, what came last first.
fn filtered(project: i64, filter: &VersionFilter) -> (String, Vec<Sql>) {
    let mut sql = "SELECT v.row, v.branch, v.created_at FROM snapshot_branches b
        JOIN snapshot_versions v ON v.branch = b.id WHERE b.project = ?1"
        .to_owned();
    let mut values = vec![Sql::Integer(project)];
    let mut add = |condition: &str, value: Sql| {
        values.push(value);
        sql.push_str(&condition.replace('?', &format!("?{}", values.len())));
    };
    if let Some(branch) = &filter.branch {
        add(" AND b.name = ?", Sql::Text(branch.clone()));
    }
    if let Some(tag) = &filter.tag {
        let has =
            " AND EXISTS (SELECT 1 FROM snapshot_tags t WHERE t.version = v.row AND t.tag = ?)";
        add(has, Sql::Text(tag.clone()));
    }
    if let Some(since) = filter.since {
        add(" AND v.created_at >= ?", Sql::Integer(since));
    }
    if let Some(before) = filter.before {
        add(" AND v.created_at < ?", Sql::Integer(before));
    }
    if !filter.kinds.is_empty() {
        let kinds: Vec<String> =
            filter.kinds.iter().map(|kind| kind.number().to_string()).collect();
        add(&format!(" AND v.type & 3 IN ({}) AND ?", kinds.join(", ")), Sql::Integer(1));
    }
    sql.push_str(" ORDER BY v.row DESC");
    (sql, values)
}

pub(super) fn version_of(row: &Row<'_>) -> Outcome<VersionRow> {
    let kind: i64 = row.get(4)?;
    let fields = VersionFields {
        row: row.get(0)?,
        branch: row.get(1)?,
        parent: row.get(2)?,
        state: row.get(3)?,
        kind,
        created_at: row.get(5)?,
        name: row.get(6)?,
    };
    let known = SnapshotType::from_number(kind & 3);
    let hash: Option<Vec<u8>> = row.get(14)?;
    let hash = hash.map(|hash| hash_of(&hash)).transpose()?;
    let is_whole = fields.mark() == row.get::<_, i64>(7)? && known.is_some() && hash.is_some();
    let tags: Option<String> = row.get(17)?;
    let is_shared = kind & super::snapshots::SHARED != 0;
    Ok(VersionRow {
        row: fields.row,
        project_row: row.get(8)?,
        branch: row.get(9)?,
        user: row.get(10)?,
        project: row.get(11)?,
        parent: fields.parent,
        state: fields.state,
        kind: known.unwrap_or_default(),
        created_at: fields.created_at,
        name: fields.name,
        tags: tags.iter().flat_map(|tags| tags.split('\0')).map(str::to_owned).collect(),
        bytes: row.get::<_, Option<i64>>(12)?.unwrap_or(0) as u64,
        stored_bytes: if is_shared {
            0
        } else {
            row.get::<_, Option<i64>>(13)?.unwrap_or(0) as u64
        },
        hash: hash.unwrap_or_default(),
        summary: row.get(15)?,
        changes: row.get::<_, Option<i64>>(16)?.unwrap_or(0) as u64,
        is_whole,
    })
}
