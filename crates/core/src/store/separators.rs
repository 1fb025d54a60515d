//! Another step of erasing. FTS5 keeps, for each page of its index, a word that separates it from
//! the page before (`words_idx`), and leaves it there when that word is deleted. A separator that
//! begins no word any more is replaced by the next word that is still there: it lies between the
//! same two pages, so searches and FTS5's own check find everything as before.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::errors::{Outcome, damaged};

/// Which words were erased, by how they begin: few separators are worth a look.
#[derive(Default)]
pub(super) struct ErasedWords {
    all: bool,
    beginnings: BTreeSet<[u8; 2]>,
}

impl ErasedWords {
    /// Any word may have been erased.
    pub(super) fn all() -> ErasedWords {
        ErasedWords { all: true, ..ErasedWords::default() }
    }

    /// The words of `text`. Stems begin as their words do; letters beyond ASCII may be folded.
    pub(super) fn add(&mut self, text: &str) {
        self.all |= !text.is_ascii();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric()).map(str::as_bytes);
        let beginnings = words.filter_map(|word| Some([*word.first()?, *word.get(1)?]));
        self.beginnings.extend(beginnings.map(|two| two.map(|byte| byte.to_ascii_lowercase())));
    }

    pub(super) fn append(&mut self, other: &mut ErasedWords) {
        self.all |= other.all;
        self.beginnings.append(&mut other.beginnings);
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.all && self.beginnings.is_empty()
    }

    fn may_hold(&self, word: &[u8]) -> bool {
        self.all || matches!(word, [a, b, ..] if self.beginnings.contains(&[*a, *b]))
    }
}

struct Separator {
    segment: i64,
    /// The word, after the byte '0' that marks FTS5's main index.
    term: Vec<u8>,
}

/// Replaces the separators that only erased words began with, in a transaction of its own.
pub(super) fn replace_separators(conn: &Connection, erased: &ErasedWords) -> Outcome<()> {
    conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let done = replace_all(conn, erased);
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    conn.prepare_cached(end)?.execute([])?;
    done
}

fn replace_all(conn: &Connection, erased: &ErasedWords) -> Outcome<()> {
    for separator in separators(conn, erased)? {
        let word = separator.term.get(1..).unwrap_or_default();
        if let Some(next) = next_word(conn, word)?
            && !next.starts_with(word)
        {
            let sql = "UPDATE words_idx SET term = ?3 WHERE segid = ?1 AND term = ?2";
            let term = [&separator.term[..1], &next].concat();
            conn.prepare_cached(sql)?.execute(params![separator.segment, separator.term, term])?;
        }
    }
    Ok(())
}

fn separators(conn: &Connection, erased: &ErasedWords) -> Outcome<Vec<Separator>> {
    let mut select = conn.prepare_cached("SELECT segid, term FROM words_idx")?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let term = row.get_ref(1)?.as_bytes().map_err(|err| damaged(err.to_string()))?;
        if term.len() > 1 && erased.may_hold(&term[1..]) {
            found.push(Separator { segment: row.get(0)?, term: term.to_vec() });
        }
    }
    Ok(found)
}

/// The first word there is, from `word` on. Separators may end within a letter of several bytes.
fn next_word(conn: &Connection, word: &[u8]) -> Outcome<Option<Vec<u8>>> {
    let sql = "SELECT CAST(term AS BLOB) FROM words_terms WHERE term >= CAST(?1 AS TEXT)
        ORDER BY term LIMIT 1";
    Ok(conn.prepare_cached(sql)?.query_row([word], |row| row.get(0)).optional()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::Matching;
    use super::super::testing::{Folder, memory, nobody, partitions};
    use super::*;

    #[track_caller]
    fn check(text: &str, word: &[u8], may_hold: bool) {
        let mut erased = ErasedWords::default();
        erased.add(text);
        assert_eq!(erased.may_hold(word), may_hold, "{text:?}");
    }

    #[test]
    fn words_by_their_beginning() {
        check("Kick and SNARE", b"snar", true);
        check("Kick and SNARE", b"kicker", true);
        check("Kick and SNARE", b"hat", false);
        check("a b c", b"ab", false);
        check("\u{dc}bung", b"ubung", true);
        check("", b"x", false);
    }

    /// The numbers of the texts whose word separates two pages.
    fn first_words(store: &super::super::Store) -> Vec<usize> {
        let sql = "SELECT CAST(substr(term, 9) AS INTEGER) FROM words_idx WHERE length(term) = 13";
        let numbers = store.read(|conn| {
            let mut select = conn.prepare(sql)?;
            let numbers = select.query_map([], |row| row.get::<_, i64>(0))?;
            Ok(numbers.map(|n| n.map(|n| n as usize)).collect::<rusqlite::Result<_>>()?)
        });
        numbers.unwrap()
    }

    #[test]
    fn the_first_word_of_a_page_is_erased_too() {
        let folder = Folder::new();
        let store = folder.open();
        let items: Vec<_> = (0..6_000).map(|i| memory(&format!("session{i:05}"))).collect();
        let ids = store.insert(items).unwrap();
        let mut gone = std::collections::BTreeSet::new();
        for _ in 0..3 {
            let firsts = first_words(&store);
            assert!(!firsts.is_empty());
            let removed: Vec<String> = firsts.iter().map(|number| ids[*number].clone()).collect();
            assert_eq!(store.remove(&removed, &nobody()).unwrap(), removed.len());
            gone.extend(firsts);
            let traces = gone.iter().map(|i| format!("session{i:05}").into_bytes());
            assert_eq!(folder.left_of(&traces.collect::<Vec<_>>()), Vec::<Vec<u8>>::new());
        }
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
        let all = partitions(&store);
        for i in 0..6_000 {
            let hits = store
                .keyword(&[format!("session{i:05}")], Matching::AnyWord, &all, None, 9)
                .unwrap();
            assert_eq!(hits.len(), usize::from(!gone.contains(&i)), "text {i}");
        }
    }
}
