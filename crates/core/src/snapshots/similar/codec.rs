//! The bytes of features. `docs/similar.md` draws them.

use xxhash_rust::xxh3::xxh3_64;

use super::features::{Features, MAX_PLUGIN_BYTES, SORTS};
use super::terms::{Sort, Term, Terms};
use crate::error::{Error, Result};
use crate::music::{Chroma, TonalKey};

/// The version written, in the first byte. Another one is refused: features are derived and can be
/// read from the state again.
const VERSION: u8 = 1;

/// Bytes of the checksum at the end.
const CHECK: usize = 4;

const NO_KEY: u8 = 255;

impl Features {
    /// As bytes, at most 7,500, usually 1,000 to 4,000. The same features give the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend(self.bpm.unwrap_or(0.0).to_le_bytes());
        out.push(self.key.map_or(NO_KEY, |key| key.tonic * 2 + u8::from(key.is_minor)));
        out.extend(self.chroma.0);
        out.extend(self.groups);
        put(&mut out, self.notes);
        put(&mut out, self.plugins.len() as u32);
        out.extend(self.plugins.as_bytes());
        for bag in &self.bags {
            put_bag(&mut out, bag);
        }
        out.extend(check(&out));
        out
    }

    /// The features that [`Features::to_bytes`] wrote.
    ///
    /// # Errors
    /// `PM_STORE_CORRUPT` for bytes that are damaged, cut, or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Features> {
        let (body, sum) =
            bytes.split_at_checked(bytes.len().wrapping_sub(CHECK)).ok_or_else(cut)?;
        match body.first() {
            None => return Err(cut()),
            Some(&VERSION) if check(body) == sum => {}
            Some(&VERSION) => return Err(corrupt("their checksum differs")),
            Some(other) => {
                return Err(corrupt(format_args!("they have version {other}, not {VERSION}")));
            }
        }
        let mut read = Reader { left: &body[1..] };
        let features = read.features()?;
        if read.left.is_empty() { Ok(features) } else { Err(corrupt("they go on after the end")) }
    }
}

fn corrupt(found: impl std::fmt::Display) -> Error {
    Error::StoreCorrupt {
        reason: format!("features of a project: {found}; read them from the state again"),
    }
}

fn cut() -> Error {
    corrupt("they end too early")
}

fn check(body: &[u8]) -> [u8; CHECK] {
    (xxh3_64(body) as u32).to_le_bytes()
}

/// Seven bits a byte, the lowest first; the top bit says that more follow.
fn put(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_bag(out: &mut Vec<u8>, bag: &Terms) {
    put(out, bag.list.len() as u32);
    out.extend(bag.last.to_le_bytes());
    let mut before = 0;
    for term in &bag.list {
        put(out, term.hash - before);
        out.extend([term.count, term.surprise]);
        before = term.hash;
    }
}

struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, left) = self.left.split_at_checked(count).ok_or_else(cut)?;
        self.left = left;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn number(&mut self) -> Result<u32> {
        let mut number = 0u64;
        for shift in (0..35).step_by(7) {
            let [byte] = self.array()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return u32::try_from(number).map_err(|_| corrupt("a number is too large"));
            }
        }
        Err(corrupt("a number is too long"))
    }

    fn features(&mut self) -> Result<Features> {
        let bpm = f32::from_le_bytes(self.array()?);
        let [key] = self.array()?;
        let mut features = Features {
            bpm: (bpm.is_finite() && bpm > 0.0).then_some(bpm),
            key: (key < 24).then_some(TonalKey { tonic: key / 2, is_minor: key % 2 == 1 }),
            chroma: Chroma(self.array()?),
            groups: self.array()?,
            notes: self.number()?,
            ..Features::default()
        };
        let length = self.number()? as usize;
        if length > MAX_PLUGIN_BYTES {
            return Err(corrupt(format_args!("{length} bytes of plugin names")));
        }
        features.plugins = std::str::from_utf8(self.take(length)?)
            .map_err(|_| corrupt("plugin names are no UTF-8"))?
            .to_owned();
        for (bag, sort) in features.bags.iter_mut().zip(&SORTS) {
            *bag = self.bag(sort)?;
        }
        Ok(features)
    }

    fn bag(&mut self, sort: &Sort) -> Result<Terms> {
        let count = self.number()? as usize;
        if count > sort.limit {
            return Err(corrupt(format_args!("{count} terms where {} fit", sort.limit)));
        }
        let last = u32::from_le_bytes(self.array()?);
        let (mut terms, mut before) = (Vec::with_capacity(count), 0u32);
        for at in 0..count {
            let step = self.number()?;
            let hash =
                before.checked_add(step).filter(|hash| *hash <= last && (at == 0 || step > 0));
            let hash = hash.ok_or_else(|| corrupt("terms are out of order"))?;
            let [count, surprise] = self.array()?;
            if count == 0 || surprise == 0 {
                return Err(corrupt("a term weighs nothing"));
            }
            terms.push(Term { hash, count, surprise, weight: 0 });
            before = hash;
        }
        Ok(Terms::weighed(terms, last, sort))
    }
}
