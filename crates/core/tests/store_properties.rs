//! The store against a naive twin, a `BTreeMap`: the same operations, the same answers.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]
#![allow(clippy::option_option, reason = "no change, and a change to nothing, differ")]

mod store_support;

use std::collections::BTreeMap;

use prime_memory::store::{Change, Filter, Matching, NewMemory, Scope, ScopeFilter, Store, Where};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use store_support::{memory, open, tokens};

#[derive(Debug, Clone)]
enum Step {
    Insert(Vec<(u8, String, i64)>),
    Update {
        pick: usize,
        user: u8,
        text: Option<String>,
        data: Option<Option<String>>,
        bpm: Option<i64>,
    },
    Remove {
        pick: usize,
        user: u8,
    },
    Reopen,
}

#[derive(Debug, Clone, PartialEq)]
struct Kept {
    user: u8,
    text: String,
    data: Option<String>,
    bpm: i64,
}

fn text() -> impl Strategy<Value = String> {
    "[a-d]{1,3}( [a-dü♫'\"]{1,4}){0,4}"
}

fn step() -> impl Strategy<Value = Step> {
    let data = prop::option::of(prop::option::of("[0-9]{1,3}|\"[a-z ]{0,5}\"|\\[ *\\]"))
        .prop_map(|data| data.map(|d| d.filter(|d| serde_json::from_str::<Value>(d).is_ok())));
    let update =
        (any::<usize>(), 0_u8..2, prop::option::of(text()), data, prop::option::of(0_i64..5));
    prop_oneof![
        4 => prop::collection::vec((0_u8..2, text(), 0_i64..5), 0..4).prop_map(Step::Insert),
        3 => update.prop_map(|(pick, user, text, data, bpm)| Step::Update { pick, user, text, data, bpm }),
        2 => (any::<usize>(), 0_u8..2).prop_map(|(pick, user)| Step::Remove { pick, user }),
        1 => Just(Step::Reopen),
    ]
}

fn scope(user: u8) -> Vec<ScopeFilter> {
    vec![ScopeFilter { user: Some(format!("user{user}")), ..ScopeFilter::default() }]
}

fn metadata(bpm: i64) -> Map<String, Value> {
    json!({ "bpm": bpm }).as_object().unwrap().clone()
}

fn item((user, text, bpm): &(u8, String, i64)) -> NewMemory {
    let scope = Scope { user: Some(format!("user{user}")), project: None };
    NewMemory { scope, metadata: metadata(*bpm), ..memory(text) }
}

type Twin = BTreeMap<String, Kept>;

fn apply(store: &Store, twin: &mut Twin, step: &Step) {
    let picked = |pick: usize| {
        twin.keys().nth(pick % twin.len().max(1)).cloned().unwrap_or_else(|| "none".to_owned())
    };
    match step {
        Step::Insert(items) => {
            let ids = store.insert(items.iter().map(item).collect()).unwrap();
            for (id, (user, text, bpm)) in ids.into_iter().zip(items.clone()) {
                twin.insert(id, Kept { user, text, data: None, bpm });
            }
        }
        Step::Update { pick, user, text, data, bpm } => {
            let id = picked(*pick);
            let change = Change {
                text: text.clone().map(|text| (text.clone(), tokens(&text))),
                data: data.clone(),
                metadata: bpm.map(metadata),
                ..Change::default()
            };
            let kept = twin.get_mut(&id).filter(|kept| kept.user == *user);
            assert_eq!(store.update(&id, &scope(*user), change).unwrap(), kept.is_some());
            if let Some(kept) = kept {
                kept.text = text.clone().unwrap_or_else(|| kept.text.clone());
                kept.data = data.clone().unwrap_or_else(|| kept.data.clone());
                kept.bpm = bpm.unwrap_or(kept.bpm);
            }
        }
        Step::Remove { pick, user } => {
            let id = picked(*pick);
            let there = twin.get(&id).is_some_and(|kept| kept.user == *user);
            let removed = store.remove(std::slice::from_ref(&id), &scope(*user)).unwrap();
            assert_eq!(removed, usize::from(there));
            if there {
                twin.remove(&id);
            }
        }
        Step::Reopen => {}
    }
}

fn compare(store: &Store, twin: &Twin) {
    for user in 0..2 {
        let partitions =
            store.partitions(&Filter { scopes: scope(user), ..Filter::default() }).unwrap();
        let own = || twin.iter().filter(|(_, kept)| kept.user == user);
        for (id, kept) in own() {
            let record = store.get(id, &scope(user)).unwrap().unwrap();
            assert_eq!(record.text.as_deref(), Some(kept.text.as_str()));
            assert_eq!(record.data, kept.data);
            assert_eq!(record.metadata, metadata(kept.bpm));
            let stored = store.tokens(record.row).unwrap().unwrap();
            assert_eq!(stored.count(), tokens(&kept.text).count());
            assert!(store.get(id, &scope(1 - user)).unwrap().is_none());
        }
        let fast = Where::parse(&json!({ "bpm": { "gte": 3 } })).unwrap();
        let expected = own().filter(|(_, kept)| kept.bpm >= 3).count();
        assert_eq!(store.rows_where(&partitions, &fast).unwrap().len(), expected);
        let word = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "ab");
        let expected = own().filter(|(_, kept)| word(&kept.text)).count();
        let hits =
            store.keyword(&["ab".to_owned()], Matching::AnyWord, &partitions, None, 1_000).unwrap();
        assert_eq!(hits.len(), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_store_answers_as_its_twin(steps in prop::collection::vec(step(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("studio.db");
        let mut twin = Twin::new();
        let mut store = open(&path);
        for step in &steps {
            if matches!(step, Step::Reopen) {
                drop(store);
                store = open(&path);
            }
            apply(&store, &mut twin, step);
        }
        compare(&store, &twin);
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    }
}
