//! Words that point at the context: this, my, here, current. A request with one is about what is
//! open in the studio; without one, the context is no part of the question.

/// Whether a word ties its request to the context.
pub(crate) fn is_deictic(lower: &str) -> bool {
    matches!(
        lower,
        "this"
            | "these"
            | "my"
            | "mine"
            | "here"
            | "our"
            | "current"
            | "currently"
            | "the-current"
            | "now"
            | "selected"
            | "we're"
            | "it's"
            | "it"
            | "that"
            | "i'm"
            | "its"
            | "we"
            | "our's"
    )
}

/// What a field of the audio context is about, by the words in which a request would speak of it. None
/// for fields of other kinds, which may bear on any request.
pub(crate) fn subject(field: &str) -> Option<&'static [&'static str]> {
    let field = field.split('.').next().unwrap_or(field).to_lowercase().replace(['_', '-'], "");
    SUBJECTS.iter().find(|(name, _)| *name == field).map(|(_, words)| *words)
}

const SUBJECTS: &[(&str, &[&str])] = &[
    (
        "bpm",
        &[
            "bpm", "tempo", "fast", "slow", "faster", "slower", "beat", "beats", "bar", "bars",
            "delay", "sync", "synced", "halftime", "speed", "ms", "milliseconds", "seconds",
            "measure", "measures", "long",
        ],
    ),
    ("tempo", &["bpm", "tempo", "beat", "bars", "delay"]),
    (
        "key",
        &[
            "key", "scale", "chord", "chords", "note", "notes", "root", "tonic", "melody",
            "harmony", "harmonies", "transpose", "tune", "tuning", "pitch", "minor", "major",
            "relative", "parallel", "modulate", "capo", "progression", "bassline",
        ],
    ),
    (
        "scale",
        &[
            "key", "scale", "chord", "chords", "note", "notes", "melody", "harmony", "harmonies",
            "mode",
        ],
    ),
    (
        "chord",
        &[
            "chord", "chords", "scale", "notes", "voicing", "next", "harmony", "substitute",
            "melody", "solo",
        ],
    ),
    (
        "lufs",
        &[
            "lufs", "loud", "louder", "loudness", "level", "quiet", "quieter", "master", "limiter",
            "limit", "streaming", "spotify", "target", "gain", "volume", "squashed", "headroom",
            "compressed", "mix", "mastering", "dynamics",
        ],
    ),
    (
        "dynamicrange",
        &[
            "dynamic", "dynamics", "range", "compressed", "compression", "squashed", "punch",
            "punchy", "crest", "limiter", "loud", "headroom", "lively", "flat", "mix", "mastering",
            "master", "compressor", "compress", "compressing", "multiband", "transients",
        ],
    ),
    (
        "spectralbalance",
        &[
            "low", "lows", "mid", "mids", "high", "highs", "bright", "dark", "muddy", "mud",
            "harsh", "balance", "balanced", "bass", "treble", "thin", "boomy", "tilt", "spectrum",
            "frequency", "frequencies", "eq", "heavy", "warm", "warmth", "brightness", "brighten",
            "darken", "air", "airy", "presence", "brittle", "sibilance", "clarity", "clear", "sub",
            "subs", "band", "bands", "multiband", "crossover", "compress", "body", "full",
            "fullness", "rumble", "boxy", "nasal", "honky", "tinny", "shrill", "dull", "crisp",
            "tonal", "tone", "shelf", "mix", "mastering", "sound", "sounds",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_point() {
        for word in ["this", "my", "here", "current", "selected"] {
            assert!(is_deictic(word), "{word}");
        }
        assert!(!is_deictic("the") && !is_deictic("a"));
    }

    #[test]
    fn a_field_by_the_words_that_speak_of_it() {
        assert!(subject("bpm").is_some_and(|words| words.contains(&"tempo")));
        assert!(subject("dynamic_range").is_some_and(|words| words.contains(&"punchy")));
        assert!(subject("key.root").is_some_and(|words| words.contains(&"chords")));
        assert_eq!(subject("genre"), None, "bears on any request");
    }
}
