//! What must hold of every pair of versions: nothing that changed is silent, nothing else is told.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

use std::collections::BTreeMap;

use prime_memory::snapshots::changes::{Change, MAX_SUMMARY_CHARS, between, summary};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// JSON of any shape, small numbers among it so that two of them often meet.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..4).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "[a-c]{0,2}".prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Names that a state, or a part of one, has; and others.
fn name() -> impl Strategy<Value = String> {
    let known = [
        "id", "trackName", "name", "group", "role", "locked", "trackColor", "trackId", "start",
        "duration", "bufferId", "volume", "pan", "isMuted", "sends", "pitch", "velocity", "points",
        "time", "value", "pluginId", "bypassed", "parameters", "preset", "length", "channelData",
        "fileName", "t1", "t2", "eq", "t1-eq", "t1:volume", "master", "notes", "gain", "fadeIn",
    ];
    prop_oneof![prop::sample::select(known.to_vec()).prop_map(str::to_owned), "[a-z]{0,3}"]
}

/// A state with the right names and anything below them.
fn state() -> impl Strategy<Value = Value> {
    let known = [
        "name",
        "bpm",
        "timeSignature",
        "key",
        "musicalContext",
        "tracks",
        "clips",
        "mixerSettings",
        "inserts",
        "fxBypassState",
        "automationData",
        "pianoRollSketches",
        "audioBuffers",
        "ingestHistoryEntries",
        "masterVolume",
        "isLooping",
        "scrollX",
        "projectData",
        "state",
        "plugins",
        "other",
    ];
    let field = (prop::sample::select(known.to_vec()), part());
    prop::collection::vec(field, 0..9).prop_map(|fields| {
        Value::Object(fields.into_iter().map(|(name, part)| (name.to_owned(), part)).collect())
    })
}

/// A list of records, a map of them, or anything.
fn part() -> impl Strategy<Value = Value> {
    let record = || {
        prop::collection::vec((name(), anything()), 0..6)
            .prop_map(|fields| Value::Object(fields.into_iter().collect()))
    };
    prop_oneof![
        anything(),
        prop::collection::vec(record(), 0..6).prop_map(Value::from),
        prop::collection::vec((name(), prop::collection::vec(record(), 0..5)), 0..4).prop_map(
            |lists| Value::Object(
                lists.into_iter().map(|(id, list)| (id, Value::from(list))).collect()
            )
        ),
        prop::collection::vec((name(), record()), 0..4)
            .prop_map(|maps| Value::Object(maps.into_iter().collect())),
    ]
}

/// The plainly right comparison: fields in any order, numbers by value.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, value)| b.get(name).is_some_and(|b| equal(value, b)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Number(x), Value::Number(y)) => {
            x == y || (x.is_f64() || y.is_f64()) && x.as_f64() == y.as_f64()
        }
        _ => a == b,
    }
}

fn check_pair(a: &Value, b: &Value) {
    assert_eq!(between(a, a), []);
    let changes = between(a, b);
    assert_eq!(changes.is_empty(), equal(a, b), "{a}\n{b}\n{changes:?}");
    assert_eq!(between(a, b), changes);
    assert_eq!(between(b, a).is_empty(), changes.is_empty());
    let text = summary(&changes);
    assert!(text.chars().count() <= MAX_SUMMARY_CHARS + 40, "{text}");
    assert!(text.ends_with('.'));
    assert_eq!(text == "No changes.", changes.is_empty());
    serde_json::to_string(&changes).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_accepted(a in anything(), b in anything()) {
        check_pair(&a, &b);
    }

    #[test]
    fn any_state_is_accepted(a in state(), b in state()) {
        check_pair(&a, &b);
    }

    /// One field of a wrong state is exchanged: it is told, beside a change of tempo too.
    #[test]
    fn nothing_is_silent_beside_another_change(a in state(), at in any::<prop::sample::Index>(), new in anything()) {
        let mut b = a.clone();
        let places = leaves(&a);
        prop_assume!(!places.is_empty());
        let place = at.get(&places);
        prop_assume!(!ids_and_view(place));
        *b.pointer_mut(place).unwrap() = new;
        prop_assume!(!equal(&a, &b));
        is_told_beside_tempo(place, a, b)?;
    }

    /// The same on a real song.
    #[test]
    fn every_leaf_of_a_song_is_told(at in any::<prop::sample::Index>(), new in anything()) {
        for song in songs() {
            let mut b = song.clone();
            let places = leaves(&song);
            let place = at.get(&places);
            prop_assume!(!ids_and_view(place));
            *b.pointer_mut(place).unwrap() = new.clone();
            if !equal(&song, &b) {
                is_told_beside_tempo(place, song, b)?;
            }
        }
    }

    /// Whatever ids a song has, a change is told alike.
    #[test]
    fn renewed_ids_hide_nothing(seed in 1_u64.., at in any::<prop::sample::Index>()) {
        for song in songs() {
            let renewed = renew(&song, seed);
            let only_ids = between(&song, &renewed);
            prop_assert!(matches!(only_ids[..], [Change::Ids { .. }]), "{:?}", only_ids);
            let mut edited = song.clone();
            let tracks = edited["tracks"].as_array_mut().unwrap();
            let track = at.index(tracks.len());
            tracks[track]["group"] = json!("Foley");
            let changes = between(&song, &renew(&edited, seed));
            prop_assert!(matches!(changes[..], [Change::TrackRegrouped { .. }]), "{:?}", changes);
        }
    }
}

fn is_told_beside_tempo(place: &str, mut a: Value, mut b: Value) -> Result<(), TestCaseError> {
    for (state, tempo) in [(&mut a, json!(71)), (&mut b, json!(72))] {
        state.as_object_mut().unwrap().insert("tempo".to_owned(), tempo);
    }
    let changes = between(&a, &b);
    let others = changes.iter().filter(|change| match change {
        Change::Tempo(values) => values.after != Some(json!(72)),
        _ => true,
    });
    prop_assert!(others.count() > 0, "{place}: {a}\n{b}");
    Ok(())
}

/// Places that are told only when nothing else changed.
fn ids_and_view(place: &str) -> bool {
    let last = place.rsplit('/').next().unwrap_or_default();
    matches!(last, "id" | "pluginId") || place.starts_with("/scrollX")
}

/// JSON pointers to everything that is no container with something in it.
fn leaves(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = vec![(String::new(), value)];
    while let Some((path, value)) = left.pop() {
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (name, value) in map {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    left.push((format!("{path}/{name}"), value));
                }
            }
            Value::Array(list) if !list.is_empty() => {
                left.extend(list.iter().enumerate().map(|(i, v)| (format!("{path}/{i}"), v)));
            }
            _ if path.is_empty() => {}
            _ => found.push(path),
        }
    }
    found
}

fn songs() -> [Value; 2] {
    [
        serde_json::from_str(include_str!("data/saber-finalstep.json")).unwrap(),
        serde_json::from_str(include_str!("data/socceroos-progress.json")).unwrap(),
    ]
}

/// The same song with every id of tracks, clips and notes given anew.
fn renew(song: &Value, seed: u64) -> Value {
    let ids: BTreeMap<String, String> = song["tracks"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .map(|(i, track)| (track["id"].as_str().unwrap().to_owned(), format!("new-{seed}-{i}")))
        .collect();
    let key = |key: &str| {
        let id = ids.iter().find(|(old, _)| {
            key.strip_prefix(old.as_str())
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
        });
        id.map_or(key.to_owned(), |(old, new)| key.replacen(old.as_str(), new, 1))
    };
    let mut song = song.clone();
    for part in ["mixerSettings", "inserts", "fxBypassState", "automationData", "pianoRollSketches"]
    {
        if let Some(Value::Object(map)) = song.get_mut(part) {
            let renewed: Map<String, Value> =
                std::mem::take(map).into_iter().map(|(id, value)| (key(&id), value)).collect();
            *map = renewed;
        }
    }
    for track in song["tracks"].as_array_mut().unwrap() {
        track["id"] = json!(key(track["id"].as_str().unwrap()));
    }
    for (i, clip) in song["clips"].as_array_mut().unwrap().iter_mut().enumerate() {
        clip["id"] = json!(format!("c-{seed}-{i}"));
        clip["trackId"] = json!(key(clip["trackId"].as_str().unwrap()));
    }
    for (_, notes) in song["pianoRollSketches"].as_object_mut().unwrap() {
        for (i, note) in notes.as_array_mut().unwrap().iter_mut().enumerate() {
            note["id"] = json!(format!("x-{seed}-{i}"));
        }
    }
    song
}
