//! A description being written: lines, most telling first, and the facts to filter by.

use serde_json::{Map, Value};

use super::description::{Description, MAX_TEXT_CHARS};
use super::{number, phrase};
use crate::error::{Error, Result};

/// Most elements of a list in the metadata.
const MAX_FACTS: usize = 256;

/// What is empty where nothing was said; data may hold much that has no words.
const SAID: &str = "the description of data, which leaves ids and encoded strings out,";

#[derive(Default)]
pub(super) struct Draft {
    lines: Vec<String>,
    facts: Map<String, Value>,
}

impl Draft {
    /// A line of its own; nothing when it is empty.
    pub(super) fn say(&mut self, line: impl Into<String>) {
        let line = line.into();
        if !line.is_empty() {
            self.lines.push(line);
        }
    }

    /// `Label: body.`; nothing when the body is empty.
    pub(super) fn label(&mut self, label: &str, body: &str) {
        if !body.is_empty() {
            self.lines.push(format!("{label}: {body}."));
        }
    }

    /// `Label: a, b and 7 more.` within `limit` characters.
    pub(super) fn list<S: AsRef<str>>(&mut self, label: &str, items: &[S], limit: usize) {
        self.label(label, &phrase::listed(items, ", ", limit.saturating_sub(label.len() + 3)));
    }

    /// A fact in the metadata.
    pub(super) fn fact(&mut self, name: &str, value: impl Into<Value>) {
        self.facts.insert(name.to_owned(), value.into());
    }

    /// A fact that may be missing.
    pub(super) fn maybe(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.fact(name, value);
        }
    }

    /// A number, whole ones without a point.
    pub(super) fn number(&mut self, name: &str, value: Option<f64>) {
        self.maybe(name, value.map(number::json));
    }

    /// A list, each element once and in the order given; nothing when it is empty.
    pub(super) fn set<S: AsRef<str>>(&mut self, name: &str, values: impl IntoIterator<Item = S>) {
        let mut seen = std::collections::HashSet::new();
        let list: Vec<Value> = values
            .into_iter()
            .filter(|value| seen.insert(value.as_ref().to_owned()))
            .take(MAX_FACTS)
            .map(|value| Value::from(value.as_ref()))
            .collect();
        if !list.is_empty() {
            self.fact(name, list);
        }
    }

    /// # Errors
    /// `PM_EMPTY_TEXT` when nothing was said.
    pub(super) fn finish(self) -> Result<Description> {
        let text = phrase::shortened(self.lines.join("\n").trim(), MAX_TEXT_CHARS);
        if text.is_empty() {
            return Err(Error::EmptyText { what: SAID });
        }
        Ok(Description { text, metadata: self.facts })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::*;

    #[test]
    fn empty_bodies_leave_no_line() {
        let mut draft = Draft::default();
        draft.label("Genre", "");
        draft.list::<&str>("Plugins", &[], 100);
        assert_eq!(draft.finish().unwrap_err().code(), "PM_EMPTY_TEXT");
    }

    #[test]
    fn sets_keep_order_and_drop_doubles() {
        let mut draft = Draft::default();
        draft.say("x");
        draft.set("groups", ["Vocals", "Bass", "Vocals"]);
        draft.number("bpm", Some(120.0));
        let facts = Value::from(draft.finish().unwrap().metadata);
        assert_eq!(facts, json!({ "groups": ["Vocals", "Bass"], "bpm": 120 }));
    }

    #[test]
    fn the_text_is_bounded() {
        let mut draft = Draft::default();
        draft.say("word ".repeat(10_000));
        assert_eq!(draft.finish().unwrap().text.chars().count(), MAX_TEXT_CHARS);
    }
}
