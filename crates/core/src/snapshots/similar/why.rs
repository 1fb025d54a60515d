//! Why are two projects alike? One sentence.

use super::score::Similarity;
use crate::describe::number;
use crate::describe::phrase;

/// Most plugins named.
const MAX_NAMED: usize = 3;

impl Similarity {
    /// What the two have in common, in one sentence: "Much of the same notes 3 semitones higher, the
    /// same rhythms, both at 120 BPM, both use Serum."
    pub fn why(&self) -> String {
        let found = [
            self.of_notes(),
            self.of_rhythm(),
            self.of_keys(),
            self.of_tempo(),
            self.of_plugins(),
            self.of_sound(),
            self.of_form(),
        ];
        let mut said: Vec<String> = found.into_iter().flatten().collect();
        if self.score <= 0.0 || said.is_empty() {
            said.insert(0, "little in common".to_owned());
        }
        match self.has_notes {
            [true, true] => {}
            [false, false] => said.push("compared without notes, which neither has".to_owned()),
            _ => said.push("compared without notes, which one of them lacks".to_owned()),
        }
        sentence(&said.join(", "))
    }

    fn of_notes(&self) -> Option<String> {
        let share = graded(
            self.parts.notes,
            &[
                (0.8, "the same notes"),
                (0.3, "much of the same notes"),
                (0.1, "some of the same notes"),
            ],
        )?;
        let way = match self.transposed {
            None | Some(0) => String::new(),
            Some(up) => {
                let semitones = phrase::counted(usize::from(up.unsigned_abs()), "semitone");
                format!(" {semitones} {}", if up > 0 { "higher" } else { "lower" })
            }
        };
        Some(format!("{share}{way}"))
    }

    fn of_rhythm(&self) -> Option<String> {
        let grades = [(0.8, "the same rhythms"), (0.4, "similar rhythms")];
        graded(self.parts.rhythm, &grades).map(str::to_owned)
    }

    fn of_keys(&self) -> Option<String> {
        let [Some(a), Some(b)] = &self.keys else { return None };
        (a == b).then(|| format!("both in {a}"))
    }

    fn of_tempo(&self) -> Option<String> {
        let [Some(a), Some(b)] = self.bpm else { return None };
        let [one, other] = [a, b].map(|bpm| number::rounded(f64::from(bpm), 1));
        let times = a.max(b) / a.min(b);
        match times {
            _ if one == other => Some(format!("both at {one} BPM")),
            ..=1.06 => Some(format!("{one} and {other} BPM")),
            1.94..=2.06 => Some(format!(
                "{one} and {other} BPM, about {} the tempo",
                if a > b { "half" } else { "twice" }
            )),
            _ => None,
        }
    }

    fn of_plugins(&self) -> Option<String> {
        let names: Vec<String> =
            self.shared_plugins.iter().filter_map(|id| phrase::readable(id)).collect();
        let (first, rest) = names.split_at(names.len().min(MAX_NAMED));
        let last = match rest.len() {
            0 => return joined(first).map(|names| format!("both use {names}")),
            more => phrase::counted(more, "more plugin"),
        };
        Some(format!("both use {} and {last}", first.join(", ")))
    }

    /// Only where it is not the plugins that were named already.
    fn of_sound(&self) -> Option<String> {
        let alike = self.parts.sound.is_some_and(|sound| sound >= 0.4);
        alike.then(|| "tracks and instruments of the same names".to_owned())
    }

    fn of_form(&self) -> Option<String> {
        let alike = self.parts.form.is_some_and(|form| form >= 0.5);
        alike.then(|| "clips of the same lengths".to_owned())
    }
}

/// The words of the first grade that `part` reaches.
fn graded<'a>(part: Option<f32>, grades: &[(f32, &'a str)]) -> Option<&'a str> {
    let part = part?;
    grades.iter().find(|(least, _)| part >= *least).map(|(_, words)| *words)
}

/// "a", "a and b", "a, b and c".
fn joined(names: &[String]) -> Option<String> {
    let (last, before) = names.split_last()?;
    Some(if before.is_empty() { last.clone() } else { format!("{} and {last}", before.join(", ")) })
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
