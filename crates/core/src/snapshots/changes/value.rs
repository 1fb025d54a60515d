//! JSON values compared, hashed, read as numbers, and shown.

use std::borrow::Cow;
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
/// Containers wait on a stack of their own, since values that no parser made may be nested without
/// bound, while scalars are compared at once: a difference nearby is found before the rest is read.
pub(super) fn same(before: &Value, after: &Value) -> bool {
    let mut left = Vec::new();
    if !agree(before, after, &mut left) {
        return false;
    }
    while let Some(pair) = left.pop() {
        let equal = match pair {
            (Value::Object(a), Value::Object(b)) => fields(a, b, &mut left),
            (Value::Array(a), Value::Array(b)) => {
                a.iter().zip(b).all(|(a, b)| agree(a, b, &mut left))
            }
            _ => false,
        };
        if !equal {
            return false;
        }
    }
    true
}

type Pair<'a> = (&'a Value, &'a Value);

/// Whether scalars are equal, and containers of one size; what is in them is `left` to compare.
fn agree<'a>(before: &'a Value, after: &'a Value, left: &mut Vec<Pair<'a>>) -> bool {
    match (before, after) {
        (Value::Object(a), Value::Object(b)) => {
            left.push((before, after));
            a.len() == b.len()
        }
        (Value::Array(a), Value::Array(b)) => {
            left.push((before, after));
            a.len() == b.len()
        }
        (Value::Number(a), Value::Number(b)) => {
            a == b || ((a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64())
        }
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Null, Value::Null) => true,
        _ => false,
    }
}

/// Whether the fields of equal names agree. The usual case, the same order, costs no look-up.
fn fields<'a>(
    a: &'a Map<String, Value>,
    b: &'a Map<String, Value>,
    left: &mut Vec<Pair<'a>>,
) -> bool {
    a.iter().zip(b).all(|((name, value), (other_name, other))| {
        let other = if name == other_name { Some(other) } else { b.get(name) };
        other.is_some_and(|other| agree(value, other, left))
    })
}

/// Whether they do not say the same.
pub(super) fn differ(before: &Value, after: &Value) -> bool {
    !same(before, after)
}

/// [`same`] of what may not be there.
pub(super) fn same_option(before: Option<&Value>, after: Option<&Value>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => same(before, after),
        (None, None) => true,
        _ => false,
    }
}

/// Whether one is a number and the other the same number in a string, as some of the Studio's fields
/// are written.
pub(super) fn respelled(before: Option<&Value>, after: Option<&Value>) -> bool {
    match (before, after) {
        (Some(a @ Value::Number(_)), Some(b @ Value::String(_)))
        | (Some(a @ Value::String(_)), Some(b @ Value::Number(_))) => {
            number(a).is_some() && number(a) == number(b)
        }
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

/// The fields that differ, in the older order, then the new ones. While both have one order, which is
/// the usual case, it costs no look-ups.
pub(super) fn differing<'a>(
    before: &'a Map<String, Value>,
    after: &'a Map<String, Value>,
) -> Vec<Field<'a>> {
    let mut found: Vec<Field<'a>> = Vec::new();
    let mut tell = |name: &'a str, before: Option<&'a Value>, after: Option<&'a Value>| {
        if !same_option(before, after) {
            found.push((name, before, after));
        }
    };
    let aligned = before.keys().zip(after.keys()).take_while(|(a, b)| a == b).count();
    for ((name, before), (_, after)) in before.iter().zip(after).take(aligned) {
        tell(name, Some(before), Some(after));
    }
    for (name, value) in before.iter().skip(aligned) {
        tell(name, Some(value), after.get(name));
    }
    for (name, value) in after.iter().skip(aligned).filter(|(name, _)| !before.contains_key(*name))
    {
        tell(name, None, Some(value));
    }
    found
}

/// A finite number, also one in a string.
pub(super) fn number(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    number.filter(|number| number.is_finite())
}

/// [`label`], without a copy of text.
pub(super) fn label_ref(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// A name or id: text that is not blank, or a number.
pub(super) fn label(value: &Value) -> Option<String> {
    label_ref(value).map(Cow::into_owned)
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

/// Two hashes in this order. Sums of them must not meet, so each is mixed to the last bit (by
/// the finaliser of `MurmurHash3`).
pub(super) fn mixed(a: u64, b: u64) -> u64 {
    let mut x = a.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(b);
    x = (x ^ (x >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    x = (x ^ (x >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    x ^ (x >> 33)
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
