//! In what two readings differ.

use super::align::{Alignment, same};
use super::context;
use super::facts::name;
use super::facts::quantity::Quantity;
use super::facts::unit::Dimension;
use super::reading::Reading;
use super::rules::Reason;
use super::token::{Token, TokenValue};

/// What tells two readings apart however they are worded, found without laying one beside the other: most
/// lookups end here.
pub(super) fn plain_difference(asked: &Reading, stored: &Reading) -> Option<Reason> {
    let languages = || {
        let (a, b) = (asked.language, stored.language);
        (a != b)
            .then(|| Reason::new("language", format!("One is written in {a}, the other in {b}.")))
    };
    context::differs(asked, stored)
        .or_else(languages)
        .or_else(|| values_differ(asked, stored))
        .or_else(|| comparisons_differ(asked, stored))
}

/// Both compare with a sign, and not with the same.
fn comparisons_differ(asked: &Reading, stored: &Reading) -> Option<Reason> {
    let (a, b) = (&asked.comparisons, &stored.comparisons);
    let other = |here: &[char], there: &[char]| here.iter().find(|c| !there.contains(c)).copied();
    let (x, y) = (other(a, b).or(a.first().copied())?, other(b, a).or(b.first().copied())?);
    (a != b).then(|| Reason::new("comparison", format!("One says \"{x}\", the other \"{y}\".")))
}

/// A quantity or a key that the other side does not have, and has another one of its kind.
fn values_differ(asked: &Reading, stored: &Reading) -> Option<Reason> {
    let (a, b) = (values_without(asked, stored), values_without(stored, asked));
    let rivals = |x: &Token, y: &Token| match (&x.value, &y.value) {
        (TokenValue::Quantity(x), TokenValue::Quantity(y)) => {
            x.dimension == y.dimension && !x.counts()
        }
        (TokenValue::Tonal(_), TokenValue::Tonal(_)) => true,
        _ => false,
    };
    let (x, y) = a.iter().find_map(|x| Some((x, b.iter().find(|y| rivals(x, y))?)))?;
    let code = if matches!(x.value, TokenValue::Tonal(_)) { "key" } else { "number" };
    Some(Reason::new(code, format!("One says {}, the other {}.", x.text, y.text)))
}

/// The quantities and keys of one reading that nothing in the other equals.
fn values_without<'a>(here: &'a Reading, there: &Reading) -> Vec<&'a Token> {
    let is_value =
        |token: &Token| matches!(token.value, TokenValue::Quantity(_) | TokenValue::Tonal(_));
    let is_alone = |token: &&Token| !there.content().any(|other| same(token, other));
    here.content().filter(|token| is_value(token)).filter(is_alone).collect()
}

/// Everything else in which the two differ, weightiest first.
pub(super) fn differences(asked: &Reading, stored: &Reading, sides: &Alignment<'_>) -> Vec<Reason> {
    let mut found = Vec::new();
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
    found.extend(rival_names(asked, stored, sides));
    for (family, code) in
        [("scope", "scopes"), ("quantifier", "quantifiers"), ("degree", "degrees")]
    {
        let sides = (of_family(&sides.left_a, family), of_family(&sides.left_b, family));
        if let (Some(a), Some(b)) = sides {
            let sentence = format!("One says \"{}\", the other \"{}\".", a.text, b.text);
            found.push(Reason::new(code, sentence));
        }
    }
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
    found.extend(one_for_all(asked, stored));
    if asked.question.differs(stored.question) {
        let (a, b) = (asked.question.name(), stored.question.name());
        found.push(Reason::new("question", format!("One asks {a}, the other {b}.")));
    }
    found
}

/// "Each track" beside "one track".
fn one_for_all(asked: &Reading, stored: &Reading) -> Option<Reason> {
    let one = |pair: &[Token]| matches!(&pair[0].value, TokenValue::Quantity(q) if q.is_weak());
    let all = |pair: &[Token]| pair[0].mark.is_some_and(|(family, _)| family == "quantifier");
    let all_of = |reading: &Reading, noun: &str| {
        reading.tokens.windows(2).any(|pair| all(pair) && pair[1].word == noun)
    };
    let found = |a: &Reading, b: &Reading| {
        let nouns = a.tokens.windows(2).filter(|pair| one(pair)).map(|pair| &pair[1]);
        let mut exchanged = nouns.filter(|noun| all_of(b, &noun.word) && !all_of(a, &noun.word));
        exchanged.next().map(|noun| noun.text.clone())
    };
    let noun = found(asked, stored).or_else(|| found(stored, asked))?;
    Some(Reason::new("quantifiers", format!("One asks about one {noun}, the other about more.")))
}

/// "Winter Coat" beside "Summer Coat": two names that share a word, and not the other.
fn rival_names(asked: &Reading, stored: &Reading, sides: &Alignment<'_>) -> Option<Reason> {
    let (a, b) = (half_left(asked, &sides.left_a), half_left(stored, &sides.left_b));
    let rivals = |x: &HalfLeft<'_>, y: &HalfLeft<'_>| {
        x.is_first_left == y.is_first_left
            && same(x.shared, y.shared)
            && !name::may_be_one(&x.left.lower, &y.left.lower)
    };
    let (x, y) = a.iter().find_map(|x| Some((x, b.iter().find(|y| rivals(x, y))?)))?;
    let (x, y) = (&x.left.text, &y.left.text);
    Some(Reason::new("names", format!("One names \"{x}\", the other \"{y}\".")))
}

/// Two words of a name side by side, of which the other side has one.
struct HalfLeft<'a> {
    left: &'a Token,
    shared: &'a Token,
    is_first_left: bool,
}

fn half_left<'a>(reading: &'a Reading, left: &[&Token]) -> Vec<HalfLeft<'a>> {
    let is_left = |token: &Token| left.iter().any(|other| other.at == token.at);
    let names = reading.tokens.windows(2).filter(|pair| pair.iter().all(|token| token.named));
    let halves = names.filter_map(|pair| {
        let (first, second) = (&pair[0], &pair[1]);
        match (is_left(first), is_left(second)) {
            (true, false) => Some(HalfLeft { left: first, shared: second, is_first_left: true }),
            (false, true) => Some(HalfLeft { left: second, shared: first, is_first_left: false }),
            _ => None,
        }
    });
    halves.collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(a: &str, b: &str) -> Vec<&'static str> {
        let (a, b) = (Reading::of(a, None), Reading::of(b, None));
        let plain = plain_difference(&a, &b);
        plain.iter().chain(&differences(&a, &b, &Alignment::of(&a, &b))).map(|r| r.code).collect()
    }

    #[test]
    fn each_family_has_its_code() {
        for (a, b, code) in [
            ("delay at 120 bpm", "delay at 128 bpm", "number"),
            ("a fade of 3 bars", "a fade of 3 seconds", "unit"),
            ("chords in A minor", "chords in B minor", "key"),
            ("quantize to 1/8", "quantize to 1/16", "note value"),
            ("boost the lows", "cut the lows", "direction"),
            ("mix with reverb", "don't mix with reverb", "negation"),
            ("explain dither", "explain dither in German", "form"),
            ("mute all drums", "mute drums", "quantifier"),
            ("use half the reverb", "use double the reverb", "quantifiers"),
            ("copy it to every other bar", "copy it to every bar", "quantifier"),
            ("is Serum good", "is Vital good", "one name"),
            ("the bridge of Winter Coat", "the bridge of Summer Coat", "names"),
            ("how long is Paper Tigers", "tell me the length of Paper Lions", "names"),
            ("why use dither", "when should I use dither", "question"),
            ("wie ist das und warum", "what is it and why", "language"),
        ] {
            assert!(codes(a, b).contains(&code), "{a} | {b}: {:?}", codes(a, b));
        }
        assert!(codes("tune the kick", "tune the kick drum").is_empty());
    }
}
