//! The words of a question that are worth looking up.

/// English words so common that they match everything. From the Snowball project's English list
/// (BSD-3-Clause), cut to function words; a musician's words (key, bar, in, out of phase) stay when
/// nothing else is left.
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

/// Most words looked up; the rest of a long text adds time, not precision.
const MOST: usize = 64;

/// The distinct words of `text`, lower-cased, stop words left out unless nothing else is there.
pub(crate) fn query_words(text: &str) -> Vec<String> {
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
    let telling: Vec<String> =
        all.iter().filter(|w| !STOP_WORDS.contains(&w.as_str())).take(MOST).cloned().collect();
    if telling.is_empty() { all.into_iter().take(MOST).collect() } else { telling }
}

#[cfg(test)]
mod tests {
    use super::query_words;

    #[track_caller]
    fn check(text: &str, words: &[&str]) {
        assert_eq!(query_words(text), words, "{text:?}");
    }

    #[test]
    fn stop_words_go_unless_alone() {
        check("How do I side-chain the bass to the kick?", &["side", "chain", "bass", "kick"]);
        check("The Who", &["the", "who"]);
        check("120 BPM, 120 bpm", &["120", "bpm"]);
        check("?!", &[]);
    }
}
