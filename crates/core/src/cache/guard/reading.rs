//! One request, read once: its tokens with their facts.

use serde::Serialize;
use serde_json::Value;

use super::facts::quantity::Quantity;
use super::facts::question::Question;
use super::facts::rhythm::NoteValue;
use super::facts::tonal::Tonal;
use super::facts::{
    context, direction, form, language, name, negation, quantifier, quantity, relation, rhythm,
    scope, tonal,
};
use super::lex::{self, Kind, Lexeme};
use super::{politeness, words};

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
    pub(super) question: Question,
    pub(super) deictic: bool,
    /// Signs that change a formula or a comparison, sorted.
    pub(super) signs: Vec<char>,
    /// The language it is written in.
    pub(super) language: &'static str,
    /// Whether it holds a question mark.
    pub(super) asks: bool,
    pub(super) context: Vec<(String, Value)>,
    /// Long and full of numbers: a template of a program, not the words of a person.
    pub(super) template: bool,
}

/// A word, number or musical thing in its place.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) lower: String,
    /// What it is compared by.
    pub(super) word: String,
    pub(super) value: TokenValue,
    pub(super) clause: u16,
    /// The fact a word carries: family and value.
    pub(super) mark: Option<(&'static str, &'static str)>,
    pub(super) named: bool,
}

#[derive(Debug, Clone)]
pub(super) enum TokenValue {
    /// Compared as a word.
    Word,
    /// A word of grammar.
    Stop,
    Quantity(Quantity),
    Tonal(Tonal),
    Note(NoteValue),
    Interval(u8),
}

/// Requests longer than this with many numbers are templates.
const TEMPLATE_CHARS: usize = 400;
const TEMPLATE_NUMBERS: usize = 6;

impl Reading {
    /// Reads a request: the prompt, and the context that travels beside it.
    pub fn of(prompt: &str, context: Option<&Value>) -> Reading {
        let lexemes = politeness::dropped(lex::lexemes(prompt));
        let tokens = tokens(&lexemes);
        let words: Vec<(&str, u16)> =
            lexemes.iter().map(|l| (l.lower.as_str(), l.clause)).collect();
        let numbers = tokens.iter().filter(|t| matches!(t.value, TokenValue::Quantity(_))).count();
        Reading {
            question: Question::of(&words),
            signs: signs(&lexemes),
            language: language::of(&words),
            asks: lexemes.iter().any(|l| l.text == "?"),
            deictic: words.iter().any(|(word, _)| context::is_deictic(word)),
            context: fields(context),
            template: prompt.len() >= TEMPLATE_CHARS && numbers >= TEMPLATE_NUMBERS,
            tokens,
        }
    }

    /// Whether the request points at its context ("this track").
    pub fn uses_context(&self) -> bool {
        self.deictic
    }

    /// Its facts, in the order of the request.
    pub fn facts(&self) -> Vec<Fact> {
        self.tokens.iter().filter_map(Token::fact).collect()
    }

    /// Tokens that carry meaning.
    pub(super) fn content(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(|token| token.is_content())
    }
}

impl Token {
    pub(super) fn is_content(&self) -> bool {
        match &self.value {
            TokenValue::Stop => self.mark.is_some(),
            TokenValue::Quantity(quantity) => !quantity.is_weak(),
            _ => true,
        }
    }

    /// Family for facts, none for plain words.
    pub(super) fn family(&self) -> Option<&'static str> {
        match &self.value {
            TokenValue::Quantity(_) => Some("number"),
            TokenValue::Tonal(_) => Some("key"),
            TokenValue::Note(_) => Some("note value"),
            TokenValue::Interval(_) => Some("interval"),
            TokenValue::Word | TokenValue::Stop => {
                self.mark.map(|(family, _)| family).or(self.named.then_some("name"))
            }
        }
    }

    fn fact(&self) -> Option<Fact> {
        let family = self.family()?;
        let value = match &self.value {
            TokenValue::Quantity(quantity) => quantity.text(),
            TokenValue::Tonal(tonal) => tonal.text(),
            TokenValue::Note(note) => note.text(),
            TokenValue::Interval(semitones) => format!("{semitones} semitones"),
            TokenValue::Word | TokenValue::Stop => {
                self.mark.map_or_else(|| self.word.clone(), |(_, value)| value.to_owned())
            }
        };
        Some(Fact { family, value, text: self.text.clone() })
    }
}

fn signs(lexemes: &[Lexeme]) -> Vec<char> {
    let telling = |lexeme: &Lexeme| lexeme.text.chars().next().filter(|c| "<>^+±".contains(*c));
    let mut found: Vec<char> =
        lexemes.iter().filter(|l| l.kind == Kind::Sign).filter_map(telling).collect();
    found.sort_unstable();
    found
}

fn tokens(lexemes: &[Lexeme]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(lexemes.len());
    let mut at = 0;
    while at < lexemes.len() {
        let before = at.checked_sub(1).map_or("", |i| lexemes[i].lower.as_str());
        let rest = &lexemes[at..];
        let read = fact_value(rest, before);
        let taken = read.as_ref().map_or(1, |(_, taken)| *taken).max(1);
        let opens = at == 0 || lexemes[at - 1].clause != lexemes[at].clause;
        let token = match read {
            Some((value, taken)) => Some(fact_token(&rest[..taken], value)),
            None => word_token(&rest[0], &lexemes[..at], opens),
        };
        out.extend(token);
        at += taken;
    }
    out
}

/// A value that takes one or more lexemes: the musical readings first, since `1/8` and `minor third`
/// are no plain numbers there.
fn fact_value(rest: &[Lexeme], before: &str) -> Option<(TokenValue, usize)> {
    if let Some((semitones, taken)) = rhythm::interval(rest) {
        return Some((TokenValue::Interval(semitones), taken));
    }
    if let Some((note, taken)) = rhythm::note_value(rest) {
        return Some((TokenValue::Note(note), taken));
    }
    if let Some((tonal, taken)) = tonal::read(rest, before) {
        return Some((TokenValue::Tonal(tonal), taken));
    }
    let (quantity, taken) = quantity::read(rest)?;
    // `2i2`, `808s`, `3rd` are told apart by what is glued to the digits.
    let glued_word = rest.get(taken).is_some_and(|next| next.glued && next.kind == Kind::Word);
    if glued_word && rest[0].kind == Kind::Number && rest[taken - 1].kind == Kind::Number {
        return None;
    }
    Some((TokenValue::Quantity(quantity), taken))
}

fn fact_token(lexemes: &[Lexeme], value: TokenValue) -> Token {
    let join = |get: fn(&Lexeme) -> &str| lexemes.iter().map(get).collect::<Vec<_>>().join(" ");
    let text = join(|l| &l.text);
    let lower = text.to_lowercase();
    Token {
        word: lower.clone(),
        lower,
        text,
        value,
        clause: lexemes[0].clause,
        mark: None,
        named: false,
    }
}

fn word_token(lexeme: &Lexeme, earlier: &[Lexeme], opens: bool) -> Option<Token> {
    let lower = words::mistyped_stop(&lexeme.lower).unwrap_or(&lexeme.lower);
    let before = earlier.last().map_or("", |l| l.lower.as_str());
    if words::is_filler(lower) || lexeme.kind == Kind::Sign && !is_telling(lower) {
        return None;
    }
    let mark = mark(lower, before).or_else(|| excepting(lower, earlier));
    let named = lexeme.kind == Kind::Word && mark.is_none() && name::is_name(&lexeme.text, opens);
    let stop = words::is_stop(lower) && !named;
    Some(Token {
        text: lexeme.text.clone(),
        lower: lower.to_owned(),
        word: words::canonical(lower),
        value: if stop || lexeme.kind == Kind::Sign && mark.is_none() {
            TokenValue::Stop
        } else {
            TokenValue::Word
        },
        clause: lexeme.clause,
        mark,
        named,
    })
}

fn is_telling(sign: &str) -> bool {
    sign == "→"
}

/// The fact a word carries by itself.
fn mark(lower: &str, before: &str) -> Option<(&'static str, &'static str)> {
    if let Some(class) = negation::class(lower) {
        return Some(("negation", class));
    }
    if let Some(class) = form::class(lower, before) {
        return Some(("form", class));
    }
    if let Some(class) = quantifier::class(lower) {
        return Some(("quantifier", class));
    }
    if let Some((axis, end)) = direction::class(lower)
        && !words::is_stop(lower)
    {
        return Some(("direction", end_name(axis, end)));
    }
    if let Some(class) = scope::class(lower) {
        return Some(("scope", class));
    }
    match relation::class(lower)? {
        class @ ("before" | "after" | "under" | "than") => Some(("order", class)),
        _ => None,
    }
}

/// `all but the drums`: a `but` that takes something out.
fn excepting(lower: &str, earlier: &[Lexeme]) -> Option<(&'static str, &'static str)> {
    let near = &earlier[earlier.len().saturating_sub(4)..];
    let counted = near.iter().any(|l| {
        matches!(
            l.lower.as_str(),
            "all" | "everything" | "every" | "anything" | "nothing" | "none" | "any"
        )
    });
    (lower == "but" && counted).then_some(("negation", "except"))
}

/// `amount+`: axis and end in one name, made once for each.
fn end_name(axis: &'static str, end: char) -> &'static str {
    use std::collections::HashMap;
    use std::sync::{LazyLock, Mutex, PoisonError};
    static NAMES: LazyLock<Mutex<HashMap<(&'static str, char), &'static str>>> =
        LazyLock::new(Mutex::default);
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    names.entry((axis, end)).or_insert_with(|| Box::leak(format!("{axis}{end}").into_boxed_str()))
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
