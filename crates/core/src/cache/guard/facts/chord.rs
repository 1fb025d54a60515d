//! What stands on a pitch, by one name for every spelling: `maj7` for `M7`, `Δ`, `major seven`.

use super::super::lex::Lexeme;

/// The canonical name of a written chord quality.
pub(super) fn written(text: &str) -> Option<String> {
    let known = match text {
        "" => "",
        "m" | "min" | "mi" | "-" => "m",
        "M" | "maj" | "Maj" | "ma" => "maj",
        "M7" | "maj7" | "Maj7" | "ma7" | "Δ" | "Δ7" | "MAJ7" => "maj7",
        "m7" | "min7" | "mi7" | "-7" => "m7",
        "-9" => "m9",
        "-11" => "m11",
        "ø" | "ø7" | "m7b5" | "min7b5" | "m75" => "m7b5",
        "°" | "dim" => "dim",
        "°7" | "dim7" => "dim7",
        "+" | "aug" => "aug",
        "sus" | "sus4" => "sus4",
        other => {
            let rest = other
                .trim_start_matches("maj")
                .trim_start_matches("min")
                .trim_start_matches(['m', 'M', '+'])
                .trim_start_matches("add")
                .trim_start_matches("sus")
                .trim_start_matches("dim")
                .trim_start_matches("aug")
                .trim_start_matches("alt");
            let plain = rest.chars().all(|c| c.is_ascii_digit() || matches!(c, 'b' | '#'))
                || matches!(rest, "7alt" | "7sus4" | "9sus4" | "7sus");
            if !plain || other.len() > 9 {
                return None;
            }
            let minor = other.starts_with("min");
            return Some(if minor {
                other.replacen("min", "m", 1)
            } else {
                other.replace('M', "maj")
            });
        }
    };
    Some(known.to_owned())
}

const MODES: [&str; 7] =
    ["dorian", "phrygian", "lydian", "mixolydian", "locrian", "aeolian", "ionian"];

/// Quality in words behind a note: `minor seven flat five`, `harmonic minor`, `dorian`.
pub(super) fn spoken(rest: &[Lexeme]) -> (String, usize) {
    let word = |i: usize| rest.get(i).map_or("", |l| l.lower.as_str());
    let seventh = |i: usize| usize::from(matches!(word(i), "7" | "seven" | "seventh" | "7th"));
    let flat_five = |i: usize| word(i) == "flat" && matches!(word(i + 1), "five" | "5" | "fifth");
    let base = match word(0) {
        "minor" | "min" | "moll" => {
            if seventh(1) > 0 {
                return if flat_five(2) { ("m7b5".to_owned(), 4) } else { ("m7".to_owned(), 2) };
            }
            if matches!(word(1), "pentatonic") {
                return ("minor pentatonic".to_owned(), 2);
            }
            return ("m".to_owned(), 1);
        }
        "major" | "maj" | "dur" => {
            if seventh(1) > 0 {
                return ("maj7".to_owned(), 2);
            }
            if matches!(word(1), "pentatonic") {
                return ("major pentatonic".to_owned(), 2);
            }
            return ("maj".to_owned(), 1);
        }
        "natural" if word(1) == "minor" => return ("m".to_owned(), 2),
        "harmonic" | "melodic" if word(1) == "minor" => return (format!("{} minor", word(0)), 2),
        "phrygian" | "phryg" if matches!(word(1), "dominant" | "dom") => {
            return ("phrygian dominant".to_owned(), 2);
        }
        "half" if matches!(word(1), "diminished" | "dim") => ("m7b5", 2),
        "diminished" | "dim" => {
            return if seventh(1) > 0 { ("dim7".to_owned(), 2) } else { ("dim".to_owned(), 1) };
        }
        "dominant" if seventh(1) > 0 => return ("7".to_owned(), 2),
        "augmented" | "aug" => ("aug", 1),
        "suspended" if matches!(word(1), "fourth" | "4" | "four") => return ("sus4".to_owned(), 2),
        "suspended" if matches!(word(1), "second" | "2" | "two") => return ("sus2".to_owned(), 2),
        "sus" if matches!(word(1), "4" | "four" | "2" | "two") => {
            let four = matches!(word(1), "4" | "four");
            return (if four { "sus4" } else { "sus2" }.to_owned(), 2);
        }
        "blues" => ("blues", 1),
        "seventh" => ("7", 1),
        "seven" if !counts(rest) => ("7", 1),
        mode if mode.len() > 3 || mode == "dor" || mode == "lyd" => {
            match MODES.iter().find(|name| name.starts_with(mode)) {
                Some(name) => (*name, 1),
                None => return (String::new(), 0),
            }
        }
        _ => return (String::new(), 0),
    };
    let (name, taken) = base;
    let taken = if name == "m7b5" { taken + seventh(taken) } else { taken };
    (name.to_owned(), taken)
}

/// Whether a number counts what follows: "in C seven times" is no chord.
fn counts(rest: &[Lexeme]) -> bool {
    let [number, counted, ..] = rest else { return false };
    let is_plural = counted.lower.len() > 3 && counted.lower.ends_with('s');
    number.clause == counted.clause && is_plural && counted.lower != "chords"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> (String, usize) {
        spoken(&super::super::super::lex::lexemes(text))
    }

    #[test]
    fn one_quality_in_many_spellings() {
        for spelling in ["M7", "maj7", "Δ", "ma7"] {
            assert_eq!(written(spelling).as_deref(), Some("maj7"), "{spelling}");
        }
        assert_eq!(written("m7b5"), written("ø"));
        assert_ne!(written("M7"), written("m7"), "case counts");
        assert_eq!(written("ass"), None, "the rest of a word");
    }

    #[test]
    fn in_words() {
        assert_eq!(said("minor seven flat five"), ("m7b5".to_owned(), 4));
        assert_eq!(said("harmonic minor scale"), ("harmonic minor".to_owned(), 2));
        assert_eq!(said("major seventh chord"), ("maj7".to_owned(), 2));
        assert_eq!(said("seventh arpeggio"), ("7".to_owned(), 1));
        assert_eq!(said("seven"), ("7".to_owned(), 1));
        assert_eq!(said("seven times"), (String::new(), 0));
        assert_eq!(said("verse"), (String::new(), 0));
    }
}
