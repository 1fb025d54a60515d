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

    /// Whether it is one of something without a unit, in words or digits.
    pub(crate) fn is_one(&self) -> bool {
        number::is_one(self.written) && self.dimension == Dimension::Bare && self.fraction.is_none()
    }

    /// Its value in the base unit of a field that is counted in `dimension`.
    pub(crate) fn counted_in(&self, dimension: Dimension) -> Option<f64> {
        match self.dimension {
            Dimension::Bare => Some(self.written),
            own => (own == dimension).then_some(self.value),
        }
    }

    /// Whether the two are one quantity.
    pub(crate) fn equals(&self, other: &Quantity) -> bool {
        use Dimension::{Bare, FullScale, Level, Ordinal, Share, TruePeak};
        let (a, b) = (self.dimension, other.dimension);
        if self.fraction.is_some() && other.fraction.is_some() && (a == b || a == Bare || b == Bare)
        {
            // 3/4 and 6/8 are two meters.
            return self.fraction == other.fraction;
        }
        let near =
            |a: f64, b: f64, slack: f64| (a - b).abs() <= slack * a.abs().max(b.abs()) + 1e-9;
        let slack = if self.rough == other.rough { 1e-6 } else { 0.025 };
        match (a, b) {
            _ if a == b => {
                near(self.value, other.value, slack)
                    || self.rounds_to(other)
                    || near(self.value.abs(), other.value.abs(), 1e-6) && self.below_zero(other)
            }
            (Ordinal, _) | (_, Ordinal) => false,
            (Bare, Share) | (Share, Bare) if self.is_part_of_one() || other.is_part_of_one() => {
                let share =
                    |q: &Quantity| if q.dimension == Share { q.value / 100.0 } else { q.value };
                near(share(self), share(other), 1e-6)
            }
            (Bare, _) | (_, Bare) if !(self.goes_without_unit() && other.goes_without_unit()) => {
                false
            }
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

    /// `0.42`: beside per cent it is 42 of them.
    fn is_part_of_one(&self) -> bool {
        self.dimension == Dimension::Bare && self.decimals >= 1 && (0.0..1.0).contains(&self.value)
    }

    /// Whether a noun can imply its unit: "tempo 128", "swing 54", "attack 10", but no "start at 9" seconds.
    fn goes_without_unit(&self) -> bool {
        use Dimension as D;
        match self.dimension {
            D::Time => (self.value - self.written * 1e-3).abs() < 1e-9,
            D::Bars
            | D::Beats
            | D::Samples
            | D::Length
            | D::Mass
            | D::Bytes
            | D::Calendar
            | D::Area => false,
            _ => true,
        }
    }

    /// Whether it may be a number of things, or the number of one.
    pub(crate) fn counts(&self) -> bool {
        matches!(self.dimension, Dimension::Bare | Dimension::Ordinal)
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
        let is_rounded = (rounded - coarse.written).abs() < 1e-9;
        printed || is_rounded && (coarse.decimals >= 1 || fine.is_measured_at(coarse.written))
    }

    /// Whether both are one number of one unit, however many zeros are printed.
    pub(crate) fn is_printed_as(&self, other: &Quantity) -> bool {
        self.dimension == other.dimension && (self.value - other.value).abs() < 1e-9
    }

    /// Whether this one, printed with fewer decimals, is `coarse`.
    pub(crate) fn rounds_down_to(&self, coarse: &Quantity) -> bool {
        let scale = 10_f64.powi(i32::from(coarse.decimals));
        self.dimension == coarse.dimension
            && self.decimals > coarse.decimals
            && self.fraction.is_none()
            && ((self.written * scale).round() / scale - coarse.written).abs() < 1e-9
    }

    /// A level or tempo as an analyser prints it, so near the whole number that nobody hears the
    /// difference. Not a frame rate: 23.976 is not 24.
    fn is_measured_at(&self, whole: f64) -> bool {
        use Dimension::{FullScale, Level, Loudness, LoudnessRange, Tempo, TruePeak};
        self.decimals >= 2
            && matches!(
                self.dimension,
                Level | FullScale | TruePeak | Loudness | LoudnessRange | Tempo
            )
            && (self.written - whole).abs() < 0.05
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
    if let Some(time) = clock(lexemes) {
        return Some(time);
    }
    // "Half the volume" is no quantity, "half a second" is one.
    if let Some((number, taken)) = number::part_of(lexemes)
        && let Some((dimension, factor, unit)) = unit::read(&lexemes[taken..])
    {
        return Some((quantity(&number, dimension, factor), taken + unit));
    }
    let number = number::read(lexemes)?;
    let rest = &lexemes[number.taken..];
    if let Some((value, taken)) = ratio(&number, rest) {
        let whole = number::Number { value, fraction: None, ..number };
        return Some((quantity(&whole, Dimension::Ratio, 1.0), number.taken + taken));
    }
    if let Some((dimension, factor, taken)) = unit::read(rest) {
        let read = quantity(&number, dimension, factor);
        let (more, smaller) = smaller_units(dimension, factor, &rest[taken..]);
        let value = if number.value < 0.0 { read.value - more } else { read.value + more };
        // A sum is written in no one unit, so what it comes to is what it is compared by.
        let written = if smaller > 0 { value } else { read.written };
        return Some((Quantity { value, written, ..read }, number.taken + taken + smaller));
    }
    Some((quantity(&number, Dimension::Bare, 1.0), number.taken))
}

/// `30 s` behind `2 min`, `6 inches` behind `5 feet`: how much that adds, and the lexemes taken.
fn smaller_units(dimension: Dimension, factor: f64, rest: &[Lexeme]) -> (f64, usize) {
    if !matches!(dimension, Dimension::Time | Dimension::Length) {
        return (0.0, 0);
    }
    let and = usize::from(rest.first().is_some_and(|l| l.lower == "and"));
    let read = || {
        let number = number::read(rest.get(and..)?).filter(|n| n.fraction.is_none())?;
        let unit = &rest[and + number.taken..];
        // "One minute twelve": the number ends the clause.
        let is_minute = dimension == Dimension::Time && (factor - 60.0).abs() < 1e-9;
        let alone = is_minute && ends_clause(rest, and + number.taken);
        let (same, smaller, taken) = unit::read(unit).or(alone.then_some((dimension, 1.0, 0)))?;
        let last = &rest[and + number.taken - 1];
        let one_clause = last.clause == rest[0].clause;
        let fits = same == dimension && (0.0..factor).contains(&(number.value * smaller));
        (fits && one_clause && smaller < factor)
            .then(|| (number.value * smaller, and + number.taken + taken, smaller))
    };
    match read() {
        Some((value, taken, smaller)) => {
            let (more, further) = smaller_units(dimension, smaller, &rest[taken..]);
            (value + more, taken + further)
        }
        None => (0.0, 0),
    }
}

fn quantity(number: &number::Number, dimension: Dimension, factor: f64) -> Quantity {
    Quantity {
        value: number.value * factor,
        written: number.value,
        dimension,
        decimals: number.decimals,
        words: number.words,
        fraction: number.fraction,
        rough: matches!(
            dimension,
            Dimension::Length | Dimension::Mass | Dimension::Speed | Dimension::Area
        ) && !is_decimal(factor),
    }
}

/// Whether a unit is a power of ten of its base unit; inches and pounds are not, and get rounded.
fn is_decimal(factor: f64) -> bool {
    (factor.log10() - factor.log10().round()).abs() < 1e-9
}

/// Whether the first `length` lexemes end their clause.
fn ends_clause(lexemes: &[Lexeme], length: usize) -> bool {
    lexemes.get(length).is_none_or(|next| next.clause != lexemes[length - 1].clause)
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

/// `1:12`: minutes and seconds.
fn clock(lexemes: &[Lexeme]) -> Option<(Quantity, usize)> {
    let [minutes, colon, seconds, rest @ ..] = lexemes else { return None };
    let digits = |l: &Lexeme| l.kind == Kind::Number && l.text.bytes().all(|b| b.is_ascii_digit());
    let glued = colon.text == ":" && colon.glued && seconds.glued;
    if !glued || !digits(minutes) || !digits(seconds) || seconds.text.len() != 2 {
        return None;
    }
    // Hours come first, or a ratio goes on.
    if rest.first().is_some_and(|next| next.text == ":" && next.glued) {
        return None;
    }
    let below_sixty = seconds.text.parse::<f64>().ok().filter(|seconds| *seconds < 60.0)?;
    let value = minutes.text.parse::<f64>().ok()? * 60.0 + below_sixty;
    let number = number::Number { value, taken: 3, words: false, fraction: None, decimals: 0 };
    Some((quantity(&number, Dimension::Time, 1.0), 3))
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
        let text = text.trim_start_matches("a ");
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
            ("10", "10 ms"),
            ("0.42", "42 %"),
            ("three quarters full", "3"),
            ("0,5 s", "500 ms"),
            ("-14 LUFS", "14 LUFS"),
            ("3rd", "third"),
            ("half a second", "500 ms"),
            ("a quarter of a second", "250 ms"),
            ("three quarters of an hour", "45 minutes"),
            ("half a bar", "0.5 bars"),
            ("41 min 30 s", "41.5 minutes"),
            ("1 h 30 min", "90 minutes"),
            ("two minutes and ten seconds", "130 s"),
            ("58:12", "58 min 12 s"),
            ("one minute twelve", "1:12"),
            ("6 ft 2 inches", "1.88 m"),
            ("0.3 m", "30 cm"),
            ("60 cycles per second", "60 Hz"),
            ("15 ips", "38 cm/s"),
            ("5 of 10", "5/10"),
            ("seven-eight", "7/8"),
            ("143.99 BPM", "144 BPM"),
            ("-20.98 LUFS", "-21 LUFS"),
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
            ("half a second", "half a minute"),
            ("2 min 30 s", "2 min 13 s"),
            ("1:12", "1:21"),
            ("16:9", "9:16"),
            ("23.976 fps", "24 fps"),
            ("15 ips", "15 cm/s"),
            ("12.1 %", "12 %"),
            ("-14.2 LUFS", "-14 LUFS"),
            ("119.9 BPM", "120 BPM"),
            ("5 of 10", "5 of 12"),
            ("9", "9 s"),
            ("0.5", "0.5 %"),
            ("20", "20 cm"),
            ("4/4 bars", "4/4 beats"),
            ("-25", "25"),
        ] {
            assert!(!of(a).equals(&of(b)), "{a} {b}");
        }
    }
}
