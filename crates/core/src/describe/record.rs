//! Reading JSON by field name, with errors that say where: `tracks[3].trackName`.
//!
//! Missing, `null` and an empty string are the same: every field of the Studio is optional.

use serde_json::{Map, Value};

use super::{number, phrase};
use crate::error::{Error, Result};

/// A value and the way to it.
pub(super) struct Field<'a> {
    pub(super) path: String,
    pub(super) value: &'a Value,
}

/// A JSON object, with further objects behind it that answer what it does not hold.
pub(super) struct Record<'a> {
    path: String,
    map: &'a Map<String, Value>,
    behind: Option<Box<Record<'a>>>,
}

/// The error for a value of the wrong type.
pub(super) fn wrong(path: &str, found: &str, advice: &str) -> Error {
    let what = if path.is_empty() { "data" } else { path };
    let advice = format!("give {advice}");
    Error::BadOption { what: what.to_owned(), found: format!("found {found}"), advice }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

impl<'a> Field<'a> {
    pub(super) fn root(value: &'a Value) -> Field<'a> {
        Field { path: String::new(), value }
    }

    pub(super) fn wrong(&self, advice: &str) -> Error {
        wrong(&self.path, type_of(self.value), advice)
    }

    pub(super) fn child(&self, name: &str, value: &'a Value) -> Field<'a> {
        let name = phrase::shortened(name, 60);
        let path = if self.path.is_empty() { name } else { format!("{}.{name}", self.path) };
        Field { path, value }
    }

    pub(super) fn record(&self) -> Result<Record<'a>> {
        let map = self.value.as_object().ok_or_else(|| self.wrong("an object"))?;
        Ok(Record { path: self.path.clone(), map, behind: None })
    }

    /// The elements, `null` ones left out.
    pub(super) fn items(&self) -> Result<Vec<Field<'a>>> {
        let list = self.value.as_array().ok_or_else(|| self.wrong("an array"))?;
        let field = |(i, value)| Field { path: format!("{}[{i}]", self.path), value };
        Ok(list.iter().enumerate().filter(|(_, value)| !value.is_null()).map(field).collect())
    }

    /// The entries of an object, by name and not by their order in the file; `null` ones left out.
    pub(super) fn entries(&self) -> Result<Vec<(&'a str, Field<'a>)>> {
        let map = self.value.as_object().ok_or_else(|| self.wrong("an object"))?;
        let mut entries: Vec<_> = map.iter().filter(|(_, value)| !value.is_null()).collect();
        entries.sort_unstable_by_key(|(name, _)| *name);
        Ok(entries.into_iter().map(|(name, v)| (name.as_str(), self.child(name, v))).collect())
    }

    /// A string on one line; none when it is empty.
    pub(super) fn text(&self) -> Result<Option<String>> {
        self.value.as_str().map(phrase::clean).ok_or_else(|| self.wrong("a string"))
    }

    /// A number, or a string that holds one; none for an empty string.
    pub(super) fn number(&self) -> Result<Option<f64>> {
        match self.value {
            Value::Number(number) => Ok(number.as_f64()),
            Value::String(text) if text.trim().is_empty() => Ok(None),
            Value::String(text) => match text.trim().parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(Some(value)),
                _ => Err(wrong(
                    &self.path,
                    &format!("\"{}\"", phrase::shortened(text, 40)),
                    "a number",
                )),
            },
            _ => Err(self.wrong("a number")),
        }
    }

    pub(super) fn flag(&self) -> Result<bool> {
        self.value.as_bool().ok_or_else(|| self.wrong("true or false"))
    }

    /// A scalar in words: strings cleaned, numbers plain, `yes` and `no`; none for anything else.
    pub(super) fn scalar(&self) -> Option<String> {
        match self.value {
            Value::String(text) => phrase::clean(text),
            Value::Number(number) => Some(number::as_given(number)),
            Value::Bool(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
            _ => None,
        }
    }

    /// Names given as one string, as a list of strings, or as a map of name to true or false.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        match self.value {
            Value::String(_) => Ok(self.text()?.into_iter().collect()),
            Value::Array(_) => {
                self.items()?.iter().filter_map(|item| item.text().transpose()).collect()
            }
            Value::Object(_) => self.chosen(),
            _ => Err(self.wrong("a string or a list of strings")),
        }
    }

    fn chosen(&self) -> Result<Vec<String>> {
        let chosen = |(name, field): (&str, Field<'_>)| {
            Ok(field.flag()?.then(|| phrase::clean(name)).flatten())
        };
        self.entries()?.into_iter().map(chosen).filter_map(Result::transpose).collect()
    }
}

impl<'a> Record<'a> {
    /// This record, and `behind` for the fields it lacks.
    pub(super) fn over(mut self, behind: Record<'a>) -> Record<'a> {
        self.behind = Some(Box::new(match self.behind.take() {
            Some(nearer) => nearer.over(behind),
            None => behind,
        }));
        self
    }

    /// The first field there is of `names`.
    pub(super) fn get(&self, names: &[&str]) -> Option<Field<'a>> {
        match names.iter().find_map(|name| Some((name, self.given(name)?))) {
            Some((name, value)) => Some(self.place().child(name, value)),
            None => self.behind.as_ref()?.get(names),
        }
    }

    /// The value called `name`, unless it says nothing.
    fn given(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| {
            !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty())
        })
    }

    /// Where this record is, for the paths of its fields.
    fn place(&self) -> Field<'a> {
        Field { path: self.path.clone(), value: &Value::Null }
    }

    pub(super) fn text(&self, names: &[&str]) -> Result<Option<String>> {
        self.get(names).map_or(Ok(None), |field| field.text())
    }

    pub(super) fn number(&self, names: &[&str]) -> Result<Option<f64>> {
        self.get(names).map_or(Ok(None), |field| field.number())
    }

    pub(super) fn flag(&self, names: &[&str]) -> Result<bool> {
        self.get(names).map_or(Ok(false), |field| field.flag())
    }

    pub(super) fn names(&self, names: &[&str]) -> Result<Vec<String>> {
        self.get(names).map_or(Ok(Vec::new()), |field| field.names())
    }

    pub(super) fn items(&self, names: &[&str]) -> Result<Vec<Field<'a>>> {
        self.get(names).map_or(Ok(Vec::new()), |field| field.items())
    }

    pub(super) fn entries(&self, names: &[&str]) -> Result<Vec<(&'a str, Field<'a>)>> {
        self.get(names).map_or(Ok(Vec::new()), |field| field.entries())
    }

    /// Every field that `known` does not name, by name.
    pub(super) fn others(&self, known: &[&[&str]]) -> Vec<(&'a str, Field<'a>)> {
        let place = self.place();
        let told = |name: &str| known.iter().any(|names| names.contains(&name));
        let mut names: Vec<&str> =
            self.map.keys().map(String::as_str).filter(|name| !told(name)).collect();
        names.sort_unstable();
        let field = |name: &'a str| Some((name, place.child(name, self.given(name)?)));
        let mut fields: Vec<_> = names.into_iter().filter_map(field).collect();
        let behind = self.behind.iter().flat_map(|behind| behind.others(known));
        fields.extend(behind.filter(|(name, _)| self.given(name).is_none()));
        fields
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_name_the_path() {
        let data = json!({ "tracks": [{}, null, { "trackName": 7 }] });
        let tracks = Field::root(&data).record().unwrap().items(&["tracks"]).unwrap();
        let err = tracks[1].record().unwrap().text(&["trackName"]).unwrap_err();
        assert_eq!(err.to_string(), "tracks[2].trackName: found number; give a string");
        let err = Field::root(&json!([])).record().map(|_| ()).unwrap_err();
        assert_eq!(err.to_string(), "data: found array; give an object");
    }

    #[test]
    fn numbers_may_be_strings() {
        let number = |value| Field::root(&value).number().map_err(|err| err.to_string());
        assert_eq!(number(json!("120")), Ok(Some(120.0)));
        assert_eq!(number(json!(" 119.99 ")), Ok(Some(119.99)));
        assert_eq!(number(json!("")), Ok(None));
        assert_eq!(number(json!("fast")), Err("data: found \"fast\"; give a number".into()));
    }

    #[test]
    fn a_record_behind_answers_what_is_missing() {
        let (front, back) = (
            json!({ "bpm": null, "genre": "", "key": "Am" }),
            json!({ "bpm": 90, "genre": "Trap", "key": "C" }),
        );
        let record =
            Field::root(&front).record().unwrap().over(Field::root(&back).record().unwrap());
        assert_eq!(record.number(&["bpm"]).unwrap(), Some(90.0));
        assert_eq!(record.text(&["key"]).unwrap().as_deref(), Some("Am"));
        assert_eq!(record.text(&["genre"]).unwrap().as_deref(), Some("Trap"));
        let others: Vec<&str> = record.others(&[&["bpm"]]).iter().map(|(name, _)| *name).collect();
        assert_eq!(others, ["key", "genre"]);
    }

    #[test]
    fn names_in_three_shapes() {
        let names = |value| Field::root(&value).names().unwrap();
        assert_eq!(names(json!("eq")), ["eq"]);
        assert_eq!(names(json!(["eq", null, ""])), ["eq"]);
        assert_eq!(names(json!({ "verb": true, "comp": true, "eq": false })), ["comp", "verb"]);
    }
}
