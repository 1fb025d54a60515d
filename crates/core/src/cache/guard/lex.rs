//! A request cut into lexemes: words, numbers and signs, each with its place. Case is kept.

use super::facts::comparison;

/// A piece of the request as it was typed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lexeme {
    pub(super) text: String,
    /// Lower case, accents of typography folded (`♯` is `#`, `−` is `-`).
    pub(super) lower: String,
    pub(super) kind: Kind,
    /// No white space stands before it.
    pub(super) glued: bool,
    /// Number of the clause: text between commas, stops, dashes, line ends.
    pub(super) clause: u16,
    /// It stands in quotation marks.
    pub(super) quoted: bool,
    /// It stands in quotation marks, or behind a colon in its sentence: somebody else's words, maybe.
    pub(super) cited: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, or letters with digits inside (`SM7B`, `C#m7`).
    Word,
    /// Digits with at most one decimal point; a sign where one may stand.
    Number,
    /// Anything else that may mean something: `/ : % + = → ?`
    Sign,
}

/// Cuts a request into lexemes.
pub(super) fn lexemes(text: &str) -> Vec<Lexeme> {
    let mut chars = Vec::with_capacity(text.len());
    for c in text.chars() {
        match fraction(c) {
            Some(spelt) => {
                // "2½" is two and a half.
                chars.extend(chars.last().is_some_and(char::is_ascii_digit).then_some(' '));
                chars.extend(spelt.chars());
            }
            None => chars.extend(folded(c)),
        }
    }
    let mut cutter = Cutter {
        chars: &chars,
        at: 0,
        clause: 0,
        colon: false,
        quote: None,
        out: Vec::with_capacity(chars.len() / 4),
    };
    while cutter.at < chars.len() {
        cutter.step();
    }
    cutter.out
}

/// A fraction that is one sign, as it is typed.
fn fraction(c: char) -> Option<&'static str> {
    Some(match c {
        '¼' => "1/4",
        '½' => "1/2",
        '¾' => "3/4",
        '⅓' => "1/3",
        '⅔' => "2/3",
        '⅛' => "1/8",
        '⅜' => "3/8",
        '⅝' => "5/8",
        '⅞' => "7/8",
        _ => return None,
    })
}

/// One way of writing each sign; what only decorates is dropped.
fn folded(c: char) -> Option<char> {
    Some(match c {
        '−' | '–' | '‑' | '—' => '-',
        '’' | '‘' | '´' | '`' => '\'',
        '“' | '”' | '„' | '«' | '»' => '"',
        '♯' => '#',
        '♭' => 'b',
        '×' => 'x',
        '²' => '2',
        '³' => '3',
        '➜' | '⇒' | '➔' => '→',
        '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        '\u{200b}' | '\u{feff}' | '*' | '_' => return None,
        c => c,
    })
}

struct Cutter<'a> {
    chars: &'a [char],
    at: usize,
    clause: u16,
    /// A colon stands earlier in the sentence.
    colon: bool,
    /// The quotation mark that is open.
    quote: Option<char>,
    out: Vec<Lexeme>,
}

impl Cutter<'_> {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\n')
    }

    fn before(&self) -> char {
        self.at.checked_sub(1).map_or(' ', |i| self.chars[i])
    }

    fn step(&mut self) {
        let c = self.peek(0);
        if c.is_whitespace() {
            if c == '\n' {
                self.ends_sentence();
            }
            self.at += 1;
        } else if self.number_starts() {
            self.number();
        } else if c.is_alphabetic() {
            self.word();
        } else {
            self.sign(c);
        }
    }

    /// A digit, or a sign or point before one where no word or number ends.
    fn number_starts(&self) -> bool {
        let (c, next) = (self.peek(0), self.peek(1));
        let opens = !self.before().is_alphanumeric() && self.before() != ')';
        match c {
            '0'..='9' => true,
            '.' => opens && next.is_ascii_digit() && self.before() != '.',
            '-' | '+' => {
                let digit = next.is_ascii_digit() || (next == '.' && self.peek(2).is_ascii_digit());
                opens && digit
            }
            _ => false,
        }
    }

    /// Digits with thousands separators and one decimal point, then letters that make it a name
    /// (`2i2`, `808s`, `1176LN`) unless they are a unit, which is left to the next lexeme.
    fn number(&mut self) {
        let start = self.at;
        let mut text = String::new();
        if matches!(self.peek(0), '-' | '+') {
            text.push(self.peek(0));
            self.at += 1;
        }
        loop {
            let c = self.peek(0);
            let grouped = c == ','
                && (1..4).all(|i| self.peek(i).is_ascii_digit())
                && !self.peek(4).is_ascii_digit();
            // A comma is a decimal point where it can be nothing else: 0,5.
            let zero = c == ',' && matches!(text.as_str(), "0" | "-0" | "+0");
            let point = (c == '.' || zero) && self.peek(1).is_ascii_digit() && !text.contains('.');
            if c.is_ascii_digit() || point {
                text.push(if zero { '.' } else { c });
            } else if !grouped {
                break;
            }
            self.at += 1;
        }
        self.push(start, text, Kind::Number);
    }

    /// Letters; digits and `#` continue a word that began with a letter. A hyphen between a short
    /// capital name and digits belongs to it (`LA-2A`, `TR-808`).
    fn word(&mut self) {
        let start = self.at;
        let mut text = String::new();
        loop {
            let (c, next) = (self.peek(0), self.peek(1));
            let sharp =
                c == '#' && text.len() == 1 && matches!(text.as_bytes()[0] | 32, b'a'..=b'g');
            let inside = c == '\'' && next.is_alphabetic() && !text.is_empty();
            let model = c == '-'
                && next.is_ascii_digit()
                && text.len() <= 4
                && text.chars().all(|c| c.is_ascii_uppercase());
            // "a-z" and "z-a" are two ways of sorting.
            let range = c == '-'
                && matches!((text.as_str(), next), ("a" | "A", 'z' | 'Z') | ("z" | "Z", 'a' | 'A'))
                && !self.peek(2).is_alphanumeric()
                && self.peek(2) != '-';
            let chord =
                matches!(c, '°' | 'ø' | 'Δ' | '+') && is_chord_like(&text) && !next.is_whitespace()
                    || matches!(c, '°' | 'ø' | 'Δ') && is_chord_like(&text);
            let minor = c == '-' && is_note(&text) && is_minor_extension(&self.digits(1));
            if c.is_alphanumeric() || sharp || inside || range || chord || minor {
                text.push(c);
            } else if !model {
                break;
            }
            self.at += 1;
        }
        self.push(start, text, Kind::Word);
    }

    /// The digits from so many characters ahead, where no letter follows them.
    fn digits(&self, ahead: usize) -> String {
        let rest = &self.chars[(self.at + ahead).min(self.chars.len())..];
        let count = rest.iter().take_while(|c| c.is_ascii_digit()).count();
        if rest.get(count).is_some_and(|c| c.is_alphanumeric()) {
            return String::new();
        }
        rest[..count].iter().collect()
    }

    fn sign(&mut self, c: char) {
        let start = self.at;
        self.at += 1;
        let spaced = self.peek(0).is_whitespace();
        if let Some(sign) = comparison::typed(c, self.peek(0)) {
            self.at += 1 + usize::from(sign == '≡' && self.peek(1) == '=');
            return self.push(start, sign.to_string(), Kind::Sign);
        }
        match c {
            '!' | '-' if self.takes_out(c, start) => {
                self.push(start, comparison::WITHOUT.to_string(), Kind::Sign);
            }
            '-' if self.peek(0) == '>' => {
                self.at += 1;
                self.push(start, "→".to_owned(), Kind::Sign);
            }
            // Not the point in "example.net".
            '.' if self.peek(0).is_alphanumeric() || self.ends_abbreviation() => {}
            '.' | '!' => self.ends_sentence(),
            ',' | ';' | '(' | ')' | '|' => self.clause += 1,
            '-' if spaced && self.before_sign(start) => {
                self.clause += 1;
                // "Gain - 3 dB" may be less than nothing.
                if self.chars[self.at..]
                    .iter()
                    .find(|c| !c.is_whitespace())
                    .is_some_and(char::is_ascii_digit)
                {
                    self.push(start, "∓".to_owned(), Kind::Sign);
                }
            }
            '-' if self.peek(0).is_ascii_digit() && start > 0 => {
                let range = self.chars[start - 1].is_ascii_digit();
                self.push(start, if range { "–" } else { "∓" }.to_owned(), Kind::Sign);
            }
            '?' => {
                self.push(start, "?".to_owned(), Kind::Sign);
                self.ends_sentence();
            }
            ':' if spaced => {
                self.clause += 1;
                self.colon = true;
            }
            '\'' if self.quotes(c, start) => {}
            '"' => {
                self.quotes(c, start);
                self.push(start, c.to_string(), Kind::Sign);
            }
            '/' | ':' | '%' | '+' | '=' | '→' | '#' | '<' | '>' | '$' | '€' | '£' | '&' | '@'
            | '°' | '^' | '~' | '±' | '≤' | '≥' | '≠' => {
                self.push(start, c.to_string(), Kind::Sign);
            }
            _ => {}
        }
    }

    /// `!bass`, or `-bass` behind another word: not at the beginning of a line, where it is an item of a list.
    fn takes_out(&self, sign: char, start: usize) -> bool {
        let before = start.checked_sub(1).map_or('\n', |i| self.chars[i]);
        let stands_before =
            if sign == '!' { !before.is_alphanumeric() } else { before == ' ' && start > 1 };
        stands_before && self.peek(0).is_alphabetic()
    }

    /// "passive vs. active", "approx. 3 dB": the sentence goes on.
    fn ends_abbreviation(&self) -> bool {
        let last = self.out.last().map_or("", |lexeme| lexeme.lower.as_str());
        let rest = self.chars[self.at..].iter().find(|c| !c.is_whitespace() || **c == '\n');
        matches!(
            last,
            "vs" | "approx"
                | "incl"
                | "excl"
                | "resp"
                | "etc"
                | "feat"
                | "ft"
                | "max"
                | "min"
                | "g"
                | "e"
        ) && rest.is_some_and(|next| next.is_lowercase() || next.is_ascii_digit())
    }

    fn ends_sentence(&mut self) {
        self.clause += 1;
        self.colon = false;
    }

    /// Opens or closes a quotation. A mark behind a digit is inches, one inside a word an apostrophe.
    fn quotes(&mut self, mark: char, start: usize) -> bool {
        let before = start.checked_sub(1).map_or(' ', |i| self.chars[i]);
        if self.quote == Some(mark) {
            self.quote = None;
        } else if self.quote.is_none()
            && !before.is_alphanumeric()
            && self.peek(0).is_alphanumeric()
        {
            self.quote = Some(mark);
        } else {
            return false;
        }
        true
    }

    /// Whether white space stands before the sign at `start`.
    fn before_sign(&self, start: usize) -> bool {
        start == 0 || self.chars[start - 1].is_whitespace()
    }

    fn push(&mut self, start: usize, text: String, kind: Kind) {
        let glued = start > 0 && !self.chars[start - 1].is_whitespace();
        let lower = text.to_lowercase();
        let quoted = self.quote.is_some();
        let cited = self.colon || quoted;
        self.out.push(Lexeme { text, lower, kind, glued, clause: self.clause, quoted, cited });
    }
}

fn is_note(text: &str) -> bool {
    matches!(text.as_bytes(), [b'A'..=b'G'] | [b'A'..=b'G', b'#' | b'b'])
}

fn is_chord_like(text: &str) -> bool {
    matches!(text.as_bytes(), [b'A'..=b'G', rest @ ..] if rest.len() <= 5)
}

/// What a hyphen behind a note and before these makes minor: `D-7`. Before others it may be an octave: `C-2`.
pub(super) fn is_minor_extension(digits: &str) -> bool {
    matches!(digits, "7" | "9" | "11")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        lexemes(text).into_iter().map(|lexeme| lexeme.text).collect()
    }

    #[test]
    fn numbers_keep_sign_point_and_thousands() {
        assert_eq!(texts("-14 LUFS, 96,000 Hz or .5"), ["-14", "LUFS", "96000", "Hz", "or", ".5"]);
        assert_eq!(texts("80-120hz"), ["80", "–", "120", "hz"]);
        assert_eq!(texts("gain - 3 dB"), ["gain", "∓", "3", "dB"]);
        assert_eq!(texts("0,01 or 10,5"), ["0.01", "or", "10", "5"]);
        assert_eq!(texts("4:1 and 1/8"), ["4", ":", "1", "and", "1", "/", "8"]);
    }

    #[test]
    fn names_with_digits_are_one_word() {
        assert_eq!(texts("LA-2A into SM7B"), ["LA2A", "into", "SM7B"]);
        assert_eq!(texts("Bm7b5 F#3 C♯m"), ["Bm7b5", "F#3", "C#m"]);
    }

    #[test]
    fn words_of_somebody_else() {
        let cited = |text: &str| -> Vec<String> {
            let cited = |l: &Lexeme| l.cited && l.kind == Kind::Word;
            lexemes(text).into_iter().filter(cited).map(|l| l.text).collect()
        };
        assert_eq!(cited("translate: good morning. thanks"), ["good", "morning"]);
        assert_eq!(cited("sing 'no way' or “oh yes” twice").join(" "), "no way oh yes");
        assert!(cited("it's the singers' 12\" of 3:1").is_empty());
    }

    #[test]
    fn clauses_are_counted() {
        let clauses = |text: &str| -> Vec<u16> { lexemes(text).iter().map(|l| l.clause).collect() };
        assert_eq!(clauses("a, b - c"), [0, 1, 2]);
        assert_eq!(clauses("example.net it. is"), [0, 0, 0, 1]);
        assert_eq!(clauses("a vs. b. etc. C"), [0, 0, 0, 1, 2]);
    }
}
