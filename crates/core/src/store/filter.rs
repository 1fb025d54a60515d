//! Filters as SQL. Everything a caller gave is bound as a parameter, field names too.

use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, params_from_iter};

use super::condition::{Literal, Test, Where};
use super::errors::Outcome;
use super::handle::Store;
use crate::describe::key::Key;
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
            let is_key = condition.keys_in_any_spelling && matches!(name.as_str(), "key" | "keys");
            self.push(" AND ");
            self.test(&Field { path: path_of(name), is_key }, test);
        }
    }

    /// The rows of a query whose first column is a row number.
    pub(super) fn rows(&self, conn: &Connection) -> Outcome<Vec<u64>> {
        let mut select = conn.prepare_cached(&self.text)?;
        let rows = select.query_map(params_from_iter(&self.values), |row| row.get::<_, i64>(0))?;
        Ok(rows.map(|row| row.map(|row| row as u64)).collect::<rusqlite::Result<_>>()?)
    }

    fn test(&mut self, field: &Field, test: &Test) {
        match test {
            Test::Eq(value) => self.is_one_of(field, std::slice::from_ref(value)),
            Test::In(values) => self.is_one_of(field, values),
            Test::Ne(value) => self.is_none_of(field, std::slice::from_ref(value)),
            Test::Nin(values) => self.is_none_of(field, values),
            Test::Gt(value) => self.compare(field, " > ", value),
            Test::Gte(value) => self.compare(field, " >= ", value),
            Test::Lt(value) => self.compare(field, " < ", value),
            Test::Lte(value) => self.compare(field, " <= ", value),
            Test::Exists(exists) => {
                self.json("json_type", field);
                self.push(if *exists { " IS NOT NULL" } else { " IS NULL" });
            }
            Test::Contains(values) => {
                self.push("(");
                for (i, value) in values.iter().enumerate() {
                    self.push(if i == 0 { "" } else { " OR " });
                    self.contains(field, value);
                }
                self.push(")");
            }
        }
    }

    fn is_none_of(&mut self, field: &Field, values: &[Literal]) {
        self.push("NOT ");
        self.is_one_of(field, values);
    }

    /// By type: one IN-list for the numbers, one for the strings, one of type names.
    fn is_one_of(&mut self, field: &Field, values: &[Literal]) {
        let values: Vec<Literal> = values.iter().map(|value| field.spelled(value)).collect();
        self.push("ifnull(");
        self.json("json_type", field);
        self.push(" IN (");
        self.list(values.iter().filter_map(type_that_is_a_value));
        self.push(")");
        for (types, wanted) in [(NUMBERS, true), (TEXTS, false)] {
            self.push(" OR (");
            self.json("json_type", field);
            self.push(types);
            self.push(" AND ");
            self.compared(field, |sql| sql.json("json_extract", field));
            self.push(" IN (");
            self.list(values.iter().filter(|one| is_number(one) == wanted).filter_map(comparable));
            self.push("))");
        }
        self.push(", 0)");
    }

    fn compare(&mut self, field: &Field, operator: &str, value: &Literal) {
        self.push("ifnull(");
        self.json("json_type", field);
        self.push(if is_number(value) { NUMBERS } else { TEXTS });
        self.push(" AND ");
        self.json("json_extract", field);
        self.push(operator);
        self.bind(comparable(value).unwrap_or(SqlValue::Null));
        self.push(", 0)");
    }

    fn contains(&mut self, field: &Field, value: &Literal) {
        self.push("(ifnull(");
        self.json("json_type", field);
        self.push(" = 'array', 0) AND EXISTS (SELECT 1 FROM json_each(m.metadata, ");
        self.bind(field.path.clone());
        self.push(") e WHERE e.type");
        self.element(field, value);
        self.push(")");
        if let Literal::Text(part) = value {
            self.push(" OR ifnull(");
            self.json("json_type", field);
            self.push(" = 'text' AND instr(");
            self.json("json_extract", field);
            self.push(", ");
            self.bind(part.clone());
            self.push(") > 0, 0)");
            if field.is_key {
                self.push(" OR ");
                self.is_one_of(field, std::slice::from_ref(value));
            }
        }
        self.push(")");
    }

    /// What follows `e.type` for an element of a list that is this value.
    fn element(&mut self, field: &Field, value: &Literal) {
        if let Some(name) = type_that_is_a_value(value) {
            self.push(" = ");
            self.bind(name);
        } else {
            self.push(if is_number(value) { NUMBERS } else { TEXTS });
            self.push(" AND ");
            self.compared(field, |sql| sql.push("e.atom"));
            self.push(" = ");
            self.bind(comparable(&field.spelled(value)).unwrap_or(SqlValue::Null));
        }
    }

    fn json(&mut self, function: &str, field: &Field) {
        self.push(function);
        self.push("(m.metadata, ");
        self.bind(field.path.clone());
        self.push(")");
    }

    /// A value as it is compared.
    fn compared(&mut self, field: &Field, value: impl FnOnce(&mut Sql)) {
        self.push(if field.is_key { "one_key(" } else { "(" });
        value(self);
        self.push(")");
    }

    fn list(&mut self, values: impl Iterator<Item = SqlValue>) {
        for (i, value) in values.enumerate() {
            self.push(if i == 0 { "" } else { "," });
            self.bind(value);
        }
    }
}

/// One top-level field of the metadata.
struct Field {
    path: String,
    /// Whether its texts are musical keys, compared in one spelling.
    is_key: bool,
}

impl Field {
    fn spelled(&self, value: &Literal) -> Literal {
        match value {
            Literal::Text(text) if self.is_key => Literal::Text(Key::one_spelling(text)),
            other => other.clone(),
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

    /// Those of `rows` that a condition holds for, in rising order. Reads these rows only, where
    /// [`Store::rows_where`] looks at the metadata of all: about a microsecond each.
    pub fn rows_among(&self, rows: &[u64], condition: &Where) -> Result<Vec<u64>> {
        let mut sql = Sql::default();
        sql.push("SELECT m.row FROM memories m WHERE m.row IN (SELECT value FROM json_each(");
        sql.bind(number_list(rows.iter().copied()));
        sql.push("))");
        sql.condition(condition);
        sql.push(" ORDER BY m.row");
        self.read(|conn| sql.rows(conn))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::super::testing::{Folder, memory, partitions};
    use super::super::types::NewMemory;
    use super::*;

    fn equals(literal: &Literal, value: &Value) -> bool {
        match literal {
            Literal::Null => value.is_null(),
            Literal::Bool(wanted) => value.as_bool() == Some(*wanted),
            Literal::Text(wanted) => value.as_str() == Some(wanted),
            Literal::Int(_) | Literal::Real(_) => value.as_f64() == number(literal),
        }
    }

    fn number(literal: &Literal) -> Option<f64> {
        match literal {
            Literal::Int(number) => Some(*number as f64),
            Literal::Real(number) => Some(*number),
            _ => None,
        }
    }

    fn order(value: &Value, literal: &Literal) -> Option<std::cmp::Ordering> {
        match literal {
            Literal::Text(text) => Some(value.as_str()?.cmp(text)),
            _ => value.as_f64()?.partial_cmp(&number(literal)?),
        }
    }

    /// The naive twin: the meaning of each test on parsed metadata.
    fn holds(test: &Test, value: Option<&Value>) -> bool {
        let same = |literal: &Literal| value.is_some_and(|value| equals(literal, value));
        let ranked = |literal| value.and_then(|value| order(value, literal));
        match test {
            Test::Eq(literal) => same(literal),
            Test::Ne(literal) => !same(literal),
            Test::In(list) => list.iter().any(same),
            Test::Nin(list) => !list.iter().any(same),
            Test::Gt(literal) => ranked(literal).is_some_and(std::cmp::Ordering::is_gt),
            Test::Gte(literal) => ranked(literal).is_some_and(std::cmp::Ordering::is_ge),
            Test::Lt(literal) => ranked(literal).is_some_and(std::cmp::Ordering::is_lt),
            Test::Lte(literal) => ranked(literal).is_some_and(std::cmp::Ordering::is_le),
            Test::Exists(exists) => value.is_some() == *exists,
            Test::Contains(literals) => literals.iter().any(|literal| match (value, literal) {
                (Some(Value::Array(list)), _) => list.iter().any(|one| equals(literal, one)),
                (Some(Value::String(whole)), Literal::Text(part)) => whole.contains(part.as_str()),
                _ => false,
            }),
        }
    }

    /// Few keys and values, so that they meet; among them what a path or a quote could break.
    fn key() -> impl Strategy<Value = String> {
        let keys = [
            "bpm", "a.b", "a", "q\"uote", "back\\slash", "", "$", "ü♫", "[0]", "' OR 1=1 --", "\n",
        ];
        prop::sample::select(keys.to_vec()).prop_map(str::to_owned)
    }

    fn leaf() -> impl Strategy<Value = Value> {
        let texts =
            ["", "Cm", "C", "120", "true", "null", "dark", "ü", "%", "_", "\"", "' OR 1=1 --"];
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-3_i64..4).prop_map(Value::from),
            (-6_i32..7).prop_map(|half| Value::from(f64::from(half) / 2.0)),
            prop::sample::select(texts.to_vec()).prop_map(Value::from),
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            4 => leaf(),
            1 => prop::collection::vec(leaf(), 0..4).prop_map(Value::from),
            1 => (key(), leaf()).prop_map(|(key, leaf)| json!({ key: leaf })),
        ]
    }

    fn metadata() -> impl Strategy<Value = Map<String, Value>> {
        prop::collection::vec((key(), value()), 0..5)
            .prop_map(|fields| fields.into_iter().collect())
    }

    fn asked() -> impl Strategy<Value = Value> {
        let list = prop::collection::vec(leaf(), 0..4);
        let with_order = leaf().prop_filter("has an order", |v| v.is_number() || v.is_string());
        let operators = prop::sample::select(vec!["gt", "gte", "lt", "lte"]);
        prop_oneof![
            leaf(),
            (prop::sample::select(vec!["eq", "ne", "contains"]), leaf())
                .prop_map(|(operator, value)| json!({ operator: value })),
            (operators, with_order).prop_map(|(operator, value)| json!({ operator: value })),
            (prop::sample::select(vec!["in", "nin"]), list)
                .prop_map(|(operator, value)| json!({ operator: value })),
            any::<bool>().prop_map(|exists| json!({ "exists": exists })),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn sql_means_what_the_twin_means(
            all in prop::collection::vec(metadata(), 1..30),
            questions in prop::collection::vec(prop::collection::vec((key(), asked()), 1..3), 1..40),
        ) {
            let folder = Folder::new();
            let store = folder.open();
            let item = |metadata: &Map<_, _>| NewMemory { metadata: metadata.clone(), ..memory("text") };
            store.insert(all.iter().map(item).collect()).unwrap();
            let partitions = partitions(&store);
            for question in questions {
                let question = Value::Object(question.into_iter().collect());
                let condition = Where::parse(&question).unwrap();
                let expected: Vec<u64> = all.iter().zip(1..).filter_map(|(metadata, row)| {
                    let all = condition.clauses.iter().all(|(name, test)| holds(test, metadata.get(name)));
                    all.then_some(row)
                }).collect();
                let found = store.rows_where(&partitions, &condition).unwrap();
                prop_assert_eq!(found, expected, "{} of {:?}", question, all);
            }
        }
    }

    #[test]
    fn only_the_partitions_given() {
        let folder = Folder::new();
        let store = folder.open();
        store.insert(vec![memory("a"), memory("b")]).unwrap();
        let all = partitions(&store);
        assert_eq!(store.rows_where(&all, &Where::default()).unwrap(), [1, 2]);
        assert_eq!(store.rows_where(&[], &Where::default()).unwrap(), [0; 0]);
        assert_eq!(store.rows_where(&[99], &Where::default()).unwrap(), [0; 0]);
    }

    #[test]
    fn long_lists_and_many_tests_fit() {
        let folder = Folder::new();
        let store = folder.open();
        let metadata = json!({ "n": 999 }).as_object().unwrap().clone();
        store.insert(vec![NewMemory { metadata, ..memory("a") }]).unwrap();
        let list: Vec<i32> = (0..1_000).collect();
        let many: Map<_, _> =
            (0..98).map(|i| (format!("f{i}"), json!({ "exists": false }))).collect();
        let mut question = json!({ "n": { "in": list, "gt": 998.5 } });
        question.as_object_mut().unwrap().extend(many);
        let condition = Where::parse(&question).unwrap();
        assert_eq!(store.rows_where(&partitions(&store), &condition).unwrap(), [1]);
    }
}
