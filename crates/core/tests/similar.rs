//! Likeness of projects through the public surface: what may not change it, what it may not be.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]
#![allow(clippy::float_cmp, reason = "a likeness of 0 and of 1 is exact")]

use prime_memory::snapshots::similar::{Catalogue, Features, Found};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A note: pitch, start in sixteenths, length in sixteenths.
type Line = Vec<(u8, u32, u32)>;

fn line() -> impl Strategy<Value = Line> {
    // From each note to the next: a leap and a gap, so that lines look played and not thrown.
    prop::collection::vec((-7i16..8, 1u32..7), 0..60).prop_map(|steps| {
        let (mut pitch, mut at) = (60i16, 0);
        let note = |(leap, gap): (i16, u32)| {
            pitch = (pitch + leap).clamp(36, 96);
            at += gap;
            (pitch as u8, at, gap)
        };
        steps.into_iter().map(note).collect()
    })
}

#[derive(Debug, Clone)]
struct Song {
    lines: Vec<(Line, &'static str, &'static str, &'static str)>,
    bpm: u32,
}

fn song() -> impl Strategy<Value = Song> {
    let group = prop::sample::select(vec!["Bass", "Drums", "Instruments", "Vocals"]);
    let plugin = prop::sample::select(vec!["mixx-eq8", "Serum", "Pro-Q 3", "ValhallaRoom"]);
    let name = prop::sample::select(vec!["Kick", "Lead", "Pad 1", "Sub", "Keys"]);
    let track = (line(), group, plugin, name);
    (prop::collection::vec(track, 1..5), 60u32..190).prop_map(|(lines, bpm)| Song { lines, bpm })
}

impl Song {
    /// As a state, `up` semitones higher where tones are played, `slower` times as slow.
    fn state(&self, up: u8, slower: f64) -> Value {
        let mut state = json!({ "bpm": f64::from(self.bpm) / slower, "tracks": [], "clips": [], "inserts": {}, "pianoRollSketches": {} });
        for (at, (line, group, plugin, name)) in self.lines.iter().enumerate() {
            let id = format!("track-{at}");
            let up = if *group == "Drums" { 0 } else { up };
            let notes: Vec<Value> = line.iter().map(|(pitch, start, length)| json!({
                "pitch": pitch + up, "start": f64::from(*start) * slower / 8.0, "duration": f64::from(*length) * slower / 8.0, "velocity": 90,
            })).collect();
            state["tracks"]
                .as_array_mut()
                .unwrap()
                .push(json!({ "id": id, "trackName": name, "group": group, "role": "synth" }));
            state["clips"]
                .as_array_mut()
                .unwrap()
                .push(json!({ "id": at, "trackId": id, "start": 0, "duration": line.len() }));
            state["inserts"][&id] = json!([plugin]);
            state["pianoRollSketches"][&id] = json!(notes);
        }
        state
    }

    fn features(&self) -> Features {
        Features::of(&self.state(0, 1.0))
    }
}

/// Any JSON, with the Studio's field names in wrong places and of wrong types.
fn anything() -> impl Strategy<Value = Value> {
    let names = vec![
        "tracks",
        "id",
        "trackName",
        "group",
        "inserts",
        "pianoRollSketches",
        "pitch",
        "start",
        "duration",
        "clips",
        "trackId",
        "bpm",
        "key",
        "projectData",
        "musicalContext",
        "notes",
        "plugins",
        "x",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(names.clone()), inner), 0..6).prop_map(
                |fields| Value::Object(
                    fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
                )
            ),
        ]
    })
}

fn all_parts(found: &prime_memory::snapshots::similar::Similarity) -> [Option<f32>; 8] {
    let p = &found.parts;
    [p.notes, p.rhythm, p.harmony, p.sound, p.form, p.tempo, p.groups, p.meaning]
}

proptest! {
    #[test]
    fn symmetric_and_within_bounds(a in song(), b in song(), cosine in any::<f32>()) {
        let (a, b) = (a.features(), b.features());
        let (there, back) = (a.compare(&b), b.compare(&a));
        prop_assert_eq!(there.score, back.score);
        prop_assert_eq!(all_parts(&there), all_parts(&back));
        for part in all_parts(&there).into_iter().flatten().chain([there.score, there.with_meaning(cosine).score]) {
            prop_assert!((0.0..=1.0).contains(&part), "{part}");
        }
    }

    #[test]
    fn the_same_as_itself(song in song()) {
        let features = song.features();
        let own = features.compare(&features);
        prop_assert_eq!(own.score, 1.0);
        prop_assert!(all_parts(&own).into_iter().flatten().all(|part| part == 1.0));
    }

    #[test]
    fn another_key_and_tempo_keep_notes_and_rhythm(song in song(), up in 0u8..12, slower in 0.75f64..1.5) {
        let (song, other) = (song.features(), Features::of(&song.state(up, slower)));
        let parts = song.compare(&other).parts;
        for part in [parts.notes, parts.rhythm].into_iter().flatten() {
            prop_assert!(part > 0.999, "{part}");
        }
        prop_assert!(parts.harmony.is_none_or(|harmony| harmony > 0.99));
    }

    #[test]
    fn other_ids_and_another_order_of_tracks_change_nothing(song in song()) {
        let mut other = song.clone();
        other.lines.reverse();
        prop_assert_eq!(song.features(), other.features());
    }

    #[test]
    fn bytes_and_back(song in song()) {
        let features = song.features();
        let bytes = features.to_bytes();
        prop_assert!(bytes.len() <= 8_000);
        prop_assert_eq!(Features::from_bytes(&bytes).unwrap(), features);
    }

    #[test]
    fn damaged_bytes_are_refused(song in song(), at in any::<prop::sample::Index>(), with in 1u8.., cut in any::<prop::sample::Index>()) {
        let bytes = song.features().to_bytes();
        let mut damaged = bytes.clone();
        damaged[at.index(bytes.len())] ^= with;
        prop_assert_eq!(Features::from_bytes(&damaged).unwrap_err().code(), "PM_STORE_CORRUPT");
        prop_assert_eq!(Features::from_bytes(&bytes[..cut.index(bytes.len())]).unwrap_err().code(), "PM_STORE_CORRUPT");
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Features::from_bytes(&bytes).is_err());
    }

    #[test]
    fn any_json_never_panics(a in anything(), b in anything()) {
        let (a, b) = (Features::of(&a), Features::of(&b));
        let likeness = a.compare(&b);
        prop_assert!((0.0..=1.0).contains(&likeness.score));
        prop_assert!(likeness.why().ends_with('.'));
        prop_assert_eq!(Features::from_bytes(&a.to_bytes()).unwrap(), a);
    }

    /// The naive twin: every state compared exactly.
    #[test]
    fn the_fast_search_finds_what_the_exact_one_finds(
        songs in prop::collection::vec(song(), 1..8), asked in any::<prop::sample::Index>(),
        order in prop::collection::vec(0usize..8, 1..500), gone in prop::collection::vec(0i64..500, 0..40),
    ) {
        let songs: Vec<Features> = songs.iter().map(Song::features).collect();
        let mut catalogue = Catalogue::default();
        let mut kept = std::collections::BTreeMap::new();
        for (row, song) in order.iter().enumerate() {
            let song = song % songs.len();
            let project = (row % 7) as i64;
            catalogue.add(row as i64, project, songs[song].clone());
            kept.insert(row as i64, project);
        }
        for row in gone {
            prop_assert_eq!(catalogue.remove(row), kept.remove(&row).is_some());
        }
        prop_assert_eq!(catalogue.len(), kept.len());
        let query = &songs[asked.index(songs.len())];
        let most = |row: i64| row % 5 != 4;
        let (fast, exact) = (catalogue.nearest(query, 5, most), catalogue.nearest_exact(query, 5, most));
        let scores = |found: &[Found]| found.iter().map(|f| f.similarity.score).collect::<Vec<_>>();
        prop_assert_eq!(scores(&fast), scores(&exact));
        let projects: std::collections::BTreeSet<i64> = fast.iter().map(|f| f.project).collect();
        prop_assert_eq!(projects.len(), fast.len(), "each project once");
        prop_assert!(fast.iter().all(|f| most(f.row) && kept.get(&f.row) == Some(&f.project)));
    }
}

fn melody(id: &str, pitches: &[u8]) -> Value {
    let note = |(at, pitch): (usize, &u8)| json!({ "pitch": pitch, "start": at as f64 * [0.5, 0.25, 1.0][at % 3], "duration": 0.5 });
    json!({ "bpm": 120, "key": "Am", "tracks": [{ "id": id, "trackName": "Lead", "group": "Instruments" }],
        "inserts": { id: ["Serum"] }, "pianoRollSketches": { id: pitches.iter().enumerate().map(note).collect::<Vec<_>>() } })
}

const TUNE: [u8; 16] = [57, 60, 64, 69, 67, 64, 65, 62, 60, 59, 57, 64, 72, 71, 69, 64];

#[test]
fn the_reasons_are_told() {
    let song = Features::of(&melody("a", &TUNE));
    let mut higher = melody("b", &TUNE.map(|pitch| pitch + 3));
    (higher["key"], higher["bpm"]) = (json!("C minor"), json!(60));
    let found = song.compare(&Features::of(&higher));
    assert_eq!(
        found.why(),
        "The same notes 3 semitones higher, the same rhythms, 120 and 60 BPM, about half the tempo, both use Serum, tracks and instruments of the same names."
    );
    assert_eq!(found.transposed, Some(3));
    let again = song.compare(&song).why();
    assert_eq!(
        again,
        "The same notes, the same rhythms, both in A minor, both at 120 BPM, both use Serum, tracks and instruments of the same names."
    );
}

#[test]
fn an_empty_project_is_like_no_other() {
    let new =
        Features::of(&json!({ "bpm": 120, "tracks": [], "clips": [], "pianoRollSketches": {} }));
    assert!(new.is_empty());
    let song = Features::of(&melody("a", &TUNE));
    for found in [new.compare(&new), new.compare(&song), song.compare(&new)] {
        assert_eq!(found.score, 0.0);
        assert_eq!(found.with_meaning(1.0).score, 0.0);
    }
    let mut catalogue = Catalogue::default();
    catalogue.extend([(1, 1, new.clone()), (2, 2, song.clone())]);
    assert_eq!(catalogue.nearest(&new, 10, |_| true), []);
    let found = catalogue.nearest(&song, 10, |_| true);
    assert_eq!(found.iter().map(|f| f.row).collect::<Vec<_>>(), [2]);
}

#[test]
fn audio_projects_are_compared_by_what_they_have() {
    let session = |bpm: u32, plugins: [&str; 3], lengths: [f64; 3]| {
        Features::of(&json!({
            "bpm": bpm, "tracks": [{ "id": "v", "trackName": "Vox", "group": "Vocals" }, { "id": "g", "trackName": "Guitar", "group": "Instruments" }],
            "inserts": { "v": plugins, "g": [plugins[0]] },
            "clips": lengths.iter().enumerate().map(|(at, length)| json!({ "trackId": "v", "name": "", "start": at * 20, "duration": length })).collect::<Vec<_>>(),
        }))
    };
    let song = session(98, ["mixx-tune", "mixx-comp", "mixx-verb"], [12.5, 7.25, 16.0]);
    let retake = session(98, ["mixx-tune", "mixx-comp", "mixx-delay"], [12.5, 7.25, 9.0]);
    let other = session(140, ["Decapitator", "Pro-Q 3", "OTT"], [3.0, 5.5, 2.0]);
    let (near, far) = (song.compare(&retake), song.compare(&other));
    assert!(near.score > 0.6 && far.score < 0.4, "{} {}", near.score, far.score);
    assert_eq!((near.parts.notes, near.parts.rhythm, near.parts.harmony), (None, None, None));
    assert!(near.why().ends_with("compared without notes, which neither has."), "{}", near.why());
    let noted = song.compare(&Features::of(&melody("a", &TUNE)));
    assert!(noted.why().ends_with("compared without notes, which one of them lacks."));
    assert!(noted.score < near.score);
}

#[test]
fn versions_collapse_to_the_best() {
    let mut catalogue = Catalogue::default();
    for row in 0..30 {
        let mut pitches = TUNE.to_vec();
        pitches.truncate(16 - (29 - row) / 3);
        catalogue.add(row as i64, 7, Features::of(&melody("a", &pitches)));
    }
    catalogue.add(99, 8, Features::of(&melody("z", &TUNE.map(|pitch| 140 - pitch))));
    let found = catalogue.nearest(&Features::of(&melody("q", &TUNE)), 10, |_| true);
    assert_eq!(found.iter().map(|f| (f.row, f.project)).collect::<Vec<_>>(), [(29, 7), (99, 8)]);
    assert_eq!(found[0].similarity.score, 1.0);
}

#[test]
fn meaning_is_one_more_part() {
    let (a, b) = (Features::of(&melody("a", &TUNE)), Features::of(&melody("b", &TUNE[4..])));
    let plain = a.compare(&b);
    let (near, far) = (plain.clone().with_meaning(1.0), plain.clone().with_meaning(0.0));
    assert!(far.score < plain.score && plain.score < near.score);
    assert_eq!(
        (near.parts.meaning, plain.clone().with_meaning(f32::NAN).parts.meaning),
        (Some(1.0), Some(0.0))
    );
}

#[test]
fn another_version_of_the_bytes_is_named() {
    let mut bytes = Features::of(&melody("a", &TUNE)).to_bytes();
    bytes[0] = 9;
    let message = Features::from_bytes(&bytes).unwrap_err().to_string();
    assert!(message.contains("version 9, not 1"), "{message}");
}

#[test]
fn features_stay_small_whatever_the_project() {
    let mut state =
        json!({ "bpm": 120, "tracks": [], "clips": [], "inserts": {}, "pianoRollSketches": {} });
    let mut seed = 1u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % below
    };
    for track in 0..60 {
        let id = format!("t{track}");
        let note = |at: i32| {
            let start = f64::from(at) + random(8) as f64 / 10.0;
            json!({ "pitch": 30 + random(60), "start": start, "duration": 0.3 })
        };
        let notes: Vec<Value> = (0..500).map(note).collect();
        let plugins: Vec<String> =
            (0..4).map(|at| format!("A Plugin of Quite a Long Name {track}.{at}")).collect();
        state["tracks"].as_array_mut().unwrap().push(json!({ "id": id, "trackName": format!("Take {track} of {}", random(999)), "group": "Vocals" }));
        state["clips"].as_array_mut().unwrap().extend((0..40).map(|at| json!({ "trackId": id, "name": format!("take {track}/{at}"), "start": at * 9, "duration": random(64) })));
        state["inserts"][&id] = json!(plugins);
        state["pianoRollSketches"][&id] = json!(notes);
    }
    let features = Features::of(&state);
    let bytes = features.to_bytes();
    assert!((3_000..=7_500).contains(&bytes.len()), "{}", bytes.len());
    assert_eq!(Features::from_bytes(&bytes).unwrap(), features);
    assert_eq!(features.compare(&features).score, 1.0);
}
