//! Words of grammar that turn a request: who does it to whom, what is and what should be, this small word
//! for that.

use super::reading::Reading;

/// Whether the small words of two near-copies ask for the same. They are not compared one by one: there
/// are many ways to be wordy.
pub(super) fn agree(asked: &Reading, stored: &Reading) -> bool {
    !(people_differ(asked, stored)
        || small_words_exchanged(asked, stored)
        || wish_differs(asked, stored)
        || habit_differs(asked, stored)
        || sides_of_me_differ(asked, stored))
}

fn says(reading: &Reading, words: &[&str]) -> bool {
    reading.tokens.iter().any(|token| words.contains(&token.lower.as_str()))
}

/// A small word that weighs something stands for another: `make` for `use`, `in` for `on`. One more
/// of them on one side is only wordiness.
fn small_words_exchanged(asked: &Reading, stored: &Reading) -> bool {
    const WEIGHTY: &[&str] = &[
        "make", "use", "using", "get", "got", "go", "goes", "going", "come", "say", "give", "show",
        "let", "want", "need", "like", "know", "right", "best", "good", "most", "other", "each",
        "some", "any", "from", "into", "in", "on", "at", "by", "with", "for", "to", "of", "about",
        "but", "and", "or", "if", "this", "that", "these", "those", "here", "there", "usually",
        "normally",
    ];
    let only = |a: &Reading, b: &Reading| {
        WEIGHTY.iter().filter(|word| says(a, &[word]) && !says(b, &[word])).count()
    };
    only(asked, stored) > 0 && only(stored, asked) > 0
}

/// He or she, mine or yours: words of grammar that name somebody. "I" counts only beside a third person.
fn people_differ(asked: &Reading, stored: &Reading) -> bool {
    let person = |word: &str| match word {
        "he" | "his" | "him" => Some(1),
        "she" | "her" => Some(2),
        "they" | "their" | "them" => Some(3),
        "your" | "ur" => Some(4),
        "my" | "our" | "mine" => Some(5),
        "we" | "us" => Some(6),
        _ => None,
    };
    let people = |reading: &Reading| {
        let mut found: Vec<i32> = reading.tokens.iter().filter_map(|t| person(&t.lower)).collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    let says_i = |reading: &Reading| says(reading, &["i"]);
    let (a, b) = (people(asked), people(stored));
    let third = |people: &[i32]| people.iter().any(|person| *person <= 3);
    !a.is_empty() && !b.is_empty() && a != b
        || third(&a) && b.is_empty() && says_i(stored) && !says_i(asked)
        || third(&b) && a.is_empty() && says_i(asked) && !says_i(stored)
}

/// Of what is open in the studio, one asks how it is, the other how it should be.
fn wish_differs(asked: &Reading, stored: &Reading) -> bool {
    let wishes = |reading: &Reading| {
        says(
            reading,
            &["should", "shall", "ought", "must", "make", "set", "need", "want", "best", "right"],
        )
    };
    (asked.deictic || stored.deictic) && wishes(asked) != wishes(stored)
}

/// One asks what was or usually is done, the other what could be: "which chords did I use", "could I use".
fn habit_differs(asked: &Reading, stored: &Reading) -> bool {
    let advice = |reading: &Reading| {
        says(reading, &["should", "shall", "ought", "must", "could", "might", "would"])
    };
    let habit = |reading: &Reading| {
        says(reading, &["did", "was", "were", "has", "had", "usually", "normally", "typically"])
    };
    let against = |a: &Reading, b: &Reading| habit(a) && !advice(a) && advice(b) && !habit(b);
    against(asked, stored) || against(stored, asked)
}

/// "Who owes me", "who do I owe". To be told or given something is no side to be on.
fn sides_of_me_differ(asked: &Reading, stored: &Reading) -> bool {
    const TELLING: [&str; 9] =
        ["give", "tell", "show", "help", "let", "for", "remind", "teach", "send"];
    let doing = |reading: &Reading| says(reading, &["i"]);
    let done_to = |reading: &Reading| {
        let pairs = reading.tokens.windows(2);
        pairs.filter(|p| p[1].lower == "me").any(|p| !TELLING.contains(&p[0].lower.as_str()))
    };
    let against = |a: &Reading, b: &Reading| done_to(a) && !doing(a) && doing(b) && !done_to(b);
    against(asked, stored) || against(stored, asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn he_is_not_she() {
        let people = |a: &str, b: &str| people_differ(&Reading::of(a, None), &Reading::of(b, None));
        assert!(people("raise his vocal", "raise her vocal"));
        assert!(!people("raise his vocal", "raise the vocal"));
        assert!(people("it rained when I left", "it rained when she left"));
        assert!(!people("how do I raise his vocal", "how to raise his vocal"));
    }
}
