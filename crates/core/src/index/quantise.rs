//! Floats to bytes. Cosine does not see the length of a vector, so each is scaled to fill an `i8`.

use crate::error::{Error, Result};

/// One vector as bytes from -127 to 127, and one over their Euclidean length.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantised {
    pub(super) bytes: Vec<i8>,
    pub(super) inverse_norm: f32,
}

impl Quantised {
    /// # Errors
    /// `PM_BAD_VECTOR` when a number is NaN or infinite, or all are zero.
    pub(super) fn new(what: &'static str, vector: &[f32]) -> Result<Quantised> {
        let largest = largest(what, vector)?;
        let scale = 127.0 / largest;
        let bytes: Vec<i8> = vector.iter().map(|v| (v * scale).round() as i8).collect();
        let inverse_norm = inverse_norm(&bytes);
        Ok(Quantised { bytes, inverse_norm })
    }
}

/// One over the Euclidean length; 0 for a vector of zeros, which is how erased ones are told.
pub(super) fn inverse_norm(bytes: &[i8]) -> f32 {
    let square: i64 = bytes.chunks(4096).map(|part| i64::from(square_of(part))).sum();
    if square == 0 { 0.0 } else { (square as f32).sqrt().recip() }
}

fn square_of(bytes: &[i8]) -> i32 {
    bytes.iter().map(|b| i32::from(*b) * i32::from(*b)).sum()
}

/// The largest magnitude. Numbers too small to be scaled without loss count as no direction.
fn largest(what: &'static str, vector: &[f32]) -> Result<f32> {
    if let Some(at) = vector.iter().position(|v| !v.is_finite()) {
        let found = format!("holds {} at position {at}", vector[at]);
        return Err(Error::BadVector { what, found, advice: "give finite numbers only" });
    }
    let largest = vector.iter().fold(0.0_f32, |most, v| most.max(v.abs()));
    if largest < 1e-30 {
        let found = "has no direction, every number is zero".to_owned();
        return Err(Error::BadVector { what, found, advice: "compress the text again" });
    }
    Ok(largest)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;

    #[test]
    fn length_does_not_matter() {
        let bytes =
            |scale: f32| Quantised::new("v", &[0.5 * scale, -scale, 0.25 * scale]).unwrap().bytes;
        for scale in [1e-20, 1e-3, 1.0, 77.0, 1e38] {
            assert_eq!(bytes(scale), [64, -127, 32], "{scale}");
        }
    }

    #[test]
    fn what_has_no_direction_is_refused() {
        for bad in [
            vec![],
            vec![0.0, 0.0],
            vec![1e-40, 0.0],
            vec![1.0, f32::NAN],
            vec![f32::INFINITY, 1.0],
        ] {
            let err = Quantised::new("the query", &bad).unwrap_err();
            assert_eq!(err.code(), "PM_BAD_VECTOR", "{bad:?}");
        }
    }

    #[test]
    fn only_zeros_have_no_norm() {
        assert!(inverse_norm(&[0; 9]).abs() < f32::EPSILON);
        assert!((inverse_norm(&[3, -4]) - 0.2).abs() < 1e-6);
        assert!((inverse_norm(&vec![-127; 1 << 20]) - 1.0 / (127.0 * 1024.0)).abs() < 1e-9);
    }
}
