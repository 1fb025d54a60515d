//! One request, read once: its tokens with their facts.

use serde::Serialize;
use serde_json::Value;

use super::embedded;
use super::facts::question::Question;
use super::facts::{context, language};
use super::forms::Surface;
use super::grammar;
use super::lex::{self, Kind, Lexeme};
use super::politeness;
use super::token::{Token, TokenValue, tokens};

/// A hard value in a request, as shown to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The family: `number`, `key`, `note value`, `negation`, `name` …
    pub family: &'static str,
    /// Its canonical value, equal for equal facts.
    pub value: String,
    /// As it stands in the request.
    pub text: String,
}

/// A request read once: words, facts, kind of question. Cheap to make (tens of microseconds).
#[derive(Debug, Clone)]
pub struct Reading {
    pub(super) tokens: Vec<Token>,
    /// What kind of question it is.
    pub(super) question: Question,
    /// Whether it points at its context.
    pub(super) deictic: bool,
    /// Signs that change a formula or a comparison, sorted.
    pub(super) signs: Vec<char>,
    /// The language it is written in.
    pub(super) language: &'static str,
    /// Whether it holds a question mark.
    pub(super) asks: bool,
    /// Fields of the context by dotted name, sorted; empty ones left out.
    pub(super) context: Vec<(String, Value)>,
    /// How it is written.
    pub(super) surface: Surface,
    /// Long and full of numbers: a template of a program, not the words of a person.
    pub(super) template: bool,
}

/// Requests of this many bytes and numbers are templates.
const TEMPLATE_CHARS: usize = 400;
const TEMPLATE_NUMBERS: usize = 6;

impl Reading {
    /// Reads a request: the prompt, and the context that travels beside it.
    pub fn of(prompt: &str, context: Option<&Value>) -> Reading {
        let lexemes = politeness::dropped(lex::lexemes(&embedded::sorted(prompt)));
        let tokens = tokens(&lexemes);
        let words: Vec<(&str, u16)> =
            lexemes.iter().map(|l| (grammar::standard(&l.lower), l.clause)).collect();
        let numbers = tokens.iter().filter(|t| matches!(t.value, TokenValue::Quantity(_))).count();
        Reading {
            question: Question::of(&words),
            signs: signs(&lexemes),
            language: language::of(&words),
            asks: lexemes.iter().any(|l| l.text == "?"),
            deictic: words.iter().any(|(word, _)| context::is_deictic(word)),
            context: fields(context),
            surface: Surface::of(prompt, &lexemes, &tokens),
            template: prompt.len() >= TEMPLATE_CHARS && numbers >= TEMPLATE_NUMBERS,
            tokens,
        }
    }

    /// Whether the request points at its context ("this track").
    pub fn uses_context(&self) -> bool {
        self.deictic
    }

    /// Its facts, in the order of the request; equal requests have equal facts.
    pub fn facts(&self) -> Vec<Fact> {
        self.tokens.iter().filter_map(Token::fact).collect()
    }

    /// Tokens that carry meaning.
    pub(super) fn content(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(|token| token.is_content())
    }
}

fn signs(lexemes: &[Lexeme]) -> Vec<char> {
    let telling = |lexeme: &Lexeme| lexeme.text.chars().next().filter(|c| "<>^+±≤≥≠".contains(*c));
    let mut found: Vec<char> =
        lexemes.iter().filter(|l| l.kind == Kind::Sign).filter_map(telling).collect();
    found.sort_unstable();
    found
}

/// The context as fields with dotted names, sorted, empty ones left out.
fn fields(context: Option<&Value>) -> Vec<(String, Value)> {
    fn walk(name: &str, value: &Value, out: &mut Vec<(String, Value)>) {
        match value {
            Value::Null => {}
            Value::Object(map) => {
                for (key, value) in map {
                    let dot = if name.is_empty() { "" } else { "." };
                    walk(&format!("{name}{dot}{key}"), value, out);
                }
            }
            other => out.push((name.to_owned(), other.clone())),
        }
    }
    let mut out = Vec::new();
    if let Some(context) = context {
        walk("", context, &mut out);
    }
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_points_at_the_context() {
        assert!(Reading::of("is this track too loud", None).uses_context());
        assert!(!Reading::of("how loud is a master", None).uses_context());
    }

    #[test]
    fn the_context_is_fields_with_dotted_names() {
        let context = serde_json::json!({ "key": "Am", "audio": { "lufs": -9, "bpm": null } });
        let reading = Reading::of("x", Some(&context));
        let names: Vec<&str> = reading.context.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["audio.lufs", "key"]);
    }

    #[test]
    fn a_long_text_of_numbers_is_a_template() {
        assert!(Reading::of(&"analyse bar 12 at -9 LUFS and 128 BPM; ".repeat(12), None).template);
        assert!(!Reading::of("analyse bar 12 at -9 LUFS", None).template);
    }
}
