//! How much each pitch class sounds, and the key that suits it.

/// How a listener rates the pitch classes from the tonic up: Krumhansl & Kessler, "Tracing the
/// dynamic changes in perceived tonal organization" (1982).
const MAJOR: [f32; 12] = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
const MINOR: [f32; 12] = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];

/// By how much the best key must beat the next to be told.
const CLEAR: f32 = 0.03;

/// A tonic and its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TonalKey {
    /// Pitch class, 0 for C.
    pub(crate) tonic: u8,
    pub(crate) is_minor: bool,
}

impl TonalKey {
    /// "A minor", in the spelling with fewest accidentals.
    pub(crate) fn spoken(self) -> String {
        const MAJORS: [&str; 12] =
            ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
        const MINORS: [&str; 12] =
            ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "Bb", "B"];
        let (names, mode) = if self.is_minor { (MINORS, "minor") } else { (MAJORS, "major") };
        format!("{} {mode}", names[usize::from(self.tonic % 12)])
    }
}

/// The share of each pitch class from C up, as 0 to 255 for the strongest; all 0 without notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Chroma(pub(crate) [u8; 12]);

impl Chroma {
    /// Of how long each pitch class sounds.
    pub(crate) fn of(seconds: &[f64; 12]) -> Chroma {
        let most = seconds.iter().copied().fold(0.0, f64::max);
        if most <= 0.0 || !most.is_finite() {
            return Chroma::default();
        }
        Chroma(seconds.map(|part| (part / most * 255.0).round() as u8))
    }

    pub(crate) fn is_silent(self) -> bool {
        self.0 == [0; 12]
    }

    /// The correlation with `other` moved up by `semitones`, -1 to 1; 0 where one of two that differ
    /// is flat.
    pub(crate) fn correlation(self, other: Chroma, semitones: u8) -> f32 {
        if semitones.is_multiple_of(12) && self == other {
            return 1.0;
        }
        let turn = 12 - usize::from(semitones % 12);
        // Whole numbers, so that it is the same from either side.
        let (mut both, mut sum_a, mut sum_b, mut of_a, mut of_b) = (0i64, 0i64, 0i64, 0i64, 0i64);
        for class in 0..12 {
            let (x, y) = (i64::from(self.0[class]), i64::from(other.0[(class + turn) % 12]));
            both += x * y;
            (sum_a, sum_b) = (sum_a + x, sum_b + y);
            (of_a, of_b) = (of_a + x * x, of_b + y * y);
        }
        let both = 12 * both - sum_a * sum_b;
        let each = (12 * of_a - sum_a * sum_a) as f64 * (12 * of_b - sum_b * sum_b) as f64;
        if each > 0.0 { (both as f64 / each.sqrt()).clamp(-1.0, 1.0) as f32 } else { 0.0 }
    }

    /// By how many semitones, 0 to 11, `other` moves up to suit best, and how well it does then.
    /// Of two that suit the same the smaller way is told.
    pub(crate) fn best_turn(self, other: Chroma) -> (u8, f32) {
        let turns = (0..12u8).map(|turn| (turn, self.correlation(other, turn)));
        let way = |turn: u8| turn.min(12 - turn);
        turns
            .reduce(
                |a, b| {
                    if b.1 > a.1 + 1e-6 || b.1 > a.1 - 1e-6 && way(b.0) < way(a.0) { b } else { a }
                },
            )
            .unwrap_or((0, 0.0))
    }

    /// The key whose profile suits best; none where two suit nearly the same, or no note sounds.
    pub(crate) fn key(self) -> Option<TonalKey> {
        if self.is_silent() {
            return None;
        }
        let mut rated: Vec<(TonalKey, f32)> = Vec::with_capacity(24);
        for tonic in 0..12u8 {
            for (is_minor, profile) in [(false, &MAJOR), (true, &MINOR)] {
                let turned =
                    std::array::from_fn(|at| f32::from(self.0[(at + usize::from(tonic)) % 12]));
                rated.push((TonalKey { tonic, is_minor }, correlation(&turned, profile)));
            }
        }
        rated.sort_by(|a, b| b.1.total_cmp(&a.1));
        (rated[0].1 - rated[1].1 >= CLEAR).then_some(rated[0].0)
    }
}

fn correlation(a: &[f32; 12], b: &[f32; 12]) -> f32 {
    let mean = |list: &[f32; 12]| list.iter().sum::<f32>() / 12.0;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - mean_a, y - mean_b);
        both += x * y;
        of_a += x * x;
        of_b += y * y;
    }
    if of_a <= 0.0 || of_b <= 0.0 { 0.0 } else { (both / (of_a * of_b).sqrt()).clamp(-1.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chroma of chords on these pitch classes, each a second long.
    fn sounding(classes: &[u8], up: u8) -> Chroma {
        let mut seconds = [0.0; 12];
        for class in classes {
            seconds[usize::from((class + up) % 12)] += 1.0;
        }
        Chroma::of(&seconds)
    }

    /// I IV V I in C major; i iv V i in A minor.
    const IN_C: [u8; 12] = [0, 4, 7, 5, 9, 0, 7, 11, 2, 0, 4, 7];
    const IN_A_MINOR: [u8; 12] = [9, 0, 4, 2, 5, 9, 4, 8, 11, 9, 0, 4];

    #[test]
    fn cadences_have_their_key_in_every_transposition() {
        for up in 0..12 {
            let key = |tonic, is_minor| Some(TonalKey { tonic, is_minor });
            assert_eq!(sounding(&IN_C, up).key(), key(up, false));
            assert_eq!(sounding(&IN_A_MINOR, up).key(), key((9 + up) % 12, true));
        }
    }

    #[test]
    fn a_turn_is_found_whichever_it_is() {
        for up in 0..12 {
            let (turn, suits) = sounding(&IN_C, up).best_turn(sounding(&IN_C, 0));
            assert_eq!(turn, up);
            assert!(suits > 0.999, "{suits}");
        }
    }

    #[test]
    fn silence_and_flatness() {
        assert_eq!(Chroma::default().key(), None);
        let flat = Chroma([255; 12]);
        assert_eq!(flat.key(), None);
        assert_eq!(flat.best_turn(flat), (0, 1.0));
        assert!(flat.correlation(sounding(&IN_C, 0), 0).abs() < 1e-6);
    }
}
