//! Who does what to whom: `X into Y`, `from X to Y`, `X before Y`. The two sides must not be
//! exchanged; around `and`, `or`, `vs` they may.

/// A word between two things whose order counts.
pub(crate) fn class(lower: &str) -> Option<&'static str> {
    Some(match lower {
        "into" | "→" | "to" | "through" | "thru" | "feeding" | "onto" => "into",
        "from" => "from",
        "before" | "ahead" | "upstream" => "before",
        "after" | "behind" | "following" | "downstream" => "after",
        "than" | ">" | "<" => "than",
        "over" | "above" | "on" => "over",
        "under" | "below" | "beneath" => "under",
        "instead" => "instead",
        "by" => "by",
        "then" => "then",
        "in" => "in",
        "not" | "no" | "without" | "never" => "not",
        "need" | "needs" | "require" | "requires" => "need",
        "if" => "if",
        "unless" => "unless",
        "because" => "because",
        "while" => "while",
        "until" => "until",
        _ => return None,
    })
}

/// A word around which two things may be exchanged.
pub(crate) fn is_symmetric(lower: &str) -> bool {
    matches!(lower, "and" | "or" | "vs" | "versus" | "&" | "plus" | "v" | "n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_between_two_things() {
        assert_eq!(class("into"), class("→"), "kick into bus, kick → bus");
        assert_eq!(class("before"), class("upstream"));
        assert_ne!(class("before"), class("after"));
        assert_eq!(class("and"), None);
    }

    #[test]
    fn no_word_both_orders_and_leaves_open() {
        for word in ["and", "or", "vs", "&", "plus", "v", "n"] {
            assert!(is_symmetric(word) && class(word).is_none(), "{word}");
        }
        assert!(!is_symmetric("into") && !is_symmetric("with"), "replace X with Y");
    }
}
