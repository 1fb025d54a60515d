//! Keys: read in any usual spelling, told in words, compared in one spelling.

/// Letters in fifths, and the sharps of their major keys from -1 up.
const FIFTHS: &str = "FCGDAEB";

/// A mode and how many fifths its signature lies below that of the major key on the same tonic.
const MODES: [(&str, i32); 7] = [
    ("major", 0),
    ("minor", 3),
    ("dorian", 2),
    ("phrygian", 4),
    ("lydian", -1),
    ("mixolydian", 1),
    ("locrian", 5),
];

/// Words of scales that are no mode, or make one more exact.
const QUALITIES: [&str; 11] = [
    "harmonic", "melodic", "natural", "pentatonic", "blues", "chromatic", "whole", "tone",
    "diminished", "augmented", "dominant",
];

/// A tonic, and a mode where one is given.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    letter: char,
    /// 1 for sharp, -1 for flat.
    accidental: i32,
    mode: Option<(&'static str, i32)>,
    /// The scale as written where it says more than the mode: "harmonic minor", "blues".
    scale: String,
}

impl Key {
    /// The key that `text` names: `Am`, `A Minor`, `F# minor`, `B♭`, `C sharp min`.
    pub(crate) fn parse(text: &str) -> Option<Key> {
        let text = text.replace('♯', "#").replace('♭', "b").replace(['-', '_'], " ");
        let mut rest = text.trim().chars();
        let letter = rest.next()?.to_ascii_uppercase();
        FIFTHS.contains(letter).then_some(())?;
        let (accidental, scale) = accidental(rest.as_str());
        let scale = scale_name(scale.trim())?;
        let mode = mode_of(&scale);
        Some(Key { letter, accidental, mode, scale })
    }

    /// The key of a `key` and a `scale` field, which may each hold both.
    pub(crate) fn of(key: &str, scale: Option<&str>) -> Option<Key> {
        let alone = Key::parse(key)?;
        let Some(scale) = scale.filter(|_| alone.scale.is_empty()) else { return Some(alone) };
        let whole = Key::parse(scale).filter(|whole| whole.tonic() == alone.tonic());
        whole.or_else(|| Key::parse(&format!("{key} {scale}"))).or(Some(alone))
    }

    /// In words, the tonic as given: "A# minor", "C harmonic minor", "D" when no mode is given.
    pub(crate) fn spoken(&self) -> String {
        with_scale(&self.tonic(), &self.scale)
    }

    fn tonic(&self) -> String {
        tonic(self.letter, self.accidental)
    }

    /// In the one spelling that enharmonic keys share, the one with fewest accidentals: "Bb minor"
    /// for `A#m`. Of a scale only its mode is told.
    pub(crate) fn canonical(&self) -> String {
        let (name, offset) = self.mode.unwrap_or(("", 0));
        let fifths = self.signature() + offset + 1;
        let letter = FIFTHS.as_bytes()[fifths.rem_euclid(7) as usize] as char;
        with_scale(&tonic(letter, fifths.div_euclid(7)), name)
    }

    /// As [`Key::canonical`]; a text that names no key as it is.
    pub(crate) fn one_spelling(text: &str) -> String {
        Key::parse(text).map_or_else(|| text.to_owned(), |key| key.canonical())
    }

    /// Semitones of the tonic above C, 0 to 11.
    pub(crate) fn pitch_class(&self) -> u8 {
        let fifths = FIFTHS.find(self.letter).unwrap_or(1) as i32 - 1 + 7 * self.accidental;
        (7 * fifths).rem_euclid(12) as u8
    }

    /// Whether the third above the tonic is minor, as in minor, dorian, phrygian and locrian; none
    /// when no mode is given.
    pub(crate) fn is_minor(&self) -> Option<bool> {
        self.mode.map(|(_, offset)| offset >= 2)
    }

    /// Whether more is known than the tonic.
    pub(super) fn has_scale(&self) -> bool {
        !self.scale.is_empty()
    }

    /// Whether its notes are written with flats.
    pub(super) fn is_flat(&self) -> bool {
        self.signature() < 0
    }

    /// Sharps of the signature, -5 to 6.
    fn signature(&self) -> i32 {
        let letter = FIFTHS.find(self.letter).unwrap_or(1) as i32 - 1;
        let sharps = letter + 7 * self.accidental - self.mode.map_or(0, |(_, offset)| offset);
        (sharps + 5).rem_euclid(12) - 5
    }
}

fn with_scale(tonic: &str, scale: &str) -> String {
    if scale.is_empty() { tonic.to_owned() } else { format!("{tonic} {scale}") }
}

fn tonic(letter: char, accidental: i32) -> String {
    let sign = if accidental < 0 { "b" } else { "#" };
    format!("{letter}{}", sign.repeat(accidental.unsigned_abs() as usize))
}

/// The sign at the start of `rest`, and what follows it.
fn accidental(rest: &str) -> (i32, &str) {
    let word = rest.trim_start();
    let signs = [("#", rest, 1), ("b", rest, -1), ("sharp", word, 1), ("flat", word, -1)];
    let found =
        signs.iter().find_map(|(sign, text, value)| Some((*value, text.strip_prefix(sign)?)));
    found.unwrap_or((0, rest))
}

/// The scale in full; none when the words are no scale, so that "Demo" is not the key of D.
fn scale_name(words: &str) -> Option<String> {
    let lower = words.to_lowercase();
    let full = match lower.as_str() {
        "m" if words == "M" => "major",
        "" => "",
        "m" | "min" | "aeolian" | "natural minor" => "minor",
        "maj" | "ionian" => "major",
        scale => scale,
    };
    let known =
        |word: &str| QUALITIES.contains(&word) || MODES.iter().any(|(mode, _)| *mode == word);
    full.split_whitespace().all(known).then(|| full.to_owned())
}

/// The mode whose name the scale holds: "harmonic minor" is minor.
fn mode_of(scale: &str) -> Option<(&'static str, i32)> {
    MODES.into_iter().find(|(name, _)| scale.split(' ').any(|word| word == *name))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    #[track_caller]
    fn check(given: &str, spoken: &str, canonical: &str) {
        let key = Key::parse(given).unwrap();
        assert_eq!(
            (key.spoken().as_str(), key.canonical().as_str()),
            (spoken, canonical),
            "{given}"
        );
    }

    #[test]
    fn usual_spellings() {
        for given in ["Am", "A minor", "A Minor", "a min", "A-minor", "am", "A_minor", "A aeolian"]
        {
            check(given, "A minor", "A minor");
        }
        check("F# minor", "F# minor", "F# minor");
        check("F♯m", "F# minor", "F# minor");
        check("F sharp minor", "F# minor", "F# minor");
        check("Bb", "Bb", "Bb");
        check("B♭ Major", "Bb major", "Bb major");
        check("E flat maj", "Eb major", "Eb major");
        check("b minor", "B minor", "B minor");
        check("CM", "C major", "C major");
    }

    #[test]
    fn enharmonics_meet_in_one_spelling() {
        check("A#m", "A# minor", "Bb minor");
        check("Gb major", "Gb major", "F# major");
        check("D# minor", "D# minor", "D# minor");
        check("Ebm", "Eb minor", "D# minor");
        check("Cb", "Cb", "B");
        check("Db minor", "Db minor", "C# minor");
        check("A# dorian", "A# dorian", "Bb dorian");
    }

    #[test]
    fn scales_keep_their_words() {
        check("C harmonic minor", "C harmonic minor", "C minor");
        check("A blues", "A blues", "A");
        check("G minor pentatonic", "G minor pentatonic", "G minor");
    }

    #[test]
    fn key_and_scale_together() {
        let spoken = |key, scale| Key::of(key, scale).unwrap().spoken();
        assert_eq!(spoken("A", Some("minor")), "A minor");
        assert_eq!(spoken("Am", Some("minor")), "A minor");
        assert_eq!(spoken("A", Some("A Minor")), "A minor");
        assert_eq!(spoken("A", Some("unheard of")), "A");
    }

    #[test]
    fn other_words_are_no_key() {
        for given in ["", "Demo", "H", "Drums", "Am7", "atonal", "♯", "Be quiet", "A minor mistake"]
        {
            assert_eq!(Key::parse(given), None, "{given}");
        }
    }

    #[test]
    fn a_minor_third_makes_a_minor_key() {
        let is_minor = |given| Key::parse(given).unwrap().is_minor();
        assert_eq!([is_minor("Am"), is_minor("D dorian")], [Some(true); 2]);
        assert_eq!([is_minor("A major"), is_minor("G mixolydian")], [Some(false); 2]);
        assert_eq!(is_minor("A"), None);
    }

    /// The naive twin: pitch classes counted up from C.
    #[test]
    fn canonical_keeps_pitch_and_mode() {
        let class = |key: &Key| {
            let letter = [9, 11, 0, 2, 4, 5, 7][key.letter as usize - 'A' as usize];
            (letter + key.accidental).rem_euclid(12)
        };
        for letter in 'A'..='G' {
            for sign in ["", "#", "b"] {
                for (mode, _) in MODES {
                    let key = Key::parse(&format!("{letter}{sign} {mode}")).unwrap();
                    let canonical = Key::parse(&key.canonical()).unwrap();
                    assert_eq!((class(&key), key.mode), (class(&canonical), canonical.mode));
                    assert_eq!(i32::from(key.pitch_class()), class(&key));
                    assert_eq!(canonical.canonical(), key.canonical());
                }
            }
        }
    }
}
