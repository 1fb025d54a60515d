//! Numbers as one would write them: `120`, `119.99`, `-14.0 LUFS`.

use serde_json::{Number, Value};

/// The shortest digits that read back as `value`: no trailing zeros, no `-0`.
///
/// Beyond 15 digits before or 6 zeros after the point it is written with an exponent, so that one
/// number never takes 300 characters.
pub(crate) fn plain(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if (1e-6..1e15).contains(&value.abs()) { value.to_string() } else { format!("{value:e}") }
}

/// At most `decimals` digits after the point, without trailing zeros.
pub(crate) fn rounded(value: f64, decimals: i32) -> String {
    let scale = 10_f64.powi(decimals);
    let scaled = (value * scale).round();
    plain(if scaled.is_finite() { scaled / scale } else { value })
}

/// A loudness, always with one decimal.
pub(crate) fn lufs(value: f64) -> String {
    if value.abs() < 1e6 { format!("{value:.1} LUFS") } else { format!("{value:e} LUFS") }
}

/// `value` as JSON, whole numbers without a point.
pub(crate) fn json(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return Value::from(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// A number as it stands in JSON, plainly.
pub(crate) fn as_given(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if !number.is_i64() && !number.is_u64() => plain(value),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    #[test]
    fn plainly() {
        let cases = [
            (120.0, "120"),
            (119.99, "119.99"),
            (-0.0, "0"),
            (-14.5, "-14.5"),
            (0.023, "0.023"),
            (1e300, "1e300"),
            (3e-9, "3e-9"),
        ];
        for (value, text) in cases {
            assert_eq!(plain(value), text);
        }
    }

    #[test]
    fn rounding_drops_zeros() {
        assert_eq!(rounded(0.300_000_000_004, 3), "0.3");
        assert_eq!(rounded(1.0 / 3.0, 2), "0.33");
        assert_eq!(rounded(f64::MAX, 3), "1.7976931348623157e308");
    }

    #[test]
    fn loudness_has_one_decimal() {
        assert_eq!(lufs(-14.0), "-14.0 LUFS");
        assert_eq!(lufs(-9.25), "-9.2 LUFS");
    }

    #[test]
    fn whole_numbers_stay_whole_in_json() {
        assert_eq!(json(120.0).to_string(), "120");
        assert_eq!(json(119.99).to_string(), "119.99");
        assert_eq!(as_given(&Number::from_f64(120.0).unwrap()), "120");
        assert_eq!(as_given(&Number::from(u64::MAX)), u64::MAX.to_string());
    }
}
