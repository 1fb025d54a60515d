//! Words without a meaning of their own: of grammar, of politeness.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::words::{has_digit, is_common};

/// A word as the dictionary spells it, as far as that is sure: what is written in a hurry or by ear, and
/// slips in words of grammar.
pub(super) fn standard(lower: &str) -> &str {
    by_ear(lower).or_else(|| mistyped_stop(lower)).unwrap_or(lower)
}

/// The word that is written so in a hurry or by ear.
pub(super) fn by_ear(lower: &str) -> Option<&'static str> {
    static WORDS: LazyLock<HashMap<&str, &'static str>> = LazyLock::new(|| {
        let each = |(word, heard): &(&'static str, &'static [&'static str])| {
            heard.iter().map(|spelling| (*spelling, *word)).collect::<Vec<_>>()
        };
        BY_EAR.iter().flat_map(each).collect()
    });
    WORDS.get(lower).copied()
}

/// The word of grammar of which this is a mistyping: `wich`, `hwo`, `teh`.
fn mistyped_stop(lower: &str) -> Option<&'static str> {
    if lower.len() < 3 || !lower.is_ascii() {
        return None;
    }
    let near = |stop: &&str| {
        lower.as_bytes()[0] == stop.as_bytes()[0]
            && lower.len().abs_diff(stop.len()) <= 1
            && (stop.len() > 3 || lower.len() == stop.len())
            && strsim::osa_distance(lower, stop) == 1
    };
    // Looking a word up takes longer than comparing it.
    let stop = OFTEN.iter().find(|stop| near(stop))?;
    (!is_common(lower) && !has_digit(lower)).then_some(stop)
}

/// Politeness and small talk: takes nothing from a question and adds nothing.
pub(super) fn is_filler(lower: &str) -> bool {
    static SET: LazyLock<HashSet<&str>> = LazyLock::new(|| FILLERS.iter().copied().collect());
    SET.contains(lower)
}

/// Words of grammar. Those that turn a meaning round (not, into, before, only) are facts and not
/// among them.
pub(super) fn is_stop(lower: &str) -> bool {
    static SET: LazyLock<HashSet<&str>> = LazyLock::new(|| STOPS.iter().copied().collect());
    SET.contains(lower)
}

/// Long enough or frequent enough that one slip leaves them recognisable.
const OFTEN: &[&str] = &[
    "the", "and", "what", "which", "how", "why", "when", "where", "should", "would", "could",
    "does", "usually", "with", "from", "that", "this", "there", "about", "have", "need", "want",
    "make", "please", "much", "many", "because", "between", "normally", "typically", "generally",
    "using", "going", "these", "those", "their", "other", "things", "thing", "quite",
];

/// None of these spellings is a word of its own.
const BY_EAR: &[(&str, &[&str])] = &[
    ("what", &["wat", "wot", "wut", "waht", "wht", "whta"]),
    ("enough", &["enuf", "enuff", "nuff", "enouf"]),
    ("though", &["tho"]),
    ("through", &["thru"]),
    ("because", &["becuz", "becos", "coz"]),
    ("tonight", &["tonite"]),
    ("does", &["duz"]),
    ("was", &["woz"]),
    ("would", &["wud"]),
    ("could", &["cud"]),
    ("should", &["shud", "shuld", "shoud"]),
    ("want", &["wanna"]),
    ("going", &["goin"]),
    ("got", &["gotta"]),
    ("about", &["bout", "abt"]),
    ("between", &["betw", "btwn", "btw'n"]),
    ("without", &["w/o", "witout", "wihtout"]),
    ("with", &["wit", "wiv"]),
    ("something", &["sth", "smth", "somethin"]),
    ("them", &["em", "'em"]),
    ("you", &["u", "yu"]),
    ("don't", &["dont"]),
    ("doesn't", &["doesnt"]),
    ("didn't", &["didnt"]),
    ("can't", &["cant"]),
    ("couldn't", &["couldnt"]),
    ("won't", &["wont"]),
    ("wouldn't", &["wouldnt"]),
    ("shouldn't", &["shouldnt"]),
    ("isn't", &["isnt"]),
    ("aren't", &["arent"]),
    ("wasn't", &["wasnt"]),
    ("weren't", &["werent"]),
    ("haven't", &["havent"]),
    ("hasn't", &["hasnt"]),
    ("hadn't", &["hadnt"]),
];

const FILLERS: &[&str] = &[
    "please", "pls", "plz", "thanks", "thank", "thx", "ty", "cheers", "hey", "hi", "hello", "yo",
    "kindly", "ok", "okay", "um", "uh", "erm", "hmm", "well", "dude", "bro", "mate", "man",
    "appreciated", "appreciate", "much", "lol", "btw", "advance", "question", "wondering",
    "wonder", "curious", "maybe", "possibly", "kind", "folks", "guys", "sir", "huh", "eh",
    "perhaps", "actually", "basically", "really", "gonna", "wanna", "dear", "so",
];

const STOPS: &[&str] = &[
    "a", "an", "the", "is", "are", "be", "been", "being", "was", "were", "am", "do", "does", "did",
    "doing", "done", "have", "has", "had", "having", "can", "could", "would", "will", "shall",
    "should", "may", "might", "must", "i", "i'm", "i'd", "i've", "im", "id", "ive", "me", "you",
    "your", "u", "ur", "we", "us", "our", "it", "its", "it's", "they", "them", "their", "he",
    "she", "his", "her", "one's", "of", "and", "or", "that", "this", "these", "those", "there",
    "here", "as", "with", "for", "to", "in", "on", "at", "by", "if", "then", "than", "my", "mine",
    "some", "any", "what", "what's", "whats", "which", "who", "how", "how's", "hows", "why",
    "when", "where", "where's", "there's", "theres", "that's", "thats", "who's", "whos", "he's",
    "she's", "what're", "you're", "youre", "we're", "they're", "theyre", "let", "let's", "lets",
    "give", "tell", "show", "get", "want", "need", "like", "know", "about", "just", "also", "too",
    "got", "go", "goes", "going", "make", "way", "thing", "things", "does", "usually", "normally",
    "typically", "generally", "right", "good", "best", "use", "using", "into", "from", "but",
    "such", "very", "quite", "most", "'s", "s", "t", "re", "each", "other", "que", "say", "come",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_in_words_of_grammar() {
        for (slip, word) in [("teh", "the"), ("shoud", "should"), ("wiht", "with")] {
            assert_eq!(mistyped_stop(slip), Some(word), "{slip}");
        }
        assert_eq!(mistyped_stop("snare"), None);
        assert_eq!(mistyped_stop("hat"), None, "a word of its own");
    }

    #[test]
    fn words_that_turn_a_meaning_round_are_no_grammar() {
        for word in ["not", "no", "without", "before", "after", "only", "except", "never"] {
            assert!(!is_stop(word) && !is_filler(word), "{word}");
        }
        assert!(is_stop("the") && is_filler("please"));
    }
}
