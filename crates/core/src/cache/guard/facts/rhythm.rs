//! Note values and intervals: an eighth is a quaver is 1/8; a minor third is three semitones.

use super::super::lex::{Kind, Lexeme};

/// A note value: the part of a whole note, dotted or in a triplet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoteValue {
    /// 8 for an eighth.
    part: u16,
    dotted: bool,
    triplet: bool,
}

impl NoteValue {
    /// 8 for an eighth.
    pub(crate) fn part(self) -> u16 {
        self.part
    }

    /// `dotted 1/8`.
    pub(crate) fn text(self) -> String {
        let dotted = if self.dotted { "dotted " } else { "" };
        let triplet = if self.triplet { " triplet" } else { "" };
        format!("{dotted}1/{}{triplet}", self.part)
    }
}

/// Reads a note value at the start of `lexemes`.
pub(crate) fn note_value(lexemes: &[Lexeme]) -> Option<(NoteValue, usize)> {
    let word = |i: usize| lexemes.get(i).map_or("", |l| l.lower.as_str());
    let mut at = 0;
    let mut dotted = false;
    let mut triplet = false;
    match word(0) {
        "dotted" => (dotted, at) = (true, 1),
        "triplet" => (triplet, at) = (true, 1),
        _ => {}
    }
    let (part, taken) = part(lexemes.get(at..)?, dotted || triplet)?;
    at += taken;
    if matches!(word(at), "note" | "notes") {
        at += 1;
    }
    match word(at) {
        "triplet" | "triplets" => (triplet, at) = (true, at + 1),
        "dotted" => (dotted, at) = (true, at + 1),
        "t" if lexemes[at].glued => (triplet, at) = (true, at + 1),
        "d" if lexemes[at].glued => (dotted, at) = (true, at + 1),
        _ => {}
    }
    at += usize::from(matches!(word(at), "note" | "notes"));
    Some((NoteValue { part, dotted, triplet }, at))
}

fn part(lexemes: &[Lexeme], marked: bool) -> Option<(u16, usize)> {
    let word = |i: usize| lexemes.get(i).map_or("", |l| l.lower.as_str());
    let is_part = |n: u16| n.is_power_of_two() && n <= 128;
    if let [one, slash, below, ..] = lexemes
        && one.text == "1"
        && slash.text == "/"
        && slash.glued
        && below.kind == Kind::Number
        && let Ok(n) = below.text.parse::<u16>()
        && is_part(n)
        && n > 1
    {
        return Some((n, 3));
    }
    let named = match word(0) {
        "semibreve" | "semibreves" => Some(1),
        "minim" | "minims" => Some(2),
        "crotchet" | "crotchets" => Some(4),
        "quaver" | "quavers" | "eighths" => Some(8),
        "semiquaver" | "semiquavers" | "sixteenth" | "sixteenths" => Some(16),
        "demisemiquaver" | "demisemiquavers" => Some(32),
        _ => None,
    };
    if let Some(part) = named {
        return Some((part, 1));
    }
    let followed =
        |i: usize| marked || matches!(word(i), "note" | "notes" | "triplet" | "triplets");
    let spoken = match word(0) {
        "whole" => Some(1),
        "half" => Some(2),
        "quarter" | "fourth" => Some(4),
        "eighth" => Some(8),
        "thirty" if matches!(word(1), "second" | "seconds") => return Some((32, 2)),
        _ => None,
    };
    if let Some(part) = spoken
        && (followed(1) || word(0) == "eighth")
    {
        return Some((part, 1));
    }
    let number = lexemes.first().filter(|l| l.kind == Kind::Number)?;
    let suffix = lexemes.get(1).filter(|l| l.glued)?;
    let n: u16 = number.text.parse().ok().filter(|n| is_part(*n) && *n > 1)?;
    let plural = matches!(suffix.lower.as_str(), "ths" | "nds");
    let single = matches!(suffix.lower.as_str(), "th" | "nd") && followed(2);
    (plural || single).then_some((n, 2))
}

/// An interval: a minor sixth sounds like an augmented fifth, but is written otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    semitones: u8,
    /// 6 for a sixth; none for a tritone.
    degree: Option<u8>,
}

impl Interval {
    /// Whether both sound the same.
    pub(crate) fn equals(self, other: Interval) -> bool {
        self.semitones == other.semitones
    }

    /// 6 for a sixth: how the upper note is written.
    pub(crate) fn degree(self) -> Option<u8> {
        self.degree
    }

    /// `8 semitones, degree 6`.
    pub(crate) fn text(self) -> String {
        let name = self.degree.map_or(String::new(), |degree| format!(", degree {degree}"));
        format!("{} semitones{name}", self.semitones)
    }
}

/// `m6`, `P5`, as a theorist abbreviates.
fn short_interval(text: &str) -> Option<(char, u8)> {
    let [quality, degree] = text.as_bytes() else { return None };
    let degree = degree.is_ascii_digit().then(|| degree - b'0')?;
    matches!(quality, b'm' | b'M' | b'P').then_some((char::from(*quality), degree))
}

/// Reads an interval at the start of `lexemes`.
pub(crate) fn interval(lexemes: &[Lexeme]) -> Option<(Interval, usize)> {
    let word = |i: usize| lexemes.get(i).map_or("", |l| l.lower.as_str());
    if word(0) == "tritone" {
        return Some((Interval { semitones: 6, degree: None }, 1));
    }
    if let Some((quality, degree)) = short_interval(&lexemes.first()?.text) {
        let semitones = semitones(quality, degree)?;
        return Some((Interval { semitones, degree: Some(degree) }, 1));
    }
    let quality = match word(0) {
        "minor" | "min" => 'm',
        "major" | "maj" => 'M',
        "perfect" => 'P',
        "diminished" => 'd',
        "augmented" => 'a',
        _ => return None,
    };
    let degree = match word(1) {
        "second" | "2nd" => 2,
        "third" | "thirds" | "3rd" => 3,
        "fourth" | "fourths" | "4th" => 4,
        "fifth" | "fifths" | "5th" => 5,
        "sixth" | "sixths" | "6th" => 6,
        "seventh" | "7th" => 7,
        "ninth" | "9th" => 9,
        _ => return None,
    };
    let semitones = semitones(quality, degree)?;
    Some((Interval { semitones, degree: Some(degree) }, 2))
}

fn semitones(quality: char, degree: u8) -> Option<u8> {
    Some(match (quality, degree) {
        ('m', 2) => 1,
        ('M', 2) => 2,
        ('m', 3) => 3,
        ('M', 3) => 4,
        ('P', 4) => 5,
        ('a', 4) | ('d', 5) => 6,
        ('P', 5) => 7,
        ('a', 5) | ('m', 6) => 8,
        ('M', 6) | ('d', 7) => 9,
        ('m', 7) => 10,
        ('M', 7) => 11,
        ('m', 9) => 13,
        ('M', 9) => 14,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::lex::lexemes;
    use super::*;

    #[test]
    fn one_value_in_many_words() {
        let of = |text: &str| note_value(&lexemes(text)).unwrap_or_else(|| panic!("{text}")).0;
        for text in ["1/8", "eighth note", "quaver", "8th notes", "8ths"] {
            assert_eq!(of(text), of("1/8"), "{text}");
        }
        assert_eq!(of("dotted eighth"), of("1/8 dotted"));
        assert_eq!(of("1/16T"), of("sixteenth triplets"));
        assert_ne!(of("dotted eighth"), of("triplet eighth"));
        assert_eq!(note_value(&lexemes("half the volume")), None);
    }

    #[test]
    fn intervals_are_semitones() {
        let of = |text: &str| interval(&lexemes(text)).unwrap_or_else(|| panic!("{text}")).0;
        assert_eq!(of("minor third up").semitones, 3);
        assert_eq!(of("P5"), of("perfect fifth"));
        assert!(of("tritone").equals(of("augmented fourth")));
        assert!(of("minor sixth").equals(of("augmented fifth")));
        assert_ne!(of("minor sixth"), of("augmented fifth"), "written otherwise");
        assert_eq!(interval(&lexemes("minor key")), None);
        assert_eq!(interval(&lexemes("M4")), None, "no such fourth");
    }
}
