//! Abbreviations and second names of the trade. Only words that mean the same in every sentence:
//! what merely lies near (level, loudness) is left to the pair model.

use std::collections::HashMap;
use std::sync::LazyLock;

/// By the short word. Of two full words for it the first counts.
static FULL: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let pairs = NAMES.iter().rev();
    pairs.flat_map(|(name, others)| others.iter().map(move |other| (*other, *name))).collect()
});

/// The full word for an abbreviation or a second name.
pub(super) fn full(lower: &str) -> Option<&'static str> {
    FULL.get(lower).copied()
}

/// Whether it is a word of the trade, in full or short.
pub(super) fn knows(lower: &str) -> bool {
    FULL.contains_key(lower) || NAMES.iter().any(|(name, _)| *name == lower)
}

const NAMES: &[(&str, &[&str])] = &[
    ("vocal", &["vox", "voc", "vocs", "vx", "vocals"]),
    ("reverb", &["verb", "rvb", "reverberation", "verbs"]),
    ("compressor", &["comp", "comps"]),
    ("equalizer", &["eq", "eqs", "equaliser", "eq'ing", "eqing"]),
    ("frequency", &["freq", "freqs"]),
    ("highpass", &["hpf", "lowcut"]),
    ("lowpass", &["lpf", "highcut"]),
    ("guitar", &["gtr", "gtrs", "guit", "guitars"]),
    ("synthesizer", &["synth", "synths", "synthesiser"]),
    ("drum", &["drums", "drm", "drms"]),
    ("keyboard", &["kbd"]),
    ("measure", &["bar", "bars", "measures"]),
    ("automation", &["autom"]),
    ("sidechain", &["sc", "sidechaining"]),
    ("distortion", &["dist", "disto"]),
    ("maximum", &["max"]),
    ("instrument", &["inst", "instr"]),
    ("microphone", &["mic", "mics", "mike"]),
    ("amplifier", &["amp", "amps"]),
    ("preamplifier", &["preamp", "preamps", "pre-amp"]),
    ("project", &["proj"]),
    ("backing", &["bgv", "bgvs", "bv", "bvs"]),
    ("template", &["tmpl"]),
    ("settings", &["setting", "params", "param", "parameter", "parameters"]),
    ("arpeggiator", &["arp", "arps"]),
    ("modulation", &["mod"]),
    ("oscillator", &["osc", "oscs"]),
    ("envelope", &["env"]),
    ("resonance", &["reso"]),
    ("velocity", &["vel"]),
    ("percussion", &["perc", "percs"]),
    ("progression", &["prog"]),
    ("production", &["prod"]),
    ("tempo", &["bpm", "bpms"]),
    ("ms", &["milliseconds", "millisecond", "msec"]),
    ("and", &["&", "n", "+"]),
    ("versus", &["vs", "vs.", "v"]),
    ("without", &["w/o", "wo"]),
    ("because", &["cuz", "cos", "bc"]),
    ("difference", &["diff"]),
    ("people", &["ppl"]),
    ("session", &["sesh"]),
    ("tracks", &["trk", "trks"]),
    ("plugin", &["plugins", "vst", "vsts"]),
    ("de-esser", &["deesser", "de-ess"]),
    ("semitone", &["halfstep", "semi", "semis"]),
    ("favorite", &["favourite", "fave", "fav", "favourites", "favs"]),
    ("picture", &["pic", "pics"]),
    ("document", &["doc", "docs"]),
    ("effect", &["fx", "effects", "efx"]),
    ("because", &["bcoz"]),
    ("background", &["bg"]),
    ("overhead", &["ohs", "overheads"]),
    ("crossover", &["xover"]),
    ("crossfade", &["xfade", "xfades"]),
    ("delay", &["dly", "dlys"]),
    ("feedback", &["fdbk", "fbk"]),
    ("level", &["lvl", "lvls"]),
    ("volume", &["vol"]),
    ("threshold", &["thresh", "thrsh"]),
    ("multiband", &["mb"]),
    ("dynamic", &["dyn"]),
    ("average", &["avg"]),
    ("approximately", &["approx"]),
    ("cymbal", &["cym", "cyms"]),
    ("piano", &["pno"]),
    ("orchestra", &["orch"]),
    ("electric", &["elec"]),
    ("requirement", &["reqs"]),
    ("message", &["msg"]),
];
