//! Named things: plugins, devices, presets, people. A word with a capital inside a sentence, a
//! capital inside the word, or letters with digits.

/// Whether a word is a name by its looks. `opens` says that it stands where any word has a capital.
pub(crate) fn is_name(text: &str, opens: bool) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if letters > 0 && digits > 0 {
        return true;
    }
    let inner = text.chars().skip(1).any(char::is_uppercase);
    let all = text.chars().all(|c| !c.is_alphabetic() || c.is_uppercase());
    let first = text.starts_with(char::is_uppercase);
    (inner && !all && letters > 2) || (first && !all && !opens && letters > 1 && !is_trade(text))
}

/// Capitals that name nothing in particular.
fn is_trade(text: &str) -> bool {
    matches!(
        text,
        "Hz" | "KHz"
            | "Khz"
            | "Db"
            | "Bpm"
            | "Lufs"
            | "I'm"
            | "I'd"
            | "I've"
            | "I'll"
            | "Eq"
            | "Midi"
            | "Ok"
    )
}

/// Whether two words in lower case may be one name: shortened ("rtn" for "return"), inflected ("europe", "european"), or mistyped.
pub(crate) fn may_be_one(a: &str, b: &str) -> bool {
    let within = |short: &str, long: &str| {
        let mut rest = long.chars();
        short.chars().all(|c| rest.any(|other| other == c))
    };
    let shared = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let has_digits = |text: &str| text.chars().any(|c| c.is_ascii_digit());
    if has_digits(a) || has_digits(b) {
        return a == b;
    }
    shared >= 4 || shared >= 1 && (within(a, b) || within(b, a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_in_two_spellings() {
        for (a, b) in [("rtn", "return"), ("europe", "european"), ("moth", "mouth"), ("v4", "v4")] {
            assert!(may_be_one(a, b) && may_be_one(b, a), "{a} {b}");
        }
        for (a, b) in [("winter", "summer"), ("tigers", "lions"), ("v4", "v5"), ("cc1", "cc10")] {
            assert!(!may_be_one(a, b), "{a} {b}");
        }
    }

    #[test]
    fn names_by_their_looks() {
        for name in ["SM7B", "LA2A", "808s", "iZotope", "Serum", "FabFilter"] {
            assert!(is_name(name, false), "{name}");
        }
        for word in ["compressor", "EQ", "LUFS", "Hz", "I'm", "A"] {
            assert!(!is_name(word, false), "{word}");
        }
        assert!(!is_name("Should", true), "any first word has a capital");
        assert!(is_name("FabFilter", true), "not in its middle");
    }
}
