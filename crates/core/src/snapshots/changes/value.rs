//! JSON values compared, hashed, read as numbers, and shown.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use xxhash_rust::xxh3::xxh3_64;

use super::change::Values;

/// Characters of JSON beyond which a value is not shown but counted.
pub const MAX_VALUE_CHARS: usize = 200;
/// Levels that take part in a hash. What lies deeper is compared all the same.
const MAX_HASH_DEPTH: usize = 32;

/// Whether both say the same: the order of fields does not count, `120` is `120.0`.
///
/// Its own stack of work, since values that no parser made may be nested without bound.
pub(super) fn same(before: &Value, after: &Value) -> bool {
    let mut left = vec![(before, after)];
    while let Some(pair) = left.pop() {
        let equal = match pair {
            (Value::Object(a), Value::Object(b)) => a.len() == b.len() && fields(a, b, &mut left),
            (Value::Array(a), Value::Array(b)) => {
                left.extend(a.iter().zip(b));
                a.len() == b.len()
            }
            (Value::Number(a), Value::Number(b)) => {
                a == b || ((a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64())
            }
            (Value::String(a), Value::String(b)) => a == b,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Null, Value::Null) => true,
            _ => false,
        };
        if !equal {
            return false;
        }
    }
    true
}

/// Puts the values of equal names onto the stack. The usual case, the same order, costs no look-up.
fn fields<'a>(
    a: &'a Map<String, Value>,
    b: &'a Map<String, Value>,
    left: &mut Vec<(&'a Value, &'a Value)>,
) -> bool {
    for ((name, value), (other_name, other)) in a.iter().zip(b) {
        if name == other_name {
            left.push((value, other));
        } else {
            match b.get(name) {
                Some(other) => left.push((value, other)),
                None => return false,
            }
        }
    }
    true
}

/// [`same`] of what may not be there.
pub(super) fn same_option(before: Option<&Value>, after: Option<&Value>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => same(before, after),
        (None, None) => true,
        _ => false,
    }
}

/// The fields of an object; of what is not there, none. None of anything else.
pub(super) fn object(value: Option<&Value>) -> Option<&Map<String, Value>> {
    static EMPTY: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value.map_or(Some(&*EMPTY), Value::as_object)
}

/// A field with its older and its newer value.
pub(super) type Field<'a> = (&'a str, Option<&'a Value>, Option<&'a Value>);

/// The fields that differ, in the older order, then the new ones.
pub(super) fn differing<'a>(
    before: &'a Map<String, Value>,
    after: &'a Map<String, Value>,
) -> impl Iterator<Item = Field<'a>> {
    let new = after.keys().filter(|name| !before.contains_key(*name));
    let fields = before.keys().chain(new);
    fields
        .map(|name| (name.as_str(), before.get(name), after.get(name)))
        .filter(|(_, before, after)| !same_option(*before, *after))
}

/// A finite number, also one in a string.
pub(super) fn number(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    number.filter(|number| number.is_finite())
}

/// A name or id: text that is not blank, or a number.
pub(super) fn label(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The first of `names` that `map` has, with its value.
pub(super) fn first<'a, 'n>(
    map: &'a Map<String, Value>,
    names: &[&'n str],
) -> Option<(&'n str, &'a Value)> {
    names.iter().find_map(|name| Some((*name, map.get(*name)?)))
}

/// The same for values that are [`same`]; fields named in `skip` do not count on the first level.
pub(super) fn hash(value: &Value, skip: &[&str]) -> u64 {
    hash_level(value, skip, MAX_HASH_DEPTH)
}

fn hash_level(value: &Value, skip: &[&str], depth: usize) -> u64 {
    match value {
        _ if depth == 0 => 9,
        Value::Null => 1,
        Value::Bool(flag) => 2 + u64::from(*flag),
        Value::Number(number) => hash_number(number.as_f64().unwrap_or(0.0)),
        Value::String(text) => xxh3_64(text.as_bytes()),
        Value::Array(items) => {
            items.iter().fold(5, |sum, item| mixed(sum, hash_level(item, &[], depth - 1)))
        }
        Value::Object(map) => map
            .iter()
            .filter(|(name, _)| !skip.contains(&name.as_str()))
            .map(|(name, value)| mixed(xxh3_64(name.as_bytes()), hash_level(value, &[], depth - 1)))
            .fold(7, u64::wrapping_add),
    }
}

/// A number in a hash; -0 is 0.
pub(super) fn hash_number(number: f64) -> u64 {
    mixed(3, (number + 0.0).to_bits())
}

/// Two hashes in this order.
pub(super) fn mixed(a: u64, b: u64) -> u64 {
    (a.rotate_left(23) ^ b).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31)
}

/// A value as a change shows it.
pub(super) fn shown(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() > MAX_VALUE_CHARS => {
            json!({ "omitted": "string", "size": text.chars().count() })
        }
        Value::Array(items) if !fits(value) => json!({ "omitted": "array", "size": items.len() }),
        Value::Object(map) if !fits(value) => json!({ "omitted": "object", "size": map.len() }),
        _ => value.clone(),
    }
}

/// Whether a container is short, without writing a long one.
fn fits(value: &Value) -> bool {
    let (mut left, mut chars) = (vec![value], 0);
    while let Some(value) = left.pop() {
        chars += match value {
            Value::String(text) => text.len() + 3,
            Value::Array(items) => {
                left.extend(items);
                2 + items.len()
            }
            Value::Object(map) => {
                left.extend(map.values());
                2 + map.keys().map(|name| name.len() + 4).sum::<usize>()
            }
            Value::Number(number) => number.to_string().len(),
            Value::Null | Value::Bool(_) => 5,
        };
        if chars > MAX_VALUE_CHARS {
            return false;
        }
    }
    true
}

/// Both values as a change shows them.
pub(super) fn values(before: Option<&Value>, after: Option<&Value>) -> Values {
    Values { before: before.map(shown), after: after.map(shown) }
}
