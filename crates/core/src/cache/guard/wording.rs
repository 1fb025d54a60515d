//! Small words of two near-copies, one by one: each turns a request unless it is known not to.
//!
//! "Record in a church" is not "record a church", "what is a key" not "what key is it", "don't just mute it"
//! not "just don't mute it". What may differ is listed here; everything else is another request.

use super::align::Alignment;
use super::forms;
use super::reading::Reading;
use super::small::{Role, Small};
use super::token::{Token, TokenValue};

/// One of two readings: its small words and its tokens that have a meaning.
struct Side<'a> {
    smalls: &'a [Small],
    content: &'a [&'a Token],
    /// It asks what or who something is.
    defines: bool,
    /// It asks for a way or a reason: there one and many, a thing and its kind are the same.
    asks_way: bool,
}

impl<'a> Side<'a> {
    fn of(reading: &'a Reading, content: &'a [&'a Token]) -> Side<'a> {
        let smalls = &reading.surface.smalls;
        let asks_way = smalls.iter().any(|small| matches!(small.word.as_str(), "how-to" | "why"));
        Side { smalls, content, defines: reading.question.defines(), asks_way }
    }

    /// Whether a key is named there: "in a minor".
    fn names_key(&self, place: usize) -> bool {
        let before = |small: &Small| {
            small.place == place && matches!(small.word.as_str(), "in" | "to" | "from" | "of")
        };
        self.smalls.iter().any(before)
    }
}

/// Each small word has its equal at the same thing, and where no thing has moved, in the same order.
fn words_agree(a: &Side<'_>, b: &Side<'_>, partner: &[Option<usize>]) -> bool {
    let weighty = |side: &Side<'_>| -> Vec<Small> {
        side.smalls.iter().filter(|small| small.role != Role::Article).cloned().collect()
    };
    let (left, mut right) = (weighty(a), weighty(b));
    if left.len() != right.len() {
        return false;
    }
    let moved = !partner.iter().flatten().is_sorted();
    let free = |small: &Small| {
        let role = |other: &Small| other.word == small.word && other.role == Role::Word;
        moved && small.role == Role::Joining || left.iter().chain(&right).any(role)
    };
    let bound = |words: &[Small]| -> Vec<String> {
        words.iter().filter(|small| !free(small)).map(|small| small.word.clone()).collect()
    };
    if !moved && bound(&left) != bound(&right) {
        return false;
    }
    let free: Vec<bool> = left.iter().map(free).collect();
    left.iter().zip(free).all(|(small, free)| {
        let answers = |other: &Small| {
            other.word == small.word && (free || is_bound_alike(small, other, a, b, partner))
        };
        right.iter().position(answers).map(|at| right.swap_remove(at)).is_some()
    })
}

/// Whether two small words stand before one thing, or behind one; before nothing, where both are the end.
fn is_bound_alike(
    x: &Small,
    y: &Small,
    a: &Side<'_>,
    b: &Side<'_>,
    partner: &[Option<usize>],
) -> bool {
    let same = |i: usize, j: usize| match (a.content.get(i), b.content.get(j)) {
        (Some(_), Some(_)) => match partner[i] {
            Some(at) => at == j,
            // One word here and two there.
            None => !partner.contains(&Some(j)),
        },
        _ => false,
    };
    let ends = x.place == a.content.len() && y.place == b.content.len();
    let behind = x.place > 0 && y.place > 0 && same(x.place - 1, y.place - 1);
    ends || behind || same(x.place, y.place)
}

/// "How do I EQ a vocal" and "how do I EQ vocals" ask one thing, "what is a key" and "what is the key" two.
fn articles_agree(a: &Side<'_>, b: &Side<'_>, partner: &[Option<usize>]) -> bool {
    let article = |side: &Side<'_>, place: usize| {
        let is_here = |small: &&Small| small.role == Role::Article && small.place == place;
        side.smalls.iter().rev().find(is_here).map(|small| small.word.clone())
    };
    let ways = a.asks_way && b.asks_way;
    let defines = |side: &Side<'_>, place: usize| {
        let is = |small: &Small| small.place == place && small.word == "is";
        side.defines && side.smalls.iter().any(is)
    };
    let matched = partner.iter().enumerate().filter_map(|(i, j)| j.map(|j| (i, j)));
    matched.into_iter().all(|(i, j)| match (article(a, i).as_deref(), article(b, j).as_deref()) {
        (x, y) if x == y => true,
        // "A few" and "few" are two answers.
        _ if matches!(a.content[i].lower.as_str(), "few" | "little" | "bit") => false,
        // There is one of its name.
        (Some("a" | "the"), Some("a" | "the")) if a.content[i].named => true,
        (Some("the"), Some("my")) | (Some("my"), Some("the")) => true,
        (None, Some("my")) | (Some("my"), None) => ways,
        (None, _) | (_, None) => !defines(a, i) && !defines(b, j),
        _ => ways,
    })
}

/// A small word that only one of the two says, or says more often.
pub(super) fn odd<'a>(asked: &'a Reading, stored: &'a Reading) -> Option<&'a str> {
    let count = |side: &[Small], word: &str| side.iter().filter(|one| one.word == word).count();
    let more = |side: &'a [Small], other: &[Small]| {
        let is_odd = |one: &&Small| count(side, &one.word) > count(other, &one.word);
        side.iter().find(is_odd).map(|one| one.word.as_str())
    };
    let (a, b) = (&asked.surface.smalls, &stored.surface.smalls);
    // Those two stand for others: what, how do I.
    more(a, b).or_else(|| more(b, a)).filter(|word| !matches!(*word, "which" | "how-to"))
}

/// Whether all that differs in the wording of two requests with one content is known to change nothing.
pub(super) fn explains(asked: &Reading, stored: &Reading, sides: &Alignment<'_>) -> bool {
    let (content, partner) = (&sides.content, &sides.partner);
    let a = Side::of(asked, &content.0);
    let b = Side::of(stored, &content.1);
    // A program writes its templates in its own words, but for spaces and zeros.
    if asked.template && stored.template {
        return words_agree(&a, &b, partner);
    }
    let asks_how = a.asks_way && b.asks_way;
    let literal = forms::speaks_of_words(asked) || forms::speaks_of_words(stored);
    let implied = |dimension| forms::implies(asked, dimension) || forms::implies(stored, dimension);
    let spelt = forms::asks_for_spelling(asked) || forms::asks_for_spelling(stored);
    let agree = |i: usize, j: usize| {
        let (x, y) = (a.content[i], b.content[j]);
        let value = match (&x.value, &y.value) {
            (TokenValue::Quantity(x), TokenValue::Quantity(y)) => {
                x.dimension == y.dimension || implied(x.dimension) || implied(y.dimension)
            }
            (TokenValue::Tonal(_), TokenValue::Tonal(_)) => {
                (!spelt || x.lower == y.lower)
                    && (a.names_key(i) || b.names_key(j) || !is_article(x, y))
            }
            (TokenValue::Interval(_), TokenValue::Interval(_)) => {
                x.lower == y.lower || !asked.question.defines()
            }
            _ => true,
        };
        value && forms::agree(x, y, asks_how) && (!literal || forms::are_literal(x, y))
    };
    let whole = !literal || partner.iter().all(Option::is_some);
    let forms = whole && partner.iter().enumerate().all(|(i, j)| j.is_none_or(|j| agree(i, j)));
    forms
        && asked.surface.literally_agrees(&stored.surface)
        && forms::capitals_agree(asked, stored)
        && words_agree(&a, &b, partner)
        && articles_agree(&a, &b, partner)
        && boundaries_agree(&a, &b, partner, asked.surface.formatted || stored.surface.formatted)
}

/// "A minor progression" and "a minor progression": one of them may be of the key of A.
fn is_article(x: &Token, y: &Token) -> bool {
    let first = |token: &Token| token.text.chars().next();
    first(x) != first(y) && x.lower.starts_with("a ") && y.lower.starts_with("a ")
}

/// Where clauses end: "bass, guitar and keys" and "bass guitar and keys", "don't. Mute it" and "don't mute it".
fn boundaries_agree(
    a: &Side<'_>,
    b: &Side<'_>,
    partner: &[Option<usize>],
    formatted: bool,
) -> bool {
    let matched: Vec<(usize, usize)> =
        partner.iter().enumerate().filter_map(|(i, j)| j.map(|j| (i, j))).collect();
    let ends = |side: &Side<'_>, from: usize, to: usize| {
        side.content[from].clause != side.content[to].clause
    };
    let bare = |side: &Side<'_>, at: usize| !side.smalls.iter().any(|small| small.place == at);
    let plain = |token: &Token| matches!(token.value, TokenValue::Word);
    let mut ended = (0, 0);
    let mut differing = 0;
    for pair in matched.windows(2) {
        let ((from, here), (to, there)) = (pair[0], pair[1]);
        let ends = (ends(a, from, to), ends(b, here, there));
        ended = (ended.0 + usize::from(ends.0), ended.1 + usize::from(ends.1));
        if there < here || ends.0 == ends.1 {
            continue;
        }
        differing += 1;
        let (word, next) = (a.content[from], a.content[to]);
        let adjacent = to == from + 1 && there == here + 1 && bare(a, to) && bare(b, there);
        let negated = word.mark.is_some_and(|(family, _)| family == "negation");
        // "Pan it, right?" is not "pan it right".
        let tag = next.lower == "right";
        if negated || tag || !formatted && adjacent && plain(word) && plain(next) {
            return false;
        }
    }
    differing == 0 || formatted || ended.0 == 0 || ended.1 == 0
}

#[cfg(test)]
mod tests {
    use super::super::rules::{Verdict, compare};
    use super::*;

    fn served(a: &str, b: &str) -> bool {
        let (a, b) = (Reading::of(a, None), Reading::of(b, None));
        let one = matches!(compare(&a, &b), Verdict::Serve(_));
        assert_eq!(one, matches!(compare(&b, &a), Verdict::Serve(_)), "it depends on who asks");
        one
    }

    #[test]
    fn a_small_word_makes_another_request() {
        for (a, b) in [
            ("who influenced Prince", "who was influenced by Prince"),
            ("is the kick masking the bass", "is the kick masked by the bass"),
            ("how long is an album", "how long should an album be"),
            ("how did I tune my kick", "how do I tune my kick"),
            ("can I mix on headphones", "should I mix on headphones"),
            ("do you have an 1176", "do you need an 1176"),
            ("what gear do you use", "what gear should I use"),
            ("is the vocal too loud", "is the vocal loud"),
            ("delete some of the takes", "delete the takes"),
            ("don't just mute the vocal", "just don't mute the vocal"),
            ("what kind of guitar is this", "what guitar is this"),
            ("how do I record in a church", "how do I record a church"),
            ("raise the vocal 3 dB", "raise the vocal to 3 dB"),
            ("send it to the reverb", "send the reverb to it"),
            ("write a song from her to me", "write a song from me to her"),
            ("raise his vocal", "raise her vocal"),
            ("mute the vocal and reverb", "mute the vocal reverb"),
            ("mute tracks 2-5", "mute tracks 2 and 5"),
            ("pan it right", "pan it, right?"),
            ("who mixed it for me", "who mixed it"),
            ("explain what Ana said to me", "explain what Ana said"),
        ] {
            assert!(!served(a, b), "{a} | {b}");
        }
    }

    #[test]
    fn an_article_may_tell_a_thing_from_its_kind() {
        for (a, b) in [
            ("what key is it", "what is a key"),
            ("what is the sample rate", "what is sample rate"),
            ("play an A chord", "play a chord"),
            ("mute bus A", "mute the bus"),
            ("is there a little noise", "is there little noise"),
            ("write a minor bassline", "write an A minor bassline"),
        ] {
            assert!(!served(a, b), "{a} | {b}");
        }
        assert!(served("how do I EQ a vocal", "how do I EQ vocals"));
        assert!(served("is the SM7B good for rap", "is an SM7B good for rap"));
    }

    #[test]
    fn ways_of_asking_are_one() {
        for (a, b) in [
            ("how do I tune a kick", "how to tune a kick"),
            ("how can you tune a kick", "how should I tune a kick"),
            ("why does my kick clip", "why my kick clips"),
            ("how hot should the DI be", "how hot the DI should be"),
            (
                "what's the difference between plate and hall reverb",
                "difference between hall and plate reverb?",
            ),
            ("if it clips, what should I do", "what should I do if it clips"),
            ("could you tell me what the tempo of the mix is", "what is the tempo of the mix"),
            ("explain dither to me please", "explain dither"),
            ("do not loop the intro", "don't loop the intro"),
            ("a delay of 15 ms", "a 15 ms delay"),
        ] {
            assert!(served(a, b), "{a} | {b}");
        }
    }

    #[test]
    fn a_clause_belongs_to_its_sentence() {
        for (a, b) in [
            ("add bass, guitar and keys", "add bass guitar and keys"),
            ("don't. Mute the drums", "don't mute the drums"),
            ("mute it. In the chorus, add bass", "mute it in the chorus. Add bass"),
            (
                "In the verse, mute the kick. In the chorus, mute the bass.",
                "Mute the kick in the chorus. Mute the bass in the verse.",
            ),
            ("when the kick hits, the bass ducks", "when the bass ducks, the kick hits"),
        ] {
            assert!(!served(a, b), "{a} | {b}");
        }
    }
}
