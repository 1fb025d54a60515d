//! Writing: compress, remember, update, forget. `get.rs` reads one memory back.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::open::Open;
use super::{PrimeMemory, nul, visible};
use crate::control::Control;
use crate::describe::describe;
use crate::error::{Error, Result};
use crate::options::{ObjectOnly, not_null, parse, parse_object};
use crate::store::{Change, NewMemory, Record, Retention, Scope, ScopeFilter};
use crate::tokens::{MemoryTokens, Ratio};

/// Something to remember: a text, or data of the Studio that is described in words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewItem {
    /// `mixx_recall`, `project_snapshot`, `musical_context`, `cache`, or the caller's own.
    pub kind: String,
    /// The text; left out, `data` is described (`docs/describe.md`).
    #[serde(default)]
    pub text: Option<String>,
    /// JSON kept beside the text, character for character.
    #[serde(default)]
    pub data: Option<Box<RawValue>>,
    /// Facts to filter by; those found in `data` are added unless given here.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
    /// Text tokens per memory token, 1 to 256. None means the kind's: recall 64, snapshot 128,
    /// musical context 32, else 16.
    #[serde(default)]
    pub ratio: Option<f64>,
    /// Whose; none means the scope the memory was opened with.
    #[serde(default)]
    pub scope: Option<Scope>,
    /// Whether a tier policy may drop its text and data.
    #[serde(default)]
    pub disposable: bool,
    /// From 0 (moves to a smaller tier first) to 1 (never moves). None means 0.5.
    #[serde(default)]
    pub importance: Option<f64>,
}

/// What to change in a memory; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct MemoryChange {
    /// The new text; encoded anew with the memory's ratio.
    #[serde(deserialize_with = "not_null")]
    pub text: Option<String>,
    /// New data; described anew unless a text is given too.
    #[serde(deserialize_with = "not_null")]
    pub data: Option<Box<RawValue>>,
    /// Replaces all metadata, but for facts found in new data.
    #[serde(deserialize_with = "not_null")]
    pub metadata: Option<Map<String, Value>>,
    /// Whether a tier policy may drop its text and data from now on.
    #[serde(deserialize_with = "not_null")]
    pub disposable: Option<bool>,
    /// Its importance from now on, 0 to 1.
    #[serde(deserialize_with = "not_null")]
    pub importance: Option<f64>,
}

impl NewItem {
    /// Reads one item from JSON.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`, `PM_BAD_TEXT`.
    pub fn from_json(json: &str) -> Result<NewItem> {
        parse_object("item", json)
    }

    /// Reads a list of items from JSON.
    ///
    /// # Errors
    /// As [`NewItem::from_json`].
    pub fn list_from_json(json: &str) -> Result<Vec<NewItem>> {
        let items: Vec<ObjectOnly<NewItem>> = parse("items", json)?;
        Ok(items.into_iter().map(|item| item.0).collect())
    }

    /// An item that is a text.
    pub fn text(kind: impl Into<String>, text: impl Into<String>) -> NewItem {
        NewItem {
            kind: kind.into(),
            text: Some(text.into()),
            data: None,
            metadata: None,
            ratio: None,
            scope: None,
            disposable: false,
            importance: None,
        }
    }
}

impl PrimeMemory {
    /// Text to memory tokens, stored nowhere.
    ///
    /// # Errors
    /// `PM_EMPTY_TEXT`, `PM_BAD_TEXT`, `PM_TOO_LONG`, `PM_INFERENCE`, `PM_ABORTED`, `PM_CLOSED`.
    pub fn compress(&self, text: &str, ratio: Ratio, control: &Control) -> Result<MemoryTokens> {
        self.open_parts()?.encoder.compress(text, ratio, control)
    }

    /// Many texts at once: all threads encode, longest texts first, results in the order given.
    ///
    /// # Errors
    /// As [`PrimeMemory::compress`]; the first bad text fails the call.
    pub fn compress_many(
        &self,
        texts: &[&str],
        ratio: Ratio,
        control: &Control,
    ) -> Result<Vec<MemoryTokens>> {
        let items: Vec<(&str, Ratio)> = texts.iter().map(|text| (*text, ratio)).collect();
        self.open_parts()?.encoder.compress_many(&items, control)
    }

    /// Remembers one item; its id comes back once it is on disk.
    ///
    /// # Errors
    /// As [`PrimeMemory::remember_many`].
    pub fn remember(&self, item: NewItem, control: &Control) -> Result<String> {
        let alone = |err| match err {
            Error::Item { source, .. } => *source,
            other => other,
        };
        let ids = self.remember_many(vec![item], control).map_err(alone)?;
        ids.into_iter().next().ok_or_else(|| Error::internal("no id for one item"))
    }

    /// Remembers all items or none, in one transaction; ids in the order given.
    ///
    /// # Errors
    /// `PM_EMPTY_TEXT`, `PM_BAD_TEXT`, `PM_TOO_LONG`, `PM_BAD_OPTION`, `PM_BAD_RATIO`,
    /// `PM_MODEL_MISMATCH`, `PM_INFERENCE`, `PM_ABORTED`, `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn remember_many(&self, items: Vec<NewItem>, control: &Control) -> Result<Vec<String>> {
        let open = self.open_parts()?;
        open.refuse_other_model()?;
        if items.is_empty() {
            control.report(0, 0);
        }
        let prepared = prepare_all(items, &open.scope)?;
        let texts: Vec<(&str, Ratio)> =
            prepared.iter().map(|item| (item.text.as_str(), item.ratio)).collect();
        let tokens = open.encoder.compress_many(&texts, control)?;
        control.check()?;
        let rows =
            prepared.into_iter().zip(tokens).map(|(item, tokens)| item.with(tokens)).collect();
        let ids = open.store.insert_under(rows, control)?;
        open.after_write();
        Ok(ids)
    }

    /// Changes a memory in place; its id stays.
    ///
    /// # Errors
    /// `PM_NOT_FOUND` when it is not in the scope given; else as [`PrimeMemory::remember_many`].
    pub fn update(
        &self,
        id: &str,
        change: MemoryChange,
        scope: &[ScopeFilter],
        control: &Control,
    ) -> Result<()> {
        let open = self.open_parts()?;
        check_importance("change.importance", change.importance)?;
        let scope = visible(scope, &open.scope);
        let missing = || Error::NotFound { id: id.to_owned() };
        let record = open.store.get(id, &scope)?.ok_or_else(missing)?;
        let change = open.encode_change(record, change, control)?;
        control.check()?;
        if !open.store.update_under(id, &scope, change, control)? {
            return Err(missing());
        }
        open.after_write();
        open.erase_from_saved_index()
    }

    /// Erases memories: rows, words, vectors, index and write-ahead log. Returns how many there
    /// were; ids that are not in the scope given are not touched and not counted.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn forget(&self, ids: &[String], scope: &[ScopeFilter]) -> Result<usize> {
        let open = self.open_parts()?;
        let removed = open.store.remove(ids, &visible(scope, &open.scope))?;
        if removed > 0 {
            open.after_write();
            open.erase_from_saved_index()?;
        }
        Ok(removed)
    }
}

/// An item checked and described, waiting for its tokens.
struct Prepared {
    kind: String,
    scope: Scope,
    text: String,
    data: Option<String>,
    metadata: Map<String, Value>,
    ratio: Ratio,
    retention: Retention,
}

impl Prepared {
    fn with(self, tokens: MemoryTokens) -> NewMemory {
        let Prepared { kind, scope, text, data, metadata, retention, .. } = self;
        NewMemory { kind, scope, text, data, metadata, tokens, retention }
    }
}

fn prepare_all(items: Vec<NewItem>, opened_with: &Scope) -> Result<Vec<Prepared>> {
    let prepare = |(index, item)| {
        prepare(item, opened_with).map_err(|err| Error::Item { index, source: Box::new(err) })
    };
    items.into_iter().enumerate().map(prepare).collect()
}

fn prepare(item: NewItem, opened_with: &Scope) -> Result<Prepared> {
    check_kind(&item.kind)?;
    check_importance("item.importance", item.importance)?;
    if let Some(scope) = &item.scope {
        nul::refuse_in_scope("item.scope", scope)?;
    }
    let ratio = item.ratio.map_or(Ok(usual_ratio(&item.kind)), Ratio::from_f64)?;
    let (text, facts) = text_and_facts(&item.kind, item.text, item.data.as_deref())?;
    let given = item.metadata.unwrap_or_default();
    nul::refuse_in_fields("item.metadata", &given)?;
    let metadata = merged(facts, given);
    Ok(Prepared {
        scope: item.scope.unwrap_or_else(|| opened_with.clone()),
        data: item.data.map(|raw| raw.get().to_owned()),
        kind: item.kind,
        text,
        metadata,
        ratio,
        retention: Retention {
            disposable: item.disposable,
            importance: item.importance.unwrap_or(Retention::default().importance),
        },
    })
}

/// The text to encode, and the facts that `data` holds.
fn text_and_facts(
    kind: &str,
    text: Option<String>,
    data: Option<&RawValue>,
) -> Result<(String, Map<String, Value>)> {
    match (text, data) {
        (None, None) => Err(Error::BadOption {
            what: "item".to_owned(),
            found: "neither text nor data".to_owned(),
            advice: "give a text, or data to be described".to_owned(),
        }),
        (Some(text), None) => Ok((text, Map::new())),
        (text, Some(raw)) => {
            let data = parse("item.data", raw.get())?;
            let described = describe(kind, &data);
            match text {
                // Data that cannot be described is still kept beside a text of the caller's.
                Some(text) => Ok((text, described.map(|d| d.metadata).unwrap_or_default())),
                None => described.map(|d| (d.text, d.metadata)),
            }
        }
    }
}

/// The ratios the Studio planned for its kinds.
fn usual_ratio(kind: &str) -> Ratio {
    let text_tokens = match kind {
        "mixx_recall" => 64,
        "project_snapshot" => 128,
        "musical_context" => 32,
        _ => return Ratio::default(),
    };
    Ratio::new(text_tokens).unwrap_or_default()
}

fn check_kind(kind: &str) -> Result<()> {
    let found = match kind {
        "" => "an empty string".to_owned(),
        long if long.len() > 100 => format!("{} bytes", long.len()),
        odd if odd.chars().any(char::is_control) => "a control character".to_owned(),
        _ => return Ok(()),
    };
    let advice = "give a short name such as \"musical_context\" or one of your own".to_owned();
    Err(Error::BadOption { what: "item.kind".to_owned(), found, advice })
}

fn check_importance(what: &str, importance: Option<f64>) -> Result<()> {
    match importance {
        Some(given) if !(0.0..=1.0).contains(&given) => Err(Error::BadOption {
            what: what.to_owned(),
            found: format!("{given} was given"),
            advice: "give a number from 0 to 1".to_owned(),
        }),
        _ => Ok(()),
    }
}

impl Open {
    fn encode_change(
        &self,
        record: Record,
        change: MemoryChange,
        control: &Control,
    ) -> Result<Change> {
        let data = change.data.as_deref();
        let (text, facts) = match (change.text, data) {
            (None, None) => (None, Map::new()),
            (text, data) => {
                let (text, facts) = text_and_facts(&record.kind, text, data)?;
                (Some(text), facts)
            }
        };
        let metadata = match change.metadata {
            Some(given) => {
                nul::refuse_in_fields("change.metadata", &given)?;
                Some(merged(facts, given))
            }
            None if data.is_none() => None,
            // Once the old data were dropped nothing tells which of the metadata were found in them.
            None if record.text.is_none() => Some(merged(record.metadata, facts)),
            None => Some(merged(facts, own_metadata(record.metadata, &record.kind, record.data))),
        };
        let encoded = text.map(|text| {
            self.refuse_other_model()?;
            let ratio = Ratio::new(record.ratio).unwrap_or_default();
            self.encoder.compress(&text, ratio, control).map(|tokens| (text, tokens))
        });
        Ok(Change {
            text: encoded.transpose()?,
            data: data.map(|raw| Some(raw.get().to_owned())),
            metadata,
            disposable: change.disposable,
            importance: change.importance,
        })
    }
}

/// `metadata` without the facts that were found in the data it came with: what the caller gave.
fn own_metadata(
    mut metadata: Map<String, Value>,
    kind: &str,
    data: Option<String>,
) -> Map<String, Value> {
    let described = data.and_then(|json| serde_json::from_str(&json).ok());
    if let Some(Ok(old)) = described.map(|data| describe(kind, &data)) {
        metadata.retain(|name, value| old.metadata.get(name) != Some(value));
    }
    metadata
}

fn merged(mut under: Map<String, Value>, over: Map<String, Value>) -> Map<String, Value> {
    under.extend(over);
    under
}
