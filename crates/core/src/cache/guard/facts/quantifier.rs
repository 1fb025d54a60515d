//! How many of them: all, only, some, each second one.

/// The class of a quantifying word.
pub(crate) fn class(lower: &str) -> Option<&'static str> {
    Some(match lower {
        "all" | "every" | "each" | "everything" | "whole" | "entire" | "entirely"
        | "everywhere" | "both" | "always" | "throughout" => "all",
        "only" | "solely" | "exclusively" | "alone" => "only",
        "few" | "several" | "couple" | "sometimes" | "partly" | "partially" => "some",
        "another" | "additional" | "extra" | "else" => "other",
        "half" | "twice" | "double" | "triple" => "multiple",
        "at-least" | "exactly" | "roughly" | "approximately" => "exactness",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn how_many_of_them() {
        for (word, class) in [
            ("every", Some("all")),
            ("both", Some("all")),
            ("only", Some("only")),
            ("several", Some("some")),
            ("another", Some("other")),
            ("double", Some("multiple")),
            ("exactly", Some("exactness")),
            ("drums", None),
        ] {
            assert_eq!(super::class(word), class, "{word}");
        }
    }
}
