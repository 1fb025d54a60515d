//! JSON inside a prompt: `JSON.stringify(context)` in a template. The order of its fields is an accident of
//! the program that wrote it.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The prompt with the fields of each JSON object in it sorted by name. Values are not touched.
pub(super) fn sorted(prompt: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut copied, mut at, mut failed) = (0, 0, 0);
    while failed < MOST_FAILED
        && let Some(found) = prompt[at..].find('{')
    {
        let start = at + found;
        let mut objects =
            serde_json::Deserializer::from_str(&prompt[start..]).into_iter::<&RawValue>();
        let read = objects.next().and_then(Result::ok).and_then(|raw| object(raw.get(), 0));
        if let Some(text) = read {
            out.push_str(&prompt[copied..start]);
            out.push_str(&text);
            at = start + objects.byte_offset();
            copied = at;
        } else {
            at = start + 1;
            failed += 1;
        }
    }
    if copied == 0 {
        return prompt.into();
    }
    out.push_str(&prompt[copied..]);
    out.into()
}

/// After so many braces that open nothing, the rest is no JSON either.
const MOST_FAILED: usize = 32;

/// Deeper than this is no context of a studio, and left as it is.
const DEEPEST: usize = 32;

/// An object or array with sorted fields, at every depth; none when there is nothing to sort or no name
/// stands for sure.
fn object(text: &str, depth: usize) -> Option<String> {
    let text = text.trim();
    if depth > DEEPEST {
        return None;
    }
    if text.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
        let items: Vec<Cow<'_, str>> = items.iter().map(|item| value(item.get(), depth)).collect();
        return Some(format!("[{}]", items.join(",")));
    }
    let Fields(mut fields) = text.starts_with('{').then(|| serde_json::from_str(text).ok())??;
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    if fields.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return None;
    }
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, raw)| {
            format!("{}:{}", serde_json::Value::from(name.as_str()), value(raw.get(), depth))
        })
        .collect();
    Some(format!("{{{}}}", fields.join(",")))
}

fn value(text: &str, depth: usize) -> Cow<'_, str> {
    object(text, depth + 1).map_or(text.into(), Cow::from)
}

/// Fields in their order, twice the same name too.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Fields<'a>, D::Error> {
        struct InOrder;
        impl<'de> serde::de::Visitor<'de> for InOrder {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_sorted_and_nothing_else_changes() {
        for (prompt, told) in [
            (
                r#"fix {"b": 1.50, "a": [ {"y":"Ü","x":null} ]} now"#,
                r#"fix {"a":[{"x":null,"y":"Ü"}],"b":1.50} now"#,
            ),
            ("{\"a\":1} and {\"c\":2,\"b\":3}", "{\"a\":1} and {\"b\":3,\"c\":2}"),
            ("a {curly} word {", "a {curly} word {"),
            (r#"{"a":1,"a":2}"#, r#"{"a":1,"a":2}"#),
        ] {
            assert_eq!(sorted(prompt), told);
        }
    }

    #[test]
    fn a_deep_nest_is_left_as_it_is() {
        let deep = format!("{{\"b\":{}1{},\"a\":2}}", "[".repeat(60), "]".repeat(60));
        assert!(sorted(&deep).contains(&"[".repeat(60)));
        let endless = "{\"a\":".repeat(50_000);
        assert_eq!(sorted(&endless), endless);
    }
}
