//! Signs that compare: `bpm > 120` is not `bpm >= 120`, and neither is `bpm = 120`. What negates (`≠`, `!bass`) is a
//! negation besides.

/// The one sign for what is typed as two: `<=`, `!=`, `==`. None for two that are two.
pub(crate) fn typed(first: char, second: char) -> Option<char> {
    Some(match (first, second) {
        ('<', '=') => '≤',
        ('>', '=') => '≥',
        ('!', '=') | ('<', '>') => '≠',
        ('=', '=') => '≡',
        ('=', '>') => '→',
        _ => return None,
    })
}

/// Stands before what is left out: `drums & !bass`, `drums -bass`.
pub(crate) const WITHOUT: char = '¬';

/// Whether a sign compares.
pub(crate) fn is_one(sign: char) -> bool {
    is_telling(sign) || sign == '='
}

/// Whether a sign compares, and says more than that two things belong together.
pub(crate) fn is_telling(sign: char) -> bool {
    matches!(sign, '<' | '>' | '≤' | '≥' | '≠' | '≡' | '~' | WITHOUT)
}

#[cfg(test)]
mod tests {
    use super::super::super::reading::Reading;
    use super::super::super::rules::{Verdict, compare};

    #[test]
    fn another_comparison_is_refused() {
        let signs = ["=", "!=", "<", "<=", ">", ">=", "~", "=="];
        for (i, a) in signs.iter().enumerate() {
            for (j, b) in signs.iter().enumerate() {
                let ask = |sign| Reading::of(&format!("show tracks where bpm {sign} 120"), None);
                let found = compare(&ask(a), &ask(b));
                assert_eq!(matches!(found, Verdict::Serve(_)), i == j, "{a} {b}: {found:?}");
                assert_eq!(matches!(found, Verdict::Refuse(_)), i != j, "{a} {b}: {found:?}");
            }
        }
    }

    #[test]
    fn two_ways_to_type_one() {
        for (a, b) in [("bpm >= 120", "bpm ≥ 120"), ("key!=Am", "key ≠ Am"), ("A => B", "A -> B")]
        {
            let ask = |what: &str| Reading::of(&format!("show clips with {what}"), None);
            assert!(matches!(compare(&ask(a), &ask(b)), Verdict::Serve(_)), "{a} {b}");
        }
    }

    #[test]
    fn a_sign_that_takes_something_out() {
        for (a, b) in [
            ("drums & !bass", "drums & bass"),
            ("find drums -bass", "find drums bass"),
            ("bpm > 120", "bpm 120"),
            ("if x > 3 and y < 4", "if x < 3 and y > 4"),
        ] {
            let found = compare(&Reading::of(a, None), &Reading::of(b, None));
            assert!(matches!(found, Verdict::Refuse(_)), "{a} | {b}: {found:?}");
        }
    }
}
