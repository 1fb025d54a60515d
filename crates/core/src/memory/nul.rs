//! NUL characters, which end a text for much that reads it (SQLite's JSON functions among others): refused
//! wherever a caller's words go into the store. Texts are checked by the tokenizer; data come back byte for byte.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::store::Scope;

/// # Errors
/// `PM_BAD_TEXT` when a name or a string of `fields` holds one.
pub(super) fn refuse_in_fields(what: &str, fields: &Map<String, Value>) -> Result<()> {
    for (name, value) in fields {
        refuse(&format!("a name in {what}"), name)?;
        refuse_in_value(what, value)?;
    }
    Ok(())
}

/// # Errors
/// As [`refuse_in_fields`], at any depth.
fn refuse_in_value(what: &str, value: &Value) -> Result<()> {
    match value {
        Value::String(text) => refuse(what, text),
        Value::Array(items) => items.iter().try_for_each(|item| refuse_in_value(what, item)),
        Value::Object(fields) => refuse_in_fields(what, fields),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// # Errors
/// `PM_BAD_TEXT` when a part of `scope` holds one.
pub(super) fn refuse_in_scope(what: &str, scope: &Scope) -> Result<()> {
    let parts = [("user", &scope.user), ("project", &scope.project)];
    parts.iter().try_for_each(|(name, part)| match part {
        Some(part) => refuse(&format!("{what}.{name}"), part),
        None => Ok(()),
    })
}

fn refuse(what: &str, text: &str) -> Result<()> {
    match text.find('\0') {
        None => Ok(()),
        Some(at) => {
            let found = format!("holds a NUL character at byte {at}");
            Err(Error::BadText { what: what.to_owned(), found })
        }
    }
}
