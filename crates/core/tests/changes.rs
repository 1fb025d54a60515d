//! Each kind of edit on real songs: told as what it is, with the right names and values.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]
#![allow(
    clippy::needless_pass_by_value,
    reason = "`json!` at the call reads best without a reference"
)]

use prime_memory::snapshots::changes::{Change, between, summary};
use serde_json::{Value, json};

fn song() -> Value {
    serde_json::from_str(include_str!("data/saber-finalstep.json")).unwrap()
}

/// A small state of the Studio's shape.
fn state() -> Value {
    json!({
        "name": "Night drive", "bpm": "120", "timeSignature": "4/4", "masterVolume": 0.9, "masterBalance": 0, "isLooping": false,
        "scrollX": 0, "musicalContext": { "genre": "Trap", "mood": "Dark" },
        "tracks": [
            { "id": "t1", "trackName": "Lead Vox", "trackColor": "cyan", "waveformType": "audio", "group": "Vocals", "role": "lead", "locked": false },
            { "id": "t2", "trackName": "Bass", "trackColor": "red", "waveformType": "midi", "group": "Bass", "role": "sub" },
            { "id": "t3", "trackName": "Keys", "trackColor": "blue", "waveformType": "midi", "group": "Instruments", "role": "piano" },
        ],
        "clips": [
            { "id": "c1", "trackId": "t1", "name": "Verse", "start": 0, "duration": 8, "bufferId": "b1", "gain": 1, "fadeIn": 0 },
            { "id": "c2", "trackId": "t1", "name": "Hook", "start": 16, "duration": 8, "bufferId": "b1", "gain": 1, "fadeIn": 0 },
            { "id": "c3", "trackId": "t2", "name": "Bass", "start": 0, "duration": 16 },
        ],
        "mixerSettings": {
            "t1": { "volume": 0.8, "pan": 0, "isMuted": false, "sends": { "hall": 0.2 } },
            "t2": { "volume": 0.7, "pan": 0, "isMuted": false, "isSolo": false },
        },
        "inserts": {
            "t1": ["mixx-tune", "mixx-verb"],
            "t2": [{ "id": "i1", "pluginId": "mixx-comp", "bypassed": false, "preset": "Soft", "parameters": { "ratio": 2, "attack": 10 } }],
            "master": ["mixx-limiter"],
        },
        "fxBypassState": { "t1": { "mixx-tune": false } },
        "pianoRollSketches": { "t2": bass(), "t3": [] },
        "automationData": { "t1:volume": [{ "time": 0, "value": 1 }, { "time": 4, "value": 0.5 }] },
        "audioBuffers": { "b1": { "numberOfChannels": 1, "length": 96000, "sampleRate": 48000, "channelData": ["QUFBQQ=="] } },
        "ingestHistoryEntries": [{ "id": "g1", "fileName": "take1.wav" }],
        "plugInVersion": { "host": 3 },
    })
}

fn bass() -> Value {
    let note = |i: u32| json!({ "id": format!("n{i}"), "pitch": 33 + i % 5, "start": f64::from(i) * 0.5, "duration": 0.5, "velocity": 90 });
    (0..12).map(note).collect()
}

/// Each change as JSON, between the state and the state after `edit`.
fn edited(edit: impl Fn(&mut Value)) -> (Vec<Value>, String) {
    let mut after = state();
    edit(&mut after);
    let changes = between(&state(), &after);
    (
        changes.iter().map(|change| serde_json::to_value(change).unwrap()).collect(),
        summary(&changes),
    )
}

#[track_caller]
fn check(edit: impl Fn(&mut Value), expected: Value, sentence: &str) {
    let (changes, text) = edited(edit);
    assert_eq!(Value::from(changes), json!([expected]));
    assert_eq!(text, sentence);
}

fn track(id: &str) -> Value {
    let name = match id {
        "t1" => "Lead Vox",
        "t2" => "Bass",
        "t3" => "Keys",
        _ => id,
    };
    json!({ "id": id, "name": name })
}

#[test]
fn settings_of_the_project() {
    let cases = [
        ("/bpm", json!(124), "tempo", "Tempo 120 → 124 BPM."),
        ("/timeSignature", json!("3/4"), "meter", "Time signature 4/4 → 3/4."),
        ("/masterVolume", json!(0.85), "masterVolume", "Master volume 0.9 → 0.85."),
        ("/masterBalance", json!(-0.1), "masterPan", "Master balance 0 → -0.1."),
        ("/isLooping", json!(true), "loop", "Loop on."),
        ("/musicalContext/genre", json!("Drill"), "genre", "Genre Trap → Drill."),
        ("/musicalContext/mood", json!("Calm"), "mood", "Mood Dark → Calm."),
        ("/name", json!("Day drive"), "projectName", "Project name Night drive → Day drive."),
    ];
    for (at, value, kind, sentence) in cases {
        let before = state().pointer(at).unwrap().clone();
        check(
            |state| *state.pointer_mut(at).unwrap() = value.clone(),
            json!({ "kind": kind, "before": before, "after": value }),
            sentence,
        );
    }
    check(|s| s["key"] = json!("Cm"), json!({ "kind": "key", "after": "Cm" }), "Key none → Cm.");
}

#[test]
fn fields_of_a_track() {
    let cases = [
        ("trackName", json!("Lead"), "trackRenamed", "Renamed the track Lead Vox to Lead."),
        ("trackColor", json!("pink"), "trackRecoloured", "Changed the colour of Lead Vox."),
        ("group", json!("Harmony"), "trackRegrouped", "Group of Lead Vox Vocals → Harmony."),
        ("role", json!("double"), "trackRole", "Role of Lead Vox lead → double."),
        ("locked", json!(true), "trackLocked", "Locked Lead Vox."),
    ];
    for (field, value, kind, sentence) in cases {
        let name = if field == "trackName" { "Lead" } else { "Lead Vox" };
        let before = state()["tracks"][0][field].clone();
        check(
            |state| state["tracks"][0][field] = value.clone(),
            json!({ "kind": kind, "track": { "id": "t1", "name": name }, "before": before, "after": value }),
            sentence,
        );
    }
    check(
        |state| state["tracks"].as_array_mut().unwrap().rotate_right(1),
        json!({ "kind": "trackMoved", "track": track("t3"), "before": 3, "after": 1 }),
        "Moved the track Keys in the list.",
    );
}

#[test]
fn tracks_come_and_go_with_all_they_hold() {
    let remove = |state: &mut Value| {
        state["tracks"].as_array_mut().unwrap().remove(1);
        state["clips"].as_array_mut().unwrap().remove(2);
        for part in ["mixerSettings", "inserts", "pianoRollSketches"] {
            state[part].as_object_mut().unwrap().remove("t2");
        }
    };
    let held = json!({ "track": track("t2"), "group": "Bass", "clips": 1, "notes": 12, "plugins": ["mixx-comp"] });
    let with = |kind: &str| {
        let mut change = held.clone();
        change["kind"] = json!(kind);
        change
    };
    check(remove, with("trackRemoved"), "Removed the track Bass.");
    let mut before = state();
    remove(&mut before);
    let changes = between(&before, &state());
    assert_eq!(serde_json::to_value(&changes).unwrap(), json!([with("trackAdded")]));
    assert_eq!(summary(&changes), "Added the track Bass.");
    let (changes, text) = edited(|state| {
        let mut copy = state["tracks"][1].clone();
        (copy["id"], copy["trackName"]) = (json!("t9"), json!("Bass copy"));
        state["tracks"].as_array_mut().unwrap().insert(2, copy);
        state["pianoRollSketches"]["t9"] = state["pianoRollSketches"]["t2"].clone();
    });
    assert_eq!((changes.len(), text.as_str()), (1, "Duplicated the track Bass as Bass copy."));
}

#[test]
fn plugins() {
    let insert = |kind: &str, plugin: &str, position: usize| json!({ "kind": kind, "track": track("t1"), "plugin": plugin, "position": position });
    check(
        |state| state["inserts"]["t1"] = json!(["mixx-tune"]),
        insert("insertRemoved", "mixx-verb", 2),
        "Removed the reverb (mixx verb) from Lead Vox.",
    );
    check(
        |state| state["inserts"]["t1"] = json!(["mixx-eq8", "mixx-tune", "mixx-verb"]),
        insert("insertAdded", "mixx-eq8", 1),
        "Added the mixx eq8 to Lead Vox.",
    );
    check(
        |state| state["inserts"]["t1"] = json!(["mixx-tune", "mixx-delay"]),
        json!({ "kind": "insertReplaced", "track": track("t1"), "position": 2, "before": "mixx-verb", "after": "mixx-delay" }),
        "Replaced the reverb (mixx verb) with the mixx delay on Lead Vox.",
    );
    check(
        |state| state["inserts"]["t1"] = json!(["mixx-verb", "mixx-tune"]),
        json!({ "kind": "insertMoved", "track": track("t1"), "plugin": "mixx-tune", "before": 1, "after": 2 }),
        "Moved the pitch correction (mixx tune) on Lead Vox from place 1 to 2.",
    );
    check(
        |state| state["inserts"]["master"] = json!([]),
        json!({ "kind": "insertRemoved", "track": { "id": "master", "name": "master" }, "plugin": "mixx-limiter", "position": 1 }),
        "Removed the mixx limiter from master.",
    );
    check(
        |state| state["inserts"]["t3"] = json!(["mixx-glue"]),
        json!({ "kind": "insertAdded", "track": track("t3"), "plugin": "mixx-glue", "position": 1 }),
        "Added the mixx glue to Keys.",
    );
}

#[test]
fn settings_of_a_plugin() {
    let of = |kind: &str| json!({ "kind": kind, "track": track("t1"), "plugin": "mixx-tune" });
    check(
        |state| state["fxBypassState"]["t1"]["mixx-tune"] = json!(true),
        of("insertBypassed"),
        "Bypassed the pitch correction (mixx tune) on Lead Vox.",
    );
    let mut before = state();
    before["fxBypassState"]["t1"]["mixx-tune"] = json!(true);
    let changes = between(&before, &state());
    assert_eq!(serde_json::to_value(&changes).unwrap(), json!([of("insertEnabled")]));
    check(
        |state| state["inserts"]["t2"][0]["bypassed"] = json!(true),
        json!({ "kind": "insertBypassed", "track": track("t2"), "plugin": "mixx-comp" }),
        "Bypassed the compressor (mixx comp) on Bass.",
    );
    check(
        |state| state["inserts"]["t2"][0]["preset"] = json!("Hard"),
        json!({ "kind": "insertPreset", "track": track("t2"), "plugin": "mixx-comp", "before": "Soft", "after": "Hard" }),
        "Preset of the compressor (mixx comp) Soft → Hard on Bass.",
    );
    check(
        |state| state["inserts"]["t2"][0]["parameters"]["ratio"] = json!(4.5),
        json!({ "kind": "insertParameter", "track": track("t2"), "plugin": "mixx-comp", "parameter": "ratio", "before": 2, "after": 4.5 }),
        "Set ratio 2 → 4.5 of the compressor (mixx comp) on Bass.",
    );
}

#[test]
fn the_mixer() {
    let cases = [
        ("volume", json!(0.75), "trackVolume", "Volume of Bass 0.7 → 0.75."),
        ("pan", json!(-0.5), "trackPan", "Pan of Bass 0 → -0.5."),
        ("isMuted", json!(true), "trackMuted", "Muted Bass."),
        ("isSolo", json!(true), "trackSolo", "Soloed Bass."),
    ];
    for (field, value, kind, sentence) in cases {
        let before = state()["mixerSettings"]["t2"][field].clone();
        check(
            |state| state["mixerSettings"]["t2"][field] = value.clone(),
            json!({ "kind": kind, "track": track("t2"), "before": before, "after": value }),
            sentence,
        );
    }
    check(
        |state| state["mixerSettings"]["t1"]["sends"]["hall"] = json!(0.4),
        json!({ "kind": "trackSend", "track": track("t1"), "send": "hall", "before": 0.2, "after": 0.4 }),
        "Send of Lead Vox to hall 0.2 → 0.4.",
    );
}

#[test]
fn clips() {
    let of = |kind: &str, more: Value| {
        let mut change =
            json!({ "kind": kind, "clip": { "id": "c2", "name": "Hook" }, "track": track("t1") });
        change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        change
    };
    let cases = [
        (
            "start",
            json!(20),
            of("clipMoved", json!({ "before": 16, "after": 20 })),
            "Moved the clip Hook on Lead Vox from 16 to 20.",
        ),
        (
            "duration",
            json!(6),
            of("clipResized", json!({ "edge": "end", "before": 8, "after": 6 })),
            "Length of the clip Hook on Lead Vox 8 → 6.",
        ),
        (
            "gain",
            json!(0.5),
            of("clipGain", json!({ "before": 1, "after": 0.5 })),
            "Gain of the clip Hook on Lead Vox 1 → 0.5.",
        ),
        (
            "fadeIn",
            json!(0.5),
            of("clipFade", json!({ "fade": "fadeIn", "before": 0, "after": 0.5 })),
            "Fade in of the clip Hook on Lead Vox 0 → 0.5.",
        ),
        (
            "muted",
            json!(true),
            of("clipMuted", json!({ "after": true })),
            "Muted the clip Hook on Lead Vox.",
        ),
    ];
    for (field, value, expected, sentence) in cases {
        check(|state| state["clips"][1][field] = value.clone(), expected, sentence);
    }
    check(
        |state| state["clips"][2]["start"] = json!(4),
        json!({ "kind": "clipMoved", "clip": { "id": "c3", "name": "Bass" }, "track": track("t2"), "before": 0, "after": 4 }),
        "Moved a clip on Bass from 0 to 4.",
    );
    check(
        |state| state["clips"][1]["name"] = json!("Chorus"),
        json!({ "kind": "clipRenamed", "clip": { "id": "c2", "name": "Chorus" }, "track": track("t1"), "before": "Hook", "after": "Chorus" }),
        "Renamed the clip Hook on Lead Vox to Chorus.",
    );
    check(
        |state| state["clips"][1]["trackId"] = json!("t3"),
        json!({ "kind": "clipToTrack", "clip": { "id": "c2", "name": "Hook" }, "before": track("t1"), "after": track("t3") }),
        "Moved the clip Hook from Lead Vox to Keys.",
    );
    check(
        |state| drop(state["clips"].as_array_mut().unwrap().remove(1)),
        of("clipRemoved", json!({ "start": 16 })),
        "Removed the clip Hook from Lead Vox.",
    );
    check(
        |state| {
            let mut copy = state["clips"][1].clone();
            (copy["id"], copy["start"]) = (json!("c9"), json!(32));
            state["clips"].as_array_mut().unwrap().push(copy);
        },
        json!({ "kind": "clipAdded", "clip": { "id": "c9", "name": "Hook" }, "track": track("t1"), "start": 32, "copyOf": "Hook" }),
        "Duplicated the clip Hook on Lead Vox.",
    );
}

#[test]
fn clips_are_cut_and_joined() {
    let cut = |ids: [&str; 2]| {
        let mut after = state();
        let mut right = after["clips"][1].clone();
        (right["id"], right["start"], right["duration"]) = (json!(ids[1]), json!(19), json!(5));
        let clips = after["clips"].as_array_mut().unwrap();
        (clips[1]["id"], clips[1]["duration"]) = (json!(ids[0]), json!(3));
        clips.push(right);
        after
    };
    for ids in [["c2", "c9"], ["c9", "c2"], ["c8", "c9"]] {
        let after = cut(ids);
        let changes = serde_json::to_value(between(&state(), &after)).unwrap();
        let told = json!([{ "kind": "clipSplit", "clip": { "id": "c2", "name": "Hook" }, "track": track("t1"), "at": [19.0], "pieces": 2 }]);
        assert_eq!(changes, told, "{ids:?}");
        let back = between(&after, &state());
        assert_eq!(summary(&back), "Joined 2 clips on Lead Vox to Hook.", "{ids:?}: {back:?}");
    }
}

#[test]
fn notes() {
    let each = |edit: fn(&mut Value, usize)| {
        move |state: &mut Value| {
            let notes = state["pianoRollSketches"]["t2"].as_array_mut().unwrap();
            notes.iter_mut().enumerate().for_each(|(i, note)| edit(note, i));
        }
    };
    let of = |kind: &str, more: Value| {
        let mut change = json!({ "kind": kind, "track": track("t2"), "count": 12 });
        change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        change
    };
    check(
        each(|note, _| note["pitch"] = json!(note["pitch"].as_i64().unwrap() + 12)),
        of("notesTransposed", json!({ "by": 12.0 })),
        "12 notes of Bass up an octave.",
    );
    check(
        each(|note, _| note["start"] = json!(note["start"].as_f64().unwrap() + 0.25)),
        of("notesMoved", json!({ "by": 0.25 })),
        "Moved 12 notes of Bass 0.25 later.",
    );
    check(
        each(|note, _| note["duration"] = json!(0.75)),
        of("notesResized", json!({ "by": 0.25 })),
        "Lengthened 12 notes of Bass.",
    );
    check(
        each(|note, _| note["velocity"] = json!(80)),
        of("notesVelocity", json!({ "by": -10.0 })),
        "12 notes of Bass softer.",
    );
    check(
        each(|note, i| note["velocity"] = json!(80 - i)),
        of("notesVelocity", json!({})),
        "Changed the velocity of 12 notes of Bass.",
    );
    check(
        each(|note, _| note["channel"] = json!(2)),
        of("notesField", json!({ "field": "channel" })),
        "Changed the channel of 12 notes of Bass.",
    );
    check(
        |state| state["pianoRollSketches"]["t2"] = json!([]),
        of("notesRemoved", json!({})),
        "Removed 12 notes from Bass.",
    );
    check(
        |state| state["pianoRollSketches"]["t3"] = bass(),
        json!({ "kind": "notesAdded", "track": track("t3"), "count": 12 }),
        "Added 12 notes to Keys.",
    );
}

#[test]
fn notes_are_quantised() {
    let played = [0.02, 0.49, 1.03, 1.47, 2.01, 2.52];
    let notes = |starts: &[f64], ids: bool| -> Value {
        let note = |(i, start): (usize, &f64)| {
            let mut note = json!({ "pitch": 60, "start": start, "duration": 0.4, "velocity": 90 });
            if ids {
                note["id"] = json!(i);
            }
            note
        };
        json!({ "tracks": [{ "id": "t1", "trackName": "Keys" }], "pianoRollSketches": { "t1": starts.iter().enumerate().map(note).collect::<Value>() } })
    };
    let straight: Vec<f64> = played.iter().map(|start: &f64| (start * 2.0).round() / 2.0).collect();
    for ids in [true, false] {
        let changes = between(&notes(&played, ids), &notes(&straight, ids));
        let told = json!([{ "kind": "notesQuantised", "track": { "id": "t1", "name": "Keys" }, "count": 6, "grid": 0.5 }]);
        assert_eq!(serde_json::to_value(&changes).unwrap(), told);
    }
}

#[test]
fn groups_of_notes_without_ids() {
    let without = |edit: fn(&mut Value)| {
        let mut state = state();
        for note in state["pianoRollSketches"]["t2"].as_array_mut().unwrap() {
            note.as_object_mut().unwrap().remove("id");
            edit(note);
        }
        state
    };
    let plain = without(|_| {});
    let up = without(|note| note["pitch"] = json!(note["pitch"].as_i64().unwrap() - 7));
    assert_eq!(summary(&between(&plain, &up)), "12 notes of Bass down 7 semitones.");
    let later = without(|note| note["start"] = json!(note["start"].as_f64().unwrap() + 16.0));
    assert_eq!(summary(&between(&plain, &later)), "Moved 12 notes of Bass 16 later.");
    let mut reordered = plain.clone();
    reordered["pianoRollSketches"]["t2"].as_array_mut().unwrap().reverse();
    assert_eq!(summary(&between(&plain, &reordered)), "Changed pianoRollSketches of Bass.");
    let longer = without(|note| note["duration"] = json!(0.25));
    assert_eq!(summary(&between(&plain, &longer)), "Shortened 12 notes of Bass.");
}

/// A melody in which every note has a time of its own, so that chance shifts abound.
#[test]
fn ten_thousand_notes_imported_anew() {
    let melody = |id: &str, by: i64, later: f64| -> Value {
        let note = |i: u32| json!({ "id": format!("{id}{i}"), "pitch": i64::from(36 + i * 7919 % 48) + by, "start": f64::from(i) * 0.125 + later, "duration": 0.25, "velocity": 60 + i % 50 });
        json!({ "tracks": [{ "id": "t1", "trackName": "Lead" }], "pianoRollSketches": { "t1": (0..10_000).map(note).collect::<Value>() } })
    };
    let before = melody("a", 0, 0.0);
    for (by, later, text) in [
        (1, 0.0, "10000 notes of Lead up 1 semitone."),
        (0, 3.7, "Moved 10000 notes of Lead 3.7 later."),
        (0, 0.0, "Only ids were given anew (10000)."),
    ] {
        assert_eq!(summary(&between(&before, &melody("b", by, later))), text);
    }
}

#[test]
fn ids_that_are_only_positions() {
    let mut after = state();
    let notes = after["pianoRollSketches"]["t2"].as_array_mut().unwrap();
    notes.remove(0);
    for (i, note) in notes.iter_mut().enumerate() {
        note["id"] = json!(format!("n{i}"));
    }
    assert_eq!(summary(&between(&state(), &after)), "Removed 1 note from Bass.");
}

#[test]
fn automation_audio_and_imports() {
    check(
        |state| {
            state["automationData"]["t1:volume"]
                .as_array_mut()
                .unwrap()
                .push(json!({ "time": 8, "value": 0 }));
        },
        json!({ "kind": "automationChanged", "lane": "Lead Vox volume", "added": 1, "removed": 0, "changed": 0 }),
        "Changed automation of Lead Vox volume.",
    );
    check(
        |state| state["automationData"]["t1:volume"][1]["value"] = json!(0.25),
        json!({ "kind": "automationChanged", "lane": "Lead Vox volume", "added": 0, "removed": 0, "changed": 1 }),
        "Changed automation of Lead Vox volume.",
    );
    check(
        |state| {
            state["automationData"]["t2"] =
                json!({ "mixx-comp": { "threshold": [[0, 1], [4, 2]] } });
        },
        json!({ "kind": "automationAdded", "lane": "Bass mixx comp threshold", "points": 2 }),
        "Added automation of Bass mixx comp threshold.",
    );
    check(
        |state| state["automationData"] = json!({}),
        json!({ "kind": "automationRemoved", "lane": "Lead Vox volume", "points": 2 }),
        "Removed automation of Lead Vox volume.",
    );
    let take = json!({ "numberOfChannels": 1, "length": 72000, "sampleRate": 48000, "channelData": ["QkJC"] });
    check(
        |state| state["audioBuffers"]["b2"] = take.clone(),
        json!({ "kind": "audioAdded", "buffer": "b2", "seconds": 1.5 }),
        "Added 1 audio buffer (1.5 s).",
    );
    check(
        |state| state["audioBuffers"]["b1"] = take.clone(),
        json!({ "kind": "audioReplaced", "buffer": "b1", "seconds": 1.5 }),
        "Replaced 1 audio buffer (1.5 s).",
    );
    check(
        |state| state["audioBuffers"] = json!({}),
        json!({ "kind": "audioRemoved", "buffer": "b1", "seconds": 2.0 }),
        "Removed 1 audio buffer (2 s).",
    );
    check(
        |state| {
            state["ingestHistoryEntries"]
                .as_array_mut()
                .unwrap()
                .push(json!({ "fileName": "take2.wav" }));
        },
        json!({ "kind": "ingestAdded", "name": "take2.wav" }),
        "Imported take2.wav.",
    );
}

#[test]
fn what_no_reader_knows_is_told_by_its_path() {
    check(
        |state| state["plugInVersion"]["host"] = json!(4),
        json!({ "kind": "field", "path": "plugInVersion.host", "before": 3, "after": 4 }),
        "Changed plugInVersion.host.",
    );
    check(
        |state| state["tracks"][1]["waveformType"] = json!("audio"),
        json!({ "kind": "field", "path": "tracks[1].waveformType", "track": track("t2"), "before": "midi", "after": "audio" }),
        "Changed waveformType of Bass.",
    );
    check(
        |state| state["blob"] = json!("QUFB".repeat(1_000)),
        json!({ "kind": "field", "path": "blob", "after": { "omitted": "string", "size": 4000 } }),
        "Changed blob.",
    );
    check(
        |state| state["scrollX"] = json!(99),
        json!({ "kind": "view", "fields": ["scrollX"] }),
        "Only the view changed (scrollX).",
    );
    let (changes, text) = edited(|state| (state["scrollX"], state["bpm"]) = (json!(99), json!(90)));
    assert_eq!((changes.len(), text.as_str()), (1, "Tempo 120 → 90 BPM."));
}

#[test]
fn a_number_in_a_string_is_that_number() {
    let (changes, text) = edited(|state| {
        (state["bpm"], state["masterVolume"]) = (json!(120), json!("0.9"));
        (state["mixerSettings"]["t1"]["volume"], state["scrollX"]) = (json!("0.80"), json!("0"));
        state["mixerSettings"]["t1"]["sends"]["hall"] = json!("0.2");
        (state["tracks"][0]["height"], state["plugInVersion"]["host"]) = (Value::Null, json!("3"));
        state["tracks"][0].as_object_mut().unwrap().remove("height");
    });
    assert_eq!((changes, text.as_str()), (vec![], "No changes."));
    check(
        |state| state["bpm"] = json!(124),
        json!({ "kind": "tempo", "before": "120", "after": 124 }),
        "Tempo 120 → 124 BPM.",
    );
}

#[test]
fn tracks_that_share_an_id_are_told_by_their_names() {
    let twin = json!({ "id": "t1", "trackName": "Double", "group": "Vocals" });
    let alone = json!({ "track": { "id": "t1", "name": "Double" }, "group": "Vocals", "clips": 0, "notes": 0, "plugins": [] });
    let kind = |kind: &str| {
        let mut change = alone.clone();
        change["kind"] = json!(kind);
        json!([change])
    };
    let mut with = state();
    with["tracks"].as_array_mut().unwrap().push(twin.clone());
    assert_eq!(serde_json::to_value(between(&state(), &with)).unwrap(), kind("trackAdded"));
    assert_eq!(serde_json::to_value(between(&with, &state())).unwrap(), kind("trackRemoved"));
    let mut swapped = with.clone();
    swapped["tracks"][0] = twin;
    swapped["tracks"][3] = state()["tracks"][0].clone();
    let mut renamed = swapped.clone();
    renamed["tracks"][0]["trackName"] = json!("Triple");
    let kinds = |before: &Value, after: &Value| {
        let changes = serde_json::to_value(between(before, after)).unwrap();
        let changes = changes.as_array().unwrap().iter();
        changes.map(|change| change["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&with, &swapped), ["trackMoved", "trackMoved"]);
    assert_eq!(kinds(&swapped, &renamed), ["trackRenamed"]);
}

#[test]
fn one_sentence_of_several() {
    let (_, text) = edited(|state| {
        state["bpm"] = json!(124);
        state["inserts"]["t1"] = json!(["mixx-tune"]);
        for note in state["pianoRollSketches"]["t2"].as_array_mut().unwrap() {
            note["pitch"] = json!(note["pitch"].as_i64().unwrap() + 12);
        }
        state["mixerSettings"]["t1"]["pan"] = json!(0.1);
    });
    assert_eq!(
        text,
        "Removed the reverb (mixx verb) from Lead Vox; tempo 120 → 124 BPM; 12 notes of Bass up an octave; pan of Lead Vox 0 → 0.1."
    );
    assert_eq!(summary(&[]), "No changes.");
}

#[test]
fn a_long_session_is_bounded() {
    let mut after = song();
    for (i, track) in after["tracks"].as_array_mut().unwrap().iter_mut().enumerate() {
        track["role"] = json!(format!("role {i}"));
        track["trackName"] = json!(format!("A very long name of a track that goes on and on {i}"));
    }
    for (i, (_, chain)) in after["inserts"].as_object_mut().unwrap().iter_mut().enumerate() {
        *chain = json!([
            format!("plugin {i} of a maker with a name"),
            "another",
            "third",
            "fourth",
            "fifth"
        ]);
    }
    let changes = between(&song(), &after);
    let text = summary(&changes);
    assert!(text.chars().count() < 340, "{text}");
    assert!(text.contains(" smaller changes."), "{text}");
}

#[test]
fn there_and_back_is_symmetric() {
    let mut after = song();
    after["inserts"]["track-1-a235c759"] = json!(["mixx-verb", "mixx-eq8"]);
    after["tracks"].as_array_mut().unwrap().remove(3);
    after["clips"].as_array_mut().unwrap().truncate(4);
    after["automationData"] = json!({});
    let kinds = |changes: &[Change]| {
        let kind = |change: &Change| {
            serde_json::to_value(change).unwrap()["kind"].as_str().unwrap().to_owned()
        };
        let mut kinds: Vec<String> = changes.iter().map(kind).collect();
        kinds.sort();
        kinds
    };
    let swap = |kind: String| match kind.strip_suffix("Added") {
        Some(noun) => format!("{noun}Removed"),
        None => kind.strip_suffix("Removed").map_or(kind.clone(), |noun| format!("{noun}Added")),
    };
    let there = kinds(&between(&song(), &after));
    let mut back: Vec<String> = kinds(&between(&after, &song())).into_iter().map(swap).collect();
    back.sort();
    assert!(there.len() > 3);
    assert_eq!(there, back);
}
