//! What a memory's metadata must say: `{ bpm: { gte: 120, lte: 140 }, key: 'Cm' }` as plain data.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::options::edits;

/// Conditions that must all hold. A name means one top-level field of the metadata, dots included.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Where {
    /// Each field with what is asked of it.
    pub clauses: Vec<(String, Test)>,
    /// Whether `key` and `keys` name musical keys: `Cm` and `C minor` are equal then.
    pub keys_in_any_spelling: bool,
}

/// One thing asked of a field. Numbers compare with numbers only, strings with strings, booleans
/// with booleans; a field that is missing fails every test but `Ne`, `Nin` and `Exists(false)`.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `eq`, or the value by itself.
    Eq(Literal),
    /// `ne`: anything else, or nothing.
    Ne(Literal),
    /// `gt`: above, in order of numbers or of UTF-8 bytes.
    Gt(Literal),
    /// `gte`: above or equal.
    Gte(Literal),
    /// `lt`: below.
    Lt(Literal),
    /// `lte`: below or equal.
    Lte(Literal),
    /// `in`: one of these.
    In(Vec<Literal>),
    /// `nin`: none of these, or nothing.
    Nin(Vec<Literal>),
    /// `exists`: the field is there (null counts), or is not.
    Exists(bool),
    /// `contains`: a list with one of these values in it, or a string with one of these strings in it.
    Contains(Vec<Literal>),
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// JSON null, not a missing field.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number of 64 bits.
    Int(i64),
    /// Any other number.
    Real(f64),
    /// A string.
    Text(String),
}

const OPERATORS: [&str; 10] =
    ["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "exists", "contains"];
/// SQLite takes 32,766 parameters; nobody reads a longer list than this.
const LONGEST_LIST: usize = 1_000;
const MOST_TESTS: usize = 100;

impl Where {
    /// Reads the `where` of a search.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION` for an operator that does not exist, `PM_BAD_OPTION` for a value of the
    /// wrong type, a list of over 1,000 values or over 100 tests.
    pub fn parse(value: &Value) -> Result<Where> {
        let fields = object(value, "where", "give an object of field names")?;
        let mut clauses = Vec::new();
        for (name, asked) in fields {
            parse_field(name, asked, &mut clauses)?;
        }
        if clauses.len() > MOST_TESTS {
            return Err(bad(
                "where",
                &format!("it has {} tests", clauses.len()),
                "ask at most 100",
            ));
        }
        Ok(Where { clauses, keys_in_any_spelling: false })
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }
}

fn parse_field(name: &str, asked: &Value, clauses: &mut Vec<(String, Test)>) -> Result<()> {
    let what = format!("where.{name}");
    let Value::Object(tests) = asked else {
        clauses.push((name.to_owned(), Test::Eq(literal(&what, asked)?)));
        return Ok(());
    };
    if tests.is_empty() {
        return Err(bad(&what, "it is an empty object", "give a value or an operator such as gte"));
    }
    for (operator, operand) in tests {
        clauses.push((name.to_owned(), parse_test(&what, operator, operand)?));
    }
    Ok(())
}

fn parse_test(what: &str, operator: &str, operand: &Value) -> Result<Test> {
    let what = &format!("{what}.{operator}");
    Ok(match operator {
        "eq" => Test::Eq(literal(what, operand)?),
        "ne" => Test::Ne(literal(what, operand)?),
        "gt" => Test::Gt(ordered(what, operand)?),
        "gte" => Test::Gte(ordered(what, operand)?),
        "lt" => Test::Lt(ordered(what, operand)?),
        "lte" => Test::Lte(ordered(what, operand)?),
        "in" => Test::In(list(what, operand)?),
        "nin" => Test::Nin(list(what, operand)?),
        "exists" => Test::Exists(
            operand.as_bool().ok_or_else(|| bad(what, &show(operand), "give true or false"))?,
        ),
        "contains" => Test::Contains(vec![literal(what, operand)?]),
        unknown => return Err(unknown_operator(unknown)),
    })
}

fn literal(what: &str, value: &Value) -> Result<Literal> {
    Ok(match value {
        Value::Null => Literal::Null,
        Value::Bool(value) => Literal::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Literal::Int(whole),
            None => Literal::Real(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Literal::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => {
            let advice = "give a string, a number, true, false or null; for several values use in";
            return Err(bad(what, &show(value), advice));
        }
    })
}

fn ordered(what: &str, value: &Value) -> Result<Literal> {
    match literal(what, value)? {
        Literal::Null | Literal::Bool(_) => {
            Err(bad(what, &show(value), "give a number or a string, which have an order"))
        }
        other => Ok(other),
    }
}

fn list(what: &str, value: &Value) -> Result<Vec<Literal>> {
    let Value::Array(values) = value else {
        return Err(bad(what, &show(value), "give a list of values"));
    };
    if values.len() > LONGEST_LIST {
        return Err(bad(what, &format!("it has {} values", values.len()), "give at most 1000"));
    }
    values.iter().map(|value| literal(what, value)).collect()
}

fn object<'a>(value: &'a Value, what: &str, advice: &str) -> Result<&'a Map<String, Value>> {
    value.as_object().ok_or_else(|| bad(what, &show(value), advice))
}

fn show(value: &Value) -> String {
    let text: String = value.to_string().chars().take(60).collect();
    format!("{text} was given")
}

fn bad(what: &str, found: &str, advice: &str) -> Error {
    Error::BadOption { what: what.to_owned(), found: found.to_owned(), advice: advice.to_owned() }
}

fn unknown_operator(name: &str) -> Error {
    Error::UnknownOption {
        name: name.to_owned(),
        nearest: nearest(name),
        known: OPERATORS.map(str::to_owned).to_vec(),
    }
}

/// The operator most like `name`, at most two letters away; `$gte` and `>=` mean `gte` too.
fn nearest(name: &str) -> Option<String> {
    let name = match name {
        "==" | "=" => "eq",
        "!=" | "<>" => "ne",
        ">" => "gt",
        ">=" => "gte",
        "<" => "lt",
        "<=" => "lte",
        other => other.trim_start_matches('$'),
    };
    let near = OPERATORS.iter().map(|known| (edits(name, known), *known)).min()?;
    (near.0 <= 2 && near.0 < near.1.len()).then(|| near.1.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(given: &Value, expected: &[(&str, Test)]) {
        let clauses = expected.iter().map(|(name, test)| ((*name).to_owned(), test.clone()));
        let parsed = Where::parse(given).expect("it parses");
        assert_eq!(parsed.clauses, clauses.collect::<Vec<_>>());
    }

    #[test]
    fn operators() {
        let text = |text: &str| Literal::Text(text.to_owned());
        check(
            &json!({ "bpm": { "gte": 120, "lt": 140.5 } }),
            &[("bpm", Test::Gte(Literal::Int(120))), ("bpm", Test::Lt(Literal::Real(140.5)))],
        );
        check(&json!({ "key": "Cm" }), &[("key", Test::Eq(text("Cm")))]);
        check(&json!({ "a.b": null }), &[("a.b", Test::Eq(Literal::Null))]);
        check(&json!({ "on": { "ne": true } }), &[("on", Test::Ne(Literal::Bool(true)))]);
        check(&json!({ "note": { "exists": false } }), &[("note", Test::Exists(false))]);
        check(
            &json!({ "tags": { "contains": "dark" } }),
            &[("tags", Test::Contains(vec![text("dark")]))],
        );
        let genres = vec![text("House"), text("Trap")];
        check(&json!({ "genre": { "in": ["House", "Trap"] } }), &[("genre", Test::In(genres))]);
        check(&json!({}), &[]);
    }

    #[track_caller]
    fn refuse(given: &Value, code: &str) {
        assert_eq!(Where::parse(given).expect_err("refused").code(), code, "{given}");
    }

    #[test]
    fn wrong_types_are_refused() {
        let long: Vec<i32> = (0..1_001).collect();
        for given in [
            json!([]),
            json!("bpm"),
            json!({ "bpm": {} }),
            json!({ "bpm": [1, 2] }),
            json!({ "bpm": { "gt": null } }),
            json!({ "bpm": { "lte": false } }),
            json!({ "bpm": { "in": 3 } }),
            json!({ "bpm": { "in": [[1]] } }),
            json!({ "bpm": { "in": long } }),
            json!({ "bpm": { "exists": 1 } }),
            json!({ "bpm": { "eq": { "a": 1 } } }),
        ] {
            refuse(&given, "PM_BAD_OPTION");
        }
    }

    #[test]
    fn a_misspelled_operator_gets_the_right_one() {
        for (given, right) in [
            ("$gte", Some("gte")),
            ("contain", Some("contains")),
            (">=", Some("gte")),
            ("exist", Some("exists")),
            ("startsWith", None),
        ] {
            assert_eq!(nearest(given).as_deref(), right, "{given}");
            refuse(&json!({ "bpm": { given: 1 } }), "PM_UNKNOWN_OPTION");
        }
    }
}
