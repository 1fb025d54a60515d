//! Do the things that two readings share stand in one order? A clause may move as a whole, and a lone value
//! within its sentence.

use super::exchange;
use super::reading::Reading;
use super::small;
use super::token::{Token, TokenValue};

/// A reading with its content.
type Side<'a> = (&'a Reading, &'a [&'a Token]);

/// Whether the order is kept, for all that order can mean. `partner` tells where a token of the first
/// stands in the second.
pub(super) fn is_kept(left: Side<'_>, right: Side<'_>, partner: &[Option<usize>]) -> bool {
    let moved = ordered(left, right, partner) || turned_around(left.1, partner, left.0, right.0);
    // Where an order of events is told no clause may move, but for the one that tells it.
    moved
        && (in_one_order(partner)
            || !(is_sequence(left.0) || is_sequence(right.0))
            || clause_told_first(left, right, partner))
}

/// The places of both partners, in the order of the first side.
fn matched(partner: &[Option<usize>]) -> Vec<(usize, usize)> {
    partner.iter().enumerate().filter_map(|(i, j)| j.map(|j| (i, j))).collect()
}

/// Where the second side goes back.
fn seams(matched: &[(usize, usize)]) -> Vec<usize> {
    (1..matched.len()).filter(|k| matched[*k].1 < matched[k - 1].1).collect()
}

/// Whether the matched tokens stand in one order, but for one clause or end that moved as a whole.
fn ordered((left, a): Side<'_>, (right, b): Side<'_>, partner: &[Option<usize>]) -> bool {
    let matched = matched(partner);
    match seams(&matched).as_slice() {
        [] => true,
        [seam] => {
            // What stands before and after the seam has changed places: whole clauses may.
            let (front, back) = matched.split_at(*seam);
            let start = front.partition_point(|(_, j)| *j < back[0].1);
            let end = back.partition_point(|(_, j)| *j < front[front.len() - 1].1);
            let (first, second) = (&front[start..], &back[..end]);
            let ends = |block: &[(usize, usize)]| (block[0], block[block.len() - 1]);
            let ((p, p_end), (q, q_end)) = (ends(first), ends(second));
            let clauses = clauses(a) <= 2
                && clauses(b) <= 2
                && (are_clauses(left, a, (p.0, p_end.0), (q.0, q_end.0))
                    || are_clauses(right, b, (q.1, q_end.1), (p.1, p_end.1)));
            let whole = start == 0 && end == back.len();
            let fronted = whole
                && (small::is_fronted(&left.surface.smalls, q.0)
                    || small::is_fronted(&right.surface.smalls, p.1));
            let blocks = p.1 > q_end.1 && (clauses || fronted);
            blocks || lone_value_moved(a, &matched) || particle_moved(a, b, &matched)
        }
        _ => false,
    }
}

/// Whether two neighbouring blocks of content are clauses, each from its first to its last word. A list's
/// items are none: their order may be what is asked.
fn are_clauses(
    reading: &Reading,
    side: &[&Token],
    first: (usize, usize),
    second: (usize, usize),
) -> bool {
    let clause = |i: usize| side[i].clause;
    let is_long =
        |i: usize| reading.tokens.iter().filter(|token| token.clause == clause(i)).count() >= 2;
    let begins = first.0.checked_sub(1).is_none_or(|before| clause(before) != clause(first.0));
    let ends = side.get(second.1 + 1).is_none_or(|next| next.clause != clause(second.1));
    begins && ends && clause(first.1) != clause(second.0) && is_long(first.1) && is_long(second.0)
}

/// How many clauses there are. Of three it is open which one another belongs to.
fn clauses(side: &[&Token]) -> usize {
    side.chunk_by(|a, b| a.clause == b.clause).count()
}

fn in_one_order(partner: &[Option<usize>]) -> bool {
    partner.iter().flatten().is_sorted()
}

/// Whether a request tells an order of events: there no clause may move.
fn is_sequence(reading: &Reading) -> bool {
    reading.tokens.iter().any(tells_order)
}

fn tells_order(token: &Token) -> bool {
    const TELLING: [&str; 9] =
        ["then", "first", "next", "before", "after", "last", "finally", "afterwards", "second"];
    TELLING.contains(&token.lower.as_str())
}

/// `after the chorus, cut the bass`, `cut the bass after the chorus`: one clause with its own word of order
/// stands first on one side and last on the other, and no other word tells an order.
fn clause_told_first((left, a): Side<'_>, (right, b): Side<'_>, partner: &[Option<usize>]) -> bool {
    let matched = matched(partner);
    let [seam] = seams(&matched)[..] else { return false };
    let (front, back) = matched.split_at(seam);
    let one_word =
        |reading: &Reading| reading.tokens.iter().filter(|t| tells_order(t)).count() == 1;
    let opens = |side: &[&Token], at: usize| matches!(side[at].lower.as_str(), "before" | "after");
    // Where it stands first a comma ends it.
    let leads = |side: &[&Token], first: usize, last: usize| {
        first == 0 && side.get(last + 1).is_none_or(|next| next.clause != side[last].clause)
    };
    let (told_last, told_first) = (back[0], front[0]);
    let ends = |part: &[(usize, usize)]| part[part.len() - 1];
    let back_leads =
        opens(a, told_last.0) && opens(b, told_last.1) && leads(b, told_last.1, ends(back).1);
    let front_leads =
        opens(a, told_first.0) && opens(b, told_first.1) && leads(a, told_first.0, ends(front).0);
    let turned = front[0].1 > ends(back).1;
    turned && one_word(left) && one_word(right) && (back_leads || front_leads)
}

/// `hall or plate`, `plate or hall`: two neighbours exchanged around a word that allows it.
fn turned_around(a: &[&Token], partner: &[Option<usize>], left: &Reading, right: &Reading) -> bool {
    let matched = matched(partner);
    let Some(k) = seams(&matched).first().copied() else { return true };
    let (first, second) = (a[matched[k - 1].0], a[matched[k].0]);
    let mut turned: Vec<usize> = matched.iter().map(|(_, j)| *j).collect();
    turned.swap(k - 1, k);
    let in_order = turned.is_sorted();
    // An "and" may tell an order; "or" and "vs" never do.
    let either = |reading: &Reading| {
        reading
            .tokens
            .iter()
            .any(|t| matches!(t.lower.as_str(), "or" | "vs" | "versus" | "v" | "between"))
    };
    let around = |reading: &Reading| {
        let tokens: Vec<&Token> = reading.tokens.iter().collect();
        exchange::between_is_symmetric(&tokens, first, second)
    };
    // "60/40 between Jo and Sam": the first gets the first.
    let shares = |reading: &Reading| reading.tokens.iter().any(|t| t.text.contains(['/', ':']));
    in_order
        && !shares(left)
        && !shares(right)
        && either(left)
        && either(right)
        && around(left)
        && around(right)
}

/// The only number (or key, or note value) of its kind stands elsewhere: `a 15 ms Haas delay`, `a Haas
/// delay of 15 ms`.
fn lone_value_moved(a: &[&Token], matched: &[(usize, usize)]) -> bool {
    let is_value = |i: usize| !matches!(a[i].value, TokenValue::Word | TokenValue::Stop);
    let values =
        a.iter().filter(|t| !matches!(t.value, TokenValue::Word | TokenValue::Stop)).count();
    let mut words = matched.iter().filter(|(i, _)| !is_value(*i)).map(|(_, j)| *j);
    let mut last = None;
    // "Mute 4 tracks" is not "mute track 4".
    let counts = a.iter().any(|t| matches!(&t.value, TokenValue::Quantity(q) if q.counts()));
    values == 1 && !counts && words.all(|j| last.replace(j).is_none_or(|before| before < j))
}

/// "Turn up the bass", "turn the bass up".
fn particle_moved(a: &[&Token], b: &[&Token], matched: &[(usize, usize)]) -> bool {
    const VERBS: [&str; 9] =
        ["turn", "bring", "fade", "push", "pull", "switch", "take", "roll", "dial"];
    let is_particle = |i: usize| matches!(a[i].lower.as_str(), "up" | "down" | "off" | "out");
    let mut particles = matched.iter().filter(|(i, _)| is_particle(*i));
    let (Some((i, j)), None) = (particles.next(), particles.next()) else { return false };
    let follows_verb =
        |side: &[&Token], at: usize| at > 0 && VERBS.contains(&side[at - 1].lower.as_str());
    let rest: Vec<usize> = matched.iter().filter(|(k, _)| k != i).map(|(_, l)| *l).collect();
    rest.is_sorted() && (follows_verb(a, *i) || follows_verb(b, *j))
}

#[cfg(test)]
mod tests {
    use super::super::align::Alignment;
    use super::*;

    #[test]
    fn clauses_may_move_and_words_may_not() {
        let ordered = |a: &str, b: &str| {
            let (a, b) = (Reading::of(a, None), Reading::of(b, None));
            Alignment::of(&a, &b).ordered
        };
        assert!(ordered("on a snare, which reverb fits", "which reverb fits, on a snare"));
        assert!(ordered("a 15 ms haas delay", "a haas delay of 15 ms"));
        assert!(ordered(
            "after a loud drop, does a pad feel weak",
            "does a pad feel weak after a loud drop"
        ));
        assert!(ordered(
            "do I tune the kick before I mix the bass",
            "before I mix the bass, do I tune the kick"
        ));
        assert!(ordered("on a phone how do I hear the sub", "how do I hear the sub on a phone"));
        assert!(ordered("turn up the bass by 2 dB", "turn the bass up by 2 dB"));
        assert!(!ordered("the bass is up, the kick down", "the kick is up, the bass down"));
        assert!(!ordered("before a loud drop, play a pad", "a loud drop before, play a pad"));
        assert!(!ordered(
            "after the drop, mute the pad then the bass",
            "mute the pad then the bass after the drop"
        ));
        assert!(!ordered("loud kick quiet snare", "loud snare quiet kick"));
        assert!(!ordered("next to the sub, the top is late", "next to the top, the sub is late"));
        assert!(!ordered("play C, F and G in that order", "play F, G and C in that order"));
        assert!(!ordered("record DI track 4, amp track 3", "track 4 record amp, track 3 DI"));
        assert!(ordered("in a 4/4 bar, which ticks fall", "which ticks fall in a 4/4 bar"));
    }
}
