//! Partitions: the combinations of kind, user and project there are. Every search names the ones
//! it may see, so that none crosses a scope it was not given.

use std::sync::{Arc, PoisonError, RwLock};

use rusqlite::{Connection, OptionalExtension, params};

use super::calls::Tx;
use super::errors::Outcome;
use super::handle::Store;
use super::schema;
use super::types::{Filter, Scope};
use crate::error::Result;

struct Partition {
    id: u32,
    kind: String,
    scope: Scope,
}

/// All partitions, kept as long as no process added or dropped one.
#[derive(Default)]
pub(super) struct PartitionCache(RwLock<Option<(i64, Arc<Vec<Partition>>)>>);

impl PartitionCache {
    fn current(&self, conn: &Connection) -> Outcome<Arc<Vec<Partition>>> {
        let version = schema::setting(conn, "partitions_version")?;
        if let Some((cached, partitions)) = &*self.0.read().unwrap_or_else(PoisonError::into_inner)
            && *cached == version
        {
            return Ok(Arc::clone(partitions));
        }
        let partitions = Arc::new(load(conn)?);
        let mut cache = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *cache = Some((version, Arc::clone(&partitions)));
        Ok(partitions)
    }
}

fn load(conn: &Connection) -> Outcome<Vec<Partition>> {
    let sql = "SELECT id, kind, user, project FROM partitions ORDER BY id";
    let mut select = conn.prepare_cached(sql)?;
    let partitions = select.query_map([], |row| {
        let scope = Scope { user: row.get(2)?, project: row.get(3)? };
        Ok(Partition { id: row.get(0)?, kind: row.get(1)?, scope })
    })?;
    Ok(partitions.collect::<rusqlite::Result<_>>()?)
}

fn admits(filter: &Filter, partition: &Partition) -> bool {
    let (user, project) = (partition.scope.user.as_deref(), partition.scope.project.as_deref());
    let kind = filter.kinds.is_empty() || filter.kinds.contains(&partition.kind);
    kind && filter.scopes.iter().any(|scope| scope.admits(user, project))
}

impl Store {
    /// The partitions a filter admits, in rising order; its condition is not looked at.
    pub fn partitions(&self, filter: &Filter) -> Result<Vec<u32>> {
        let all = self.read_snapshot(|conn| self.partitions.current(conn))?;
        Ok(all.iter().filter(|one| admits(filter, one)).map(|one| one.id).collect())
    }

    /// Every partition with its kind and scope.
    pub fn all_partitions(&self) -> Result<Vec<(u32, String, Scope)>> {
        let all = self.read_snapshot(|conn| self.partitions.current(conn))?;
        Ok(all.iter().map(|one| (one.id, one.kind.clone(), one.scope.clone())).collect())
    }

    /// The kinds that memories of this store have, sorted.
    pub fn kinds(&self) -> Result<Vec<String>> {
        let all = self.read_snapshot(|conn| self.partitions.current(conn))?;
        let kinds: std::collections::BTreeSet<_> = all.iter().map(|one| &one.kind).collect();
        Ok(kinds.into_iter().cloned().collect())
    }
}

/// The number of a partition; a new one gets the next.
pub(super) fn partition_row(tx: &Tx<'_>, kind: &str, scope: &Scope) -> Outcome<i64> {
    // Spelled as in the index `partitions_key`, so that it is used.
    let known = "SELECT id FROM partitions WHERE kind = ?1
        AND ifnull(user, '') = ifnull(?2, '') AND (user IS NULL) = (?2 IS NULL)
        AND ifnull(project, '') = ifnull(?3, '') AND (project IS NULL) = (?3 IS NULL)";
    let key = params![kind, scope.user, scope.project];
    if let Some(id) = tx.prepare_cached(known)?.query_row(key, |row| row.get(0)).optional()? {
        return Ok(id);
    }
    let new = "INSERT INTO partitions (kind, user, project) VALUES (?1, ?2, ?3) RETURNING id";
    schema::advance(tx, "partitions_version")?;
    Ok(tx.prepare_cached(new)?.query_row(key, |row| row.get(0))?)
}

/// Drops a partition that holds nothing any more: its user and project must not stay behind.
pub(super) fn drop_if_empty(tx: &Tx<'_>, id: i64) -> Outcome<()> {
    let sql = "DELETE FROM partitions WHERE id = ?1
        AND NOT EXISTS (SELECT 1 FROM memories WHERE partition = ?1)";
    if tx.prepare_cached(sql)?.execute([id])? > 0 {
        schema::advance(tx, "partitions_version")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::testing::{Folder, memory, nobody};
    use super::super::types::{NewMemory, ScopeFilter};
    use super::*;

    fn of(kind: &str, user: Option<&str>, project: Option<&str>) -> NewMemory {
        let scope = Scope { user: user.map(str::to_owned), project: project.map(str::to_owned) };
        NewMemory { kind: kind.to_owned(), scope, ..memory("text") }
    }

    fn filter(kinds: &[&str], user: Option<&str>, all_projects: bool) -> Filter {
        let user = user.map(str::to_owned);
        let scopes = vec![ScopeFilter { user, project: None, all_projects }];
        let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        Filter { scopes, kinds, condition: None }
    }

    #[test]
    fn each_combination_is_one_partition() {
        let folder = Folder::new();
        let store = folder.open();
        let items = [
            of("note", None, None),
            of("note", Some(""), None),
            of("note", Some("ann"), None),
            of("note", Some("ann"), Some("p")),
            of("snapshot", Some("ann"), Some("p")),
        ];
        for _ in 0..3 {
            store.insert(items.to_vec()).unwrap();
        }
        let ids = |filter: &Filter| store.partitions(filter).unwrap();
        assert_eq!(ids(&filter(&[], None, false)), [1]);
        assert_eq!(ids(&filter(&[], Some(""), false)), [2]);
        assert_eq!(ids(&filter(&[], Some("ann"), false)), [3]);
        assert_eq!(ids(&filter(&[], Some("ann"), true)), [3, 4, 5]);
        assert_eq!(ids(&filter(&["snapshot"], Some("ann"), true)), [5]);
        assert_eq!(ids(&filter(&["none"], Some("ann"), true)), [0; 0]);
        assert_eq!(ids(&Filter::default()), [0; 0]);
        assert_eq!(store.kinds().unwrap(), ["note", "snapshot"]);
    }

    #[test]
    fn other_stores_of_the_file_see_them_come_and_go() {
        let folder = Folder::new();
        let (store, other) = (folder.open(), folder.open());
        assert_eq!(other.kinds().unwrap(), [""; 0]);
        let ids = store.insert(vec![of("note", None, None)]).unwrap();
        assert_eq!(other.kinds().unwrap(), ["note"]);
        store.remove(&ids, &nobody()).unwrap();
        assert_eq!(other.kinds().unwrap(), [""; 0]);
        store.insert(vec![of("note", None, None)]).unwrap();
        let filter = filter(&[], None, false);
        assert_eq!(other.partitions(&filter).unwrap(), [2], "never the number of another one");
    }
}
