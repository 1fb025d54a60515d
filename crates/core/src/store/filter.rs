//! Filters as SQL. Everything a caller gave is bound as a parameter, field names too.

use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, params_from_iter};

use super::condition::{Literal, Test, Where};
use super::errors::Outcome;
use super::store::Store;
use crate::error::Result;

/// SQL text and the values of its question marks.
#[derive(Default)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) values: Vec<SqlValue>,
}

impl Sql {
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn bind(&mut self, value: impl Into<SqlValue>) {
        self.text.push('?');
        self.values.push(value.into());
    }

    /// `m.partition IN (…)`, as one parameter whatever their number.
    pub(super) fn partitions(&mut self, partitions: &[u32]) {
        self.push("m.partition IN (SELECT value FROM json_each(");
        self.bind(number_list(partitions.iter().map(|id| u64::from(*id))));
        self.push("))");
    }

    /// ` AND …` for each test of `condition`, on `m.metadata`.
    pub(super) fn condition(&mut self, condition: &Where) {
        for (name, test) in &condition.clauses {
            self.push(" AND ");
            self.test(&path_of(name), test);
        }
    }

    /// The rows of a query whose first column is a row number.
    pub(super) fn rows(&self, conn: &Connection) -> Outcome<Vec<u64>> {
        let mut select = conn.prepare_cached(&self.text)?;
        let rows = select.query_map(params_from_iter(&self.values), |row| row.get::<_, i64>(0))?;
        Ok(rows.map(|row| row.map(|row| row as u64)).collect::<rusqlite::Result<_>>()?)
    }

    fn test(&mut self, path: &str, test: &Test) {
        match test {
            Test::Eq(value) => self.is_one_of(path, std::slice::from_ref(value)),
            Test::In(values) => self.is_one_of(path, values),
            Test::Ne(value) => self.is_none_of(path, std::slice::from_ref(value)),
            Test::Nin(values) => self.is_none_of(path, values),
            Test::Gt(value) => self.compare(path, " > ", value),
            Test::Gte(value) => self.compare(path, " >= ", value),
            Test::Lt(value) => self.compare(path, " < ", value),
            Test::Lte(value) => self.compare(path, " <= ", value),
            Test::Exists(exists) => {
                self.json("json_type", path);
                self.push(if *exists { " IS NOT NULL" } else { " IS NULL" });
            }
            Test::Contains(value) => self.contains(path, value),
        }
    }

    fn is_none_of(&mut self, path: &str, values: &[Literal]) {
        self.push("NOT ");
        self.is_one_of(path, values);
    }

    /// By type: one IN-list for the numbers, one for the strings, one of type names.
    fn is_one_of(&mut self, path: &str, values: &[Literal]) {
        self.push("ifnull(");
        self.json("json_type", path);
        self.push(" IN (");
        self.list(values.iter().filter_map(type_that_is_a_value));
        self.push(")");
        for (types, wanted) in [(NUMBERS, true), (TEXTS, false)] {
            self.push(" OR (");
            self.json("json_type", path);
            self.push(types);
            self.push(" AND ");
            self.json("json_extract", path);
            self.push(" IN (");
            self.list(values.iter().filter(|one| is_number(one) == wanted).filter_map(comparable));
            self.push("))");
        }
        self.push(", 0)");
    }

    fn compare(&mut self, path: &str, operator: &str, value: &Literal) {
        self.push("ifnull(");
        self.json("json_type", path);
        self.push(if is_number(value) { NUMBERS } else { TEXTS });
        self.push(" AND ");
        self.json("json_extract", path);
        self.push(operator);
        self.bind(comparable(value).unwrap_or(SqlValue::Null));
        self.push(", 0)");
    }

    fn contains(&mut self, path: &str, value: &Literal) {
        self.push("(ifnull(");
        self.json("json_type", path);
        self.push(" = 'array', 0) AND EXISTS (SELECT 1 FROM json_each(m.metadata, ");
        self.bind(path.to_owned());
        self.push(") e WHERE e.type");
        self.element(value);
        self.push(")");
        if let Literal::Text(part) = value {
            self.push(" OR ifnull(");
            self.json("json_type", path);
            self.push(" = 'text' AND instr(");
            self.json("json_extract", path);
            self.push(", ");
            self.bind(part.clone());
            self.push(") > 0, 0)");
        }
        self.push(")");
    }

    /// What follows `e.type` for an element of a list that is this value.
    fn element(&mut self, value: &Literal) {
        if let Some(name) = type_that_is_a_value(value) {
            self.push(" = ");
            self.bind(name);
        } else {
            self.push(if is_number(value) { NUMBERS } else { TEXTS });
            self.push(" AND e.atom = ");
            self.bind(comparable(value).unwrap_or(SqlValue::Null));
        }
    }

    fn json(&mut self, function: &str, path: &str) {
        self.push(function);
        self.push("(m.metadata, ");
        self.bind(path.to_owned());
        self.push(")");
    }

    fn list(&mut self, values: impl Iterator<Item = SqlValue>) {
        for (i, value) in values.enumerate() {
            self.push(if i == 0 { "" } else { "," });
            self.bind(value);
        }
    }
}

const NUMBERS: &str = " IN ('integer', 'real')";
const TEXTS: &str = " = 'text'";

fn is_number(value: &Literal) -> bool {
    matches!(value, Literal::Int(_) | Literal::Real(_))
}

fn comparable(value: &Literal) -> Option<SqlValue> {
    match value {
        Literal::Int(number) => Some(SqlValue::Integer(*number)),
        Literal::Real(number) => Some(SqlValue::Real(*number)),
        Literal::Text(text) => Some(SqlValue::Text(text.clone())),
        Literal::Null | Literal::Bool(_) => None,
    }
}

/// Null, true and false are types of their own to SQLite.
fn type_that_is_a_value(value: &Literal) -> Option<SqlValue> {
    let name = match value {
        Literal::Null => "null",
        Literal::Bool(true) => "true",
        Literal::Bool(false) => "false",
        _ => return None,
    };
    Some(SqlValue::Text(name.to_owned()))
}

/// The path of one top-level field: a JSON string, escaped just as in the stored metadata.
fn path_of(name: &str) -> String {
    format!("$.{}", serde_json::Value::from(name))
}

/// `[1,2,3]`, for `json_each(?)`.
pub(super) fn number_list(numbers: impl Iterator<Item = u64>) -> String {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    format!("[{}]", numbers.join(","))
}

impl Store {
    /// The memories of `partitions` that a condition holds for, in rising order.
    pub fn rows_where(&self, partitions: &[u32], condition: &Where) -> Result<Vec<u64>> {
        let mut sql = Sql::default();
        sql.push("SELECT m.row FROM memories m WHERE ");
        sql.partitions(partitions);
        sql.condition(condition);
        sql.push(" ORDER BY m.row");
        self.read(|conn| sql.rows(conn))
    }
}
