//! The small words of a request: words of grammar, articles, and fillers that are more than that.

use super::grammar;
use super::lex::{Kind, Lexeme};
use super::token::{Token, TokenValue};

/// A word of grammar, a filler or an article, with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Small {
    pub(super) word: String,
    /// How many tokens with a meaning stand before it.
    pub(super) place: usize,
    pub(super) role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Turns the request wherever it stands.
    Word,
    /// Turns the thing behind it: it has to stand before the same one.
    Binding,
    /// `and`, `or`: what stands around it may change places.
    Joining,
    /// `a`, `the`, `my`.
    Article,
}

/// The small words of a request, in order. `tokens` are those made of `lexemes`.
pub(super) fn smalls(lexemes: &[Lexeme], tokens: &[Token]) -> Vec<Small> {
    let filled: Vec<u16> = tokens.iter().filter(|t| t.is_content()).map(|t| t.clause).collect();
    let mut words: Vec<(String, usize)> = Vec::new();
    let mut loose: Vec<String> = Vec::new();
    let (mut place, mut next) = (0, 0);
    for (at, lexeme) in lexemes.iter().enumerate() {
        match tokens.get(next).filter(|token| token.at == at) {
            // A tag: "pan it, right?"
            Some(token) if token.lower == "right" && is_alone(lexemes, at) => next += 1,
            Some(token) => {
                next += 1;
                if token.is_content() {
                    place += 1;
                } else if let Some(word) = said(tokens, next - 1) {
                    // "If it clips, what should I do?"
                    if !filled.contains(&token.clause) {
                        loose.extend(parts(word).map(str::to_owned));
                    }
                    parts(word).for_each(|word| words.push((word.to_owned(), place)));
                }
            }
            // Between tokens, or inside one that takes several lexemes.
            None if is_filler(lexemes, at) => {
                parts(grammar::standard(&lexeme.lower))
                    .for_each(|word| words.push((word.to_owned(), place)));
            }
            None => match lexeme.lower.as_str() {
                "@" => words.push(("at".to_owned(), place)),
                "&" => words.push(("and".to_owned(), place)),
                _ => {}
            },
        }
    }
    let explains = tokens.iter().any(|token| token.lower == "explain");
    let words = without_favour(without_frames(&words), place, explains);
    let mut smalls: Vec<Small> = words.into_iter().map(small).collect();
    smalls.iter_mut().filter(|s| loose.contains(&s.word)).for_each(|s| s.role = Role::Word);
    smalls
}

/// What a token that has no meaning of its own says among its neighbours; none where it adds nothing.
fn said(tokens: &[Token], at: usize) -> Option<&str> {
    let (token, after) = (&tokens[at], &tokens[at + 1..]);
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let next = after.first();
    let asks = |token: &Token| matches!(token.lower.as_str(), "what" | "which" | "how");
    match token.lower.as_str() {
        // "Mute one guitar" is no "mute the guitar".
        _ if is_one_of(token) && next.is_some_and(Token::is_content) => Some("a"),
        _ if is_number(Some(token)) => None,
        // "2 to 5" is "2-5".
        "to" if is_number(before) && is_number(next) => Some("–"),
        // "A delay of 15 ms".
        "of" if !is_number(before) && (next.is_some_and(measures) || is_measured(after)) => None,
        // "Ratio 1:3.5 -> what timbre".
        "→" if next.is_some_and(asks) => None,
        word => Some(word),
    }
}

/// Whether a token is a `one` that may as well be `a`.
fn is_one_of(token: &Token) -> bool {
    matches!(&token.value, TokenValue::Quantity(quantity) if quantity.is_one())
}

/// Without the end of "could you tune it for me" and "explain it to me", not of "is it for me". `end` is the place
/// behind everything.
fn without_favour(
    mut words: Vec<(String, usize)>,
    end: usize,
    explains: bool,
) -> Vec<(String, usize)> {
    // "Who mixed it for me", "explain what he said to me": there it is part of what is asked.
    let asks = |word: &str| {
        is_auxiliary(word) || matches!(word, "which" | "who" | "how" | "why" | "when" | "where")
    };
    if let [.., (before, at), (last, place)] = words.as_slice()
        && last == "me"
        && (before == "for" || before == "to" && explains)
        && !words.iter().any(|(word, _)| asks(word))
        && (*at, *place) == (end, end)
    {
        words.truncate(words.len() - 2);
    }
    // "Tell me what the key is", "what is the key".
    if let [(which, 0), (the, 0), .., (is, place)] = words.as_slice()
        && (which.as_str(), the.as_str(), is.as_str()) == ("which", "the", "is")
        && *place == end
    {
        words.pop();
        words.drain(..2);
    }
    words
}

/// "Of a quarter of a second".
fn is_measured(rest: &[Token]) -> bool {
    matches!(rest, [article, value, ..] if article.lower == "a" && measures(value))
}

fn measures(token: &Token) -> bool {
    matches!(&token.value, TokenValue::Quantity(quantity) if !quantity.counts())
}

fn is_number(token: Option<&Token>) -> bool {
    token.is_some_and(|token| matches!(token.value, TokenValue::Quantity(_)))
}

fn small((word, place): (String, usize)) -> Small {
    let role = match word.as_str() {
        "a" | "the" | "my" => Role::Article,
        "and" | "or" => Role::Joining,
        word if is_auxiliary(word) => Role::Word,
        _ => Role::Binding,
    };
    Small { word, place, role }
}

/// Words that change places with their subject where a question is told: "should it be", "it should be".
fn is_auxiliary(word: &str) -> bool {
    const AUXILIARIES: [&str; 26] = [
        "is", "are", "be", "been", "being", "was", "were", "am", "did", "have", "has", "had",
        "can", "could", "would", "will", "shall", "should", "may", "might", "must", "doing",
        "done", "having", "how-to", "there",
    ];
    AUXILIARIES.contains(&word)
}

/// A word that was left out as a filler, where it is more than that: not at the edge of its clause.
fn is_filler(lexemes: &[Lexeme], at: usize) -> bool {
    const MANNERS: [&str; 28] = [
        "please", "pls", "plz", "thanks", "thank", "thx", "ty", "cheers", "hey", "hi", "hello",
        "yo", "kindly", "ok", "okay", "um", "uh", "erm", "hmm", "lol", "btw", "huh", "eh", "dude",
        "bro", "mate", "folks", "guys",
    ];
    let lexeme = &lexemes[at];
    if lexeme.kind != Kind::Word || !grammar::is_filler(grammar::standard(&lexeme.lower)) {
        return false;
    }
    let (opens, closes) = edges(lexemes, at);
    let is_manner = MANNERS.contains(&grammar::standard(&lexeme.lower));
    let is_alone = opens && closes;
    let begins = at == 0 && matches!(lexeme.lower.as_str(), "so" | "actually" | "basically");
    !(is_alone || begins || is_manner && (opens || closes))
}

/// Whether a lexeme is the first word of its clause, and the last.
fn edges(lexemes: &[Lexeme], at: usize) -> (bool, bool) {
    let clause = lexemes[at].clause;
    let words = |side: &[Lexeme]| side.iter().any(|l| l.clause == clause && l.kind != Kind::Sign);
    (!words(&lexemes[..at]), !words(&lexemes[at + 1..]))
}

fn is_alone(lexemes: &[Lexeme], at: usize) -> bool {
    edges(lexemes, at) == (true, true)
}

/// One spelling for each; a contraction is two words.
fn parts(lower: &str) -> impl Iterator<Item = &str> {
    let (first, second) = match lower {
        "what's" | "whats" => ("which", "is"),
        "how's" | "hows" => ("how", "is"),
        "where's" | "wheres" => ("where", "is"),
        // A slip for one another.
        "it's" | "its" => ("it", "is"),
        "their" => ("there", ""),
        "i'm" | "im" => ("i", "am"),
        "i've" | "ive" => ("i", "have"),
        "i'd" | "id" => ("i", "would"),
        "let's" | "lets" => ("let", "us"),
        "there's" | "theres" => ("there", "is"),
        "that's" | "thats" => ("that", "is"),
        "who's" | "whos" => ("who", "is"),
        "he's" => ("he", "is"),
        "she's" => ("she", "is"),
        "what're" => ("which", "are"),
        "you're" | "youre" => ("you", "are"),
        "we're" => ("we", "are"),
        "they're" | "theyre" => ("they", "are"),
        "what" => ("which", ""),
        "an" => ("a", ""),
        "our" => ("my", ""),
        "ur" => ("your", ""),
        "'s" | "s" => ("is", ""),
        "got" => ("have", ""),
        "could" => ("can", ""),
        "okay" => ("ok", ""),
        // A question needs them, a sentence does not.
        "do" | "does" => ("", ""),
        other => (other, ""),
    };
    [first, second].into_iter().filter(|word| !word.is_empty())
}

/// "On a phone how do I listen": a phrase that begins with a preposition stands before the question. `asked` is
/// the place where the question begins.
pub(super) fn is_fronted(smalls: &[Small], asked: usize) -> bool {
    let leads = |small: &Small| {
        matches!(small.word.as_str(), "in" | "on" | "at" | "for" | "with" | "by" | "if" | "when")
    };
    let asks = |small: &Small| {
        small.place == asked
            && matches!(
                small.word.as_str(),
                "how-to"
                    | "how"
                    | "which"
                    | "why"
                    | "where"
                    | "who"
                    | "should"
                    | "can"
                    | "is"
                    | "are"
                    | "will"
            )
    };
    smalls.first().is_some_and(|first| first.place == 0 && leads(first)) && smalls.iter().any(asks)
}

/// Ways of asking that add nothing: "how do I", "how can I" and "how to" are one.
fn without_frames(words: &[(String, usize)]) -> Vec<(String, usize)> {
    let mut out: Vec<(String, usize)> = Vec::with_capacity(words.len());
    let mut rest = words;
    while let [(word, place), after @ ..] = rest {
        let next = |i: usize| {
            after.get(i).filter(|(_, at)| at == place).map_or("", |(word, _)| word.as_str())
        };
        let person = |word: &str| matches!(word, "i" | "you" | "we" | "one");
        let ways = matches!(next(0), "can" | "could" | "should" | "would" | "might");
        let taken = match (word.as_str(), next(0)) {
            ("how", "to") => 1,
            ("how", one) if person(one) => 1,
            ("how", _) if ways && person(next(1)) => 2,
            ("but" | "so" | "and" | "get", _) if *place == 0 && out.is_empty() => {
                rest = after;
                continue;
            }
            ("give" | "show" | "tell", "me") if *place == 0 && out.is_empty() => {
                rest = &after[1..];
                continue;
            }
            // "What is the difference between", "difference between".
            ("which", "is") if *place == 0 && out.is_empty() && next(1) == "the" => {
                rest = &after[2..];
                continue;
            }
            _ => 0,
        };
        let is_way = taken > 0 || word == "how" && next(0).is_empty();
        let word = if is_way { "how-to" } else { word };
        out.push((word.to_owned(), *place));
        rest = &after[taken..];
    }
    out
}
