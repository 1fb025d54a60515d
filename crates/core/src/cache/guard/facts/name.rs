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

#[cfg(test)]
mod tests {
    use super::*;

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
