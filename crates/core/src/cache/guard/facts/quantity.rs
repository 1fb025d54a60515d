//! Numbers with units. The same quantity in another unit is the same (6 kHz = 6000 Hz); a bare
//! number is any unit's, since a noun implies it ("tempo 128").

use super::super::lex::{Kind, Lexeme};
use super::number;
use super::unit::{self, Dimension};

/// A number with what it measures, in the base unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Quantity {
    pub(super) value: f64,
    /// As it was written, before any unit.
    written: f64,
    pub(crate) dimension: Dimension,
    decimals: u8,
    words: bool,
    rough: bool,
    fraction: Option<(u32, u32)>,
}

impl Quantity {
    /// A lone `one`, which is more often a pronoun than a number.
    pub(crate) fn is_weak(&self) -> bool {
        self.words && number::is_one(self.written) && self.dimension == Dimension::Bare
    }

    /// Whether the two are one quantity.
    pub(crate) fn equals(&self, other: &Quantity) -> bool {
        use Dimension::{Bare, FullScale, Level, Ordinal, TruePeak};
        if self.fraction.is_some() && other.fraction.is_some() {
            // 3/4 and 6/8 are two meters.
            return self.fraction == other.fraction;
        }
        let near =
            |a: f64, b: f64, slack: f64| (a - b).abs() <= slack * a.abs().max(b.abs()) + 1e-9;
        let slack = if self.rough == other.rough { 1e-6 } else { 0.025 };
        match (self.dimension, other.dimension) {
            (a, b) if a == b => {
                near(self.value, other.value, slack)
                    || self.rounds_to(other)
                    || near(self.value.abs(), other.value.abs(), 1e-6) && self.below_zero(other)
            }
            (Ordinal, _) | (_, Ordinal) => false,
            (Bare, _) | (_, Bare) => {
                near(self.written, other.written, 1e-6)
                    || near(self.value, other.value, 1e-6)
                    || near(self.value.abs(), other.value.abs(), 1e-6) && self.below_zero(other)
            }
            (Level, FullScale | TruePeak) | (FullScale | TruePeak, Level) => {
                near(self.value, other.value, 1e-6)
            }
            _ => false,
        }
    }

    /// Whether it is one part of so many: a half, of 2.
    pub(crate) fn is_fraction_of(&self, part: u16) -> bool {
        self.dimension == Dimension::Bare && (self.value * f64::from(part) - 1.0).abs() < 1e-6
    }

    /// "at 14 LUFS" means -14.
    fn below_zero(&self, other: &Quantity) -> bool {
        use Dimension::{FullScale, Loudness, TruePeak};
        [self, other].iter().any(|q| matches!(q.dimension, Loudness | FullScale | TruePeak))
    }

    /// One is the other rounded: `-14.2` and `-14.23`, or a float printed with seventeen digits.
    fn rounds_to(&self, other: &Quantity) -> bool {
        let (coarse, fine) =
            if self.decimals < other.decimals { (self, other) } else { (other, self) };
        if fine.decimals == coarse.decimals || self.fraction.is_some() || other.fraction.is_some() {
            return false;
        }
        let printed = fine.decimals >= 6
            && (coarse.value - fine.value).abs() < 1e-6 * fine.value.abs().max(1.0);
        let scale = 10_f64.powi(i32::from(coarse.decimals));
        let rounded = (fine.written * scale).round() / scale;
        printed || coarse.decimals >= 1 && (rounded - coarse.written).abs() < 1e-9
    }

    /// Whether the two could be meant for the same thing: one dimension, or one has no unit.
    pub(crate) fn rivals(&self, other: &Quantity) -> bool {
        use Dimension::{Bare, Ordinal};
        let (a, b) = (self.dimension, other.dimension);
        a == b || (a == Bare && b != Ordinal) || (b == Bare && a != Ordinal)
    }

    /// As a person would check it: `128 (Tempo)`.
    pub(crate) fn text(&self) -> String {
        match self.dimension {
            Dimension::Bare => format!("{}", self.written),
            dimension => format!("{} ({dimension:?})", self.value),
        }
    }
}

/// Reads a quantity at the start of `lexemes`.
pub(crate) fn read(lexemes: &[Lexeme]) -> Option<(Quantity, usize)> {
    if let Some(found) = ordinal(lexemes) {
        return Some(found);
    }
    if let Some(money) = lexemes.first().and_then(|l| unit::currency(&l.text)) {
        let number = number::read(lexemes.get(1..)?)?;
        return Some((quantity(&number, Dimension::Money(money), 1.0), number.taken + 1));
    }
    let number = number::read(lexemes)?;
    let rest = &lexemes[number.taken..];
    if let Some((value, taken)) = ratio(&number, rest) {
        let whole = number::Number { value, fraction: None, ..number };
        return Some((quantity(&whole, Dimension::Ratio, 1.0), number.taken + taken));
    }
    if let Some((dimension, factor, taken)) = unit::read(rest) {
        return Some((quantity(&number, dimension, factor), number.taken + taken));
    }
    Some((quantity(&number, Dimension::Bare, 1.0), number.taken))
}

fn quantity(number: &number::Number, dimension: Dimension, factor: f64) -> Quantity {
    Quantity {
        value: number.value * factor,
        written: number.value,
        dimension,
        decimals: number.decimals,
        words: number.words,
        fraction: number.fraction,
        rough: matches!(dimension, Dimension::Length | Dimension::Mass)
            && factor.log10().fract() != 0.0,
    }
}

/// `third`, `3rd`, `twenty-first` is left to `twenty` and `first`.
fn ordinal(lexemes: &[Lexeme]) -> Option<(Quantity, usize)> {
    const WORDS: [&str; 12] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
        "tenth", "eleventh", "twelfth",
    ];
    let first = lexemes.first()?;
    let place = |value: f64| Quantity {
        value,
        written: value,
        dimension: Dimension::Ordinal,
        decimals: 0,
        words: false,
        rough: false,
        fraction: None,
    };
    if let Some(i) = WORDS.iter().position(|w| *w == first.lower) {
        return Some((place(i as f64 + 1.0), 1));
    }
    let suffix = lexemes.get(1)?;
    let is_suffix =
        suffix.glued && matches!(suffix.lower.as_str(), "st" | "nd" | "rd" | "th" | "ths");
    if first.kind == Kind::Number && is_suffix {
        return Some((place(first.text.parse().ok()?), 2));
    }
    None
}

/// `:1` or `to one` behind a number, or `x`.
fn ratio(number: &number::Number, rest: &[Lexeme]) -> Option<(f64, usize)> {
    let first = rest.first()?;
    if first.glued && first.lower == "x" {
        return Some((number.value, 1));
    }
    let colon = first.text == ":" && first.glued;
    if colon || first.lower == "to" {
        let second = number::read(&rest[1..]).filter(|n| number::is_one(n.value))?;
        if colon || second.words == number.words {
            return Some((number.value, 1 + second.taken));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::super::lex::lexemes;
    use super::*;

    fn of(text: &str) -> Quantity {
        read(&lexemes(text)).expect("a quantity").0
    }

    #[test]
    fn one_quantity_in_two_units() {
        for (a, b) in [
            ("6 kHz", "6000 hertz"),
            ("0.12 kHz", "120hz"),
            ("15 ms", "0.015 s"),
            ("four to one", "4:1"),
            ("1200 cents", "1 octave"),
            ("2 semitones", "200 cents"),
            ("24-bit", "24 bits"),
            ("four inches", "10 cm"),
            ("96k", "96 kHz"),
            ("128", "128 BPM"),
            ("-14 LUFS", "14 LUFS"),
            ("3rd", "third"),
        ] {
            assert!(of(a).equals(&of(b)), "{a} {b}");
        }
    }

    #[test]
    fn other_quantities() {
        for (a, b) in [
            ("-14 LUFS", "-14 dBTP"),
            ("128", "182"),
            ("6 months", "6 weeks"),
            ("third", "3"),
            ("16-bit", "24-bit"),
            ("37 ms", "37 samples"),
            ("5 cm", "5 inches"),
            ("10 %", "10 dB"),
        ] {
            assert!(!of(a).equals(&of(b)), "{a} {b}");
        }
    }
}
