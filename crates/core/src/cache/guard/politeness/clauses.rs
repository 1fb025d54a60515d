//! Clauses of mere politeness, and ways of asking at the front of one.

use super::super::lex::{Kind, Lexeme};
use super::phrase::{Pattern, taken};

/// Whether a word greets.
pub(super) fn greets(lower: &str) -> bool {
    matches!(
        lower,
        "hey" | "hi" | "hello" | "ok" | "okay" | "yo" | "dear" | "hiya" | "heya" | "howdy"
    )
}

/// Whether a word begins a question.
pub(super) fn asks(lower: &str) -> bool {
    matches!(
        lower,
        "what"
            | "what's"
            | "how"
            | "how's"
            | "why"
            | "where"
            | "when"
            | "which"
            | "who"
            | "whether"
            | "if"
            | "is"
            | "are"
            | "do"
            | "does"
            | "did"
            | "should"
            | "can"
            | "could"
            | "will"
            | "would"
            | "am"
            | "has"
            | "have"
            | "was"
    )
}

/// Whether a clause at the start only greets, wishes or excuses itself.
pub(super) fn opens(run: &[Lexeme]) -> bool {
    is_whole(OPENING, run)
}

/// Whether a clause at the end only thanks.
pub(super) fn closes(run: &[Lexeme]) -> bool {
    is_whole(CLOSING, run) || is_aside(run)
}

/// Whether a clause, wherever it stands, only leaves the other one time or a way out.
pub(super) fn is_aside(run: &[Lexeme]) -> bool {
    is_whole(ASIDE, run)
}

/// How many lexemes at the front of a clause only ask for an answer.
pub(super) fn asking(run: &[Lexeme]) -> Option<usize> {
    let asks = ASKING.iter().filter_map(|pattern| taken(pattern, run)).max();
    let tells = TELLING
        .iter()
        .filter_map(|pattern| taken(pattern, run))
        // "Tell me if" and "let me know when" may ask for a report later.
        .filter(|length| {
            let next = run.get(*length).map_or("", |l| l.lower.as_str());
            matches!(next, "what" | "what's" | "how" | "why" | "where" | "which" | "who")
        })
        .max();
    asks.max(tells).filter(|length| *length > 0 && *length < run.len())
}

fn is_whole(family: &[Pattern], run: &[Lexeme]) -> bool {
    // Up to a question mark, or a smile.
    let words = run.iter().rposition(|l| l.kind != Kind::Sign).map_or(0, |last| last + 1);
    words > 0 && family.iter().any(|pattern| taken(pattern, &run[..words]) == Some(words))
}

const BOTHER: &str =
    "bother|bothering|trouble|troubling|disturb|disturbing|interrupt|interrupting|bug";
const WELL: &str = "well|good|fine|great|ok|okay|alright|all right";
const TIME: &str = "second|sec|seconds|secs|moment|minute|min|mins|minutes|chance|time|moments";

const OPENING: &[Pattern] = &[
    &[
        "good",
        "morning|afternoon|evening|day",
        "|all|everyone|everybody|there|again|folks|team|sir|madam|to you",
    ],
    &[
        "hi|hello|hey|hiya|heya|howdy|greetings|yo",
        "|there|all|everyone|everybody|again|folks|team|guys|friend|friends|mate|buddy",
    ],
    &[
        "|i",
        "hope",
        "you're|youre|you are|ur|all is|all's|everything is|everything's|you are all|things are",
        "|doing|keeping|going",
        WELL,
        "|today",
    ],
    &["|i", "hope this", "|message|note|email", "finds you", WELL],
    &[
        "|i",
        "hope",
        "you're|you are|you had",
        "|having",
        "a",
        "|really|very",
        "good|great|nice|lovely|wonderful",
        "day|week|morning|evening|weekend|one",
    ],
    &["how are you|how's it going|how is it going|how are things", "|today|doing|doing today"],
    &["sorry|apologies|excuse me|pardon me|my apologies"],
    &["|i'm|i am|so", "sorry", "|to|for", BOTHER, "|you", "|again|with this|once more"],
    &[
        "|a",
        "quick|simple|small|silly|stupid|dumb|basic|newbie|noob|beginner",
        "question|one",
        "|for you|here",
    ],
];

const CLOSING: &[Pattern] = &[
    &[
        "|many|big|huge|massive|a thousand|lots of|and|ok|okay",
        "thanks|thank you|cheers|thx|ty",
        "|so much|very much|a lot|a bunch|a million|loads|heaps|kindly|all",
        "|in advance|for your help|for the help|for any help|for helping|for your time|for your patience",
        "|again|mate|friend|man|buddy",
    ],
    &["|much|greatly|really|very much", "appreciated|obliged"],
    &["|i'd|i would|i", "|really|very much|greatly", "appreciate it", "|a lot|very much|so much"],
    &[
        "|that|it|this",
        "would be|will be|that'd be|it'd be|that'll be",
        "|really|very|so|just|absolutely|most",
        "lovely|great|good|nice|wonderful|fantastic|awesome|amazing|brilliant|super|perfect|helpful|\
         appreciated|handy|excellent|kind|very kind of you|kind of you",
    ],
    &[
        "you're|you are",
        "|really|so|very",
        "the best|a star|a legend|a lifesaver|very kind|so kind",
    ],
    &[
        "any|all",
        "help|advice",
        "|is|would be|will be",
        "|much|greatly|very|really",
        "appreciated|welcome",
    ],
    &["have a", "nice|good|great|lovely", "day|one|evening|weekend|week"],
    &["best|kind|warm", "regards|wishes"],
    &["take care|bye|goodbye"],
];

const ASIDE: &[Pattern] = &[
    &[
        "|please",
        "if|whenever|when|once",
        "you have|you've|you've got|you got|you get|you find|you can spare|there's|there is|u have|u got|you can find",
        "|a|one|the|some",
        "|quick|free|spare|short|little",
        TIME,
        "|to spare|free|for me|today",
        "|please",
    ],
    &[
        "|please",
        "if",
        "possible|at all possible|it's possible|it is possible|that's possible|that's ok|that's okay|\
         that's alright|that's all right|it's ok|it's okay|it's no trouble|it isn't any trouble|\
         it's not too much trouble|it is not too much trouble|it isn't too much trouble|it's not a bother|\
         it's not too much bother|you can|you could|you would|you please|you don't mind|you dont mind|\
         you do not mind|you wouldn't mind|i may|i may ask|i might ask|you'd be so kind|you would be so kind",
        "|please",
    ],
    &["no", "rush|hurry|worries|pressure|stress", "|at all|though"],
    &["please|kindly|pls|plz", "|and thank you|and thanks"],
    &[
        "quick question|just wondering|just curious|out of curiosity|asking for a friend|by the way|btw",
    ],
];

const ASKING: &[Pattern] = &[
    &[
        "|please|so|and|but|hey|hi|hello|ok",
        "could|can|would|will|might",
        "you",
        "|please|kindly|possibly|perhaps|maybe|quickly|just",
        "|please|kindly",
    ],
    &[
        "|please|so|and|but",
        "would|could|can|are",
        "you",
        "be|be so|be able|able|willing|be willing|be kind|be so kind|be kind enough|be good enough",
        "to|as to",
    ],
    &[
        "|please|so|and|but",
        "may|might|can|could",
        "i",
        "|just|please|quickly|kindly",
        "ask",
        "|you",
    ],
    &["would it be at all possible to|would it be possible for you to|is it possible for you to"],
    &[
        "|please|so|and|but",
        "i'd|i would|id|i should",
        "|really|very much|greatly",
        "appreciate it",
        "if you",
        "could|would|can",
    ],
    &[
        "|please|so|and|but",
        "i'd be|i would be|id be",
        "|really|very|so|most|extremely|ever so",
        "grateful|thankful|obliged",
        "if you",
        "could|would|can",
        "|please|kindly",
    ],
    &[
        "|please|so|and|but",
        "i was|i'm|i am",
        "|just",
        "wondering|hoping",
        "if|whether",
        "you",
        "could|can|would|might",
        "|please|kindly",
    ],
    &["be so kind|please be so kind", "as to|and"],
    &["|i'm|i am|so", "sorry", "|to|for", BOTHER, "|you", "|again|with this|once more", "|but"],
    &["sorry|apologies|excuse me", "but"],
    &["but|and", "|please", "could|can|would", "you", "|please|kindly|possibly|perhaps"],
];

const TELLING: &[Pattern] = &[&[
    "|please|kindly|just|pls|plz",
    "tell me|explain|explain to me|inform me|advise me|teach me|help me understand|\
         help me to understand|enlighten me|clarify|let me know",
]];

#[cfg(test)]
mod tests {
    use super::super::super::lex::lexemes;
    use super::*;

    #[test]
    fn whole_clauses_only() {
        assert!(opens(&lexemes("good evening everyone")) && opens(&lexemes("hope you're well")));
        assert!(!opens(&lexemes("good evening jingle")));
        assert!(
            closes(&lexemes("thank you so much for your help"))
                && closes(&lexemes("if you could, "))
        );
        assert!(!closes(&lexemes("thank you note")));
        assert!(is_aside(&lexemes("if you have a second")));
        assert!(!is_aside(&lexemes("if you have a second reverb")));
    }

    #[test]
    fn ways_of_asking_leave_the_question() {
        assert_eq!(asking(&lexemes("could you possibly lower it")), Some(3));
        assert_eq!(asking(&lexemes("explain what an ADM file is")), Some(1));
        assert_eq!(asking(&lexemes("explain dither")), None, "the task itself");
        assert_eq!(asking(&lexemes("tell me if it clips")), None);
        assert_eq!(asking(&lexemes("can you")), None, "nothing would be left");
    }
}
