//! The flat array as the columns of a file, and back. Erased slots are told by their zeros.

use super::flat::Flat;
use super::members::Span;
use super::quantise::inverse_norm;
use super::signs::Signs;

impl Flat {
    /// The columns for a file: rows, partitions, vectors.
    pub(super) fn columns(&self) -> (&[u64], &[u32], &[i8]) {
        (&self.rows, &self.partitions, &self.vectors)
    }

    /// From the columns of a file: a vector of zeros is an erased slot.
    ///
    /// # Errors
    /// In words, when the columns are not those of a flat array.
    pub(super) fn from_columns(
        dims: usize,
        rows: Vec<u64>,
        partitions: Vec<u32>,
        vectors: Vec<i8>,
    ) -> std::result::Result<Flat, String> {
        let mut flat = Flat::new(dims);
        (flat.rows, flat.partitions, flat.vectors) = (rows, partitions, vectors);
        flat.signs = Signs::of(dims, &flat.vectors);
        flat.inverse_norms = flat.vectors.chunks_exact(dims).map(inverse_norm).collect();
        if flat.inverse_norms.len() != flat.rows.len() || flat.rows.len() != flat.partitions.len() {
            return Err("its columns differ in length".to_owned());
        }
        flat.spans.reserve(flat.rows.len());
        let mut first = 0;
        while first < flat.rows.len() {
            let span = flat.run_at(first);
            flat.adopt(span)?;
            first = span.slots().end;
        }
        Ok(flat)
    }

    fn adopt(&mut self, span: Span) -> std::result::Result<(), String> {
        let first = span.first();
        if !self.is_live(first) {
            return Ok(());
        }
        let partition = self.partitions[first];
        if span.slots().any(|slot| self.partitions[slot] != partition) {
            return Err(format!("row {} lies in two partitions", self.rows[first]));
        }
        if self.spans.contains_key(&self.rows[first]) {
            return Err(format!("row {} is in it twice", self.rows[first]));
        }
        self.enlist(span);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_contradict_are_refused() {
        let check = |rows: &[u64], partitions: &[u32]| {
            Flat::from_columns(1, rows.into(), partitions.into(), vec![9, 9, 9]).is_err()
        };
        assert!(!check(&[4, 4, 5], &[1, 1, 1]));
        assert!(check(&[4, 5, 4], &[1, 1, 1]), "one row in two places");
        assert!(check(&[4, 4, 5], &[1, 2, 1]), "one row in two partitions");
        assert!(check(&[4, 4], &[1, 1]), "fewer rows than vectors");
    }
}
