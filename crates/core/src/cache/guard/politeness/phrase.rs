//! Phrases that are polite wherever they stand, and a small pattern to write families of them down.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::super::grammar;
use super::super::lex::Lexeme;

/// A pattern: slots in a row, each with alternatives divided by `|`; an empty one makes the slot optional.
/// An alternative may be several words.
pub(super) type Pattern = &'static [&'static str];

/// The most lexemes of the front of `run` that a pattern takes.
pub(super) fn taken(pattern: Pattern, run: &[Lexeme]) -> Option<usize> {
    let Some((slot, rest)) = pattern.split_first() else { return Some(0) };
    slot.split('|')
        .filter_map(|words| {
            let length = starts_with(run, words)?;
            Some(length + taken(rest, &run[length..])?)
        })
        .max()
}

/// How many lexemes the words take at the front of `run`, if they stand there.
fn starts_with(run: &[Lexeme], words: &str) -> Option<usize> {
    let mut length = 0;
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        let lexeme = run.get(length).filter(|lexeme| !lexeme.cited)?;
        (lexeme.lower == word || grammar::by_ear(&lexeme.lower) == Some(word)).then_some(())?;
        length += 1;
    }
    Some(length)
}

/// The longest phrase at the front of `run`.
pub(super) fn longest(run: &[Lexeme]) -> Option<usize> {
    static BY_FIRST: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
        let mut phrases: HashMap<&str, Vec<&str>> = HashMap::new();
        for phrase in ANYWHERE {
            phrases.entry(phrase.split(' ').next().unwrap_or_default()).or_default().push(phrase);
        }
        phrases
    });
    let phrases = BY_FIRST.get(run.first()?.lower.as_str())?;
    phrases.iter().filter_map(|phrase| starts_with(run, phrase)).max()
}

/// None ends in a word that may begin something ("a second", "good evening").
const ANYWHERE: &[&str] = &[
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
    "cheers mate",
    "would you",
    "could you",
    "can you",
    "i'd love to know",
    "i'd appreciate",
    "i would appreciate",
    "be a dear and",
    "if i may ask",
];

#[cfg(test)]
mod tests {
    use super::super::super::lex::lexemes;
    use super::*;

    #[test]
    fn slots_in_a_row() {
        let pattern: Pattern = &["|so", "many|a thousand", "thanks", "|in advance|again"];
        let of = |text: &str| taken(pattern, &lexemes(text));
        assert_eq!(of("many thanks in advance"), Some(4));
        assert_eq!(of("so a thousand thanks to all"), Some(4));
        assert_eq!(of("thanks"), None);
        assert_eq!(of("say: many thanks"), None);
        assert_eq!(
            taken(pattern, &lexemes("say: many thanks")[1..]),
            None,
            "words of somebody else"
        );
    }

    #[test]
    fn the_longest_phrase_counts() {
        assert_eq!(longest(&lexemes("would you be so kind as to tune it")), Some(7));
        assert_eq!(longest(&lexemes("tune it")), None);
    }
}
