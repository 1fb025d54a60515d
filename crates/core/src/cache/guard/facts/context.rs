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
            "compressed",
        ],
    ),
    (
        "dynamicrange",
        &[
            "dynamic", "dynamics", "range", "compressed", "compression", "squashed", "punch",
            "punchy", "crest", "limiter", "loud", "headroom", "lively", "flat",
        ],
    ),
    (
        "spectralbalance",
        &[
            "low", "lows", "mid", "mids", "high", "highs", "bright", "dark", "muddy", "mud",
            "harsh", "balance", "balanced", "bass", "treble", "thin", "boomy", "tilt", "spectrum",
            "frequency", "frequencies", "eq", "heavy", "warm",
        ],
    ),
];
