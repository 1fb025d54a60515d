//! Things that have changed places between two readings: `route A into B`, `route B into A`.

use super::align::{common_order, same};
use super::facts::relation;
use super::reading::Reading;
use super::token::{Token, TokenValue};

/// Two things that have changed places: those that stand in each other's slot (`route A into B`,
/// `route B into A`), or those that a word like `into` binds the other way round. Around `and` they may.
pub(super) fn exchanged(left: &Reading, right: &Reading) -> Option<(String, String)> {
    let (a, b): (Vec<&Token>, Vec<&Token>) =
        (left.tokens.iter().collect(), right.tokens.iter().collect());
    bound_otherwise(&a, &b).or_else(|| swapped_slots(&a, &b)).or_else(|| turned_round_is(&a, &b))
}

/// "Is a limiter a compressor?", "is a compressor a limiter?": what the one asks about is what the other says of it.
fn turned_round_is(a: &[&Token], b: &[&Token]) -> Option<(String, String)> {
    let asks = |side: &[&Token]| {
        let opens =
            side.first().is_some_and(|t| matches!(t.lower.as_str(), "is" | "are" | "was" | "were"));
        opens && !side.iter().any(|t| relation::is_symmetric(&t.lower) || t.lower == "or")
    };
    let things = |side: &[&'_ Token]| -> Vec<usize> {
        let is_thing = |i: &usize| {
            let scope_or_none = side[*i].mark.is_none_or(|(family, _)| family == "scope");
            side[*i].is_content() && scope_or_none
        };
        (0..side.len()).filter(is_thing).collect()
    };
    let (left, right) = (things(a), things(b));
    let (first, other) = (a[*left.first()?], b[*right.first()?]);
    let later = |side: &[&Token], places: &[usize], token: &Token| {
        places[1..].iter().any(|i| same(side[*i], token))
    };
    let turned = !same(first, other) && later(a, &left, other) && later(b, &right, first);
    (asks(a) && asks(b) && turned).then(|| (first.text.clone(), other.text.clone()))
}

/// Two things, each in the gap where the other side has the other one.
fn swapped_slots(a: &[&Token], b: &[&Token]) -> Option<(String, String)> {
    let partner = common_order(a, b);
    let gaps = gaps(a, b, &partner);
    for (k, (from, to)) in gaps.iter().enumerate() {
        for (other_from, other_to) in &gaps[k + 1..] {
            let pairs = [(from, other_to), (to, other_from)];
            let swapped = pairs
                .iter()
                .all(|(x, y)| x.iter().any(|t| t.is_content() && y.iter().any(|u| same(t, u))));
            if swapped {
                let first = from.iter().chain(to.iter()).find(|t| t.is_content())?;
                let second = other_from.iter().chain(other_to.iter()).find(|t| t.is_content())?;
                if !between_is_symmetric(a, first, second) {
                    return Some((first.text.clone(), second.text.clone()));
                }
            }
        }
    }
    None
}

/// The thing behind a relation word on one side stands elsewhere on the other, and the other way round.
fn bound_otherwise(a: &[&Token], b: &[&Token]) -> Option<(String, String)> {
    let (left, right) = (bindings(a), bindings(b));
    for (class, x) in &left {
        if right.iter().any(|(other, y)| other == class && same(x, y)) {
            continue;
        }
        for (other, y) in &right {
            let elsewhere = |token: &Token, side: &[&Token]| {
                side.iter().any(|t| t.is_content() && same(t, token))
            };
            let bound_here = left.iter().any(|(c, z)| c == class && same(z, y));
            if other == class && !bound_here && elsewhere(x, b) && elsewhere(y, a) {
                return Some((x.text.clone(), y.text.clone()));
            }
        }
    }
    None
}

/// Relation words with what they bind: the next thing that has a meaning.
fn bindings<'a>(tokens: &[&'a Token]) -> Vec<(&'static str, &'a Token)> {
    let bound = |(i, token): (usize, &&Token)| {
        let class = relation::class(&token.lower)?;
        let next = tokens[i + 1..].iter().take(3).find(|t| t.is_content())?;
        Some((class, *next))
    };
    tokens.iter().enumerate().filter_map(bound).collect()
}

/// "Going to the bus" on one side, "the bus is going to" on the other: a relation that binds nothing there.
pub(super) fn left_hanging(left: &Reading, right: &Reading) -> bool {
    let (a, b): (Vec<&Token>, Vec<&Token>) =
        (left.tokens.iter().collect(), right.tokens.iter().collect());
    let hangs = |side: &[&Token]| -> Vec<&'static str> {
        let last = side.iter().rev().find(|token| token.lower != "?");
        last.and_then(|token| relation::class(&token.lower)).into_iter().collect()
    };
    let binds =
        |side: &[&Token], class: &str| bindings(side).iter().any(|(bound, _)| *bound == class);
    let against = |x: &[&Token], y: &[&Token]| {
        hangs(x).iter().any(|class| binds(y, class) && !binds(x, class))
    };
    against(&a, &b) || against(&b, &a)
}

/// Numbers that stand in another order with other neighbours: `2 then 3`, `3 then 2`; `(5, 13)`, `(13, 5)`.
pub(super) fn renumbered(
    a: &[&Token],
    b: &[&Token],
    partner: &[Option<usize>],
) -> Option<(String, String)> {
    let numbers: Vec<(usize, usize)> = (0..a.len())
        .filter(|i| !matches!(a[*i].value, TokenValue::Word | TokenValue::Stop))
        .filter_map(|i| partner[i].map(|j| (i, j)))
        .collect();
    let word_at = |side: &[&Token], at: Option<usize>| -> Option<String> {
        at.and_then(|at| side.get(at))
            .filter(|t| matches!(t.value, TokenValue::Word))
            .map(|t| t.word.clone())
    };
    let keeps = |(i, j): (usize, usize)| {
        let after = word_at(a, Some(i + 1)).is_some_and(|w| word_at(b, Some(j + 1)) == Some(w));
        let before =
            word_at(a, i.checked_sub(1)).is_some_and(|w| word_at(b, j.checked_sub(1)) == Some(w));
        after || before
    };
    let rivals = |i: usize, k: usize| match (&a[i].value, &a[k].value) {
        (TokenValue::Quantity(x), TokenValue::Quantity(y)) => x.rivals(y),
        (x, y) => std::mem::discriminant(x) == std::mem::discriminant(y),
    };
    let crossing = numbers.windows(2).find(|pair| {
        pair[1].1 < pair[0].1 && rivals(pair[0].0, pair[1].0) && !(keeps(pair[0]) && keeps(pair[1]))
    })?;
    Some((a[crossing[0].0].text.clone(), a[crossing[1].0].text.clone()))
}

type Gap<'a> = (Vec<&'a Token>, Vec<&'a Token>);

/// What stands between the tokens that both sides have in one order.
fn gaps<'a>(a: &[&'a Token], b: &[&'a Token], partner: &[Option<usize>]) -> Vec<Gap<'a>> {
    let mut out = Vec::new();
    let (mut from, mut to) = (0, 0);
    let ends = partner.iter().enumerate().filter_map(|(i, j)| j.map(|j| (i, j)));
    for (i, j) in ends.chain([(a.len(), b.len())]) {
        if i > from || j > to {
            out.push((a[from..i].to_vec(), b[to..j].to_vec()));
        }
        (from, to) = (i + 1, j + 1);
    }
    out
}

/// Whether two words, small ones too, stand in each other's place: `out of A into B`, `into A out of B`.
pub(super) fn words_swapped(left: &Reading, right: &Reading) -> bool {
    let (a, b): (Vec<&Token>, Vec<&Token>) =
        (left.tokens.iter().collect(), right.tokens.iter().collect());
    let gaps = gaps(&a, &b, &common_order(&a, &b));
    let has = |side: &[&Token], other: &[&Token]| {
        side.iter().any(|x| other.iter().any(|y| x.lower == y.lower))
    };
    gaps.iter().enumerate().any(|(k, (from, to))| {
        gaps[k + 1..]
            .iter()
            .any(|(other_from, other_to)| has(from, other_to) && has(to, other_from))
    })
}

/// Whether two things may change places: a word like `and` stands between them, which leaves open
/// which comes first.
pub(super) fn between_is_symmetric(tokens: &[&Token], first: &Token, second: &Token) -> bool {
    let at = |token: &Token| tokens.iter().position(|t| t.lower == token.lower);
    let (Some(i), Some(j)) = (at(first), at(second)) else { return false };
    let (i, j) = (i.min(j), i.max(j));
    let between = tokens.get(i + 1..j).unwrap_or_default();
    between.len() <= 4
        && between.iter().any(|t| relation::is_symmetric(&t.lower))
        && !between.iter().any(|t| relation::class(&t.lower).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swapped(a: &str, b: &str) -> bool {
        exchanged(&Reading::of(a, None), &Reading::of(b, None)).is_some()
    }

    #[test]
    fn who_does_it_to_whom() {
        for (a, b) in [
            ("route the kick into the bass", "route the bass into the kick"),
            ("eq before the compressor", "compressor before the eq"),
            ("from C to G", "from G to C"),
            ("does a passive bass need a hi-Z input", "does a hi-Z input need a passive bass"),
            ("if it clips do I lower the gain", "if I lower the gain does it clip"),
            ("is a limiter a compressor", "is a compressor a limiter"),
            ("is every bus a kind of send", "is every send a kind of bus"),
        ] {
            assert!(swapped(a, b), "{a} | {b}");
        }
    }

    #[test]
    fn around_and_things_may_change_places() {
        for (a, b) in [
            ("balance the kick and the bass", "balance the bass and the kick"),
            ("tape vs tube", "tube vs tape"),
            ("is tape or tube warmer", "is tube or tape warmer"),
            ("route the kick into the bass", "kick routed into the bass"),
        ] {
            assert!(!swapped(a, b), "{a} | {b}");
        }
    }
}
