//! Scale degrees in Roman numerals: `ii V I`, `bVI`. Case counts: `I` is major, `i` is minor.

/// The degree a word names, where the request holds at least one more, or speaks of chords: `I` alone is a person.
pub(crate) fn class(text: &str, others: usize) -> Option<&'static str> {
    let found = DEGREES.iter().find(|degree| **degree == text)?;
    (others > 0).then_some(*found)
}

/// Whether the word before makes a numeral one of a row: `type II`, `Mk III`.
pub(crate) fn is_numbering(before: &str) -> bool {
    matches!(
        before,
        "type"
            | "mark"
            | "mk"
            | "part"
            | "act"
            | "volume"
            | "vol"
            | "version"
            | "class"
            | "chapter"
            | "generation"
            | "gen"
            | "model"
            | "series"
            | "movement"
    )
}

/// Whether a word looks like a degree and like nothing else.
pub(crate) fn is_sure(text: &str) -> bool {
    text != "I" && text != "i" && text != "v" && DEGREES.contains(&text)
}

/// Whether the word after makes a letter a degree: `the v chord`.
pub(crate) fn is_chord(after: &str) -> bool {
    matches!(after, "chord" | "chords" | "triad" | "degree")
}

const DEGREES: [&str; 28] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "i", "ii", "iii", "iv", "v", "vi", "vii", "bI",
    "bII", "bIII", "bIV", "bV", "bVI", "bVII", "bi", "bii", "biii", "biv", "bv", "bvi", "bvii",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_in_company() {
        assert_eq!(class("IV", 2), Some("IV"));
        assert_ne!(class("I", 2), class("i", 2));
        assert_eq!(class("I", 0), None, "a person");
        assert!(is_sure("bVI") && !is_sure("i"));
        assert!(is_chord("chord") && !is_chord("neck"));
        assert!(is_numbering("type") && !is_numbering("to"));
    }
}
