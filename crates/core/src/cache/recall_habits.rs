//! Does a text point at the habits of the person who asks? "my usual tempo" depends on the tempo, "the
//! way I like it" on all that is known.

use std::collections::BTreeSet;

/// Parts of a fact's name that say nothing about its subject.
const PLAIN: [&str; 9] = [
    "typical", "common", "preferred", "recent", "favourite", "favorite", "usual", "default", "user",
];

/// Subjects as parts of names, with other words for them.
const SUBJECTS: [(&str, &[&str]); 8] = [
    ("bpm", &["tempo", "speed"]),
    ("mix", &["lufs", "loudness", "loud", "target"]),
    ("genre", &["style"]),
    ("project", &["session", "song", "track"]),
    ("plugin", &["synth", "effect"]),
    ("key", &["scale"]),
    ("preset", &[]),
    ("setting", &[]),
];

/// Words beside a subject that ask for the habit of that kind, however far apart.
const ASKING: [&str; 20] = [
    "my", "usual", "usually", "favourite", "favorite", "favourites", "favorites", "preferred",
    "prefer", "typical", "typically", "always", "normally", "regularly", "often", "most", "mostly",
    "like", "tend", "habit",
];

/// What somebody has by habit.
const HABITS: [&str; 21] = [
    "usual", "favourite", "favorite", "favourites", "favorites", "preferred", "preference",
    "preferences", "typical", "normal", "regular", "standard", "default", "defaults", "habit",
    "habits", "taste", "tastes", "liking", "target", "targets",
];
/// Of these, what points at who asks also without "my".
const HABITS_OF_MINE: [&str; 5] = ["usual", "favourite", "favorite", "favourites", "favorites"];
/// What somebody does by habit, after "I".
const DOING: [&str; 8] =
    ["always", "usually", "normally", "typically", "generally", "often", "prefer", "tend"];
/// What is the person's but at hand: "your track" is not about the tracks made before.
const AT_HAND: [&str; 8] =
    ["session", "song", "track", "project", "mix", "level", "synth", "effect"];

/// Words from whose it is to the habit: "your loudness target".
const HABIT_REACH: usize = 2;
/// Words from whose it is to the kind: "your most used plugin".
const KIND_REACH: usize = 3;
/// Words before and after a pointer in which its kind is told.
const TOLD_REACH: (usize, usize) = (2, 3);

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    Asker,
    Assistant,
}

/// What of a person's habits a text depends on.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Pointers {
    /// It points at habits without telling which.
    all: bool,
    /// Words of the kinds it tells.
    told: BTreeSet<String>,
}

impl Pointers {
    /// What `words` point at, where `subjects` are the kinds that are known.
    pub(super) fn of(words: &[String], voice: Voice, subjects: &BTreeSet<String>) -> Pointers {
        let mut found = Pointers::default();
        for at in 0..words.len() {
            if let Some(end) = habit(words, at, voice) {
                let (before, after) = TOLD_REACH;
                let near = &words[at.saturating_sub(before)..words.len().min(end + after)];
                let told: Vec<&str> = near.iter().map(|word| singular(word)).collect();
                let told: Vec<&str> = told.into_iter().filter(|w| subjects.contains(*w)).collect();
                found.all |= told.is_empty();
                found.told.extend(told.into_iter().map(str::to_owned));
            } else if voice == Voice::Assistant && words[at] == "your" {
                let owned = words.iter().skip(at + 1).take(KIND_REACH).map(|word| singular(word));
                let owned = owned.filter(|w| subjects.contains(*w) && !AT_HAND.contains(w));
                found.told.extend(owned.map(str::to_owned));
            }
        }
        found.all |= words.windows(2).any(|pair| pair[0] == "about" && pair[1] == "me");
        let asks = words.iter().any(|word| ASKING.contains(&word.as_str()));
        if asks {
            let told = words.iter().map(|word| singular(word)).filter(|w| subjects.contains(*w));
            found.told.extend(told.map(str::to_owned));
        }
        found
    }

    /// Whether the fact called `name` is among it.
    pub(super) fn depend_on(&self, name: &str) -> bool {
        self.all || subjects(name).iter().any(|subject| self.told.contains(subject))
    }
}

/// The end of a pointer at a habit that starts at `at`.
fn habit(words: &[String], at: usize, voice: Voice) -> Option<usize> {
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let is_habit =
        |at: &usize| HABITS.contains(&word(*at)) || word(*at) == "go" && word(*at + 1) == "to";
    let owned = || (at + 1..=at + HABIT_REACH).find(is_habit).map(|at| at + 1);
    match (voice, word(at), word(at + 1), word(at + 2)) {
        (Voice::Asker, "my" | "our", ..) | (Voice::Assistant, "your", ..) => owned(),
        (Voice::Asker, "way" | "how" | "as" | "what", "i", "like" | "love")
        | (Voice::Assistant, "way", "you", "like" | "love" | "prefer") => Some(at + 3),
        (Voice::Asker, "as" | "like", "always", _) => Some(at + 2),
        (Voice::Asker, "i", doing, _) if DOING.contains(&doing) => Some(at + 2),
        (Voice::Asker, mine, ..) if HABITS_OF_MINE.contains(&mine) => {
            let is_yours = words[at.saturating_sub(HABIT_REACH)..at].iter().any(|w| w == "your");
            (!is_yours).then_some(at + 1)
        }
        _ => None,
    }
}

fn singular(word: &str) -> &str {
    word.strip_suffix('s').unwrap_or(word)
}

/// The words for every kind that facts of these names, or the Studio's, are of.
pub(super) fn all_subjects<'a>(names: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
    let known =
        SUBJECTS.iter().flat_map(|(subject, others)| std::iter::once(subject).chain(*others));
    known.map(|word| (*word).to_owned()).chain(names.flat_map(|name| subjects(name))).collect()
}

/// What a fact is about: `favouritePlugins` is about `plugin`.
fn subjects(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && was_lower {
            parts.push(String::new());
        }
        was_lower = c.is_lowercase();
        if let Some(part) = parts.last_mut().filter(|_| c.is_alphanumeric()) {
            part.extend(c.to_lowercase());
        }
    }
    let telling =
        parts.into_iter().filter(|part| part.len() > 1 && !PLAIN.contains(&part.as_str()));
    let mut subjects: Vec<String> = telling.map(|part| singular(&part).to_owned()).collect();
    for (subject, others) in SUBJECTS {
        if subjects.iter().any(|known| known == subject) {
            subjects.extend(others.iter().map(|other| (*other).to_owned()));
        }
    }
    subjects
}

#[cfg(test)]
mod tests {
    use super::super::recall_words::words;
    use super::*;

    const NAMES: [&str; 4] =
        ["preferredGenres", "typicalBPM", "favoritePlugins", "preferredMixLevel"];

    /// Which of the facts `text` depends on.
    #[track_caller]
    fn check(voice: Voice, text: &str, expected: &[&str]) {
        let names = NAMES.map(str::to_owned);
        let pointers = Pointers::of(&words(text), voice, &all_subjects(names.iter()));
        let found: Vec<&str> = NAMES.into_iter().filter(|name| pointers.depend_on(name)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_habit_of_no_kind_that_is_told_is_any() {
        for prompt in [
            "Start the usual vocal chain",
            "Set it up the way I like it",
            "Do it as I always do",
            "Open my go-to chain",
            "Something to my taste, please",
            "Load the favourites",
            "What do you know about me?",
        ] {
            check(Voice::Asker, prompt, &NAMES);
        }
        for answer in ["I used your usual chain.", "It is set up the way you like it."] {
            check(Voice::Assistant, answer, &NAMES);
        }
    }

    #[test]
    fn a_kind_that_is_told_is_meant_alone() {
        check(Voice::Asker, "Set my usual tempo", &["typicalBPM"]);
        check(Voice::Asker, "Which plugins do I usually open?", &["favoritePlugins"]);
        check(Voice::Assistant, "For your genre, use triplet hats.", &["preferredGenres"]);
        check(Voice::Assistant, "Hit your target and stop.", &["preferredMixLevel"]);
        check(Voice::Assistant, "Load your favourite synth.", &["favoritePlugins"]);
        check(Voice::Assistant, "Any of your most used plugins does it.", &["favoritePlugins"]);
    }

    #[test]
    fn what_is_at_hand_or_so_for_everybody_is_no_habit() {
        for answer in [
            "Turn your track down and put the filter behind your synth.",
            "Vocals usually sit on top; as usual, trust your ears.",
            "My favourite trick is to cut 300 Hz. Add as much as you like.",
            "You normally want a slow attack here.",
        ] {
            check(Voice::Assistant, answer, &[]);
        }
        check(Voice::Asker, "What is your favourite trick?", &[]);
        check(Voice::Asker, "I'd like a warmer bass", &[]);
        check(Voice::Asker, "Why does my kick sound normal alone?", &[]);
    }
}
