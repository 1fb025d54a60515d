//! Numbers as digits and as words: `128`, `-14.5`, `3k`, `one hundred and twenty`, `two and a half`, `1/2`.

use super::super::lex::{Kind, Lexeme};
use super::unit;

/// A number that was read, and how many lexemes it took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    pub(super) value: f64,
    pub(super) taken: usize,
    /// Written as words; a lone `one` is often no number at all.
    pub(super) words: bool,
    /// Written with a slash.
    pub(super) fraction: Option<(u32, u32)>,
    /// Digits behind the point.
    pub(super) decimals: u8,
}

/// Reads a number at the start of `lexemes`.
pub(super) fn read(lexemes: &[Lexeme]) -> Option<Number> {
    let first = lexemes.first()?;
    if first.kind == Kind::Number {
        digits(lexemes)
    } else {
        meter(lexemes).or_else(|| words(lexemes))
    }
}

/// Whether it is 1, which digits and words both give exactly.
pub(super) fn is_one(value: f64) -> bool {
    (value - 1.0).abs() < f64::EPSILON
}

fn digits(lexemes: &[Lexeme]) -> Option<Number> {
    let value: f64 = lexemes[0].text.parse().ok()?;
    let decimals = lexemes[0].text.split_once('.').map_or(0, |(_, d)| d.len().min(12) as u8);
    let number = Number { value, taken: 1, words: false, fraction: None, decimals };
    if let Some(longer) = continued(lexemes) {
        return Some(longer);
    }
    if let [_, slash, below, ..] = lexemes
        && slash.text == "/"
        && slash.glued
        && below.glued
        && let Ok(d @ 1..=128) = below.text.parse::<u32>()
        && value.fract() == 0.0
        && (1.0..=64.0).contains(&value)
    {
        let fraction = Some((value as u32, d));
        return Some(Number { value: value / f64::from(d), taken: 3, fraction, ..number });
    }
    if let [_, of, whole, ..] = lexemes
        && of.lower == "of"
        && let Ok(d @ 2..=128) = whole.text.parse::<u32>()
        && value.fract() == 0.0
        && (1.0..=f64::from(d)).contains(&value)
    {
        let fraction = Some((value as u32, d));
        return Some(Number { value: value / f64::from(d), taken: 3, fraction, ..number });
    }
    if let Some(k) = lexemes.get(1)
        && k.glued
        && matches!(k.text.as_str(), "k" | "K")
    {
        return Some(Number { value: value * 1000.0, taken: 2, decimals: 0, ..number });
    }
    if let Some(half) = half_after(&lexemes[1..]) {
        return Some(Number { value: value + 0.5, taken: 1 + half, ..number });
    }
    Some(number)
}

/// `1,8 kg` and `164 000 km`: where a unit follows, a comma before one digit is a decimal point, a space before three
/// parts thousands.
fn continued(lexemes: &[Lexeme]) -> Option<Number> {
    let [first, second, rest @ ..] = lexemes else { return None };
    let plain = |l: &Lexeme| l.kind == Kind::Number && l.text.bytes().all(|b| b.is_ascii_digit());
    let whole = first.text.trim_start_matches(['-', '+']);
    if !plain(second) || whole.contains('.') || unit::read(rest).is_none() {
        return None;
    }
    let by_comma = second.glued && second.clause != first.clause && second.text.len() == 1;
    let by_space = !second.glued
        && second.clause == first.clause
        && second.text.len() == 3
        && whole.len() <= 3
        && !whole.starts_with('0');
    let (joined, decimals) = match (by_comma, by_space) {
        (true, _) => (format!("{}.{}", first.text, second.text), 1),
        (_, true) => (format!("{}{}", first.text, second.text), 0),
        _ => return None,
    };
    let value = joined.parse().ok()?;
    Some(Number { value, taken: 2, words: false, fraction: None, decimals })
}

/// `and a half` behind a number.
fn half_after(lexemes: &[Lexeme]) -> Option<usize> {
    match lexemes {
        [and, a, half, ..] if and.lower == "and" && a.lower == "a" && half.lower == "half" => {
            Some(3)
        }
        _ => None,
    }
}

/// `half a`, `quarter of an`, `three quarters of a` before what it is a part of.
pub(super) fn part_of(lexemes: &[Lexeme]) -> Option<(Number, usize)> {
    let word = |i: usize| lexemes.get(i).map_or("", |l| l.lower.as_str());
    let (value, mut at) = match (word(0), word(1)) {
        ("half", _) => (0.5, 1),
        ("quarter", _) => (0.25, 1),
        ("three", "quarters") => (0.75, 2),
        _ => return None,
    };
    at += usize::from(word(at) == "of");
    at += usize::from(matches!(word(at), "a" | "an"));
    let decimals = if value > 0.4 && value < 0.6 { 1 } else { 2 };
    Some((Number { value, taken: at, words: true, fraction: None, decimals }, at))
}

/// `seven-eight`, `six eight time`: a meter as it is spoken.
fn meter(lexemes: &[Lexeme]) -> Option<Number> {
    let beats = small(&lexemes.first()?.lower).filter(|beats| *beats > 1.0)?;
    let below = lexemes.get(1)?;
    let spoken =
        lexemes.get(2).is_some_and(|l| matches!(l.lower.as_str(), "time" | "meter" | "metre"));
    let part = small(&below.lower).filter(|_| below.glued || spoken)? as u32;
    matches!(part, 4 | 8 | 16).then(|| Number {
        value: beats / f64::from(part),
        taken: 2,
        words: false,
        fraction: Some((beats as u32, part)),
        decimals: 0,
    })
}

fn small(word: &str) -> Option<f64> {
    const WORDS: [&str; 20] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
        "nineteen",
    ];
    WORDS.iter().position(|w| *w == word).map(|i| i as f64)
}

fn tens(word: &str) -> Option<f64> {
    const TENS: [&str; 8] =
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let word = if word == "fourty" { "forty" } else { word };
    TENS.iter().position(|w| *w == word).map(|i| (i as f64 + 2.0) * 10.0)
}

/// A sum as English builds it, with `point` and `minus`.
fn words(lexemes: &[Lexeme]) -> Option<Number> {
    let word = |i: usize| lexemes.get(i).map_or("", |l| l.lower.as_str());
    let minus = matches!(word(0), "minus" | "negative");
    let mut at = usize::from(minus);
    if minus && lexemes.get(1)?.kind == Kind::Number {
        let number = digits(&lexemes[1..])?;
        return Some(Number { value: -number.value, taken: number.taken + 1, ..number });
    }
    let (mut total, mut part, mut seen) = (0.0, 0.0, false);
    loop {
        let w = word(at);
        if let Some(value) = tens(w) {
            if part % 100.0 != 0.0 {
                break;
            }
            part += value;
        } else if let Some(value) = small(w) {
            let fits =
                part % 100.0 == 0.0 || (part % 10.0 == 0.0 && value < 10.0 && part % 100.0 >= 20.0);
            if !fits {
                break;
            }
            part += value;
        } else if w == "hundred" && (seen || at == usize::from(minus)) {
            part = part.max(1.0) * 100.0;
        } else if w == "thousand" && seen {
            total += part.max(1.0) * 1000.0;
            part = 0.0;
        } else if w == "and"
            && seen
            && (part % 100.0 == 0.0)
            && part > 0.0
            && next_is_number(word(at + 1))
        {
            at += 1;
            continue;
        } else {
            break;
        }
        seen = true;
        at += 1;
    }
    if !seen {
        return None;
    }
    let mut value = total + part;
    let mut decimals = 0;
    if word(at) == "point" && small(word(at + 1)).is_some() {
        at += 1;
        let mut scale = 0.1;
        while let Some(digit) = small(word(at)).filter(|d| *d < 10.0) {
            value += digit * scale;
            scale /= 10.0;
            decimals += 1;
            at += 1;
        }
    }
    if let Some(half) = lexemes.get(at..).and_then(half_after) {
        value += 0.5;
        at += half;
    }
    let value = if minus { -value } else { value };
    Some(Number { value, taken: at, words: true, fraction: None, decimals })
}

fn next_is_number(word: &str) -> bool {
    small(word).is_some() || tens(word).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::super::lex::lexemes;
    use super::*;

    fn value(text: &str) -> Option<(f64, usize)> {
        read(&lexemes(text)).map(|n| (n.value, n.taken))
    }

    #[test]
    fn digits_and_words() {
        assert_eq!(value("128 bpm"), Some((128.0, 1)));
        assert_eq!(value("one hundred and twenty eight bpm"), Some((128.0, 5)));
        assert_eq!(value("forty-four"), Some((44.0, 2)));
        assert_eq!(value("minus fourteen"), Some((-14.0, 2)));
        assert_eq!(value("two and a half bars"), Some((2.5, 4)));
        assert_eq!(value("zero point five seconds"), Some((0.5, 3)));
        assert_eq!(value("96k"), Some((96_000.0, 2)));
        assert_eq!(value("3/4"), Some((0.75, 3)));
        assert_eq!(value("six-eight feel"), Some((0.75, 2)));
        assert_eq!(value("five four time"), Some((1.25, 2)));
        assert_eq!(value("five four three"), Some((5.0, 1)), "a row of numbers");
        assert_eq!(value("3 of 4 takes"), Some((0.75, 3)));
        assert_eq!(value("kick"), None);
    }
}
