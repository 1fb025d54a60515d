//! Words that point at the context: this, my, here, current. A request with one is about what is
//! open in the studio; without one, the context is no part of the question. And what a field of it is about.

use super::unit::Dimension;

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

/// Whether a request points at its context as a whole: "this mix", "here". What points at a field only, "this
/// key", speaks of that field.
pub(crate) fn points(words: &[(&str, u16)]) -> bool {
    let names_field = |rest: &[(&str, u16)]| {
        let names =
            |at: usize, names: &[&str]| rest.get(at).is_some_and(|(word, _)| names.contains(word));
        names(0, &["key", "tempo", "bpm", "scale", "chord"])
            || names(0, &["sample", "true", "time"]) && names(1, &["rate", "peak", "signature"])
    };
    let binds = |word: &str| matches!(word, "this" | "my" | "our" | "current" | "the-current");
    words.iter().enumerate().any(|(at, (word, _))| {
        let bound = binds(word)
            && (names_field(&words[at + 1..])
                || words.get(at + 1).is_some_and(|(next, _)| *next == "current")
                    && names_field(&words[at + 2..]));
        is_deictic(word) && !bound
    })
}

/// What a field of the audio context is about, by the words in which a request would speak of it. None
/// for fields of other kinds.
pub(crate) fn subject(field: &str) -> Option<&'static [&'static str]> {
    let field = plain(field);
    SUBJECTS.iter().find(|(name, _)| *name == field).map(|(_, words)| *words)
}

/// Whether a field tells what is worked on and with what: that bears on advice, not on what a term means. Its
/// values are names, of which case tells nothing: `Gospel`, `Lead Vocal`. A field that nobody knows (`locale`,
/// `level`) may bear on any answer.
pub(crate) fn is_about_work(field: &str) -> bool {
    const WORK: [&str; 24] = [
        "genre", "subgenre", "style", "mood", "plugin", "preset", "instrument", "track",
        "trackname", "selectedtrack", "trackcount", "tracks", "section", "project", "projectname",
        "song", "title", "artist", "bus", "channel", "clip", "position", "vocalstyle",
        "sourcetype",
    ];
    WORK.contains(&plain(field).as_str())
}

/// Whether a word that opens a clause wants something made, changed or judged: that depends on what there is.
pub(crate) fn makes_or_judges(lower: &str) -> bool {
    const VERBS: [&str; 74] = [
        "suggest", "recommend", "improve", "fix", "write", "compose", "generate", "create", "make",
        "give", "arrange", "build", "program", "design", "add", "set", "find", "continue",
        "resolve", "reharmonize", "reharmonise", "harmonize", "harmonise", "analyze", "analyse",
        "rate", "judge", "check", "detect", "summarize", "summarise", "review", "evaluate",
        "critique", "assess", "choose", "pick", "propose", "extend", "finish", "complete", "mix",
        "master", "balance", "eq", "compress", "tune", "transpose", "adjust", "change", "turn",
        "raise", "lower", "boost", "cut", "remove", "replace", "enhance", "polish", "prepare",
        "plan", "draft", "invent", "vary", "remix", "rework", "clean", "tighten", "widen",
        "brighten", "warm", "glue", "humanize", "quantize",
    ];
    VERBS.contains(&lower)
}

/// Whether a word that opens a clause wants something told that is so in any studio.
pub(crate) fn asks_to_know(lower: &str) -> bool {
    matches!(
        lower,
        "explain"
            | "define"
            | "tell"
            | "list"
            | "compare"
            | "convert"
            | "translate"
            | "calculate"
            | "spell"
            | "show"
            | "outline"
            | "teach"
            | "clarify"
            | "difference"
            | "meaning"
            | "definition"
    )
}

/// What is open in the studio as a whole.
pub(crate) fn is_the_work(lower: &str) -> bool {
    matches!(
        lower,
        "track"
            | "song"
            | "mix"
            | "session"
            | "project"
            | "master"
            | "arrangement"
            | "recording"
            | "mixdown"
            | "bounce"
            | "tune"
            | "beat"
    )
}

/// A part of it, or a side.
pub(crate) fn is_part_of_work(lower: &str) -> bool {
    const PARTS: [&str; 56] = [
        "balance", "low", "lows", "mid", "mids", "high", "highs", "top", "bottom", "bass", "kick",
        "snare", "drum", "drums", "hats", "vocal", "vocals", "voice", "lead", "pad", "synth",
        "guitar", "guitars", "piano", "keys", "strings", "drop", "chorus", "verse", "bridge",
        "intro", "outro", "hook", "breakdown", "melody", "harmony", "harmonies", "chord", "chords",
        "progression", "mood", "key", "tempo", "dynamics", "levels", "level", "loudness", "groove",
        "reverb", "delay", "stereo", "sound", "tone", "transients", "energy", "topline",
    ];
    PARTS.contains(&lower)
}

/// Whether a word names no subject: with nothing else, a request is about what is open.
pub(crate) fn is_no_subject(lower: &str) -> bool {
    const WORDS: [&str; 97] = [
        "improve", "improvement", "improvements", "change", "changes", "wrong", "missing", "think",
        "thought", "thoughts", "opinion", "suggest", "suggestion", "suggestions", "idea", "ideas",
        "feedback", "tip", "tips", "advice", "next", "step", "steps", "now", "do", "does", "doing",
        "start", "begin", "better", "worse", "best", "good", "bad", "great", "okay", "ok",
        "energy", "tension", "ready", "release", "work", "working", "works", "help", "helps",
        "need", "needs", "try", "fit", "fits", "fitting", "more", "less", "add", "remove", "thing",
        "things", "something", "anything", "variation", "go", "going", "come", "comes", "quick",
        "get", "further", "continue", "too", "bassy", "boomy", "muddy", "harsh", "loud", "quiet",
        "bright", "dark", "thin", "plugin", "plugins", "sound", "sounds", "enough", "stick",
        "sticks", "stand", "stands", "out", "off", "clash", "clashes", "fight", "fighting",
        "instruments", "cut", "part",
    ];
    WORDS.contains(&lower)
}

/// The words of a field's name: `selectedTrack` is selected and track.
pub(crate) fn words(field: &str) -> Vec<&'static str> {
    const WORDS: [&str; 20] = [
        "genre", "style", "mood", "plugin", "preset", "instrument", "track", "section", "project",
        "song", "title", "artist", "bus", "channel", "clip", "position", "vocal", "source",
        "tracks", "subgenre",
    ];
    let field = plain(field);
    WORDS.into_iter().filter(|word| field.contains(word)).collect()
}

/// What a field's values are counted in, where it goes without saying.
pub(crate) fn counted(field: &str) -> Option<Dimension> {
    Some(match plain(field).as_str() {
        "bpm" | "tempo" => Dimension::Tempo,
        "lufs" | "loudness" => Dimension::Loudness,
        "samplerate" => Dimension::Frequency,
        _ => return None,
    })
}

fn plain(field: &str) -> String {
    field.split('.').next().unwrap_or(field).to_lowercase().replace(['_', '-'], "")
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
        "timesignature",
        &[
            "time", "signature", "meter", "metre", "beat", "beats", "bar", "bars", "measure",
            "measures", "count", "groove", "swing", "rhythm", "triplet", "triplets", "waltz",
            "polyrhythm", "long", "drum", "drums", "pattern", "loop",
        ],
    ),
    (
        "samplerate",
        &[
            "sample", "samples", "rate", "khz", "hz", "aliasing", "latency", "buffer", "export",
            "bounce", "render", "convert", "oversampling", "resolution", "nyquist", "quality",
            "ms", "milliseconds", "long", "resample", "file", "files", "record", "recording",
        ],
    ),
    (
        "truepeak",
        &[
            "peak", "peaks", "true", "ceiling", "limiter", "limit", "clip", "clips", "clipping",
            "loud", "louder", "hot", "headroom", "dbtp", "master", "mastering", "streaming",
            "level", "gain",
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
        let points =
            |text: &str| points(&text.split(' ').map(|word| (word, 0)).collect::<Vec<_>>());
        assert!(points("what fits this mix") && points("what fits this key here"));
        assert!(!points("notes of this key") && !points("is my sample rate ok"));
        assert!(!points("the half of our current tempo"));
    }

    #[test]
    fn a_field_by_the_words_that_speak_of_it() {
        assert!(subject("bpm").is_some_and(|words| words.contains(&"tempo")));
        assert!(subject("dynamic_range").is_some_and(|words| words.contains(&"punchy")));
        assert!(subject("key.root").is_some_and(|words| words.contains(&"chords")));
        assert_eq!(subject("genre"), None, "bears on any request");
    }
}
