//! How many of them: all, only, some, each second one.

/// The class of a quantifying word.
pub(crate) fn class(lower: &str) -> Option<&'static str> {
    Some(match lower {
        "all" | "every" | "each" | "everything" | "whole" | "entire" | "entirely"
        | "everywhere" | "always" | "throughout" => "all",
        "both" => "both",
        "only" | "solely" | "exclusively" | "alone" => "only",
        "few" | "several" | "couple" | "sometimes" | "partly" | "partially" => "some",
        "other" | "another" | "additional" | "extra" | "else" => "other",
        "half" => "half",
        "twice" | "double" => "double",
        "triple" => "triple",
        "at-least" => "at least",
        "exactly" => "exactly",
        "roughly" | "approximately" => "roughly",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn how_many_of_them() {
        for (word, class) in [
            ("every", Some("all")),
            ("both", Some("both")),
            ("only", Some("only")),
            ("several", Some("some")),
            ("another", Some("other")),
            ("twice", Some("double")),
            ("triple", Some("triple")),
            ("roughly", Some("roughly")),
            ("drums", None),
        ] {
            assert_eq!(super::class(word), class, "{word}");
        }
    }
}
