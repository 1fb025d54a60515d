//! The last few lookups: so that a miss followed by its answer encodes one prompt once, that
//! feedback without a request knows which one was meant, and that shadow mode can compare.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::budget::Route;

/// More lookups than are under way at once anywhere; their vectors take 1.5 kB each.
const KEPT: usize = 1024;

/// How an entry came to be served.
#[derive(Debug, Clone)]
pub(crate) struct Served {
    /// Hash of the request it was served to.
    pub(crate) key: [u8; 32],
    /// The vector of that request; none for an equal one.
    pub(crate) vector: Option<Arc<Vec<f32>>>,
    /// None for an equal one.
    pub(crate) route: Option<Route>,
}

/// What shadow mode would have served, or what the pair model refused there.
#[derive(Debug, Clone)]
pub(crate) struct Would {
    pub(crate) row: u64,
    pub(crate) content: String,
    pub(crate) route: Route,
    pub(crate) is_served: bool,
}

/// What is remembered of the last few lookups.
#[derive(Default)]
pub(crate) struct Recent {
    vectors: Mutex<Last<String, Arc<Vec<f32>>>>,
    served: Mutex<Last<u64, Served>>,
    would: Mutex<Last<[u8; 32], Would>>,
}

impl Recent {
    pub(crate) fn vector(&self, prompt: &str) -> Option<Arc<Vec<f32>>> {
        lock(&self.vectors).map.get(prompt).map(Arc::clone)
    }

    pub(crate) fn add_vector(&self, prompt: &str, vector: &Arc<Vec<f32>>) {
        lock(&self.vectors).add(prompt.to_owned(), Arc::clone(vector));
    }

    pub(crate) fn served(&self, row: u64) -> Option<Served> {
        lock(&self.served).map.get(&row).cloned()
    }

    pub(crate) fn add_served(&self, row: u64, served: Served) {
        lock(&self.served).add(row, served);
    }

    pub(crate) fn take_would(&self, key: &[u8; 32]) -> Option<Would> {
        lock(&self.would).map.remove(key)
    }

    pub(crate) fn add_would(&self, key: [u8; 32], would: Would) {
        lock(&self.would).add(key, would);
    }

    /// Nothing of what was erased stays in memory.
    pub(crate) fn clear(&self) {
        *lock(&self.vectors) = Last::default();
        *lock(&self.served) = Last::default();
        *lock(&self.would) = Last::default();
    }
}

struct Last<K, V> {
    map: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K, V> Default for Last<K, V> {
    fn default() -> Last<K, V> {
        Last { map: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: Hash + Eq + Clone, V> Last<K, V> {
    fn add(&mut self, key: K, value: V) {
        if self.map.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > KEPT {
            if let Some(oldest) = self.order.pop_front() {
                self.map.remove(&oldest);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let recent = Recent::default();
        for i in 0..KEPT + 10 {
            recent.add_vector(&i.to_string(), &Arc::new(vec![i as f32]));
            recent.add_vector(&i.to_string(), &Arc::new(vec![i as f32]));
        }
        assert!(recent.vector("9").is_none() && recent.vector("10").is_some());
        recent.clear();
        assert!(recent.vector("10").is_none());
    }
}
