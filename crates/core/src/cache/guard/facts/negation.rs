//! Not, without, except: words that turn a request round or take something out of it.

/// The class of a negating word: `not`, or `without` for what is left out.
pub(crate) fn class(lower: &str) -> Option<&'static str> {
    let negated_verb = lower.ends_with("n't")
        || matches!(
            lower,
            "dont"
                | "doesnt"
                | "cant"
                | "wont"
                | "isnt"
                | "arent"
                | "didnt"
                | "havent"
                | "hasnt"
                | "wasnt"
                | "shouldnt"
                | "couldnt"
                | "wouldnt"
        );
    Some(match lower {
        _ if negated_verb => "not",
        "not" | "never" | "no" | "cannot" | "none" | "neither" | "nor" | "nothing" | "pas"
        | "nicht" | "≠" | "¬" => "not",
        "without" | "w/o" | "minus" | "lacking" | "exclude" | "excluding" | "excludes" | "omit"
        | "omitting" => "without",
        "avoid" | "avoiding" | "avoids" => "avoid",
        "skip" | "skipping" => "skip",
        "ignore" | "ignoring" => "ignore",
        "except" | "excepting" | "apart" | "but-not" => "except",
        "besides" => "besides",
        "unless" => "unless",
        "instead" => "instead",
        "rather" => "rather",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_turns_a_request_round() {
        for (word, class) in [
            ("don't", Some("not")),
            ("shouldnt", Some("not")),
            ("never", Some("not")),
            ("without", Some("without")),
            ("excluding", Some("without")),
            ("except", Some("except")),
            ("instead", Some("instead")),
            ("note", None),
            ("notch", None),
            ("cant", Some("not")),
        ] {
            assert_eq!(super::class(word), class, "{word}");
        }
    }
}
