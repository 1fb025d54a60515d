//! The decision on two readings.

use serde::Serialize;

use super::align::Alignment;
use super::facts::context;
use super::facts::quantity::{Dimension, Quantity};
use super::facts::question::Question;
use super::reading::{Reading, Token, TokenValue};

/// What the rules say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Both ask the same: every difference is explained.
    Serve(Reason),
    /// They differ in a fact, or in something that is not understood.
    Refuse(Reason),
    /// The rules cannot decide: the pair model does, with what they saw as evidence.
    Open {
        /// The two share most of their words.
        near: bool,
        /// Codes of everything in which they differ: each has a weight in the pair model's package.
        evidence: Vec<&'static str>,
        /// The most telling difference.
        reason: Reason,
    },
}

/// Why, as a stable code and as a sentence a producer understands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// A stable code: `number`, `unit`, `key`, `negation`, `order` …
    pub code: &'static str,
    /// One sentence.
    pub sentence: String,
}

impl Reason {
    fn new(code: &'static str, sentence: impl Into<String>) -> Reason {
        Reason { code, sentence: sentence.into() }
    }
}

/// From this share of common words on, two requests are near-copies: nothing may stay unexplained.
const NEAR: f64 = 0.6;

/// Differences that decide between near-copies: nothing but the fact has changed.
const DECISIVE_NEAR: [&str; 13] = [
    "context", "language", "number", "bare number", "half number", "unit", "key", "note value",
    "interval", "direction", "form", "negation", "order",
];

/// Differences that decide however the two are worded.
const DECISIVE_FAR: [&str; 2] = ["context", "language"];

/// May the answer to `stored` be given for `asked`?
pub fn compare(asked: &Reading, stored: &Reading) -> Verdict {
    let sides = Alignment::of(asked, stored);
    let near = sides.overlap >= NEAR;
    let found = differences(asked, stored, &sides);
    let decisive: &[&str] = if near { &DECISIVE_NEAR } else { &DECISIVE_FAR };
    if let Some(reason) = found.iter().find(|reason| decisive.contains(&reason.code)) {
        return Verdict::Refuse(reason.clone());
    }
    let explained = sides.left_a.is_empty() && sides.left_b.is_empty();
    let alike = sides.ordered && asked.signs == stored.signs && !people_differ(asked, stored);
    let unsaid = |a: &Reading, b: &Reading| {
        a.question == Question::Open && a.asks && b.question.can_be_unsaid()
    };
    let kind = asked.question.is_plainly(stored.question)
        || unsaid(asked, stored)
        || unsaid(stored, asked);
    if explained && alike && kind {
        return Verdict::Serve(Reason::new("same", "Both ask the same in nearly the same words."));
    }
    let mut evidence: Vec<&'static str> = found.iter().map(|reason| reason.code).collect();
    let odd = sides.left_a.first().or(sides.left_b.first());
    let reason = found.into_iter().next().unwrap_or_else(|| match odd {
        Some(token) if near => {
            Reason::new("word", format!("Only one of the two says \"{}\".", token.text))
        }
        Some(_) => Reason::new("wording", "The facts agree, the words differ."),
        None => Reason::new("order", "The same words stand in another order."),
    });
    if asked.template || stored.template {
        return Verdict::Refuse(reason);
    }
    evidence.extend(leftovers(&sides));
    if !sides.ordered {
        evidence.push("moved");
    }
    Verdict::Open { near, evidence, reason }
}

/// What kind of words are left over.
fn leftovers(sides: &Alignment<'_>) -> Option<&'static str> {
    match (sides.left_a.len(), sides.left_b.len()) {
        (0, 0) => None,
        (0, _) | (_, 0) => Some("added"),
        (1, 1) => Some("one for one"),
        _ => Some("reworded"),
    }
}

/// Everything in which the two differ, weightiest first.
fn differences(asked: &Reading, stored: &Reading, sides: &Alignment<'_>) -> Vec<Reason> {
    let mut found = Vec::new();
    found.extend(context_differs(asked, stored));
    if asked.language != stored.language {
        let (a, b) = (asked.language, stored.language);
        found.push(Reason::new("language", format!("One is written in {a}, the other in {b}.")));
    }
    if let Some((first, second)) = &sides.exchanged {
        let code = if sides.overlap >= 0.8 { "order" } else { "places" };
        found.push(Reason::new(code, format!("\"{first}\" and \"{second}\" have changed places.")));
    }
    found.extend(numbers_differ(&sides.left_a, &sides.left_b));
    for family in ["key", "note value", "interval"] {
        if let (Some(a), Some(b)) =
            (of_family(&sides.left_a, family), of_family(&sides.left_b, family))
        {
            found.push(Reason::new(family, format!("One says {}, the other {}.", a.text, b.text)));
        }
    }
    found.extend(opposite(sides));
    for family in ["negation", "form", "quantifier", "scope", "direction", "order", "name"] {
        let one_sided =
            of_family(&sides.left_a, family).or_else(|| of_family(&sides.left_b, family));
        if let Some(token) = one_sided {
            let code = match family {
                "name" => "one name",
                "direction" => "one direction",
                "order" => "one order",
                other => other,
            };
            found.push(Reason::new(code, format!("Only one of the two says \"{}\".", token.text)));
        }
    }
    if asked.question.differs(stored.question) {
        let (a, b) = (asked.question.name(), stored.question.name());
        found.push(Reason::new("question", format!("One asks {a}, the other {b}.")));
    }
    found
}

/// A request that points at its context, or speaks of a field of it, is another one in another context.
fn context_differs(asked: &Reading, stored: &Reading) -> Option<Reason> {
    let deictic = asked.deictic || stored.deictic;
    let speaks_of = |field: &str| {
        let said = |words: &[&str]| {
            asked.tokens.iter().chain(&stored.tokens).any(|t| words.contains(&t.lower.as_str()))
        };
        context::subject(field).is_none_or(said)
    };
    let differing = |a: &Reading, b: &Reading| {
        a.context.iter().find_map(|(name, value)| match b.context.iter().find(|(n, _)| n == name) {
            Some((_, other)) if equal(value, other) => None,
            _ => (deictic || speaks_of(name)).then(|| name.clone()),
        })
    };
    let name = differing(asked, stored).or_else(|| differing(stored, asked))?;
    Some(Reason::new(
        "context",
        format!(
            "The answer may depend on what is open in the studio, and there \"{name}\" differs."
        ),
    ))
}

fn equal(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-9 * a.abs().max(1.0),
        _ => a == b,
    }
}

/// He or she, mine or yours: words of grammar that name somebody.
fn people_differ(asked: &Reading, stored: &Reading) -> bool {
    let person = |word: &str| match word {
        "he" | "his" | "him" => Some(1),
        "she" | "her" => Some(2),
        "they" | "their" | "them" => Some(3),
        "your" | "ur" => Some(4),
        "my" | "our" | "mine" => Some(5),
        "we" | "us" => Some(6),
        _ => None,
    };
    let people = |reading: &Reading| {
        let mut found: Vec<i32> = reading.tokens.iter().filter_map(|t| person(&t.lower)).collect();
        found.dedup();
        found.sort_unstable();
        found.dedup();
        found
    };
    let (a, b) = (people(asked), people(stored));
    !a.is_empty() && !b.is_empty() && a != b
}

fn of_family<'a>(tokens: &[&'a Token], family: &str) -> Option<&'a Token> {
    tokens.iter().find(|token| token.family() == Some(family)).copied()
}

fn numbers_differ(a: &[&Token], b: &[&Token]) -> Vec<Reason> {
    let quantities = |tokens: &[&Token]| -> Vec<(Quantity, String)> {
        let read = |token: &&Token| match &token.value {
            TokenValue::Quantity(quantity) => Some((*quantity, token.text.clone())),
            _ => None,
        };
        tokens.iter().filter_map(read).collect()
    };
    let (a, b) = (quantities(a), quantities(b));
    let mut found: Vec<Reason> = Vec::new();
    for (x, x_text) in &a {
        for (y, y_text) in &b {
            let code = if x.dimension == y.dimension
                && x.dimension != Dimension::Bare
                && x.dimension != Dimension::Ordinal
            {
                "number"
            } else if x.dimension == y.dimension && x.dimension == Dimension::Bare {
                "bare number"
            } else if x.rivals(y) {
                "half number"
            } else if x.dimension != Dimension::Ordinal && y.dimension != Dimension::Ordinal {
                "unit"
            } else {
                continue;
            };
            if found.iter().all(|reason| reason.code != code) {
                found.push(Reason::new(code, format!("One says {x_text}, the other {y_text}.")));
            }
        }
    }
    if found.is_empty()
        && let Some((_, text)) = a.first().or(b.first())
    {
        found.push(Reason::new("one number", format!("Only one of the two says {text}.")));
    }
    found
}

/// Two ends of one axis.
fn opposite(sides: &Alignment<'_>) -> Option<Reason> {
    let marks = |tokens: &[&Token]| -> Vec<(&'static str, String)> {
        let of = |token: &&Token| {
            let (family, value) = token.mark?;
            matches!(family, "direction" | "order").then(|| (value, token.text.clone()))
        };
        tokens.iter().filter_map(of).collect()
    };
    let (a, b) = (marks(&sides.left_a), marks(&sides.left_b));
    for (x, x_text) in &a {
        for (y, y_text) in &b {
            let ends = x.len() == y.len() && x[..x.len() - 1] == y[..y.len() - 1] && x != y;
            if ends {
                return Some(Reason::new(
                    "direction",
                    format!("One says \"{x_text}\", the other \"{y_text}\"."),
                ));
            }
        }
    }
    None
}
