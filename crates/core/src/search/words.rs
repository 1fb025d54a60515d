//! The words of a question that are worth looking up.

/// English words so common that they match everything: the function words of the Snowball
/// project's English list (BSD-3-Clause).
const STOP_WORDS: &[&str] = &[
    "a", "about", "after", "all", "am", "an", "and", "any", "are", "as", "at", "be", "because",
    "been", "before", "being", "between", "both", "but", "by", "can", "could", "did", "do", "does",
    "doing", "during", "each", "few", "for", "from", "further", "had", "has", "have", "having",
    "he", "her", "here", "hers", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its",
    "just", "me", "more", "most", "my", "no", "nor", "not", "of", "on", "once", "only", "or",
    "other", "our", "ours", "own", "same", "she", "should", "so", "some", "such", "than", "that",
    "the", "their", "theirs", "them", "then", "there", "these", "they", "this", "those", "through",
    "to", "too", "until", "very", "was", "we", "were", "what", "when", "where", "which", "while",
    "who", "whom", "why", "will", "with", "would", "you", "your", "yours",
];

/// Most words looked for; the rest of a long text adds time, not precision.
const MOST: usize = 64;

/// A text of at most this many words is a look-up of those words, stop words included: "Am" is a
/// key.
const LOOK_UP_WORDS: usize = 2;

/// Words that a question has at most. BM25 is a sum over words: without a limit, a long text looked
/// for with all its words would drown its meaning.
const QUESTION_WORDS: f32 = 12.0;

/// The words of a query: distinct and lower-cased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Words {
    /// The words to look for; stop words only where nothing else is left.
    pub(crate) telling: Vec<String>,
    /// Whether the memories that hold all of them come first.
    pub(crate) is_look_up: bool,
}

impl Words {
    /// What a BM25 score over these words counts for, 1 for a question.
    pub(crate) fn weight(&self) -> f32 {
        (QUESTION_WORDS / self.telling.len().max(1) as f32).min(1.0)
    }

    /// The words of `text`.
    pub(crate) fn of(text: &str) -> Words {
        let all = distinct(text);
        if all.len() <= LOOK_UP_WORDS {
            return Words { is_look_up: !all.is_empty(), telling: all };
        }
        let is_telling = |word: &&String| !STOP_WORDS.contains(&word.as_str());
        let mut telling: Vec<String> = all.iter().filter(is_telling).cloned().collect();
        if telling.is_empty() {
            telling = all;
        }
        telling.truncate(MOST);
        Words { telling, is_look_up: false }
    }
}

fn distinct(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = word.to_lowercase();
        if !all.contains(&word) {
            all.push(word);
        }
        if all.len() == MOST * 4 {
            break;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[track_caller]
    fn check(text: &str, words: &[&str], is_look_up: bool) {
        let found = Words::of(text);
        assert_eq!(found.telling, words, "{text:?}");
        assert_eq!(found.is_look_up, is_look_up, "{text:?}");
    }

    #[test]
    fn stop_words_go_unless_alone() {
        check(
            "How do I side-chain the bass to the kick?",
            &["side", "chain", "bass", "kick"],
            false,
        );
        check("what is this about", &["what", "is", "this", "about"], false);
        check("120 BPM, 120 bpm, C", &["120", "bpm", "c"], false);
    }

    #[test]
    fn one_or_two_words_are_looked_up() {
        check("The Who", &["the", "who"], true);
        check("Am", &["am"], true);
        check("?!", &[], false);
    }

    #[test]
    fn long_texts_are_cut() {
        let text = (0..1000).map(|i| format!("w{i}")).collect::<Vec<_>>().join(" ");
        assert_eq!(Words::of(&text).telling.len(), 64);
        assert!(Words::of(&text).weight() < 0.2);
        assert!((Words::of("a dark pad").weight() - 1.0).abs() < f32::EPSILON);
    }
}
