//! The question a text is tried with: a part of it, as somebody who remembers that part would ask.

/// Fewer words make no question of their own.
const FEWEST_WORDS: usize = 3;

/// A sentence of `text`, the `pick`th modulo their number; of a single sentence the first half of
/// its words; the whole of a text too short to be cut.
pub(crate) fn question_of(text: &str, pick: u64) -> String {
    let sentences: Vec<&str> = sentences(text).collect();
    if sentences.len() > 1 {
        return sentences[(pick % sentences.len() as u64) as usize].to_owned();
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let half = words.len() / 2;
    if half >= FEWEST_WORDS { words[..half].join(" ") } else { text.to_owned() }
}

/// Lines and sentences that have enough words.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.lines().flat_map(|line| line.split_inclusive(['.', '!', '?', ';']));
    // A full stop inside "v1.2" or "-14.5 LUFS" would cut numbers apart: too short to be taken.
    parts.map(str::trim).filter(|part| part.split_whitespace().count() >= FEWEST_WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, pick: u64, question: &str) {
        assert_eq!(question_of(text, pick), question, "{text:?}");
    }

    #[test]
    fn a_sentence_or_half_of_the_only_one_or_all_of_a_short_one() {
        let two = "The kick is too loud. Try a gate on the snare!";
        check(two, 0, "The kick is too loud.");
        check(two, 7, "Try a gate on the snare!");
        check("one two three four five six", 3, "one two three");
        check("warm pad with slow attack", 0, "warm pad with slow attack");
        check("Übung ♫ macht\nden Meister im Studio", 1, "den Meister im Studio");
    }
}
