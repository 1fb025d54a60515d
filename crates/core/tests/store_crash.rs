//! A process that writes is killed at random instants. Whatever it had acknowledged must be there,
//! and the store must be in order.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]
#![allow(clippy::print_stdout, reason = "the child acknowledges on its standard output")]

mod store_support;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use prime_memory::store::{Change, Store};
use store_support::{memory, nobody, open, tokens};

/// Set in the child: the file to write to.
const CHILD: &str = "PRIME_MEMORY_CRASH_CHILD";

/// Not a test by itself: what the killed process does, until it is killed.
#[test]
fn child() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let store = open(Path::new(&path));
    std::thread::scope(|scope| {
        for worker in 0..3 {
            let store = &store;
            scope.spawn(move || write_for_ever(store, worker));
        }
    });
}

/// Acknowledges as a user would see it: a line once the call has returned. A line that says what
/// is about to be removed goes out before, as the kill may come in between.
fn write_for_ever(store: &Store, worker: usize) {
    for round in 0.. {
        let texts: Vec<_> = (0..=round % 4).map(|i| format!("text {worker} {round} {i}")).collect();
        let ids = store.insert(texts.iter().map(|text| memory(text)).collect()).unwrap();
        say(&format!("+ {}", ids.join(" ")));
        if round % 3 == 0 {
            let text = format!("changed {worker} {round}");
            let change = Change { text: Some((text.clone(), tokens(&text))), ..Change::default() };
            assert!(store.update(&ids[0], &nobody(), change).unwrap());
            say(&format!("* {}", ids[0]));
        }
        if round % 5 == 0 {
            say(&format!("? {}", ids[0]));
            assert_eq!(store.remove(&ids[..1], &nobody()).unwrap(), 1);
            say(&format!("- {}", ids[0]));
        }
        store.touch(&[1, 2, 3]);
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n@{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// What the child acknowledged before it died.
#[derive(Default)]
struct Acknowledged {
    live: BTreeSet<String>,
    changed: BTreeSet<String>,
    uncertain: BTreeSet<String>,
    gone: BTreeSet<String>,
}

impl Acknowledged {
    fn read(&mut self, output: &str) {
        // A last line without its end was cut by the kill.
        let whole = &output[..output.rfind('\n').map_or(0, |end| end + 1)];
        for line in whole.lines().filter_map(|line| line.strip_prefix('@')) {
            let (mark, ids) = line.split_once(' ').unwrap();
            let ids = ids.split(' ').map(str::to_owned);
            match mark {
                "+" => self.live.extend(ids),
                "*" => self.changed.extend(ids),
                "?" => self.uncertain.extend(ids),
                _ => self.gone.extend(ids),
            }
        }
    }

    fn check(&self, store: &Store) {
        for id in &self.live {
            let record = store.get(id, &nobody()).unwrap();
            if self.gone.contains(id) {
                assert!(record.is_none(), "{id} was removed");
            } else if !self.uncertain.contains(id) {
                let text = record.unwrap_or_else(|| panic!("{id} was acknowledged")).text.unwrap();
                assert!(!self.changed.contains(id) || text.starts_with("changed"), "{id}: {text}");
            }
        }
    }
}

/// Runs the child on `path` and kills it after `life`; what it said.
fn run_and_kill(path: &Path, life: Duration) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        output.read_to_end(&mut said).unwrap();
        String::from_utf8(said).unwrap()
    });
    std::thread::sleep(life);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

#[test]
fn every_acknowledged_write_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("studio.db");
    let mut acknowledged = Acknowledged::default();
    let seed = u64::from(std::process::id());
    for round in 0..12_u64 {
        let life = 15 + (seed.wrapping_mul(2_654_435_761).wrapping_add(round * 7_919)) % 180;
        acknowledged.read(&run_and_kill(&path, Duration::from_millis(life)));
        let store = open(&path);
        acknowledged.check(&store);
        assert_eq!(store.verify().unwrap(), Vec::<String>::new(), "round {round}, {life} ms");
    }
    assert!(acknowledged.live.len() > 50, "the children wrote {}", acknowledged.live.len());
    assert!(!acknowledged.gone.is_empty() && !acknowledged.changed.is_empty());
}

#[test]
fn two_processes_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("studio.db");
    let store = open(&path);
    let mut acknowledged = Acknowledged::default();
    let mut own = Vec::new();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| run_and_kill(&path, Duration::from_millis(1_500)));
        while !other.is_finished() {
            own.extend(store.insert(vec![memory("own text")]).unwrap());
        }
        acknowledged.read(&other.join().unwrap());
    });
    acknowledged.check(&store);
    // SQLite's lock is not fair: a process in a tight loop leaves the other only a few turns.
    let both = (own.len(), acknowledged.live.len());
    assert!(both.0 > 1 && both.1 > 1, "{both:?}");
    assert!(own.iter().all(|id| store.get(id, &nobody()).unwrap().is_some()));
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}
