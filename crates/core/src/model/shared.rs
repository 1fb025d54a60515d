//! One open encoder for everybody in the process who asks for the same model.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::encoder::Encoder;
use super::package::ModelPackage;
use super::runtime::Runtime;
use crate::error::Result;

type Open = HashMap<(String, usize), Weak<Encoder>>;

impl Encoder {
    /// The open encoder of this model and number of threads if the process has one, else a new one.
    ///
    /// # Errors
    /// As [`Encoder::open`].
    pub fn shared(
        package: &ModelPackage,
        runtime: &Runtime,
        threads: usize,
    ) -> Result<Arc<Encoder>> {
        static OPEN: Mutex<Option<Open>> = Mutex::new(None);
        // Held while opening: two callers at once shall get one encoder, not two.
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        let open = open.get_or_insert_default();
        open.retain(|_, encoder| encoder.strong_count() > 0);
        let key = (package.fingerprint().to_owned(), threads.max(1));
        if let Some(encoder) = open.get(&key).and_then(Weak::upgrade) {
            return Ok(encoder);
        }
        let encoder = Arc::new(Encoder::open(package, runtime, threads)?);
        open.insert(key, Arc::downgrade(&encoder));
        Ok(encoder)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::model::fixture;

    #[test]
    fn an_open_model_is_shared() {
        let (package, runtime) = (fixture::package(), fixture::runtime());
        let first = Encoder::shared(package, runtime, 1).unwrap();
        assert!(Arc::ptr_eq(&first, &Encoder::shared(package, runtime, 0).unwrap()));
        assert_eq!(first.embed("bass").unwrap(), fixture::encoder().embed("bass").unwrap());
        let weak = Arc::downgrade(&first);
        drop(first);
        assert!(weak.upgrade().is_none(), "the last user closes it");
    }
}
