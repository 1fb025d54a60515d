//! A text as its words and numbers, so that a value is found however it is written: `128bpm`, `−9.0`,
//! `one hundred twenty eight`.

use unicode_normalization::UnicodeNormalization;

/// Words and numbers in small letters, numbers in digits. A sign belongs to its number, a dot to a
/// number it is in.
pub(super) fn words(text: &str) -> Vec<String> {
    let composed: String = text.nfc().map(half_width).collect();
    let lower = composed.to_lowercase().replace(['\u{2212}', '\u{2013}'], "-").replace(". ", "\n");
    let lower = decimal_points(&lower.replace('&', " and "));
    // A number in words ends with its clause: "at one-twenty, one bar is two seconds".
    lower.split(|c: char| ",;:!?()\n".contains(c)).flat_map(words_of_clause).collect()
}

/// "１２８" is 128.
fn half_width(c: char) -> char {
    match u32::from(c) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// "92,5" is 92.5; "1,000" and "1,2,3" are no decimals.
fn decimal_points(text: &str) -> String {
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).count();
    let mut out = String::with_capacity(text.len());
    let mut was_listed = false;
    for (at, c) in text.char_indices() {
        let after = &text[at + c.len_utf8()..];
        let fraction = digits(after);
        let lists_on = after[fraction..].starts_with(',') && digits(&after[fraction + 1..]) > 0;
        let between = c == ',' && fraction > 0 && out.ends_with(|c: char| c.is_ascii_digit());
        let is_point = between && fraction != 3 && !lists_on && !was_listed;
        if !c.is_ascii_digit() {
            was_listed = between;
        }
        out.push(if is_point { '.' } else { c });
    }
    out
}

fn words_of_clause(clause: &str) -> Vec<String> {
    let pieces = clause.split(|c: char| !c.is_alphanumeric() && !"-.#".contains(c));
    let clean = pieces.map(|piece| piece.trim_end_matches(['.', '-']).trim_start_matches('.'));
    let numbers_apart = clean.flat_map(unit_apart).filter(|word| !word.is_empty());
    signed(&in_digits(&numbers_apart.collect::<Vec<_>>()))
}

/// "128bpm" is a number and a word, "a-b" two words.
fn unit_apart(word: &str) -> Vec<String> {
    let digits = word.trim_start_matches('-');
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let starts_a_number = digits.starts_with(|c: char| c.is_ascii_digit());
    if starts_a_number && word.len() - digits.len() <= 1 {
        let sign = word.len() - digits.len();
        return vec![word[..sign + end].to_owned(), digits[end..].to_owned()];
    }
    word.split('-').map(str::to_owned).collect()
}

/// Each number in one spelling: 128.0 and "one hundred twenty eight" are 128.
fn in_digits(words: &[String]) -> Vec<String> {
    let mut found = Vec::with_capacity(words.len());
    let mut rest = words;
    while let Some(word) = rest.first() {
        let (number, taken) = match word.parse::<f64>() {
            Ok(number) if number.is_finite() => (Some(number), 1),
            _ => spoken(rest).map_or((None, 1), |(number, taken)| (Some(number), taken)),
        };
        found.push(number.map_or_else(|| word.clone(), |number| number.to_string()));
        rest = &rest[taken..];
    }
    found
}

/// "minus 9" is -9.
fn signed(words: &[String]) -> Vec<String> {
    let is_number = |word: &String| word.starts_with(|c: char| c.is_ascii_digit());
    let mut found: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        match found.last_mut() {
            Some(sign) if matches!(sign.as_str(), "minus" | "negative") && is_number(word) => {
                *sign = format!("-{word}");
            }
            _ => found.push(word.clone()),
        }
    }
    found
}

/// A number in words at the start of `words`, and how many of them it takes. A lone "one" is most
/// often no number.
fn spoken(words: &[String]) -> Option<(f64, usize)> {
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let first = small(word(0)).filter(|first| (1..10).contains(first));
    let (hundreds, mut taken) = match (first, word(0), word(1)) {
        (Some(first), _, "hundred") => (first, 2),
        (_, "a", "hundred") => (1, 2),
        (_, "hundred", _) => (1, 1),
        // A tempo as it is said: "one twenty eight".
        (Some(first), ..) if below_hundred(&words[1..]).is_some_and(|(below, _)| below >= 10) => {
            (first, 1)
        }
        _ => (0, 0),
    };
    let and = usize::from(taken > 0 && word(taken) == "and");
    let below = below_hundred(words.get(taken + and..).unwrap_or_default());
    taken += below.map_or(0, |(_, more)| and + more);
    let whole = hundreds * 100 + below.map_or(0, |(below, _)| below);
    let digits = words.get(taken + 1..).unwrap_or_default().iter();
    let digits = digits.map_while(|word| small(word).filter(|digit| *digit < 10));
    let digits: String = digits.map(|digit| digit.to_string()).collect();
    match (taken, digits.is_empty()) {
        (0, _) => None,
        (_, false) if word(taken) == "point" => {
            Some((format!("{whole}.{digits}").parse().ok()?, taken + 1 + digits.len()))
        }
        (1, _) if whole == 1 => None,
        _ => Some((f64::from(whole), taken)),
    }
}

fn below_hundred(words: &[String]) -> Option<(u16, usize)> {
    const TENS: [&str; 8] =
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let first = words.first()?;
    if let Some(number) = small(first) {
        return Some((number, 1));
    }
    let tens = (TENS.iter().position(|tens| tens == first)? as u16 + 2) * 10;
    let ones = words.get(1).and_then(|word| small(word)).filter(|ones| (1..10).contains(ones));
    Some((tens + ones.unwrap_or(0), 1 + usize::from(ones.is_some())))
}

fn small(word: &str) -> Option<u16> {
    const SMALL: [&str; 20] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
        "nineteen",
    ];
    SMALL.iter().position(|small| *small == word).map(|number| number as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(words(text).join(" "), expected, "{text}");
    }

    #[test]
    fn numbers_in_words_are_the_numbers() {
        check("At one hundred twenty eight beats", "at 128 beats");
        check("one hundred and twenty-eight BPM", "128 bpm");
        check("a hundred, two hundred", "100 200");
        check("At one-twenty, one bar is two seconds", "at 120 one bar is 2 seconds");
        check("one-twenty, one forty eight, one ten", "120 148 110");
        check("ninety, nineteen, nine", "90 19 9");
        check("minus nine point five LUFS, negative eighteen", "-9.5 lufs -18");
        check("minus 14, \u{2212}14.0, -14LUFS", "-14 -14 -14 lufs");
    }

    #[test]
    fn one_spelling_of_each_sign() {
        check("at 92,5 BPM", "at 92.5 bpm");
        check("1,000 Hz, 1,2,3 and 4,5", "1 0 hz 1 2 3 and 4.5");
        check("\u{ff11}\u{ff12}\u{ff18} BPM", "128 bpm");
        check("Forro\u{301}", "forr\u{f3}");
        check("drum & bass", "drum and bass");
    }

    #[test]
    fn other_words_stay() {
        check("the second one I like, minus the vocals", "the second one i like minus the vocals");
        check("point it out, a hundredfold", "point it out a hundredfold");
        check("two and a half, three four", "2 and a half 3 4");
        check("one or two", "one or 2");
        check("Pro-Q 3, F#m", "pro q 3 f#m");
    }
}
