//! May the answer to this request be given for that one? Pure: two readings in, a verdict out.

use serde::Serialize;
use serde_json::Value;

/// One request, read once: its words and its facts.
#[derive(Debug, Clone)]
pub struct Reading {
    words: String,
    context: Option<Value>,
}

/// One exact fact in a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// Its kind, such as `number`.
    pub family: &'static str,
    /// Its value in one spelling.
    pub value: String,
    /// As it stands in the request.
    pub text: String,
}

/// What the rules say about two requests.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// They ask the same.
    Serve(Reason),
    /// They do not.
    Refuse(Reason),
    /// The rules leave it open.
    Open,
}

/// Why.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// A stable short code, such as `number`.
    pub code: &'static str,
    /// A sentence for a producer.
    pub sentence: String,
}

impl Reading {
    /// Reads a request.
    pub fn of(prompt: &str, context: Option<&Value>) -> Reading {
        let words = prompt.split(|c: char| !c.is_alphanumeric() && !"+-#./%".contains(c));
        let words: Vec<_> = words
            .map(|word| word.trim_matches('.').to_lowercase())
            .filter(|word| !word.is_empty())
            .collect();
        Reading { words: words.join(" "), context: context.cloned() }
    }

    /// Its facts.
    pub fn facts(&self) -> Vec<Fact> {
        let numbers = self.words.split(' ').filter(|w| w.chars().any(|c| c.is_ascii_digit()));
        let fact = |word: &str| Fact { family: "number", value: word.into(), text: word.into() };
        numbers.map(fact).collect()
    }

    /// Whether the request points at its context.
    pub fn uses_context(&self) -> bool {
        self.words.split(' ').any(|word| ["this", "my", "here", "current"].contains(&word))
    }
}

/// Whether the answer to `stored` may be given for `asked`.
pub fn compare(asked: &Reading, stored: &Reading) -> Verdict {
    if asked.facts() != stored.facts() {
        let sentence = "The numbers are not the same.".to_owned();
        return Verdict::Refuse(Reason { code: "number", sentence });
    }
    if asked.uses_context() && asked.context != stored.context {
        let sentence = "They speak of different material.".to_owned();
        return Verdict::Refuse(Reason { code: "context", sentence });
    }
    if asked.words == stored.words {
        let sentence = "The same words.".to_owned();
        return Verdict::Serve(Reason { code: "same-words", sentence });
    }
    Verdict::Open
}
