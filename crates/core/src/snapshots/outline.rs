//! Where the fields of a JSON object lie in its text, and those of the objects in it: what a pass over the
//! whole text has seen anyway, kept for those who look for one field.

use std::collections::BTreeMap;
use std::ops::Range;

/// An object's fields as they stand in its text; of a name given twice the last, as everywhere.
pub(crate) type Fields<'a> = BTreeMap<&'a str, &'a str>;

/// More fields than this are not kept.
const MOST: usize = 1 << 16;

/// The fields of an object and of the objects that are their values.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    /// In the order of the text: behind each field of the whole those of its value.
    spots: Vec<Spot>,
    /// The field of each level whose value goes on.
    pending: [usize; LEVELS],
    /// A name has escapes, or there are too many.
    is_lost: bool,
}

/// Levels that are outlined.
pub(super) const LEVELS: usize = 2;

#[derive(Debug)]
struct Spot {
    level: usize,
    name: Range<usize>,
    value: Range<usize>,
}

impl Outline {
    /// A field of `level` (1 for those of the whole) begins.
    pub(super) fn begin(&mut self, level: usize, name: Range<usize>, is_plain: bool, value: usize) {
        self.is_lost |= !is_plain || self.spots.len() == MOST;
        if !self.is_lost {
            self.pending[level - 1] = self.spots.len();
            self.spots.push(Spot { level, name, value: value..value });
        }
    }

    /// The value of the last field of `level` has ended.
    pub(super) fn end(&mut self, level: usize, at: usize) {
        if let Some(spot) = self.spots.get_mut(self.pending[level - 1]).filter(|_| !self.is_lost) {
            spot.value.end = at;
        }
    }

    /// The fields of `text`, which is the one outlined. None where they were not kept.
    pub(crate) fn fields<'a>(&self, text: &'a [u8]) -> Option<Fields<'a>> {
        let spots = self.spots.iter().filter(|spot| spot.level == 1);
        (!self.is_lost).then(|| spots.map(|spot| spot.read(text)).collect::<Option<_>>())?
    }

    /// The fields of the value that begins at `at` in `text`. None where it is no object, or nothing was kept.
    pub(crate) fn parts<'a>(&self, text: &'a [u8], at: usize) -> Option<Fields<'a>> {
        let place = self.spots.partition_point(|spot| spot.value.start < at);
        let own = self.spots.get(place)?;
        let is_it = own.level == 1 && own.value.start == at && text.get(at) == Some(&b'{');
        let inner = self.spots[place + 1..].iter().take_while(|spot| spot.level > 1);
        (is_it && !self.is_lost)
            .then(|| inner.map(|spot| spot.read(text)).collect::<Option<_>>())?
    }
}

impl Spot {
    fn read<'a>(&self, text: &'a [u8]) -> Option<(&'a str, &'a str)> {
        let part = |range: &Range<usize>| std::str::from_utf8(text.get(range.clone())?).ok();
        Some((part(&self.name)?, part(&self.value)?))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::value::RawValue;

    use super::super::json;
    use super::*;

    #[test]
    fn fields_are_those_that_serde_finds() {
        let text = r#" { "a" : {"x":1 , "y": [ {"z":2} ] },"b":[{"c":{"d":3}}], "e":{} ,"f":"\"g\"","a":{"w":{"v":-1e3}},"h":null } "#;
        let outline = json::check(text, 99, |_| ()).unwrap();
        let serde = |text: &str| -> BTreeMap<String, String> {
            let found: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).unwrap();
            found.into_iter().map(|(name, value)| (name, value.get().to_owned())).collect()
        };
        let own = |fields: Fields<'_>| -> BTreeMap<String, String> {
            fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let fields = outline.fields(text.as_bytes()).unwrap();
        assert_eq!(own(fields.clone()), serde(text));
        for (name, value) in fields {
            let at = value.as_ptr().addr() - text.as_ptr().addr();
            let parts = outline.parts(text.as_bytes(), at).map(own);
            assert_eq!(parts, value.starts_with('{').then(|| serde(value)), "{name}");
        }
        assert!(outline.parts(text.as_bytes(), 1).is_none());
    }

    #[test]
    fn names_with_escapes_are_left_to_others() {
        for text in [r#"{"\u0061":1}"#, r#"{"a":{"\n":1}}"#] {
            assert!(json::check(text, 99, |_| ()).unwrap().fields(text.as_bytes()).is_none());
        }
        assert!(json::check(r#"{"a":[{"\n":1}]}"#, 99, |_| ()).unwrap().fields(b"{}").is_none());
    }
}
