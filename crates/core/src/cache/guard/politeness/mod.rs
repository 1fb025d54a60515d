//! Phrases that only make a request polite. They hold words (not, much, would) that elsewhere count.

use super::lex::Lexeme;

const PHRASES: &[&str] = &[
    "if it's not too much trouble",
    "if its not too much trouble",
    "if it isn't too much trouble",
    "if you don't mind",
    "if you dont mind",
    "if that's not too much to ask",
    "would you mind",
    "do you mind",
    "would you be so kind as to",
    "would you be so kind",
    "if you could",
    "if you would",
    "if possible",
    "sorry if this is a dumb question but",
    "sorry if this is a dumb question",
    "dumb question",
    "stupid question",
    "silly question",
    "noob question",
    "when you get a chance",
    "when you have a moment",
    "when you have time",
    "i would like to know",
    "i'd like to know",
    "i want to know",
    "i need to know",
    "can you tell me",
    "could you tell me",
    "do you know",
    "any idea",
    "no rush",
    "no worries",
    "not sure if this is a dumb question",
    "sorry to bother you",
    "much appreciated",
    "many thanks",
    "thank you so much",
    "thank you very much",
    "thanks a lot",
    "thanks a million",
    "thanks in advance",
    "that would be great",
    "that'd be great",
    "would be great",
    "i was wondering",
    "i'm wondering",
    "just wondering",
    "help me out",
    "can you help me",
    "could you help me",
    "i would appreciate it",
    "i'd appreciate it",
    "or what",
    "or nah",
    "or not",
    "for me",
    "cheers mate",
    "would you",
    "could you",
    "can you",
    "i'd love to know",
    "be a dear and",
    "if i may ask",
];

/// The lexemes without phrases of politeness.
pub(super) fn dropped(lexemes: Vec<Lexeme>) -> Vec<Lexeme> {
    let mut out = Vec::with_capacity(lexemes.len());
    let mut at = addressed(&lexemes);
    while at < lexemes.len() {
        let longest = PHRASES.iter().filter_map(|phrase| length_at(&lexemes[at..], phrase)).max();
        if let Some(length) = longest {
            at += length;
        } else {
            out.push(lexemes[at].clone());
            at += 1;
        }
    }
    // Politeness alone is the whole request.
    if out.is_empty() { lexemes } else { out }
}

/// "Hey Prime," at the start: somebody is spoken to.
fn addressed(lexemes: &[Lexeme]) -> usize {
    let greets = |l: &Lexeme| {
        matches!(l.lower.as_str(), "hey" | "hi" | "hello" | "ok" | "okay" | "yo" | "dear")
    };
    match lexemes {
        [greeting, name, next, ..]
            if greets(greeting) && name.clause == greeting.clause && next.clause != name.clause =>
        {
            2
        }
        _ => 0,
    }
}

fn length_at(lexemes: &[Lexeme], phrase: &str) -> Option<usize> {
    let mut length = 0;
    for word in phrase.split(' ') {
        (lexemes.get(length)?.lower == word).then_some(())?;
        length += 1;
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str) -> String {
        let kept = dropped(super::super::lex::lexemes(text));
        kept.iter().map(|lexeme| lexeme.lower.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_request_without_its_manners() {
        for (polite, plain) in [
            ("Could you tell me what LUFS means, if you don't mind", "what lufs means"),
            ("Hey Prime, tune the kick", "tune the kick"),
            ("tune the kick, thanks in advance", "tune the kick"),
            ("is sidechaining worth it or not", "is sidechaining worth it"),
        ] {
            assert_eq!(left(polite), plain);
        }
    }

    #[test]
    fn words_outside_of_a_phrase_stay() {
        assert_eq!(left("don't cut the lows"), "don't cut the lows");
        assert_eq!(left("hey drums louder"), "hey drums louder", "nobody is spoken to");
        assert_eq!(left("thank you very much"), "thank you very much", "all there is");
    }
}
