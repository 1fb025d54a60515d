//! Listing versions, branches, projects; tags.

use super::{MAIN, Snapshots};
use crate::error::{Error, Result};
use crate::memory::open::Open;
use crate::snapshots::{
    Branch, BranchOptions, HistoryOptions, ProjectSummary, ScopeOption, Snapshot, UserScope, bad,
    check_name,
};
use crate::store::{BranchRow, Scope, VersionFilter, VersionRow};

impl Snapshots {
    /// A version, or none when this scope has none with the id.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn get(&self, id: &str, options: &ScopeOption) -> Result<Option<Snapshot>> {
        let open = self.memory.open_parts()?;
        match open.version_of(id, open.user_of(options.scope.as_ref())) {
            Ok(version) => Ok(Some(open.snapshot(version))),
            Err(Error::SnapshotNotFound { .. }) => Ok(None),
            Err(err) => Err(err),
        }
    }

    /// The versions of a project, newest first; empty when nothing was saved of it.
    ///
    /// # Errors
    /// `PM_BAD_OPTION` (also for a branch that the project does not have), `PM_CLOSED`.
    pub fn history(&self, project: &str, options: &HistoryOptions) -> Result<Vec<Snapshot>> {
        check_name("project", project)?;
        options.check()?;
        let open = self.memory.open_parts()?;
        let user = open.user_of(options.scope.as_ref());
        let Some(project) = open.store.project_row(user, project)? else { return Ok(Vec::new()) };
        if let Some(branch) = &options.branch {
            open.check_branch(project, branch, "give one of them, or leave it out for all")?;
        }
        let filter = VersionFilter {
            branch: options.branch.clone(),
            kinds: options.r#type.0.clone(),
            tag: options.tag.clone(),
            since: options.since,
            before: options.before,
            limit: options.limit,
        };
        let versions = open.store.versions(project, &filter)?;
        Ok(versions.into_iter().map(|version| open.snapshot(version)).collect())
    }

    /// A user's projects, the one saved last first.
    ///
    /// # Errors
    /// `PM_CLOSED`.
    pub fn projects(&self, options: &ScopeOption) -> Result<Vec<ProjectSummary>> {
        let open = self.memory.open_parts()?;
        let rows = open.store.snapshot_projects(open.user_of(options.scope.as_ref()))?;
        let summary = |row: crate::store::ProjectRow| ProjectSummary {
            project: row.project,
            snapshots: row.versions,
            branches: row.branches,
            bytes: row.bytes,
            stored_bytes: row.stored_bytes,
            first_at: row.first_at,
            last_at: row.last_at,
        };
        Ok(rows.into_iter().map(summary).collect())
    }

    /// Makes a branch that begins at a version: "try another chorus".
    ///
    /// # Errors
    /// `PM_NOT_FOUND` for no such version, `PM_BAD_OPTION` when the branch exists or the version is
    /// of another project, `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn branch(&self, project: &str, name: &str, options: &BranchOptions) -> Result<Branch> {
        check_name("project", project)?;
        check_name("name", name)?;
        let open = self.memory.open_parts()?;
        let version = open.version_of(&options.from, open.user_of(options.scope.as_ref()))?;
        if version.project != project {
            let advice = "give a version of the same project";
            return Err(bad("options.from", "it is of another project", advice));
        }
        if !open.store.make_branch(version.project_row, name.to_owned(), version.row)? {
            let found = format!("there is a branch \"{name}\" already");
            return Err(bad("name", found, "give another name, or save with options.branch"));
        }
        let rows = open.store.branches(version.project_row)?;
        let made = rows.into_iter().find(|branch| branch.name == name);
        made.map(|row| open.branch_of(row)).ok_or_else(|| Error::internal("no branch was made"))
    }

    /// The branches of a project, the oldest first.
    ///
    /// # Errors
    /// `PM_BAD_OPTION`, `PM_CLOSED`.
    pub fn branches(&self, project: &str, options: &ScopeOption) -> Result<Vec<Branch>> {
        check_name("project", project)?;
        let open = self.memory.open_parts()?;
        let user = open.user_of(options.scope.as_ref());
        let Some(project) = open.store.project_row(user, project)? else { return Ok(Vec::new()) };
        let rows = open.store.branches(project)?;
        Ok(rows.into_iter().map(|row| open.branch_of(row)).collect())
    }

    /// Puts a tag on a version; one it has already is no error.
    ///
    /// # Errors
    /// `PM_NOT_FOUND`, `PM_BAD_OPTION`, `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn tag(&self, id: &str, tag: &str, options: &ScopeOption) -> Result<()> {
        self.set_tag(id, tag, options.scope.as_ref(), true)
    }

    /// Takes a tag off a version; one it does not have is no error.
    ///
    /// # Errors
    /// As [`Snapshots::tag`].
    pub fn untag(&self, id: &str, tag: &str, options: &ScopeOption) -> Result<()> {
        self.set_tag(id, tag, options.scope.as_ref(), false)
    }

    fn set_tag(&self, id: &str, tag: &str, scope: Option<&UserScope>, set: bool) -> Result<()> {
        check_name("tag", tag)?;
        let open = self.memory.open_parts()?;
        let version = open.version_of(id, open.user_of(scope))?;
        if open.store.tag_version(version.row, tag.to_owned(), set)? {
            Ok(())
        } else {
            Err(Error::SnapshotNotFound { id: id.to_owned() })
        }
    }
}

impl Open {
    pub(super) fn snapshot(&self, row: VersionRow) -> Snapshot {
        Snapshot {
            id: self.id_of_row(row.row),
            scope: Scope { user: row.user, project: Some(row.project.clone()) },
            project: row.project,
            name: row.name,
            r#type: row.kind,
            branch: row.branch,
            parent: row.parent.map(|parent| self.id_of_row(parent)),
            tags: row.tags,
            created_at: row.created_at,
            bytes: row.bytes,
            stored_bytes: row.stored_bytes,
            hash: blake3::Hash::from_bytes(row.hash).to_hex().to_string(),
            summary: row.summary.unwrap_or_default(),
            changes: row.changes,
        }
    }

    /// Refuses a branch that the project does not have. The one of saves that name none is there for
    /// every project, before its first version too.
    pub(super) fn check_branch(&self, project: i64, branch: &str, advice: &str) -> Result<()> {
        if branch == MAIN || self.store.branch_head(project, branch)?.is_some() {
            return Ok(());
        }
        let names: Vec<String> =
            self.store.branches(project)?.into_iter().map(|branch| branch.name).collect();
        if names.is_empty() {
            return Ok(());
        }
        let found = format!("no branch \"{branch}\", there is {}", names.join(", "));
        Err(bad("options.branch", found, advice))
    }

    fn branch_of(&self, row: BranchRow) -> Branch {
        Branch {
            name: row.name,
            head: row.head.map(|head| self.id_of_row(head)),
            from: row.origin.map(|origin| self.id_of_row(origin)),
            snapshots: row.versions,
        }
    }
}
