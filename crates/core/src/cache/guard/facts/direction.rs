//! Which way: boost or cut, up or down, before or after. An axis with two ends; a request that says
//! one end is not answered by the other.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The axis of a word and its end, `+` or `-`.
pub(crate) fn class(lower: &str) -> Option<(&'static str, char)> {
    BY_WORD.get(lower).copied()
}

/// Each word with its axis and end. Of two axes that name it the first counts.
static BY_WORD: LazyLock<HashMap<&str, (&str, char)>> = LazyLock::new(|| {
    let ends = AXES.iter().rev().flat_map(|(axis, plus, minus)| {
        let end = move |words: &'static [&'static str], end| {
            words.iter().map(move |word| (*word, (*axis, end)))
        };
        end(minus, '-').chain(end(plus, '+'))
    });
    ends.collect()
});

/// The words of the other end of an axis.
pub(crate) fn others(axis: &str, end: char) -> &'static [&'static str] {
    let found = AXES.iter().find(|(name, ..)| *name == axis);
    found.map_or(&[], |(_, plus, minus)| if end == '+' { minus } else { plus })
}

type Axis = (&'static str, &'static [&'static str], &'static [&'static str]);

const AXES: &[Axis] = &[
    (
        "amount",
        &[
            "boost", "boosting", "boosted", "raise", "raising", "raised", "increase", "increasing",
            "increased", "louder", "up", "upward", "upwards", "more", "higher", "add", "adding",
            "gain", "longer", "bigger", "larger", "lengthen", "extend", "maximize", "rise",
            "rising", "upwards", "turn-up",
        ],
        &[
            "cut", "cutting", "cuts", "lower", "lowering", "lowered", "reduce", "reducing",
            "reduced", "decrease", "decreasing", "decreased", "quieter", "softer", "down",
            "downward", "downwards", "less", "attenuate", "remove", "removing", "shorter",
            "smaller", "shorten", "minimize", "drop", "fall", "falling", "fewer", "dip",
        ],
    ),
    (
        "time",
        &[
            "before", "prior", "upstream", "ahead", "precede", "precedes", "preceding", "earlier",
            "ante", "pre",
        ],
        &[
            "after", "behind", "downstream", "following", "post", "afterwards", "later", "past",
            "since",
        ],
    ),
    (
        "speed",
        &["faster", "quicker", "speedup", "accelerate", "fast", "quick"],
        &["slower", "slowdown", "slow", "slowly"],
    ),
    ("side", &["left"], &["right-hand", "rightmost"]),
    (
        "height",
        &["above", "over", "highest", "top", "upper", "highs", "highpass", "high"],
        &["below", "under", "beneath", "underneath", "lowest", "bottom", "lows", "lowpass", "low"],
    ),
    (
        "width",
        &["wide", "wider", "widen", "widest", "stereo"],
        &["narrow", "narrower", "mono", "narrowest"],
    ),
    (
        "brightness",
        &["bright", "brighter", "brighten"],
        &["dark", "darker", "darken", "dull", "duller"],
    ),
    ("warmth", &["warm", "warmer"], &["cold", "colder"]),
    (
        "extent",
        &[
            "most", "maximum", "max", "longest", "biggest", "largest", "loudest", "latest",
            "newest", "fastest",
        ],
        &[
            "least", "minimum", "min", "shortest", "smallest", "quietest", "oldest", "earliest",
            "slowest",
        ],
    ),
    ("worth", &["best", "better", "good"], &["worst", "worse", "bad"]),
    (
        "switch",
        &["enable", "on", "enabled", "activate", "unmute", "unbypass"],
        &["disable", "off", "disabled", "deactivate", "mute", "bypass", "muted", "bypassed"],
    ),
    (
        "travel",
        &["import", "importing", "in", "input", "incoming"],
        &["export", "exporting", "out", "output", "outgoing"],
    ),
    ("pace", &["attack", "onset"], &["release"]),
    (
        "ends",
        &["start", "begin", "beginning", "intro", "first", "open", "opening"],
        &["end", "ending", "finish", "outro", "last", "final", "close", "closing"],
    ),
    ("lock", &["lock", "locked", "freeze"], &["unlock", "unlocked", "unfreeze"]),
    ("mix", &["wet", "wetter"], &["dry", "drier", "dryer"]),
    ("sound", &["major"], &["minor"]),
    (
        "hold",
        &["keep", "keeping", "preserve", "include", "including", "with"],
        &["discard", "delete", "without", "lose"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ends_of_one_axis() {
        for (plus, minus) in [
            ("boost", "cut"),
            ("raise", "lower"),
            ("louder", "quieter"),
            ("before", "after"),
            ("faster", "slower"),
            ("above", "below"),
            ("highpass", "lowpass"),
            ("wider", "narrower"),
            ("brighter", "darker"),
            ("attack", "release"),
            ("import", "export"),
            ("wet", "dry"),
            ("major", "minor"),
        ] {
            let (axis, end) = class(plus).unwrap_or_else(|| panic!("{plus}"));
            assert_eq!((end, class(minus)), ('+', Some((axis, '-'))), "{plus} {minus}");
        }
        assert_eq!(class("reverb"), None);
    }

    #[test]
    fn no_word_stands_at_both_ends() {
        for (axis, plus, minus) in AXES {
            assert!(plus.iter().all(|word| !minus.contains(word)), "{axis}");
        }
    }
}
