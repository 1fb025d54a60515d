//! Descriptions through the public API: two real projects, and what must hold for any JSON.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

use std::path::Path;

use prime_memory::Error;
use prime_memory::describe::{MAX_TEXT_CHARS, describe};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const KINDS: [&str; 5] = ["mixx_recall", "project_snapshot", "musical_context", "cache", "my_own"];

/// The description of a real project, compared with the one kept beside it.
#[track_caller]
fn check_golden(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let state = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    let described = describe("project_snapshot", &serde_json::from_str(&state).unwrap()).unwrap();
    let metadata = serde_json::to_string_pretty(&described.metadata).unwrap();
    let found = format!("{}\n---\n{metadata}\n", described.text);
    let kept = folder.join(format!("{name}.txt"));
    if std::env::var_os("PRIME_MEMORY_BLESS").is_some() {
        std::fs::write(&kept, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(kept).unwrap());
}

#[test]
fn final_step() {
    check_golden("saber-finalstep");
}

#[test]
fn progress() {
    check_golden("socceroos-progress");
}

/// Any JSON, with the Studio's own field names among the keys so that the readers are reached.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0.0..1.0).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::from("track-1")),
    ];
    leaf.prop_recursive(5, 48, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((field_name(), inner), 0..8)
                .prop_map(|fields| Value::Object(Map::from_iter(fields))),
        ]
    })
}

fn field_name() -> impl Strategy<Value = String> {
    let known = [
        "id",
        "track-1",
        "name",
        "trackName",
        "tracks",
        "clips",
        "bpm",
        "key",
        "scale",
        "genre",
        "mood",
        "inserts",
        "mixerSettings",
        "volume",
        "pan",
        "automationData",
        "pianoRollSketches",
        "pitch",
        "audioBuffers",
        "projectData",
        "musicalContext",
        "presets",
        "plugins",
        "chromagram",
        "chordProgression",
        "commonSettings",
        "recentProjects",
        "fxBypassState",
        "data",
        "timeSignature",
        "typicalBPM",
        "commonKeys",
        "params",
        "label",
        "length",
        "sampleRate",
    ];
    prop_oneof![4 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,8}"]
}

/// The same data with every object's keys the other way round.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(reversed).collect(),
        Value::Object(map) => Value::Object(
            map.iter().rev().map(|(name, value)| (name.clone(), reversed(value))).collect(),
        ),
        other => other.clone(),
    }
}

fn word() -> impl Strategy<Value = String> {
    "[A-Z][a-z]{3,8}( [A-Z][a-z]{2,6})?"
}

/// A project within the bounds of a full description, and the track names and plugin words in it.
fn project() -> impl Strategy<Value = (Value, Vec<String>)> {
    let group = proptest::sample::select(vec!["Vocals", "Drums", "Bass", "Instruments", "Foley"]);
    let plugin = proptest::sample::select(vec![
        "mixx-eq8", "mixx-tune", "tap_reverb", "PreampIV", "Plate2x2",
    ]);
    let track = (word(), group, vec(plugin, 0..3), vec(0_u8..128, 0..4), -100..100_i32);
    (vec(track, 1..14), 1..30_000_u32).prop_map(|(tracks, bpm)| {
        let mut state = json!({ "inserts": {}, "mixerSettings": {}, "pianoRollSketches": {} });
        let mut expected = vec![format!("{} BPM", f64::from(bpm) / 100.0), format!("{} track", tracks.len())];
        let mut list = Vec::new();
        for (i, (name, group, plugins, pitches, pan)) in tracks.into_iter().enumerate() {
            let id = format!("track-{i}-{i:08x}");
            expected.push(name.clone());
            expected.extend(plugins.iter().map(|id| id.replace(['-', '_'], " ")));
            list.push(json!({ "id": id, "trackName": name, "group": group, "trackColor": "#4f8ef7" }));
            state["inserts"][&id] = json!(plugins);
            state["mixerSettings"][&id] = json!({ "volume": 0.5, "pan": f64::from(pan) / 100.0 });
            state["pianoRollSketches"][&id] =
                pitches.iter().map(|pitch| json!({ "id": format!("note-{i}"), "pitch": pitch, "duration": 1 })).collect();
        }
        state["tracks"] = Value::from(list);
        state["bpm"] = json!(f64::from(bpm) / 100.0);
        state["audioBuffers"] = json!({ "buffer-9f3a2b1c": { "length": 4, "sampleRate": 2, "channelData": ["QUJDREVG".repeat(40)] } });
        (state, expected)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn any_json_ends_in_a_bounded_text_or_an_error_that_helps(data in any_json()) {
        for kind in KINDS {
            match describe(kind, &data) {
                Ok(described) => {
                    prop_assert!(!described.text.trim().is_empty());
                    prop_assert!(described.text.chars().count() <= MAX_TEXT_CHARS);
                    prop_assert!(!described.text.contains('\0'));
                }
                Err(err) => prop_assert!(matches!(err, Error::BadOption { .. } | Error::EmptyText { .. }), "{err}"),
            }
        }
    }

    #[test]
    fn the_order_of_keys_changes_nothing(data in any_json()) {
        for kind in KINDS {
            let (one, other) = (describe(kind, &data), describe(kind, &reversed(&data)));
            if let (Ok(one), Ok(other)) = (&one, &other) {
                prop_assert_eq!(&one.text, &other.text);
                prop_assert_eq!(serde_json::to_string(&one.metadata)?, serde_json::to_string(&other.metadata)?);
            }
            prop_assert_eq!(one.is_ok(), other.is_ok());
        }
    }

    #[test]
    fn every_name_plugin_and_number_is_told_and_no_id((state, expected) in project()) {
        let text = describe("project_snapshot", &state).unwrap().text;
        for fact in &expected {
            prop_assert!(text.contains(fact) || text.contains(&fact.replace("PreampIV", "Preamp IV")), "{} in {}", fact, text);
        }
        for never in ["track-", "note-", "9f3a2b1c", "0000000", "QUJDREVG", "#4f8ef7"] {
            prop_assert!(!text.contains(never), "{} in {}", never, text);
        }
        let wrapped = json!({ "bpm": null, "projectData": state });
        prop_assert_eq!(describe("project_snapshot", &wrapped).unwrap().text, text);
    }
}

/// The largest of everything: each section ends by itself, none is cut off by the bound of the whole.
#[test]
fn a_giant_project_is_told_to_the_end() {
    let name = |i: usize| format!("{i} {}", "long name ".repeat(30));
    let ids = || (0..400).map(|i| format!("t{i}"));
    let map = |value: &dyn Fn(usize) -> Value| {
        Value::Object(ids().enumerate().map(|(i, id)| (id, value(i))).collect())
    };
    let state = json!({
        "name": name(0), "genre": [name(1), name(2), name(3), name(4), name(5)], "mood": name(6), "key": name(7), "bpm": 119.99,
        "tags": [name(8), name(9)], "lufs": -14, "isLooping": true, "masterVolume": 0.333, "masterBalance": 0.333,
        "tracks": ids().enumerate().map(|(i, id)| json!({
            "id": id, "trackName": name(i), "group": name(i % 90), "role": name(i), "locked": true })).collect::<Vec<_>>(),
        "clips": ids().enumerate().map(|(i, _)| json!({ "name": name(i + 1_000), "muted": true })).collect::<Vec<_>>(),
        "inserts": map(&|i| json!([format!("fxA{i}"), name(i)])),
        "mixerSettings": map(&|i| json!({ "volume": i, "pan": if i % 2 == 0 { 1 } else { -1 }, "isMuted": i % 3 == 0 })),
        "pianoRollSketches": map(&|i| json!([{ "pitch": i % 128 }])),
        "automationData": map(&|i| json!({ name(i): [1] })),
        "audioBuffers": map(&|i| json!({ "length": i, "sampleRate": 1 })),
        "ingestHistoryEntries": [1],
    });
    let text = describe("project_snapshot", &state).unwrap().text;
    assert!(text.contains("\n1 imported file.\nPlugin ids: fxA0"), "{text}");
    assert!(text.ends_with(" more."), "{text}");
}

/// A snapshot with inlined audio is read without touching it.
#[test]
fn inlined_audio_is_measured_and_not_told() {
    let audio = "QUJD".repeat(5_000_000);
    let buffer = json!({ "length": 48_000, "sampleRate": 48_000, "channelData": [audio] });
    let described =
        describe("project_snapshot", &json!({ "bpm": 90, "audioBuffers": { "b": buffer } }))
            .unwrap();
    assert_eq!(described.text, "Project: 90 BPM.\n1 audio buffer, 1 s.");
}
