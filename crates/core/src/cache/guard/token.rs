//! A word, number or musical thing in its place, with the fact it carries.

use super::facts::quantity::Quantity;
use super::facts::rhythm::{Interval, NoteValue};
use super::facts::tonal::Tonal;
use super::facts::{
    degree, direction, form, name, negation, quantifier, quantity, relation, rhythm, scope, tonal,
};
use super::lex::{Kind, Lexeme};
use super::reading::Fact;
use super::{grammar, words};

/// A word, number or musical thing in its place.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// As it stands in the request.
    pub(super) text: String,
    /// In lower case, slips of grammar words put right.
    pub(super) lower: String,
    /// What it is compared by.
    pub(super) word: String,
    pub(super) value: TokenValue,
    /// Number of its clause.
    pub(super) clause: u16,
    /// Number of its first lexeme.
    pub(super) at: usize,
    /// The fact a word carries: family and value.
    pub(super) mark: Option<(&'static str, &'static str)>,
    /// Whether it is a name by its looks.
    pub(super) named: bool,
}

/// What a token is compared as.
#[derive(Debug, Clone)]
pub(super) enum TokenValue {
    /// Compared as a word.
    Word,
    /// A word of grammar.
    Stop,
    /// A number with what it measures.
    Quantity(Quantity),
    /// A note, key or chord.
    Tonal(Tonal),
    /// A note value.
    Note(NoteValue),
    /// An interval.
    Interval(Interval),
}

impl Token {
    /// Whether it carries meaning.
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

    /// The fact it carries, if any.
    pub(super) fn fact(&self) -> Option<Fact> {
        let family = self.family()?;
        let value = match &self.value {
            TokenValue::Quantity(quantity) => quantity.text(),
            TokenValue::Tonal(tonal) => tonal.text(),
            TokenValue::Note(note) => note.text(),
            TokenValue::Interval(interval) => interval.text(),
            TokenValue::Word | TokenValue::Stop => {
                self.mark.map_or_else(|| self.word.clone(), |(_, value)| value.to_owned())
            }
        };
        Some(Fact { family, value, text: self.text.clone() })
    }
}

/// Lexemes as tokens: values of several lexemes become one, fillers go.
pub(super) fn tokens(lexemes: &[Lexeme]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(lexemes.len());
    let sure = lexemes.iter().filter(|l| degree::is_sure(&l.text)).count();
    let degrees = sure + lexemes.windows(2).filter(|pair| degree::is_chord(&pair[1].lower)).count();
    let mut at = 0;
    while at < lexemes.len() {
        let before = at.checked_sub(1).map_or("", |i| lexemes[i].lower.as_str());
        let rest = &lexemes[at..];
        let read = fact_value(rest, before);
        let taken = read.as_ref().map_or(1, |(_, taken)| *taken).max(1);
        let opens = at == 0 || lexemes[at - 1].clause != lexemes[at].clause;
        let next = match read {
            Some((value, taken)) => Some(fact_token(&rest[..taken], value)),
            None => word_token(&rest[0], &lexemes[..at], opens, degrees)
                .map(|token| if is_letter(lexemes, at, opens) { as_name(token) } else { token }),
        };
        out.extend(next.map(|token| Token { at, ..token }));
        at += taken;
    }
    out
}

/// A value that takes one or more lexemes: the musical readings first, since `1/8` and `minor third`
/// are no plain numbers there.
fn fact_value(rest: &[Lexeme], before: &str) -> Option<(TokenValue, usize)> {
    if let Some((interval, taken)) = rhythm::interval(rest) {
        return Some((TokenValue::Interval(interval), taken));
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
        at: 0,
        mark: None,
        named: false,
    }
}

fn word_token(lexeme: &Lexeme, earlier: &[Lexeme], opens: bool, degrees: usize) -> Option<Token> {
    let lower = grammar::standard(&lexeme.lower);
    let before = earlier.last().map_or("", |l| l.lower.as_str());
    let filler = grammar::is_filler(lower) && !lexeme.cited && !speaks_of_words(earlier);
    if filler || lexeme.kind == Kind::Sign && !is_telling(lower) {
        return None;
    }
    let degree = degree::class(&lexeme.text, degrees).filter(|_| !degree::is_numbering(before));
    if let Some(degree) = degree {
        return Some(degree_token(lexeme, degree));
    }
    let mark = mark(lower, before).or_else(|| excepting(lower, earlier));
    let named = lexeme.kind == Kind::Word && mark.is_none() && name::is_name(&lexeme.text, opens);
    let stop = grammar::is_stop(lower) && !named && !lexeme.quoted;
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
        at: 0,
        mark,
        named,
    })
}

/// Whether an `A` is the note, the string, the part: large where other words are small, glued to a number
/// (`take 1a`), or with nothing behind it that it could be the article of.
fn is_letter(lexemes: &[Lexeme], at: usize, opens: bool) -> bool {
    let lexeme = &lexemes[at];
    if lexeme.lower != "a" {
        return false;
    }
    let next = lexemes.get(at + 1).filter(|next| next.clause == lexeme.clause);
    let stands_alone = next.is_none_or(|next| matches!(next.text.as_str(), "?" | "/" | ":" | "="));
    let numbered = lexeme.glued && at > 0 && lexemes[at - 1].kind == Kind::Number;
    if stands_alone || numbered {
        return true;
    }
    let after_sign = lexemes[at + 1..].iter().find(|l| !matches!(l.text.as_str(), ":" | "="));
    let opens = opens && after_sign.is_none_or(|next| next.kind != Kind::Number);
    // Not in a title, or where all letters are large.
    let others = || lexemes.iter().skip(1).filter(|l| l.kind == Kind::Word && l.text.len() > 4);
    let large = others().filter(|l| l.text != l.lower).count();
    lexeme.text == "A" && !opens && large * 2 <= others().count()
}

fn as_name(token: Token) -> Token {
    Token {
        word: "A".to_owned(),
        lower: "A".to_owned(),
        value: TokenValue::Word,
        named: true,
        ..token
    }
}

/// Whether what follows may be words to be said, which no politeness is: "how do I say thank you in Spanish".
fn speaks_of_words(earlier: &[Lexeme]) -> bool {
    let near = &earlier[earlier.len().saturating_sub(3)..];
    near.iter().any(|l| {
        matches!(
            l.lower.as_str(),
            "say"
                | "says"
                | "saying"
                | "said"
                | "write"
                | "spell"
                | "pronounce"
                | "word"
                | "words"
                | "called"
                | "titled"
                | "named"
                | "sings"
                | "sing"
        )
    })
}

/// A scale degree, compared with its case.
fn degree_token(lexeme: &Lexeme, degree: &'static str) -> Token {
    Token {
        text: lexeme.text.clone(),
        lower: lexeme.lower.clone(),
        word: degree.to_owned(),
        value: TokenValue::Word,
        clause: lexeme.clause,
        at: 0,
        mark: Some(("degree", degree)),
        named: false,
    }
}

/// Signs that are compared as words are.
fn is_telling(sign: &str) -> bool {
    matches!(sign, "→" | ">" | "<" | "–" | "∓" | "≠" | "¬")
}

/// The fact a word carries by itself.
fn mark(lower: &str, before: &str) -> Option<(&'static str, &'static str)> {
    if let Some(class) = form::class(lower, before) {
        return Some(("form", class));
    }
    if let Some(class) = negation::class(lower) {
        return Some(("negation", class));
    }
    if let Some(class) = quantifier::class(lower) {
        return Some(("quantifier", class));
    }
    if let Some((axis, end)) = direction::class(lower)
        && !grammar::is_stop(lower)
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
            "all"
                | "everything"
                | "every"
                | "anything"
                | "nothing"
                | "none"
                | "any"
                | "nobody"
                | "noone"
                | "no"
                | "anyone"
                | "anybody"
                | "everyone"
                | "everybody"
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

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str) -> Vec<(&'static str, String)> {
        let tokens = tokens(&super::super::lex::lexemes(text));
        tokens.iter().filter_map(Token::fact).map(|fact| (fact.family, fact.value)).collect()
    }

    #[test]
    fn facts_in_their_order() {
        let found = facts("boost all Serum pads 3 dB in F# minor, not 1/8 notes");
        let families: Vec<&str> = found.iter().map(|(family, _)| *family).collect();
        let expected =
            ["direction", "quantifier", "name", "number", "key", "negation", "note value"];
        assert_eq!(families, expected, "{found:?}");
        assert_eq!(found[4].1, "F#m");
    }

    #[test]
    fn a_musical_reading_comes_first() {
        assert_eq!(facts("1/8"), [("note value", "1/8".to_owned())]);
        assert_eq!(facts("minor third"), [("interval", "3 semitones, degree 3".to_owned())]);
        assert_eq!(facts("the 2i2")[0].0, "name", "an interface, not two");
    }

    #[test]
    fn but_takes_out_of_all() {
        let except = ("negation", "except".to_owned());
        assert!(facts("mute all but the drums").contains(&except));
        assert!(facts("loud but clean").is_empty());
    }
}
