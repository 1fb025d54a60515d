//! Two readings side by side: which token answers which, what is left over, what stands elsewhere.

use super::exchange;
use super::facts::direction;
use super::order;
use super::reading::Reading;
use super::token::{Token, TokenValue};
use super::words;

/// The content of two requests, matched.
pub(super) struct Alignment<'a> {
    /// What carries meaning in the first, and in the second.
    pub(super) content: (Vec<&'a Token>, Vec<&'a Token>),
    /// Where a token of the first has its equal in the second.
    pub(super) partner: Vec<Option<usize>>,
    /// What the first says and the second does not.
    pub(super) left_a: Vec<&'a Token>,
    /// What the second says and the first does not.
    pub(super) left_b: Vec<&'a Token>,
    /// Matched tokens over all tokens of the shorter side's complement: 1 for equal bags of words.
    pub(super) overlap: f64,
    /// Two things stand in each other's place.
    pub(super) exchanged: Option<(String, String)>,
    /// All matched tokens stand in one order, but for clauses that moved as a whole.
    pub(super) ordered: bool,
    /// A "not" stands beside the same words on both sides, and one or many are the same things.
    pub(super) bound: bool,
}

impl<'a> Alignment<'a> {
    pub(super) fn of(left: &'a Reading, right: &'a Reading) -> Alignment<'a> {
        let a: Vec<&Token> = left.content().collect();
        let b: Vec<&Token> = right.content().collect();
        let mut partner = common_order(&a, &b);
        let mut used = vec![false; b.len()];
        partner.iter().flatten().for_each(|j| used[*j] = true);
        match_anywhere(&a, &b, &mut partner, &mut used);
        let mut left_a: Vec<&Token> = rest(&a, |i| partner[i].is_none());
        let mut left_b: Vec<&Token> = rest(&b, |j| !used[j]);
        let joined = take_compounds(&mut left_a, &mut left_b)
            + take_compounds(&mut left_b, &mut left_a)
            + take_acronyms(&mut left_a, &mut left_b, right)
            + take_acronyms(&mut left_b, &mut left_a, left)
            + take_ones(&mut left_a, left, right)
            + take_ones(&mut left_b, right, left);
        let matched = partner.iter().flatten().count() + joined;
        let total = (matched + left_a.len() + left_b.len()).max(1);
        let overlap = (matched as f64 / total as f64).max(words_overlap(&a, &b, &partner));
        let exchanged =
            exchange::exchanged(left, right).or_else(|| exchange::renumbered(&a, &b, &partner));
        let ordered = order::is_kept((left, &a), (right, &b), &partner);
        let bound = negations_kept(&a, &b, &partner)
            && !numbers_of_nouns_exchanged(&a, &b, &partner)
            && arrows_agree(left, right);
        let content = (a, b);
        Alignment { content, partner, left_a, left_b, overlap, exchanged, ordered, bound }
    }
}

/// The overlap of the words alone: in "tempo to 120" and "tempo to 121" only a value has changed.
fn words_overlap(a: &[&Token], b: &[&Token], partner: &[Option<usize>]) -> f64 {
    let is_word = |token: &&&Token| matches!(token.value, TokenValue::Word | TokenValue::Stop);
    let matched =
        a.iter().zip(partner).filter(|(t, partner)| is_word(t) && partner.is_some()).count();
    let total = a.iter().filter(is_word).count() + b.iter().filter(is_word).count();
    matched as f64 / total.saturating_sub(matched).max(1) as f64
}

fn rest<'a>(tokens: &[&'a Token], keep: impl Fn(usize) -> bool) -> Vec<&'a Token> {
    tokens.iter().enumerate().filter(|(i, _)| keep(*i)).map(|(_, token)| *token).collect()
}

/// Whether two tokens say the same.
pub(super) fn same(a: &Token, b: &Token) -> bool {
    use TokenValue as V;
    match (&a.value, &b.value) {
        (V::Quantity(x), V::Quantity(y)) => x.equals(y),
        (V::Tonal(x), V::Tonal(y)) => x.equals(y),
        (V::Note(x), V::Note(y)) => x == y,
        (V::Interval(x), V::Interval(y)) => x.equals(*y),
        (V::Word | V::Stop, V::Word | V::Stop) => same_word(a, b),
        // A half is .5 and the fraction 1/2, which elsewhere is a note value.
        (V::Note(x), V::Quantity(y)) | (V::Quantity(y), V::Note(x)) => y.is_fraction_of(x.part()),
        _ => a.lower == b.lower,
    }
}

/// [`same`] without looking for typos, which takes its time.
fn plainly_same(a: &Token, b: &Token) -> bool {
    match (&a.value, &b.value) {
        (TokenValue::Word | TokenValue::Stop, TokenValue::Word | TokenValue::Stop) => {
            (a.word == b.word || a.mark.is_some() && a.mark == b.mark) && same_word(a, b)
        }
        _ => same(a, b),
    }
}

fn same_word(a: &Token, b: &Token) -> bool {
    // "In Spanish" asks for a form, "our Spanish record" does not.
    let form = |token: &Token| token.mark.is_some_and(|(family, _)| family == "form");
    if a.word == b.word {
        return form(a) == form(b);
    }
    match (a.mark, b.mark) {
        (Some((family, x)), Some((other, y))) if family == other => {
            x == y && matches!(family, "negation" | "order" | "form" | "quantifier" | "scope")
        }
        // "narow" carries no mark of its own.
        (Some(_), None) => is_slip_of(b, a),
        (None, Some(_)) => is_slip_of(a, b),
        (Some(_), Some(_)) => false,
        _ => {
            let alike =
                || words::is_typo(&a.lower, &b.lower) || words::is_cut_short(&a.lower, &b.lower);
            !(a.named && b.named) && alike() || flat(&a.lower) == flat(&b.lower)
        }
    }
}

/// Without hyphens and apostrophes inside; the one in front of a number is its sign.
fn flat(lower: &str) -> String {
    let sign = lower.len() - lower.trim_start_matches('-').len();
    lower[..sign].to_owned() + &lower[sign..].replace(['-', '\''], "")
}

/// Whether a word without a fact of its own is a mistyping of one that carries a fact.
fn is_slip_of(slip: &Token, word: &Token) -> bool {
    !slip.named
        && matches!(slip.value, TokenValue::Word)
        && word.lower.len() >= 4
        && !words::is_common(&slip.lower)
        && words::is_typo(&slip.lower, &word.lower)
        // "Loder" may be louder or lower.
        && direction::class(&word.lower).is_none_or(|(axis, end)| {
            !direction::others(axis, end).iter().any(|other| words::is_typo(&slip.lower, other))
        })
}

/// The longest common subsequence.
pub(super) fn common_order(a: &[&Token], b: &[&Token]) -> Vec<Option<usize>> {
    let width = b.len() + 1;
    let mut best = vec![0_u16; (a.len() + 1) * width];
    let mut equal = vec![false; a.len() * b.len()];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let is = plainly_same(a[i], b[j]);
            equal[i * b.len() + j] = is;
            best[i * width + j] = if is {
                best[(i + 1) * width + j + 1] + 1
            } else {
                best[(i + 1) * width + j].max(best[i * width + j + 1])
            };
        }
    }
    let mut partner = vec![None; a.len()];
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if equal[i * b.len() + j] {
            partner[i] = Some(j);
            (i, j) = (i + 1, j + 1);
        } else if best[(i + 1) * width + j] >= best[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    partner
}

fn match_anywhere(a: &[&Token], b: &[&Token], partner: &mut [Option<usize>], used: &mut [bool]) {
    for i in 0..a.len() {
        if partner[i].is_none()
            && let Some(j) = (0..b.len()).find(|j| !used[*j] && same(a[i], b[*j]))
        {
            partner[i] = Some(j);
            used[j] = true;
        }
    }
}

/// `pre delay` on one side is `predelay` on the other. How many were taken.
fn take_compounds(whole: &mut Vec<&Token>, parts: &mut Vec<&Token>) -> usize {
    let mut taken = 0;
    // Only words: 1 and 5 are no 15.
    let is_word = |token: &Token| matches!(token.value, TokenValue::Word | TokenValue::Stop);
    whole.retain(|token| {
        let flat = token.lower.replace('-', "");
        let found = parts.windows(2).position(|pair| {
            if !is_word(token) || !pair.iter().all(|part| is_word(part)) {
                return false;
            }
            let joined = format!("{}{}", pair[0].lower, pair[1].lower);
            joined == flat || words::canonical(&joined) == token.word
        });
        if let Some(at) = found {
            parts.drain(at..at + 2);
            taken += 1;
        }
        found.is_none()
    });
    taken
}

/// `LDC` on one side is `large-diaphragm condenser` on the other. How many were taken.
fn take_acronyms(short: &mut Vec<&Token>, long: &mut Vec<&Token>, reading: &Reading) -> usize {
    let mut taken = 0;
    short.retain(|token| {
        let letters: Vec<char> = token.lower.chars().collect();
        let is_acronym = (2..=4).contains(&letters.len())
            && matches!(token.value, TokenValue::Word)
            && token.mark.is_none()
            && token.text.chars().any(char::is_uppercase)
            && letters.iter().all(char::is_ascii_alphabetic);
        let spelt_out = |window: &[Token]| {
            let initials = window.iter().map(|t| t.lower.chars().next());
            let fits = initials.zip(&letters).all(|(initial, c)| initial == Some(*c));
            let and = |t: &Token| matches!(t.lower.as_str(), "and" | "n");
            fits || window
                .iter()
                .zip(&letters)
                .all(|(t, c)| t.lower.starts_with(*c) || (and(t) && *c == 'n'))
        };
        let Some(found) = is_acronym
            .then(|| reading.tokens.windows(letters.len()).find(|w| spelt_out(w)))
            .flatten()
        else {
            return true;
        };
        // All of it is left over: in "cassette duplication" beside "CD duplication" half has its partner.
        let is_left = |token: &Token| long.iter().any(|t| std::ptr::eq(token, *t));
        if !found.iter().filter(|token| token.is_content()).all(is_left) {
            return true;
        }
        let before = long.len();
        long.retain(|t| !found.iter().any(|f| std::ptr::eq(f, *t)));
        taken += usize::from(before > long.len());
        before == long.len()
    });
    taken
}

/// `1 layer` on one side is `one layer` on the other, where the word is no content. How many were taken.
fn take_ones(digits: &mut Vec<&Token>, here: &Reading, there: &Reading) -> usize {
    let word = |reading: &Reading, i: usize| reading.tokens.get(i).map(|t| t.word.clone());
    let before = digits.len();
    digits.retain(|token| {
        let TokenValue::Quantity(quantity) = &token.value else { return true };
        let Some(at) = here.tokens.iter().position(|t| std::ptr::eq(t, *token)) else {
            return true;
        };
        let next = word(here, at + 1);
        let spelt = |(i, other): (usize, &Token)| match &other.value {
            TokenValue::Quantity(one) => {
                one.is_weak()
                    && one.equals(quantity)
                    && next.is_some()
                    && word(there, i + 1) == next
            }
            _ => false,
        };
        !there.tokens.iter().enumerate().any(spelt)
    });
    before - digits.len()
}

/// Whether each "not" that both sides have stands beside the same thing on both.
fn negations_kept(a: &[&Token], b: &[&Token], partner: &[Option<usize>]) -> bool {
    let negates = |token: &Token| token.mark.is_some_and(|(family, _)| family == "negation");
    let kept = |(i, j): (usize, usize)| {
        let next = match (a.get(i + 1), b.get(j + 1)) {
            (Some(_), Some(_)) => partner[i + 1] == Some(j + 1),
            (None, None) => true,
            _ => false,
        };
        next || i > 0 && j > 0 && partner[i - 1] == Some(j - 1)
    };
    let matched = partner.iter().enumerate().filter_map(|(i, j)| j.map(|j| (i, j)));
    matched.filter(|(i, _)| negates(a[*i])).all(kept)
}

/// "Stems → Ana" gives, "from Ana" takes.
fn arrows_agree(left: &Reading, right: &Reading) -> bool {
    let says = |reading: &Reading, word: &str| reading.tokens.iter().any(|t| t.lower == word);
    let against = |a: &Reading, b: &Reading| says(a, "→") && says(b, "from") && !says(a, "from");
    !against(left, right) && !against(right, left)
}

/// `the clip on most tracks`, `the track with most clips`: one word became many and another one.
fn numbers_of_nouns_exchanged(a: &[&Token], b: &[&Token], partner: &[Option<usize>]) -> bool {
    let many = |many: &Token, one: &Token| {
        many.lower.strip_suffix('s').is_some_and(|root| root == one.lower)
    };
    let matched = || partner.iter().enumerate().filter_map(|(i, j)| j.map(|j| (a[i], b[j])));
    matched().any(|(x, y)| many(x, y)) && matched().any(|(x, y)| many(y, x))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left over on either side.
    fn left(a: &str, b: &str) -> (Vec<String>, Vec<String>) {
        let (a, b) = (Reading::of(a, None), Reading::of(b, None));
        let sides = Alignment::of(&a, &b);
        let texts = |tokens: &[&Token]| tokens.iter().map(|token| token.text.clone()).collect();
        (texts(&sides.left_a), texts(&sides.left_b))
    }

    #[test]
    fn nothing_is_left_of_the_same_words() {
        for (a, b) in [
            ("compress the vocals", "vox compressing"),
            ("tune the kick at 60 Hz", "tune teh kick at 0.06 kHz"),
            ("more pre delay", "more predelay"),
            ("an LDC for vocals", "a large diaphragm condenser for vocals"),
            ("a narow notch", "a narrow notch"),
            ("1 layer or 4", "one layer or four"),
        ] {
            assert_eq!(left(a, b), (vec![], vec![]), "{a} | {b}");
        }
    }

    #[test]
    fn what_only_one_says_is_left() {
        let said = |word: &str| vec![word.to_owned()];
        assert_eq!(left("tune the kick", "tune the snare"), (said("kick"), said("snare")));
        assert_eq!(
            left("delay at 120 bpm", "delay at 128 bpm"),
            (said("120 bpm"), said("128 bpm"))
        );
        assert_eq!(left("loud master", "loud master, no limiter").0, Vec::<String>::new());
        assert_eq!(left("CD duplication", "cassette duplication").0, said("CD"));
        assert_eq!(left("load preset 1", "load one preset").0, said("1"));
        assert_eq!(left("1,5 dB", "15 dB").1, said("15 dB"));
        assert_eq!(left("make it loder", "make it lower").0, said("loder"), "or louder?");
    }

    #[test]
    fn not_and_many_belong_to_a_word() {
        let bound = |a: &str, b: &str| {
            let (a, b) = (Reading::of(a, None), Reading::of(b, None));
            Alignment::of(&a, &b).bound
        };
        assert!(!bound(
            "the bass shouldn't follow; the pad should",
            "let the bass follow, not the pad"
        ));
        assert!(!bound("clip on most tracks", "track with most clips"));
        assert!(bound("don't mute the bass", "do not mute the bass"));
    }
}
