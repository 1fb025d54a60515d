//! The plain values that go into the store and come out of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::condition::Where;
use crate::tokens::{Dtype, MemoryTokens};

/// Whose a memory is. Both parts may be left out: then it is nobody's in particular.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Scope {
    /// The user's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The project's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
}

/// Which scopes a call may see. A list of them admits what any of them admits; an empty list
/// admits nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ScopeFilter {
    /// The user's id, compared exactly: none is only memories without a user.
    pub user: Option<String>,
    /// The project's id, compared exactly unless `all_projects`.
    pub project: Option<String>,
    /// Every project of that user, and memories without a project.
    pub all_projects: bool,
}

impl ScopeFilter {
    /// Whether a memory of this user and project may be seen.
    pub fn admits(&self, user: Option<&str>, project: Option<&str>) -> bool {
        self.user.as_deref() == user && (self.all_projects || self.project.as_deref() == project)
    }
}

impl From<Scope> for ScopeFilter {
    fn from(scope: Scope) -> ScopeFilter {
        ScopeFilter { user: scope.user, project: scope.project, all_projects: false }
    }
}

/// Which memories a search may return.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Whose. Empty: nothing.
    pub scopes: Vec<ScopeFilter>,
    /// Of which kinds. Empty: all.
    pub kinds: Vec<String>,
    /// What their metadata must say.
    pub condition: Option<Where>,
}

/// How much of a memory is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Text and full-precision memory tokens.
    Hot,
    /// Text and 8-bit memory tokens.
    Warm,
    /// Memory tokens and metadata; the text is gone.
    Cold,
}

impl Tier {
    /// The name in the file and in statistics.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Hot => "hot",
            Tier::Warm => "warm",
            Tier::Cold => "cold",
        }
    }

    /// The tier of a name; none for a name that is not known.
    pub fn from_name(name: &str) -> Option<Tier> {
        [Tier::Hot, Tier::Warm, Tier::Cold].into_iter().find(|tier| tier.name() == name)
    }
}

/// What an acknowledged write survives. A kill of the process: always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// A power cut may lose the last moments, never the file (`synchronous=NORMAL`).
    #[default]
    Normal,
    /// A power cut as well (`synchronous=FULL`): one fsync per group of writes.
    Full,
}

impl Durability {
    /// The value of SQLite's `synchronous`.
    pub(super) fn synchronous(self) -> &'static str {
        match self {
            Durability::Normal => "NORMAL",
            Durability::Full => "FULL",
        }
    }
}

/// The model whose memory tokens a store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelId {
    /// Its name, for messages.
    pub name: String,
    /// Its fingerprint: vectors of two fingerprints are never compared.
    pub fingerprint: String,
    /// Numbers in each vector.
    pub dims: usize,
}

impl std::fmt::Display for ModelId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({:.12})", self.name, self.fingerprint)
    }
}

/// How to open a store.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// What an acknowledged write survives.
    pub durability: Durability,
    /// The model in use. A new store is bound to it.
    pub model: ModelId,
    /// How new memory tokens are stored.
    pub dtype: Dtype,
    /// How long to wait for another process that writes, in milliseconds.
    pub busy_timeout_ms: u64,
    /// Open a store of another model all the same, to re-encode it.
    pub accept_other_model: bool,
}

impl StoreOptions {
    /// Normal durability, f16, five seconds of patience, no other model.
    pub fn new(model: ModelId) -> StoreOptions {
        StoreOptions {
            durability: Durability::Normal,
            model,
            dtype: Dtype::F16,
            busy_timeout_ms: 5_000,
            accept_other_model: false,
        }
    }
}

/// What a tier policy may do with a memory: the caller's word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retention {
    /// Whether a policy may drop its text and data. Its metadata and memory tokens stay.
    pub disposable: bool,
    /// From 0 (goes first) to 1 (never moved).
    pub importance: f64,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention { disposable: false, importance: 0.5 }
    }
}

/// A memory to keep.
#[derive(Debug, Clone)]
pub struct NewMemory {
    /// Its kind, at least one character.
    pub kind: String,
    /// Whose it is.
    pub scope: Scope,
    /// Its text, which its memory tokens stand for.
    pub text: String,
    /// JSON text, returned byte for byte.
    pub data: Option<String>,
    /// What `where` can ask for.
    pub metadata: Map<String, Value>,
    /// The memory tokens of the text.
    pub tokens: MemoryTokens,
    /// What a tier policy may do with it.
    pub retention: Retention,
}

/// What to change in a memory. What is none stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// A new text with its memory tokens; the old text is erased.
    pub text: Option<(String, MemoryTokens)>,
    /// New data, or (`Some(None)`) no data any more.
    pub data: Option<Option<String>>,
    /// New metadata in place of the old.
    pub metadata: Option<Map<String, Value>>,
    /// Whether a policy may drop its text from now on.
    pub disposable: Option<bool>,
    /// Its importance from now on, 0 to 1.
    pub importance: Option<f64>,
}

/// A memory as it stands in the store, without its vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its number in this store, never used twice.
    pub row: u64,
    /// Its id, a `UUIDv7`.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Whose it is.
    pub scope: Scope,
    /// How much of it is kept.
    pub tier: Tier,
    /// Its text, unless the tier dropped it.
    pub text: Option<String>,
    /// Its JSON text, byte for byte as given.
    pub data: Option<String>,
    /// Its metadata.
    pub metadata: Map<String, Value>,
    /// Text tokens per memory token; 0 when it has no memory tokens (see `token_count`).
    pub ratio: u16,
    /// Memory tokens; 0 after its model was replaced and its text was no longer there.
    pub token_count: usize,
    /// Numbers in each vector.
    pub dims: usize,
    /// How its vectors are stored.
    pub dtype: Dtype,
    /// Text tokens of the text.
    pub source_tokens: usize,
    /// UTF-8 bytes of the text.
    pub source_bytes: usize,
    /// Bytes stored for the text.
    pub text_bytes: usize,
    /// Bytes stored for its vectors.
    pub token_bytes: usize,
    /// When it was stored, in milliseconds since 1970.
    pub created_at: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub updated_at: i64,
    /// When it was last found, in milliseconds since 1970.
    pub accessed_at: Option<i64>,
    /// How often it was found.
    pub access_count: u64,
    /// What a tier policy may do with it.
    pub retention: Retention,
    /// When a policy dropped its text, in milliseconds since 1970; none while it is there, and for
    /// one that was lost to damage.
    pub text_dropped_at: Option<i64>,
}

/// What a list of hits shows of a memory; the fields are those of [`Record`].
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "as in `Record`")]
pub struct Listing {
    pub row: u64,
    pub id: String,
    pub kind: String,
    pub scope: Scope,
    pub tier: Tier,
    pub text: Option<String>,
    pub metadata: Map<String, Value>,
    pub created_at: i64,
    pub text_dropped_at: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(user: Option<&str>, project: Option<&str>, all_projects: bool) -> ScopeFilter {
        ScopeFilter {
            user: user.map(str::to_owned),
            project: project.map(str::to_owned),
            all_projects,
        }
    }

    #[track_caller]
    fn check(filter: &ScopeFilter, user: Option<&str>, project: Option<&str>, admitted: bool) {
        assert_eq!(filter.admits(user, project), admitted, "{filter:?} {user:?} {project:?}");
    }

    #[test]
    fn a_scope_is_exact() {
        let ann = scope(Some("ann"), None, false);
        check(&ann, Some("ann"), None, true);
        check(&ann, Some("ann"), Some("p"), false);
        check(&ann, None, None, false);
        check(&scope(None, None, false), None, None, true);
        check(&scope(None, None, false), Some(""), None, false);
    }

    #[test]
    fn all_projects_are_of_one_user() {
        let all = scope(Some("ann"), Some("ignored"), true);
        check(&all, Some("ann"), Some("p"), true);
        check(&all, Some("ann"), None, true);
        check(&all, Some("bob"), Some("p"), false);
        check(&all, None, Some("p"), false);
    }

    #[test]
    fn names_come_back() {
        for tier in [Tier::Hot, Tier::Warm, Tier::Cold] {
            assert_eq!(Tier::from_name(tier.name()), Some(tier));
        }
        assert_eq!(Tier::from_name("tepid"), None);
    }

    #[test]
    fn an_unknown_field_of_a_scope_is_refused() {
        assert!(serde_json::from_str::<Scope>(r#"{"usr":"ann"}"#).is_err());
        let scope: Scope = serde_json::from_str(r#"{"user":"ann"}"#).expect("a scope");
        assert_eq!(scope.user.as_deref(), Some("ann"));
    }
}
