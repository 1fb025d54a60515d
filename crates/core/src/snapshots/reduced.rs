//! Two states without what is large and equal in both: comparing them costs what differs, not what
//! they hold.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::delta;
use super::outline::{Fields, Outline};
use super::parse;
use crate::error::{Error, Result};

/// Fields of a state that are shorter than this stay, equal or not, in bytes: they say which track is
/// which.
const LARGE_FIELD: usize = 64 << 10;
/// The same, for what a large field holds by name: the notes of a track.
const LARGE_PART: usize = 4 << 10;

/// Both states, parsed. `outline` tells where the fields of `after` lie, if that is known.
///
/// # Errors
/// `PM_STORE_CORRUPT` when one is no JSON object.
pub(crate) fn pair(
    before: &[u8],
    after: &[u8],
    outline: Option<&Outline>,
) -> Result<(Value, Value)> {
    let damaged = |err: serde_json::Error| Error::StoreCorrupt { reason: err.to_string() };
    if after.len() > LARGE_FIELD
        && let Some(pair) = Ends::of(before, after, outline).pair()
    {
        return Ok(pair);
    }
    let fields = fields(before).zip(fields(after));
    let Some((old, new)) = fields.filter(|_| after.len() > LARGE_FIELD) else {
        return Ok((parse(before).map_err(damaged)?, parse(after).map_err(damaged)?));
    };
    reduced(&old, &new, LARGE_FIELD, true).map_err(damaged)
}

/// One state without what is large in it, parsed.
///
/// # Errors
/// `PM_STORE_CORRUPT` when it is no JSON object.
pub(crate) fn alone(text: &[u8]) -> Result<Value> {
    let small = match fields(text).filter(|_| text.len() > LARGE_FIELD) {
        Some(fields) => reduced(&fields, &fields, LARGE_FIELD, true).map(|(_, state)| state),
        None => parse(text),
    };
    small.map_err(|err| Error::StoreCorrupt { reason: err.to_string() })
}

/// Two texts that begin and end alike. Where all that differs lies inside one field, the fields of one
/// text tell those of the other, which is not looked through.
struct Ends<'a> {
    before: &'a [u8],
    after: &'a [u8],
    /// How many bytes both begin with.
    start: usize,
    /// How many bytes both end with.
    end: usize,
    outline: Option<&'a Outline>,
}

impl<'a> Ends<'a> {
    fn of(before: &'a [u8], after: &'a [u8], outline: Option<&'a Outline>) -> Self {
        let start = delta::equal_start(before, after);
        let end = delta::equal_end(&before[start..], &after[start..]);
        Self { before, after, start, end, outline }
    }

    /// None where more than one field differs.
    fn pair(&self) -> Option<(Value, Value)> {
        let known = self.outline.and_then(|outline| outline.fields(self.after));
        let (before, after) =
            self.reduced(&known.or_else(|| fields(self.after))?, LARGE_FIELD, true)?;
        Some((Value::Object(before), Value::Object(after)))
    }

    /// `new` are fields of the later text. As [`reduced`], the names being the same in both.
    fn reduced(
        &self,
        new: &Fields<'a>,
        large: usize,
        goes_deeper: bool,
    ) -> Option<(Map<String, Value>, Map<String, Value>)> {
        let (mut before, mut after, mut is_found) = (Map::new(), Map::new(), false);
        for (name, value) in new {
            let Some(other) = self.earlier(value) else {
                if value.len() < large {
                    let value = parse(value.as_bytes()).ok()?;
                    before.insert((*name).to_owned(), value.clone());
                    after.insert((*name).to_owned(), value);
                }
                continue;
            };
            is_found = true;
            let is_split = goes_deeper && other.len() >= large;
            let parts = is_split.then(|| self.parts(value)).flatten();
            let (one, two) = match parts {
                Some(parts) => {
                    let (one, two) = self.reduced(&parts, LARGE_PART, false)?;
                    (Value::Object(one), Value::Object(two))
                }
                // That nothing but one value stands there shows that the fields are those of both.
                None => (parse(other).ok()?, parse(value.as_bytes()).ok()?),
            };
            before.insert((*name).to_owned(), one);
            after.insert((*name).to_owned(), two);
        }
        is_found.then_some((before, after))
    }

    /// The fields of a value of the later text.
    fn parts(&self, value: &'a str) -> Option<Fields<'a>> {
        let at = value.as_ptr().addr().checked_sub(self.after.as_ptr().addr())?;
        let known = self.outline.and_then(|outline| outline.parts(self.after, at));
        known.or_else(|| fields(value.as_bytes()))
    }

    /// What stands in the earlier text where `value` stands in the later one, if all that differs lies
    /// between its first byte and its last.
    fn earlier(&self, value: &str) -> Option<&'a [u8]> {
        let from = value.as_ptr().addr().checked_sub(self.after.as_ptr().addr())?;
        let rest = self.after.len().checked_sub(from + value.len())?;
        let holds_all = from < self.start && rest < self.end;
        holds_all.then(|| &self.before[from..self.before.len() - rest])
    }
}

/// None where a name has escapes: then it is parsed the plain way.
fn fields(text: &[u8]) -> Option<Fields<'_>> {
    let found: BTreeMap<&str, &RawValue> = serde_json::from_slice(text).ok()?;
    Some(found.into_iter().map(|(name, value)| (name, value.get())).collect())
}

fn reduced(
    old: &Fields<'_>,
    new: &Fields<'_>,
    large: usize,
    goes_deeper: bool,
) -> serde_json::Result<(Value, Value)> {
    let (mut before, mut after) = (Map::new(), Map::new());
    // Where a part came or went, it may be told as one of the others again.
    let may_drop = goes_deeper || old.keys().eq(new.keys());
    for (name, value) in old {
        let other = new.get(name);
        let is_equal = other == Some(value);
        if may_drop && is_equal && value.len() >= large {
            continue;
        }
        let deeper = other.filter(|_| goes_deeper && !is_equal && value.len() >= large);
        let parts =
            deeper.and_then(|other| Some((fields(value.as_bytes())?, fields(other.as_bytes())?)));
        let (one, two) = if let Some((old, new)) = parts {
            let (one, two) = reduced(&old, &new, LARGE_PART, false)?;
            (one, Some(two))
        } else {
            let other = other.map(|other| parse(other.as_bytes())).transpose()?;
            (parse(value.as_bytes())?, other)
        };
        before.insert((*name).to_owned(), one);
        after.extend(two.map(|two| ((*name).to_owned(), two)));
    }
    for (name, value) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        after.insert((*name).to_owned(), parse(value.as_bytes())?);
    }
    Ok((Value::Object(before), Value::Object(after)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::super::changes::{between, summary};
    use super::super::json;
    use super::*;

    fn state() -> Value {
        let notes = |track: u32| -> Vec<Value> {
            let note =
                |i| json!({ "id": format!("n{track}-{i}"), "pitch": 40 + i % 12, "start": i });
            (0..2_000).map(note).collect()
        };
        json!({
            "bpm": 120,
            "tracks": [{ "id": "a", "trackName": "Lead" }, { "id": "b", "trackName": "Bass" }],
            "inserts": { "a": ["mixx-verb"] },
            "pianoRollSketches": { "a": notes(1), "b": notes(2) },
        })
    }

    #[test]
    fn what_is_found_is_found_in_less() {
        let before = state();
        let mut edits = vec![before.clone(); 5];
        edits[0]["inserts"]["a"] = json!([]);
        edits[1]["pianoRollSketches"]["b"][7]["pitch"] = json!(70);
        edits[2]["pianoRollSketches"].as_object_mut().unwrap().remove("a");
        edits[3]["pianoRollSketches"]["c"] = before["pianoRollSketches"]["a"].clone();
        edits[4]["new"] = json!(1);
        for (i, after) in edits.iter().enumerate() {
            let texts = (before.to_string(), after.to_string());
            let (old, new) = pair(texts.0.as_bytes(), texts.1.as_bytes(), None).unwrap();
            let outline = json::check(&texts.1, 1 << 20, |_| ()).unwrap();
            let told = pair(texts.0.as_bytes(), texts.1.as_bytes(), Some(&outline)).unwrap();
            assert_eq!(told, (old.clone(), new.clone()), "edit {i}");
            let (whole, less) = (between(&before, after), between(&old, &new));
            assert_eq!(summary(&less), summary(&whole), "edit {i}");
            assert_eq!(less, whole, "edit {i}");
            let is_less = new.to_string().len() < texts.1.len() * 2 / 3;
            assert_eq!(is_less, [true, true, false, false, true][i], "edit {i}");
        }
    }

    #[test]
    fn texts_that_only_look_alike_at_the_ends_are_compared_whole() {
        let pad = format!("\"p\":[\"{}\"]", "x".repeat(LARGE_FIELD));
        for (before, after) in [
            (r#"{"a":[1],"b":[2],P}"#, r#"{"a":[1,2],P}"#),
            (r#"{"a":[1,2],P}"#, r#"{"a":[1],"b":[2],P}"#),
            (r#"{"a":{"c":[1],"d":[2]},P}"#, r#"{"a":{"c":[1,2]},P}"#),
            (r#"{"a":["x"],"b":["y"],P}"#, r#"{"a":["x\"],\"b\":[\"y"],P}"#),
            (r#"{"a":[1],"a":[2],P}"#, r#"{"a":[3],"a":[2],P}"#),
            (r#"{"a":12,P}"#, r#"{"a":122,P}"#),
            (r#"{"a":{},P}"#, r#"{"a":{"b":{}},P}"#),
            (r#"{"b":[1],P}"#, r#"{"b":[],P}"#),
        ] {
            let texts = [before, after].map(|text| text.replace('P', &pad));
            let whole =
                texts.each_ref().map(|text| -> Value { serde_json::from_str(text).unwrap() });
            let (old, new) = pair(texts[0].as_bytes(), texts[1].as_bytes(), None).unwrap();
            let without = |value: &Value| {
                let mut fields = value.as_object().unwrap().clone();
                fields.remove("p");
                fields
            };
            assert_eq!(without(&old), without(&whole[0]), "{before} to {after}");
            assert_eq!(without(&new), without(&whole[1]), "{before} to {after}");
        }
    }

    #[test]
    fn numbers_beyond_f64_are_compared_by_their_spelling() {
        let pad = format!("\"p\":\"{}\"", "x".repeat(LARGE_FIELD));
        for pad in ["\"p\":\"\"", pad.as_str()] {
            let text = |bpm: u32, gain: &str| format!(r#"{{"bpm":{bpm},{pad},"gain":{gain}}}"#);
            for (after, changed) in
                [(text(120, "1e999"), 0), (text(124, "1e999"), 1), (text(120, "1e998"), 1)]
            {
                let before = text(120, "1e999");
                let outline = json::check(&after, 1 << 20, |_| ()).unwrap();
                for outline in [None, Some(&outline)] {
                    let (old, new) = pair(before.as_bytes(), after.as_bytes(), outline).unwrap();
                    assert_eq!(between(&old, &new).len(), changed, "{after:.40}");
                }
            }
            assert_eq!(alone(text(1, "-1e999").as_bytes()).unwrap()["gain"], json!("-1e999"));
        }
    }

    #[test]
    fn one_state_loses_what_is_large() {
        let state = json!({ "bpm": 120, "notes": "x".repeat(LARGE_FIELD) });
        assert_eq!(alone(state.to_string().as_bytes()).unwrap(), json!({ "bpm": 120 }));
        assert_eq!(alone(b"{\"bpm\":1}").unwrap(), json!({ "bpm": 1 }));
        assert!(alone(b"[").is_err());
    }

    #[test]
    fn any_object_is_parsed() {
        let padding = "x".repeat(LARGE_FIELD);
        for text in ["{}", "{\"\\u0061\":1,\"b\":2}", "{\"a\":1,\"a\":2}"] {
            let long = text.replacen('{', &format!("{{\"p\":\"{padding}\",\"q\":[1],"), 1);
            for text in [text.to_owned(), long.replace(",}", "}")] {
                let (before, after) = pair(b"{\"z\":0}", text.as_bytes(), None).unwrap();
                let expected: Value = serde_json::from_str(&text).unwrap();
                assert_eq!((before, after), (json!({ "z": 0 }), expected));
            }
        }
        assert!(pair(b"{}", b"[", None).is_err());
    }
}
