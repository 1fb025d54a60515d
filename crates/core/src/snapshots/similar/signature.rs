//! A short vector for each bag, whose dot products say roughly how much two bags share.

use super::features::{Features, SORTS};
use super::terms::Terms;

/// Numbers of one signature.
pub(super) const DIMS: usize = SORTS[0].dims + SORTS[1].dims + SORTS[2].dims + SORTS[3].dims;

/// What a signature needs besides its numbers: for each bag what 1 stands for, and the share kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    unit: [f32; 4],
    kept: [f32; 4],
}

/// Writes the signature of `features` over `out`, [`DIMS`] numbers.
///
/// Each term adds the root of its weight, with a sign, at a place that its hash draws ("feature
/// hashing"), so that the product of two such vectors is about the weight that both bags hold; over
/// both lengths it is about [`Terms::share`].
pub(super) fn write(features: &Features, out: &mut [i8]) -> Scale {
    let (mut unit, mut rest) = ([0.0; 4], out);
    for ((unit, bag), sort) in unit.iter_mut().zip(&features.bags).zip(&SORTS) {
        let (part, behind) = rest.split_at_mut(sort.dims);
        *unit = write_bag(bag, part);
        rest = behind;
    }
    Scale { unit, kept: std::array::from_fn(|bag| features.bags[bag].kept()) }
}

fn write_bag(bag: &Terms, out: &mut [i8]) -> f32 {
    let mut numbers = vec![0.0f32; out.len()];
    for term in &bag.list {
        // Another draw than the order of hashes, of which only a part may be kept.
        let drawn = u64::from(term.hash).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let place = (drawn >> 1) as usize % numbers.len();
        let root = term.weight().sqrt();
        numbers[place] += if drawn & 1 == 0 { root } else { -root };
    }
    let total: f32 = bag.list.iter().map(|term| term.weight()).sum();
    let most = numbers.iter().fold(0.0f32, |most, number| most.max(number.abs()));
    if most <= 0.0 || total <= 0.0 {
        out.fill(0);
        return 0.0;
    }
    for (out, number) in out.iter_mut().zip(&numbers) {
        *out = (number / most * 127.0).round() as i8;
    }
    most / 127.0 / total.sqrt()
}

/// About how much each bag of two projects shares, 0 to 1.
pub(super) fn shares(a: &[i8], of_a: &Scale, b: &[i8], of_b: &Scale) -> [f32; 4] {
    let mut start = 0;
    std::array::from_fn(|bag| {
        let end = start + SORTS[bag].dims;
        let product = dot(&a[start..end], &b[start..end]) as f32 * of_a.unit[bag] * of_b.unit[bag];
        start = end;
        // What only the one has kept of the range is in its length, but not in the product.
        let (less, more) = (of_a.kept[bag].min(of_b.kept[bag]), of_a.kept[bag].max(of_b.kept[bag]));
        (product * (more / less).sqrt()).clamp(0.0, 1.0)
    })
}

fn dot(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(i16::from(*a) * i16::from(*b))).sum()
}
