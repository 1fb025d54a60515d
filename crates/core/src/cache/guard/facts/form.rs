//! In which form the answer is wanted: a list, JSON, one sentence, German.

/// The form or language a word asks for.
pub(crate) fn class(lower: &str, before: &str) -> Option<&'static str> {
    let form = match lower {
        "json" => "json",
        "table" => "table",
        "spreadsheet" => "spreadsheet",
        "bullet" | "bullets" | "bulleted" => "bullets",
        "checklist" => "checklist",
        "numbered" => "numbered",
        "markdown" => "markdown",
        "csv" => "csv",
        "yaml" => "yaml",
        "xml" => "xml",
        "sentence" | "sentences" => "sentence",
        "paragraph" | "paragraphs" => "paragraph",
        "briefly" | "brief" | "concise" | "short" | "tldr" | "tl" | "summarize" | "summary" => {
            "short"
        }
        "essay" => "essay",
        "verbose" => "long",
        "detail" | "depth" if before == "in" => "long",
        "step" | "steps" if matches!(before, "by" | "in") => "steps",
        "joke" if matches!(before, "a" | "as") => "joke",
        "no" if before == "or" => "yes or no",
        "emoji" | "emojis" => "emoji",
        "rhyme" => "rhyme",
        "poem" => "poem",
        "haiku" => "haiku",
        "ascii" => "ascii",
        "eli5" => "simple",
        "simple" if matches!(before, "very" | "really" | "in" | "it") => "simple",
        "tab" | "tablature" => "tablature",
        _ => return language(lower, before),
    };
    // "short" as an attribute is a word like any other; "briefly" never is one.
    let is_attribute = matches!(lower, "short" | "brief" | "summary");
    (!is_attribute || matches!(before, "keep" | "it" | "be" | "in" | "")).then_some(form)
}

fn language(lower: &str, before: &str) -> Option<&'static str> {
    let named = match lower {
        "german" | "deutsch" | "allemand" => "german",
        "french" | "français" | "francais" | "französisch" => "french",
        "spanish" | "español" | "espanol" | "castellano" => "spanish",
        "italian" | "italiano" => "italian",
        "portuguese" | "português" | "portugues" => "portuguese",
        "dutch" | "nederlands" => "dutch",
        "polish" | "polski" => "polish",
        "russian" => "russian",
        "japanese" => "japanese",
        "chinese" | "mandarin" => "chinese",
        "korean" => "korean",
        "arabic" => "arabic",
        "turkish" => "turkish",
        "swedish" => "swedish",
        "hindi" => "hindi",
        "english" | "englisch" => "english",
        _ => return None,
    };
    matches!(before, "in" | "auf" | "en" | "to" | "into" | "only" | "answer" | "reply")
        .then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_the_answer() {
        assert_eq!(class("bullets", "in"), Some("bullets"));
        assert_eq!(class("tablature", "as"), class("tab", "as"));
        assert_eq!(class("short", "it"), Some("short"), "keep it short");
        assert_eq!(class("short", "a"), None, "a short delay");
        assert_eq!(class("briefly", "dither"), class("short", "it"), "explain dither briefly");
        assert_eq!(class("detail", "in"), class("verbose", ""));
        assert_eq!(class("detail", "high"), None, "high detail");
        assert_eq!(class("step", "by"), Some("steps"), "step by step");
        assert_eq!(class("no", "or"), Some("yes or no"));
        assert_eq!(class("simple", "very"), Some("simple"), "in very simple words");
        assert_eq!(class("simple", "a"), None, "a simple chord");
        for (a, b) in [("haiku", "poem"), ("table", "spreadsheet"), ("bullets", "checklist")] {
            assert_ne!(class(a, "a"), class(b, "a"), "{a} {b}");
        }
    }

    #[test]
    fn a_language_is_a_form_only_where_it_is_asked_for() {
        assert_eq!(class("german", "in"), Some("german"), "in German");
        assert_eq!(class("deutsch", "auf"), Some("german"), "auf Deutsch");
        assert_eq!(class("german", "the"), None, "the German sixth");
    }
}
