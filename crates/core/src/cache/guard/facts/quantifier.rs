//! How many of them: all, only, some, each second one.

/// The class of a quantifying word.
pub(crate) fn class(lower: &str) -> Option<&'static str> {
    Some(match lower {
        "all" | "every" | "each" => "all",
        "everything" => "everything",
        "whole" | "entire" | "entirely" => "whole",
        "everywhere" => "everywhere",
        "always" => "always",
        "throughout" => "throughout",
        "both" => "both",
        "only" | "solely" | "exclusively" | "alone" => "only",
        "few" | "several" => "some",
        "couple" => "couple",
        "sometimes" => "sometimes",
        "partly" | "partially" => "partly",
        "other" | "another" | "else" => "other",
        "additional" | "extra" => "extra",
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
