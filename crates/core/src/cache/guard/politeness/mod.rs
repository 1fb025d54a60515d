//! What only makes a request polite: greetings, thanks, "if you have a moment", "could you tell me".
//!
//! Some of it holds words that elsewhere count (not, much, a second, good evening). So whole clauses are
//! dropped only where nothing else stands in them and where such a clause belongs, ways of asking only where
//! a clause opens, and nothing that may be somebody else's words: "translate: good evening".

mod clauses;
mod phrase;

use super::lex::{Kind, Lexeme};

/// The lexemes without what is mere politeness.
pub(super) fn dropped(lexemes: Vec<Lexeme>) -> Vec<Lexeme> {
    let mut out = Vec::with_capacity(lexemes.len());
    let runs: Vec<&[Lexeme]> = lexemes.chunk_by(|a, b| a.clause == b.clause).collect();
    let closing = runs.iter().rposition(|run| !clauses::closes(run)).map_or(0, |last| last + 1);
    let mut at = addressed(&runs);
    while at < runs.len() {
        let run = runs[at];
        let opening = out.is_empty() && clauses::opens(run);
        let mere = opening || at >= closing || clauses::is_aside(run);
        if mere {
            // What was asked is still a question when "…, please?" goes.
            out.extend(run.iter().filter(|l| l.text == "?").cloned());
        } else {
            without_phrases(run, &mut out);
        }
        at += 1;
    }
    // Politeness alone is the whole request.
    if out.iter().all(|l| l.kind == Kind::Sign) { lexemes } else { out }
}

/// A clause without the ways of asking at its front and the phrases inside.
fn without_phrases(run: &[Lexeme], out: &mut Vec<Lexeme>) {
    let mut at = 0;
    while let Some(taken) = clauses::asking(&run[at..]).or_else(|| phrase::longest(&run[at..])) {
        at += taken;
    }
    // "Could you turn it on?" is no question.
    let request = at > 0 && run.get(at).is_some_and(|next| !clauses::asks(&next.lower));
    let run = match run {
        [rest @ .., mark] if request && mark.text == "?" => rest,
        whole => whole,
    };
    while at < run.len() {
        if let Some(taken) = phrase::longest(&run[at..]) {
            at += taken;
        } else {
            out.push(run[at].clone());
            at += 1;
        }
    }
}

/// "Hey Prime," at the start: somebody is spoken to. How many clauses that takes.
fn addressed(runs: &[&[Lexeme]]) -> usize {
    match runs {
        [[greeting, _name], _, ..] if clauses::greets(&greeting.lower) => 1,
        _ => 0,
    }
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
            (
                "Good evening! I'd be very grateful if you could explain how dither works.",
                "how dither works",
            ),
            ("Hello there, hope you are doing well. Tune the kick. Many thanks!", "tune the kick"),
            (
                "If you've got a minute, would you kindly tune the kick? That would be lovely",
                "tune the kick",
            ),
            ("Do you know how loud it is?", "how loud it is ?"),
            ("Sorry to bother you again, but may I ask how long a fade is", "how long a fade is"),
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

    #[test]
    fn what_only_looks_like_manners_stays() {
        for text in [
            "write a good morning jingle",
            "a song title like good evening",
            "song titles, good morning, good evening",
            "translate into french: good evening",
            "translate into french: thanks a lot",
            "finish the line 'thank you so much'",
            "i've got a second guitar",
            "pan it left if you have a second guitar",
            "a minute of silence, how to fade into it",
            "explain the chord, if it is diminished",
            "tell me if the master clips",
            "let me know when the bounce is done",
            "is it possible to run two limiters",
        ] {
            let words = super::super::lex::lexemes(text);
            let words: Vec<&str> = words.iter().map(|l| l.lower.as_str()).collect();
            assert_eq!(left(text), words.join(" "));
        }
    }
}
