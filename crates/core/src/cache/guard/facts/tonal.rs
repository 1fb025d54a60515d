//! Notes, keys, modes and chords: a pitch class with a quality. A# minor is Bb minor; Am is not A
//! major; CM7 is not Cm7, so case counts.

use super::super::lex::Lexeme;
use super::{chord, rhythm};

/// A pitch class, what stands on it, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tonal {
    /// 0 is C, 11 is B.
    pitch: u8,
    /// Canonical name: `maj`, `m7`, `dorian`; empty for a bare note.
    quality: String,
    /// `C/E`: the note in the bass.
    bass: Option<u8>,
    /// `C4`: the octave.
    octave: Option<i8>,
}

impl Tonal {
    /// Equal as sound; a bare note agrees with the major on it ("in C" and "C major").
    pub(crate) fn equals(&self, other: &Tonal) -> bool {
        let quality =
            |t: &Tonal| if t.quality.is_empty() { "maj".to_owned() } else { t.quality.clone() };
        let octave = self.octave.is_none() || other.octave.is_none() || self.octave == other.octave;
        self.pitch == other.pitch
            && quality(self) == quality(other)
            && self.bass == other.bass
            && octave
    }

    /// As a musician would write it.
    pub(crate) fn text(&self) -> String {
        const NAMES: [&str; 12] = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
        let name = NAMES[usize::from(self.pitch)];
        let octave = self.octave.map_or(String::new(), |o| o.to_string());
        let bass = self.bass.map_or(String::new(), |b| format!("/{}", NAMES[usize::from(b)]));
        let space = if self.quality.len() > 2 { " " } else { "" };
        format!("{name}{octave}{space}{}{bass}", self.quality)
    }
}

/// Reads a note, key or chord at the start of `lexemes`. `before` is the word in front.
pub(crate) fn read(lexemes: &[Lexeme], before: &str) -> Option<(Tonal, usize)> {
    let first = lexemes.first()?;
    let (pitch, rest) = letter(&first.text)?;
    let capital = first.text.starts_with(|c: char| c.is_ascii_uppercase());
    let mut taken = 1;
    let mut pitch = i16::from(pitch);
    let word = |i: usize| lexemes.get(i).map_or("", |l| l.lower.as_str());
    if rest.is_empty() {
        let accidental = match word(taken) {
            "sharp" | "#" => 1,
            "flat" => -1,
            _ => 0,
        };
        pitch += accidental;
        taken += usize::from(accidental != 0);
        let (quality, more) = chord::spoken(&lexemes[taken..]);
        // "in a minor key" names no key, "a minor third" is an interval.
        let interval = first.text == "a" && rhythm::interval(&lexemes[taken..]).is_some();
        let named = (!interval && more > 0 && word(taken + more) != "key")
            || accidental != 0
            || (more > 0 && capital && first.text != "A");
        let placed = matches!(
            before,
            "in" | "of" | "on" | "from" | "to" | "key" | "over" | "note" | "root" | "into"
        );
        let article = first.lower == "a" && !named && !(capital && placed && word(1).is_empty());
        let lower_letter =
            !(capital || named || placed && first.lower != "a" && ends_phrase(&lexemes[1..]));
        if article
            || lower_letter
            || first.lower == "a" && !capital && accidental == 0 && !is_mode(&quality)
        {
            return None;
        }
        let tonal = Tonal { pitch: pitch.rem_euclid(12) as u8, quality, bass: None, octave: None };
        return Some(over_bass(tonal, lexemes, taken + more));
    }
    let tonal = written(pitch, rest, capital)?;
    let (mut tonal, simple) = (tonal, rest.len() <= 1);
    if simple && tonal.octave.is_none() && matches!(tonal.quality.as_str(), "" | "m") {
        let (quality, more) = chord::spoken(&lexemes[1..]);
        if more > 0 {
            tonal.quality = quality;
            taken += more;
        }
    }
    Some(over_bass(tonal, lexemes, taken))
}

/// `C/E`: the note in the bass, where one is written. `A#/Bb` is one note in two spellings, `C/Am/F` a list.
fn over_bass(tonal: Tonal, lexemes: &[Lexeme], taken: usize) -> (Tonal, usize) {
    let Some(low) = behind_slash(&lexemes[taken..]) else { return (tonal, taken) };
    if is_slash(&lexemes[taken + 2..]) {
        return (tonal, taken);
    }
    if low == tonal.pitch && tonal.quality.is_empty() {
        let (quality, more) = chord::spoken(&lexemes[taken + 2..]);
        return (Tonal { quality, ..tonal }, taken + 2 + more);
    }
    (Tonal { bass: Some(low), ..tonal }, taken + 2)
}

fn is_slash(lexemes: &[Lexeme]) -> bool {
    lexemes.first().is_some_and(|slash| slash.text == "/" && slash.glued)
}

/// The note glued behind a slash.
fn behind_slash(lexemes: &[Lexeme]) -> Option<u8> {
    let bass = lexemes.get(1).filter(|bass| is_slash(lexemes) && bass.glued)?;
    let (low, accidental) = letter(&bass.text)?;
    bass.text
        .starts_with(|c: char| c.is_ascii_uppercase())
        .then(|| shifted(i16::from(low), accidental))?
}

fn ends_phrase(rest: &[Lexeme]) -> bool {
    rest.first()
        .is_none_or(|next| !next.text.starts_with(char::is_alphabetic) || next.lower.len() > 3)
}

fn is_mode(quality: &str) -> bool {
    !quality.is_empty()
}

/// The letter of a note, and what is glued to it.
fn letter(text: &str) -> Option<(u8, &str)> {
    let pitch = match text.as_bytes().first()? | 32 {
        b'c' => 0,
        b'd' => 2,
        b'e' => 4,
        b'f' => 5,
        b'g' => 7,
        b'a' => 9,
        b'b' => 11,
        _ => return None,
    };
    Some((pitch, &text[1..]))
}

fn shifted(pitch: i16, accidental: &str) -> Option<u8> {
    let shift = match accidental {
        "" => 0,
        "#" => 1,
        "b" => -1,
        "##" => 2,
        "bb" => -2,
        _ => return None,
    };
    Some((pitch + shift).rem_euclid(12) as u8)
}

/// `#m7b5`, `b`, `m`, `3`: everything glued to the letter.
fn written(pitch: i16, rest: &str, capital: bool) -> Option<Tonal> {
    let accidental = rest.len() - rest.trim_start_matches(['#']).len();
    let accidental = if accidental == 0 && rest.starts_with('b') { 1 } else { accidental };
    let (sign, rest) = rest.split_at(accidental);
    let pitch = shifted(pitch, sign)?;
    let tonal = Tonal { pitch, quality: String::new(), bass: None, octave: None };
    if !capital
        && rest.len() > 1
        && !rest.starts_with("m7")
        && !rest.starts_with("maj")
        && !rest.starts_with("min")
    {
        return None;
    }
    if let Ok(octave @ (-1..=5 | 8)) = rest.parse::<i8>() {
        return Some(Tonal { octave: Some(octave), ..tonal });
    }
    if !capital && sign.is_empty() && matches!(rest, "" | "m") {
        return None;
    }
    chord::written(rest).map(|quality| Tonal { quality, ..tonal })
}

#[cfg(test)]
mod tests {
    use super::super::super::lex::lexemes;
    use super::*;

    fn of(text: &str) -> Tonal {
        read(&lexemes(text), "in").unwrap_or_else(|| panic!("{text} is tonal")).0
    }

    #[test]
    fn one_sound_in_two_spellings() {
        for (a, b) in [
            ("A# minor", "Bb minor"),
            ("F#m", "F sharp minor"),
            ("Gbm", "F♯ min"),
            ("CM7", "Cmaj7"),
            ("Bø7", "Bm7b5"),
            ("B minor seven flat five", "Bm7♭5"),
            ("d dorian", "D Dorian"),
            ("Am", "A minor"),
            ("C", "C major"),
            ("e flat major", "Eb"),
            ("B half-diminished", "Bm7b5"),
            ("D-7", "D minor seventh"),
            ("F#-11", "F#m11"),
            ("G seventh", "G7"),
            ("C seven", "C dominant 7"),
            ("A#/Bb", "Bb"),
            ("A#/Bb minor", "Bb minor"),
            ("Am/F/G7", "Am"),
        ] {
            assert!(of(a).equals(&of(b)), "{a} {b}: {:?} {:?}", of(a), of(b));
        }
    }

    #[test]
    fn other_sounds() {
        for (a, b) in [
            ("CM7", "Cm7"),
            ("Am", "A major"),
            ("C/E", "C"),
            ("D dorian", "D minor"),
            ("F#3", "F#4"),
            ("C7", "Cmaj7"),
            ("E harmonic minor", "E minor"),
            ("Eb", "E"),
            ("A-7", "A7"),
        ] {
            assert!(!of(a).equals(&of(b)), "{a} {b}: {:?} {:?}", of(a), of(b));
        }
    }

    #[test]
    fn words_are_no_notes() {
        let none =
            ["a song", "be careful", "Add a verse", "am I late", "bass", "Gate", "A good mix"];
        for text in none.into_iter().chain(["a minor third", "a diminished fifth"]) {
            assert_eq!(read(&lexemes(text), "x"), None, "{text}");
        }
    }
}
