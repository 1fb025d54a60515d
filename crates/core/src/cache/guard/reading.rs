//! One request, read once: its tokens with their facts.

use serde::Serialize;
use serde_json::Value;

use super::context::{self, Tie};
use super::embedded;
use super::facts::comparison;
use super::facts::language;
use super::facts::question::Question;
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
    /// How it stands to its context.
    pub(super) tie: Tie,
    /// Signs of formulas and comparisons, in their order.
    pub(super) signs: Vec<char>,
    /// Signs that compare, in their order.
    pub(super) comparisons: Vec<char>,
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
        let question = Question::of(&words);
        let numbers = tokens.iter().filter(|t| matches!(t.value, TokenValue::Quantity(_))).count();
        Reading {
            question,
            signs: signs(&lexemes, |c| "^+±".contains(c) || comparison::is_telling(c)),
            comparisons: signs(&lexemes, comparison::is_one),
            language: language::of(&words),
            asks: lexemes.iter().any(|l| l.text == "?"),
            tie: context::tie(&words, &tokens, question),
            context: context::fields(context),
            surface: Surface::of(prompt, &lexemes, &tokens),
            template: prompt.len() >= TEMPLATE_CHARS && numbers >= TEMPLATE_NUMBERS,
            tokens,
        }
    }

    /// Whether the request points at its context ("this track").
    pub fn uses_context(&self) -> bool {
        self.tie == Tie::Points
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

/// The signs of some sort in a request, in their order.
fn signs(lexemes: &[Lexeme], is_one: impl Fn(char) -> bool) -> Vec<char> {
    let telling = |lexeme: &Lexeme| lexeme.text.chars().next().filter(|c| is_one(*c));
    lexemes.iter().filter(|l| l.kind == Kind::Sign).filter_map(telling).collect()
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
    fn a_long_text_of_numbers_is_a_template() {
        assert!(Reading::of(&"analyse bar 12 at -9 LUFS and 128 BPM; ".repeat(12), None).template);
        assert!(!Reading::of("analyse bar 12 at -9 LUFS", None).template);
    }
}
