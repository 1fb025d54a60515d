//! Two templates with the same numbers, on one side rounded: a program prints `-71.9` today and `-72` tomorrow.

use super::facts::quantity::Quantity;
use super::reading::Reading;
use super::token::TokenValue;

/// Fewer numbers than this may be a slip, or what was asked; more are a way of printing.
const LEAST: usize = 3;

/// The finer of two templates with its numbers as the coarser one prints them, if that is all in which their
/// numbers differ: each stands at its place, and one side alone is rounded. Which it is, comes first: true for
/// the first of the two.
pub(super) fn unified(a: &Reading, b: &Reading) -> Option<(bool, Reading)> {
    if !(a.template && b.template) {
        return None;
    }
    let pairs: Vec<(Quantity, Quantity)> = quantities(a).zip(quantities(b)).collect();
    if quantities(a).count() != quantities(b).count() {
        return None;
    }
    let differing: Vec<_> = pairs.iter().filter(|(x, y)| !x.is_printed_as(y)).collect();
    let rounds = |fine: &Quantity, coarse: &Quantity| fine.rounds_down_to(coarse);
    let first_is_fine = differing.iter().all(|(x, y)| rounds(x, y));
    let second_is_fine = differing.iter().all(|(x, y)| rounds(y, x));
    if differing.len() < LEAST || first_is_fine == second_is_fine {
        return None;
    }
    let (fine, coarse) = if first_is_fine { (a, b) } else { (b, a) };
    let mut printed = fine.clone();
    let mut values = quantities(coarse);
    for token in &mut printed.tokens {
        if let TokenValue::Quantity(quantity) = &mut token.value {
            *quantity = values.next()?;
        }
    }
    Some((first_is_fine, printed))
}

fn quantities(reading: &Reading) -> impl Iterator<Item = Quantity> {
    reading.tokens.iter().filter_map(|token| match &token.value {
        TokenValue::Quantity(quantity) => Some(*quantity),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(numbers: &str) -> Reading {
        let padding = "Say which of the values a listener would notice first, and why. ".repeat(7);
        Reading::of(&format!("{padding} {numbers}"), None)
    }

    #[test]
    fn numbers_rounded_by_a_program() {
        let fine = template("-20.98 LUFS, -71.9 dBFS, 12.1 %, 128 BPM, 5.5 LU, 44.1 kHz");
        let coarse = template("-21 LUFS, -72 dBFS, 12 %, 128 BPM, 5.5 LU, 44.1 kHz");
        let found = |a: &Reading, b: &Reading| unified(a, b).map(|(first, _)| first);
        assert_eq!((found(&fine, &coarse), found(&coarse, &fine)), (Some(true), Some(false)));
        let printed = unified(&fine, &coarse).expect("rounded").1;
        assert!(quantities(&printed).eq(quantities(&coarse)));
    }

    #[test]
    fn one_changed_number_is_no_rounding() {
        let one = template("-20.98 LUFS, -71.9 dBFS, 12.1 %, 128 BPM, 5.5 LU, 44.1 kHz");
        for other in [
            "-20.98 LUFS, -72 dBFS, 12.1 %, 128 BPM, 5.5 LU, 44.1 kHz",
            "-21 LUFS, -72 dBFS, 12 %, 129 BPM, 5.5 LU, 44.1 kHz",
            "-21 LUFS, -72 dBFS, 12.14 %, 128 BPM, 5 LU, 44.1 kHz",
            "-21 LUFS, -72 dBFS, 12 %, 128 BPM, 5.5 LU",
        ] {
            assert!(unified(&one, &template(other)).is_none(), "{other}");
        }
    }
}
