//! Why is this said of me? Counts and dates, and a sentence that tells them.

use serde::Serialize;
use serde_json::Value;

use super::day::day;
use super::fact::{RecallFact, kept};
use super::facts::scalar;
use super::fade::HALF_LIFE_DAYS;
use crate::describe::{number, phrase};
use crate::error::Result;
use crate::store::{Evidence, Interval};

/// Why something is said of a user.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecallExplanation {
    /// The fact as it is now.
    #[serde(flatten)]
    pub fact: RecallFact,
    /// All of it in words.
    pub sentence: String,
    /// Days after which a sighting counts half; none for a state, which does not fade.
    pub half_life_days: Option<f64>,
    /// Where it was seen, newest first, at most 100.
    pub observations: Vec<SeenIn>,
    /// Values a state had before, oldest first.
    pub formerly: Vec<Former>,
}

/// An observation that holds a fact.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenIn {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// In which project, when it was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The id of the memory made from it, unless that was forgotten.
    pub memory: Option<String>,
}

/// A value that a state had.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Former {
    /// The value.
    pub value: Value,
    /// Since when, in milliseconds since 1970.
    pub valid_from: i64,
    /// Until when, in milliseconds since 1970.
    pub valid_to: i64,
}

/// The explanation of `fact`; `kind_weight` is the weight of its whole category.
pub(crate) fn explain(
    fact: RecallFact,
    is_state: bool,
    evidence: Evidence,
    kind_weight: f64,
) -> Result<RecallExplanation> {
    let sentence = if is_state {
        state_sentence(&fact, &evidence.intervals)
    } else {
        habit_sentence(&fact, kind_weight)
    };
    let observations = evidence.observations.into_iter().map(|row| {
        let project = kept(&row.data)?.project;
        Ok(SeenIn { at: row.at, project, memory: row.memory })
    });
    let former = |interval: Interval| {
        let Interval { value, valid_from, valid_to } = interval;
        valid_to.map(|valid_to| Former { value, valid_from, valid_to })
    };
    Ok(RecallExplanation {
        sentence,
        half_life_days: (!is_state).then_some(HALF_LIFE_DAYS),
        observations: observations.collect::<Result<_>>()?,
        formerly: evidence.intervals.into_iter().filter_map(former).collect(),
        fact,
    })
}

fn habit_sentence(fact: &RecallFact, kind_weight: f64) -> String {
    let seen = phrase::counted(fact.count as usize, "time");
    let (first, last) = (day(fact.first_at), day(fact.last_at));
    let when = if first == last {
        format!("{seen}, on {first}")
    } else {
        format!("{seen}, first on {first}, last on {last}")
    };
    let weight = number::rounded(fact.weight, 2);
    format!(
        "{}: seen {when}. It counts as {weight} of {} for {}, because what was seen {HALF_LIFE_DAYS} days ago counts half.",
        habit(fact),
        number::rounded(kind_weight, 2),
        plural(&fact.category),
    )
}

fn habit(fact: &RecallFact) -> String {
    let value = scalar(&fact.value);
    match fact.category.as_str() {
        "project" => format!("You worked on \"{value}\""),
        "genre" => format!("You work in {value}"),
        "bpm" => format!("You work at {value} BPM"),
        "key" => format!("You work in the key {value}"),
        "plugin" => format!("You use {value}"),
        "preset" => {
            format!("You use the preset \"{}\" of {}", fact.text("name"), fact.text("plugin"))
        }
        "setting" => {
            let value = fact.value.get("value").map(scalar).unwrap_or_default();
            let (parameter, plugin) = (fact.text("parameter"), fact.text("plugin"));
            format!("You set {parameter} of {plugin} to {value}")
        }
        own => format!("{own} is {value}"),
    }
}

fn plural(category: &str) -> String {
    match category {
        "bpm" => "tempi".to_owned(),
        "project" | "genre" | "key" | "plugin" | "preset" | "setting" => format!("{category}s"),
        own => own.to_owned(),
    }
}

/// "You mixed to -9.0 LUFS until 12 March 2025, and to -14.0 LUFS since then."
fn state_sentence(fact: &RecallFact, intervals: &[Interval]) -> String {
    let (verb, preposition) = match fact.category.as_str() {
        "lufs" => ("You mixed".to_owned(), "to "),
        "favourite" => (format!("{} was", fact.text("plugin")), ""),
        own => (format!("{own} was"), ""),
    };
    let said = |interval: &Interval| format!("{preposition}{}", in_words(fact, &interval.value));
    let seen = phrase::counted(fact.count as usize, "time");
    let last = format!("seen {seen}, last on {}", day(fact.last_at));
    let Some((now, before)) = intervals.split_last() else {
        return format!("{verb} {preposition}{}.", in_words(fact, &fact.value));
    };
    if before.is_empty() {
        let verb = present(&verb);
        return format!("{verb} {} since {} ({last}).", said(now), day(now.valid_from));
    }
    let until = |one: &Interval| {
        format!("{} until {}", said(one), one.valid_to.map(day).unwrap_or_default())
    };
    // The newest changes are told, the list beside the sentence has them all.
    let told = &before[before.len().saturating_sub(3)..];
    let until: Vec<String> = told.iter().map(until).collect();
    format!("{verb} {}, and {} since then ({last}).", until.join(", "), said(now))
}

fn present(verb: &str) -> String {
    match verb.strip_suffix(" was") {
        Some(subject) => format!("{subject} is"),
        None => verb.replace("mixed", "mix"),
    }
}

fn in_words(fact: &RecallFact, value: &Value) -> String {
    match fact.category.as_str() {
        "lufs" => value.as_f64().map(number::lufs).unwrap_or_default(),
        "favourite" if value.get("favourite") == Some(&Value::Bool(true)) => {
            "a favourite of yours".to_owned()
        }
        "favourite" => "no favourite of yours".to_owned(),
        _ => scalar(value),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::super::usual::tests::fact;
    use super::*;

    const JANUARY: i64 = 1_736_899_200_000;
    const MARCH: i64 = 1_741_737_600_000;

    fn state(values: &[Value], category: &str) -> String {
        let starts = [JANUARY, MARCH, MARCH + 86_400_000];
        let intervals: Vec<Interval> = values
            .iter()
            .enumerate()
            .map(|(i, value)| Interval {
                value: value.clone(),
                valid_from: starts[i],
                valid_to: (i + 1 < values.len()).then(|| starts[i + 1]),
            })
            .collect();
        let now =
            RecallFact { last_at: MARCH, ..fact(category, values[values.len() - 1].clone(), 2.0) };
        state_sentence(&now, &intervals)
    }

    #[test]
    fn what_changed_is_told_with_its_dates() {
        let lufs = state(&[json!(-9), json!(-14)], "lufs");
        let expected = "You mixed to -9.0 LUFS until 12 March 2025, and to -14.0 LUFS since then (seen 2 times, last on 12 March 2025).";
        assert_eq!(lufs, expected);
        let favourite = |marked: bool| json!({ "plugin": "eq8", "favourite": marked });
        assert!(state(&[favourite(true), favourite(false)], "favourite").starts_with(
            "eq8 was a favourite of yours until 12 March 2025, and no favourite of yours since then"
        ));
        assert!(
            state(&[json!(-9)], "lufs").starts_with("You mix to -9.0 LUFS since 15 January 2025")
        );
        assert!(state(&[json!("A"), json!("B")], "room").starts_with("room was A until"));
    }

    #[test]
    fn a_habit_is_told_with_counts() {
        let habit =
            RecallFact { first_at: JANUARY, last_at: MARCH, ..fact("bpm", json!(128), 7.416) };
        let expected = "You work at 128 BPM: seen 8 times, first on 15 January 2025, last on 12 March 2025. \
            It counts as 7.42 of 9 for tempi, because what was seen 90 days ago counts half.";
        assert_eq!(habit_sentence(&habit, 9.0), expected);
        let preset = fact("preset", json!({ "name": "Air", "plugin": "eq8" }), 1.0);
        assert!(
            habit_sentence(&preset, 1.0)
                .starts_with("You use the preset \"Air\" of eq8: seen 1 time, on")
        );
    }
}
