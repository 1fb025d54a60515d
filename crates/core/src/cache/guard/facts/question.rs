//! What kind of question it is: how, why, when, which, whether.

/// The kind of question, as far as its words show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// A reason.
    Why,
    /// A time or an occasion.
    When,
    /// A place.
    Where,
    /// A person.
    Who,
    /// An amount: how many, how loud, how long.
    HowMuch,
    /// A way of doing it.
    How,
    /// One of several.
    Which,
    /// What a term means.
    Define,
    /// Yes or no.
    Whether,
    /// A thing.
    What,
    /// No word shows it.
    Open,
}

impl Question {
    /// As a sentence about it says: "One asks why, the other when."
    pub(crate) fn name(self) -> &'static str {
        match self {
            Question::Why => "why",
            Question::When => "when",
            Question::Where => "where",
            Question::Who => "who",
            Question::HowMuch => "how much",
            Question::How => "how",
            Question::Which => "which",
            Question::Define => "what it is",
            Question::Whether => "whether",
            Question::What => "what",
            Question::Open => "nothing in so many words",
        }
    }

    /// Reads it from all words of a request with their clauses, in order.
    pub(crate) fn of(words: &[(&str, u16)]) -> Question {
        let spelt: Vec<&str> = words.iter().map(|(word, _)| spelt(word)).collect();
        let has = |word: &str| spelt.contains(&word);
        let pair = |a: &str, b: &str| spelt.windows(2).any(|w| w[0] == a && w[1] == b);
        let amount = |w: &[&str]| w[0] == "how" && AMOUNTS.contains(&w[1]);
        let opens = |test: fn(&str) -> bool| {
            (0..spelt.len()).any(|i| (i == 0 || words[i - 1].1 != words[i].1) && test(spelt[i]))
        };
        if has("why") || pair("the", "reason") || pair("how", "come") || pair("what", "causes") {
            Question::Why
        } else if spelt.windows(2).any(amount) {
            Question::HowMuch
        } else if has("how") {
            Question::How
        } else if has("who") {
            Question::Who
        } else if has("where") {
            Question::Where
        } else if opens(|word| word == "when")
            || spelt.windows(2).any(|w| w[0] == "when" && DECIDING.contains(&w[1]))
        {
            Question::When
        } else if has("which") {
            Question::Which
        } else if has("meaning")
            || has("define")
            || has("definition")
            || pair("what", "does") && has("mean")
        {
            Question::Define
        } else if has("what") {
            Question::What
        } else if opens(|word| ASKING.contains(&word)) && !pair("do", "not")
            || pair("or", "not")
            || pair("or", "nah")
        {
            Question::Whether
        } else {
            Question::Open
        }
    }

    /// Whether it asks what or who something is.
    pub(crate) fn defines(self) -> bool {
        matches!(self, Question::What | Question::Define | Question::Which | Question::Who)
    }

    /// Whether two near-copies that differ in this word ask two things.
    pub(crate) fn differs(self, other: Question) -> bool {
        use Question::{Define, How, HowMuch, Open, What, When, Where, Which, Who};
        if self == other {
            return false;
        }
        let both = |test: fn(Question) -> bool| test(self) && test(other);
        // "What's the target" and "which target": one word for another.
        let thing = |q: Question| matches!(q, What | Which | HowMuch | Define);
        let pair = (self.min_of(other), self.max_of(other));
        let loose = matches!(pair, (What | Which, _) | (_, What | Which)) && both(thing);
        // Keywords without a question word leave open which one is meant, but for a reason or a time.
        let unsaid = |q: Question| !matches!(q, Question::Why | When | Who | How | Where | Define);
        let terse = self == Open && (unsaid(other) || other == How)
            || other == Open && (unsaid(self) || self == How);
        !(loose || terse)
    }

    /// Whether both ask in one way, beyond doubt.
    pub(crate) fn is_plainly(self, other: Question) -> bool {
        // "What practice" may ask for its kind, "how much practice" for its amount.
        let amount = (self == Question::HowMuch) != (other == Question::HowMuch);
        self == other
            || !self.differs(other) && self != Question::Open && other != Question::Open && !amount
    }

    /// Whether a question that shows no kind by its words ("still right?") can be of this kind.
    pub(crate) fn can_be_unsaid(self) -> bool {
        !matches!(
            self,
            Question::Why | Question::When | Question::Who | Question::How | Question::Where
        )
    }

    fn min_of(self, other: Question) -> Question {
        if (self as u8) < other as u8 { self } else { other }
    }

    fn max_of(self, other: Question) -> Question {
        if (self as u8) < other as u8 { other } else { self }
    }
}

const AMOUNTS: &[&str] = &[
    "many", "much", "long", "loud", "far", "high", "low", "often", "big", "fast", "wide", "deep",
    "hot", "late", "hard", "short", "close", "large", "slow", "quiet",
];

const DECIDING: &[&str] = &["to", "should", "do", "does", "is", "can", "am", "are", "would"];

const ASKING: &[&str] = &[
    "is", "are", "do", "does", "did", "should", "am", "has", "have", "was", "will", "is it",
    "isn't", "can",
];

/// Question words as typed in a hurry.
fn spelt(word: &str) -> &str {
    match word {
        "hwo" | "hw" | "how's" | "hows" | "howto" => "how",
        "wich" | "whcih" | "witch" => "which",
        "wat" | "wut" | "waht" | "whats" | "what's" | "wht" => "what",
        "wehre" | "where's" | "wheres" => "where",
        "wy" | "whys" | "y" | "why's" => "why",
        "mutch" => "much",
        "wen" | "whens" | "when's" => "when",
        word => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Question {
        let words: Vec<(&str, u16)> = text.split(' ').map(|word| (word, 0)).collect();
        Question::of(&words)
    }

    #[test]
    fn the_kind_shows_in_a_word() {
        for (text, kind) in [
            ("why does my mix sound muddy", Question::Why),
            ("how come the kick clips", Question::Why),
            ("hwo do i sidechain", Question::How),
            ("how loud should a master be", Question::HowMuch),
            ("when should i use a gate", Question::When),
            ("wich compressor for vocals", Question::Which),
            ("what does lufs mean", Question::Define),
            ("whats the target", Question::What),
            ("should i use dither", Question::Whether),
            ("best snare reverb", Question::Open),
        ] {
            assert_eq!(of(text), kind, "{text}");
        }
    }

    #[test]
    fn kinds_that_need_other_answers() {
        for (a, b) in [
            (Question::Why, Question::How),
            (Question::How, Question::When),
            (Question::Why, Question::Open),
        ] {
            assert!(a.differs(b) && b.differs(a), "{a:?} {b:?}");
        }
        for (a, b) in [
            (Question::What, Question::Which),
            (Question::What, Question::HowMuch),
            (Question::How, Question::Open),
        ] {
            assert!(!a.differs(b) && !b.differs(a), "{a:?} {b:?}");
        }
        assert!(Question::What.is_plainly(Question::Which));
        assert!(!Question::How.is_plainly(Question::Open), "terse words leave it open");
    }
}
