//! Any other JSON, field by field: `path: value`.

use serde_json::Value;

use super::description::{Description, MAX_TEXT_CHARS};
use super::draft::Draft;
use super::record::{Field, Record};
use super::{number, phrase};
use crate::error::Result;

/// Levels of objects and arrays that are looked into.
const MAX_DEPTH: usize = 6;
/// Elements told of an array; the rest is counted.
const MAX_ITEMS: usize = 16;
/// Fields told of a record beside those its kind knows.
const MAX_OTHERS: usize = 32;
/// Most fields of the top level that become metadata.
const MAX_FACTS: usize = 32;
/// Fields told first, in this order; the others follow by name.
const FIRST: [&str; 6] = ["name", "title", "prompt", "question", "text", "content"];

/// The description of JSON of no known kind. A lone string, number or flag is its own description.
pub(super) fn describe(data: &Field<'_>) -> Result<Description> {
    let mut lines = Lines { left: MAX_TEXT_CHARS - 40, told: Vec::new(), dropped: 0 };
    lines.walk("", data.value, MAX_DEPTH);
    let mut draft = Draft::default();
    facts(data.value, &mut draft);
    for line in lines.told {
        draft.say(line);
    }
    if lines.dropped > 0 {
        draft.say(format!("and {} more.", phrase::counted(lines.dropped, "field")));
    }
    draft.finish()
}

/// Says the fields of `record` that `known` does not name: scalars, and lists of them. Ids and
/// times of writing say nothing and are left out.
pub(super) fn others(record: &Record<'_>, known: &[&[&str]], draft: &mut Draft) {
    let telling = record.others(known).into_iter().filter(|(name, _)| !is_bookkeeping(name));
    let lines = telling.filter_map(|(name, field)| {
        let value = match field.value {
            Value::Array(list) => scalars(list)?,
            _ => field.scalar()?,
        };
        Some(format!("{}: {value}", phrase::clean(name)?))
    });
    for line in lines.take(MAX_OTHERS).collect::<Vec<_>>() {
        draft.say(line);
    }
}

fn is_bookkeeping(name: &str) -> bool {
    let ends = ["Id", "_id", "Ids", "_ids", "uuid", "At", "_at"];
    matches!(name, "id" | "timestamp") || ends.iter().any(|end| name.ends_with(end))
}

/// A list of scalars in a line; none when it holds anything else, or nothing to say.
fn scalars(list: &[Value]) -> Option<String> {
    let shown: Option<Vec<String>> =
        list.iter().take(MAX_ITEMS).map(|value| Field::root(value).scalar()).collect();
    let mut shown = shown.filter(|shown| !shown.is_empty())?;
    if list.len() > MAX_ITEMS {
        shown.push(format!("and {} more", list.len() - MAX_ITEMS));
    }
    Some(shown.join(", "))
}

/// Scalars of the top level, exactly.
fn facts(value: &Value, draft: &mut Draft) {
    for (name, value) in fields(value).into_iter().take(MAX_FACTS) {
        match value {
            Value::String(text) if text.len() > 200 => {}
            Value::String(_) | Value::Number(_) | Value::Bool(_) => draft.fact(name, value.clone()),
            _ => {}
        }
    }
}

/// The fields of an object: telling names first, then by name.
fn fields(value: &Value) -> Vec<(&str, &Value)> {
    let mut fields: Vec<(&str, &Value)> = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
        .collect();
    let place = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
    fields.sort_unstable_by_key(|(name, _)| (place(name), *name));
    fields
}

/// Lines within a number of characters.
struct Lines {
    left: usize,
    told: Vec<String>,
    dropped: usize,
}

impl Lines {
    fn walk(&mut self, path: &str, value: &Value, depth: usize) {
        match value {
            Value::Null => {}
            Value::String(text) => self.text(path, text),
            Value::Number(number) => self.add(path, &number::as_given(number)),
            Value::Bool(flag) => self.add(path, if *flag { "true" } else { "false" }),
            Value::Array(list) => self.list(path, list, depth),
            Value::Object(_) if depth == 0 => self.dropped += 1,
            Value::Object(_) => {
                for (name, value) in fields(value) {
                    let name = phrase::clean(name).unwrap_or_default();
                    let inner = if path.is_empty() { name } else { format!("{path}.{name}") };
                    self.walk(&inner, value, depth - 1);
                }
            }
        }
    }

    /// A string verbatim, but for control characters and blobs.
    fn text(&mut self, path: &str, text: &str) {
        if !phrase::is_blob(text) {
            let printable = |c: char| if c.is_control() && !"\n\t".contains(c) { ' ' } else { c };
            self.add(path, text.chars().map(printable).collect::<String>().trim());
        }
    }

    fn list(&mut self, path: &str, list: &[Value], depth: usize) {
        if list.len() > MAX_ITEMS && list.iter().all(Value::is_number) {
            return self.add(path, &summary(list));
        }
        if let Some(line) = scalars(list) {
            return self.add(path, &line);
        }
        if depth == 0 {
            self.dropped += usize::from(!list.is_empty());
            return;
        }
        for (i, value) in list.iter().enumerate().take(MAX_ITEMS) {
            self.walk(&format!("{path}[{i}]"), value, depth - 1);
        }
        if list.len() > MAX_ITEMS {
            self.add(path, &format!("{} more", list.len() - MAX_ITEMS));
        }
    }

    /// One line, shortened to the room left when it is the one that does not fit.
    fn add(&mut self, path: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        let line = if path.is_empty() { value.to_owned() } else { format!("{path}: {value}") };
        let chars = line.chars().count() + 1;
        if self.left == 0 {
            self.dropped += 1;
        } else if chars > self.left {
            self.told.push(phrase::shortened(&line, self.left));
            self.left = 0;
        } else {
            self.left -= chars;
            self.told.push(line);
        }
    }
}

/// "128 numbers from -1 to 0.93".
fn summary(list: &[Value]) -> String {
    let values: Vec<f64> = list.iter().filter_map(Value::as_f64).collect();
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!(
        "{} numbers from {} to {}",
        list.len(),
        number::rounded(least, 3),
        number::rounded(most, 3)
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(data: &Value, text: &str) {
        assert_eq!(describe(&Field::root(data)).unwrap().text, text);
    }

    #[test]
    fn telling_fields_first_then_by_name() {
        let data = json!({ "b": { "z": 1.50, "a": true }, "prompt": "How loud?\nAnd why?", "a": [1, "x"], "none": null });
        check(&data, "prompt: How loud?\nAnd why?\na: 1, x\nb.a: true\nb.z: 1.5");
    }

    #[test]
    fn lone_scalars() {
        check(&json!("  warm pads "), "warm pads");
        check(&json!(-14.0), "-14");
        check(&json!(false), "false");
        for data in [json!(null), json!(" "), json!({}), json!([[], {}])] {
            assert_eq!(describe(&Field::root(&data)).unwrap_err().code(), "PM_EMPTY_TEXT");
        }
    }

    #[test]
    fn arrays_are_summarised() {
        let numbers: Vec<f64> = (0..128).map(|i| f64::from(i) / 127.0).collect();
        check(&json!({ "embedding": numbers }), "embedding: 128 numbers from 0 to 1");
        let words: Vec<String> = (0..20).map(|i| format!("w{i}")).collect();
        check(&json!(words), &format!("{}, and 4 more", words[..16].join(", ")));
        let objects: Vec<Value> = (0..18).map(|i| json!({ "i": i })).collect();
        let text = describe(&Field::root(&json!(objects))).unwrap().text;
        assert!(
            text.starts_with("[0].i: 0\n[1].i: 1\n") && text.ends_with("[15].i: 15\n2 more"),
            "{text}"
        );
    }

    #[test]
    fn blobs_and_control_characters_go() {
        check(&json!({ "a": "x\u{0}y", "wave": "QUJD".repeat(60) }), "a: x y");
    }

    #[test]
    fn long_texts_end_in_time() {
        let data = json!({ "a": "word ".repeat(2_000), "b": 1, "c": { "d": 2 } });
        let text = describe(&Field::root(&data)).unwrap().text;
        assert!(text.ends_with("…\nand 2 fields more."), "{}", &text[5_900..]);
    }

    #[test]
    fn facts_are_the_scalars_on_top() {
        let data =
            json!({ "model": "x", "tokens": 12, "nested": { "a": 1 }, "long": "y ".repeat(200) });
        let facts = describe(&Field::root(&data)).unwrap().metadata;
        assert_eq!(Value::from(facts), json!({ "model": "x", "tokens": 12 }));
    }
}
