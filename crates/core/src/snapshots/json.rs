//! Is a text one JSON object, and which of its strings are long? One pass, without a tree, so that
//! forty megabytes of audio cost no memory.

use std::ops::Range;

use super::outline::{LEVELS, Outline};
use crate::error::{Error, Result};

/// Objects and lists inside each other at most. Projects of the Studio have six.
pub(crate) const DEEPEST: usize = 100;

/// Checks that `text` is one JSON object by RFC 8259. `long` is told where the content of each
/// string value of at least `shortest` bytes without escapes lies. Gives where its fields lie.
///
/// # Errors
/// `PM_BAD_OPTION` with the offset, in bytes, of what is wrong.
pub(crate) fn check(
    text: &str,
    shortest: usize,
    mut long: impl FnMut(Range<usize>),
) -> Result<Outline> {
    let text = text.as_bytes();
    let mut reader = Reader { text, at: 0, open: Vec::new(), outline: Outline::default() };
    reader.object(shortest, &mut long).map_err(|fault| Error::BadOption {
        what: "state".to_owned(),
        found: format!("no JSON at byte {}: {fault}", reader.at),
        advice: "give an object, or the JSON text of one".to_owned(),
    })?;
    Ok(reader.outline)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// The containers around `at`, by their opening byte.
    open: Vec<u8>,
    outline: Outline,
}

/// What is wrong at the reader's place.
type Fault = &'static str;

impl Reader<'_> {
    fn object(
        &mut self,
        shortest: usize,
        long: &mut impl FnMut(Range<usize>),
    ) -> std::result::Result<(), Fault> {
        self.white_space();
        if self.peek() != Some(b'{') {
            return Err("an object was expected");
        }
        loop {
            self.value(shortest, long)?;
            // After a value: what is closed is a value itself.
            while let Some(container) = self.open.last().copied() {
                if container == b'{' && self.open.len() <= LEVELS {
                    self.outline.end(self.open.len(), self.at);
                }
                self.white_space();
                match (self.peek(), container) {
                    (Some(b','), _) => {
                        self.at += 1;
                        if container == b'{' {
                            self.white_space();
                            self.key()?;
                        }
                        break;
                    }
                    (Some(b'}'), b'{') | (Some(b']'), b'[') => self.close(),
                    (None, _) => return Err("the text ends here"),
                    (_, b'{') => return Err("a comma or } was expected"),
                    _ => return Err("a comma or ] was expected"),
                }
            }
            if self.open.is_empty() {
                self.white_space();
                return if self.peek().is_none() { Ok(()) } else { Err("the text goes on") };
            }
        }
    }

    /// A whole value, or a container up to its first value.
    fn value(
        &mut self,
        shortest: usize,
        long: &mut impl FnMut(Range<usize>),
    ) -> std::result::Result<(), Fault> {
        loop {
            self.white_space();
            match self.peek().ok_or("the text ends here")? {
                open @ (b'{' | b'[') => {
                    if self.open.len() == DEEPEST {
                        return Err("more than 100 levels of nesting");
                    }
                    self.at += 1;
                    self.white_space();
                    if self.peek() == Some(open + 2) {
                        self.at += 1;
                        return Ok(());
                    }
                    self.open.push(open);
                    if open == b'{' {
                        self.key()?;
                    }
                }
                b'"' => {
                    let (content, is_plain) = self.string()?;
                    if is_plain && content.len() >= shortest {
                        long(content);
                    }
                    return Ok(());
                }
                b't' => return self.word("true"),
                b'f' => return self.word("false"),
                b'n' => return self.word("null"),
                b'-' | b'0'..=b'9' => return self.number(),
                _ => return Err("a value was expected"),
            }
        }
    }

    fn close(&mut self) {
        self.at += 1;
        self.open.pop();
    }

    fn key(&mut self) -> std::result::Result<(), Fault> {
        if self.peek() != Some(b'"') {
            return Err("a name in quotes was expected");
        }
        let (name, is_plain) = self.string()?;
        self.white_space();
        if self.peek() != Some(b':') {
            return Err("a colon was expected");
        }
        self.at += 1;
        self.white_space();
        if self.open.len() <= LEVELS {
            self.outline.begin(self.open.len(), name, is_plain, self.at);
        }
        Ok(())
    }

    /// Where the content lies, and whether it has no escapes.
    fn string(&mut self) -> std::result::Result<(Range<usize>, bool), Fault> {
        self.at += 1;
        let (first, mut is_plain) = (self.at, true);
        loop {
            self.at += plain(&self.text[self.at..]);
            match self.peek().ok_or("a string does not end")? {
                b'"' => {
                    let content = first..self.at;
                    self.at += 1;
                    return Ok((content, is_plain));
                }
                b'\\' => {
                    is_plain = false;
                    self.escape()?;
                }
                _ => return Err("a control character in a string"),
            }
        }
    }

    fn escape(&mut self) -> std::result::Result<(), Fault> {
        match self.text.get(self.at + 1).copied() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u')
                if self
                    .text
                    .get(self.at + 2..self.at + 6)
                    .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) =>
            {
                self.at += 6;
            }
            _ => return Err("an escape that JSON does not know"),
        }
        Ok(())
    }

    fn number(&mut self) -> std::result::Result<(), Fault> {
        self.at += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return Err("a digit was expected"),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> std::result::Result<(), Fault> {
        let count = self.text[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 { Err("a digit was expected") } else { Ok(()) }
    }

    fn word(&mut self, word: &str) -> std::result::Result<(), Fault> {
        if !self.text[self.at..].starts_with(word.as_bytes()) {
            return Err("a value was expected");
        }
        self.at += word.len();
        Ok(())
    }

    fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
}

/// How many bytes at the front mean themselves inside a string. Most strings are short; behind that
/// whole blocks, as audio is megabytes of such bytes.
fn plain(text: &[u8]) -> usize {
    let ends = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
    if let Some(at) = text.iter().take(24).position(ends) {
        return at;
    }
    let mut at = 0;
    for block in text.chunks_exact(32) {
        // Without a branch per byte, so that the block is looked at as a whole.
        if block.iter().fold(false, |found, byte| found | ends(byte)) {
            break;
        }
        at += 32;
    }
    at + text[at..].iter().position(ends).unwrap_or(text.len() - at)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn refused(text: &str, says: &str) {
        let err = check(text, 1_000, |_| ()).unwrap_err();
        assert_eq!(err.code(), "PM_BAD_OPTION");
        assert!(err.to_string().contains(says), "{text:?}: {err}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        refused("", "byte 0: an object");
        refused("[]", "byte 0: an object");
        refused("\u{feff}{}", "byte 0: an object");
        refused("{", "byte 1: a name");
        refused("{} {}", "byte 3: the text goes on");
        refused("{\"a\":}", "byte 5: a value");
        refused("{\"a\":1,}", "byte 7: a name");
        refused("{\"a\":[1 2]}", "byte 8: a comma or ]");
        refused("{\"a\":[1}", "byte 7: a comma or ]");
        refused("{\"a\":1]", "byte 6: a comma or }");
        refused("{\"a\" 1}", "byte 5: a colon");
        refused("{\"a\":\"\n\"}", "a control character");
        refused("{\"a\":\"\\x\"}", "an escape");
        refused("{\"a\":\"\\u12g4\"}", "an escape");
        refused("{\"a\":\"b", "does not end");
        for number in ["01", "1.", "-", ".5", "1e", "+1", "NaN", "0x1"] {
            refused(&format!("{{\"a\":{number}}}"), "byte");
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        refused(&deep, "100 levels");
    }

    #[test]
    fn as_deep_as_is_allowed() {
        let nested = |levels| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        check(&nested(DEEPEST - 1), 9, |_| ()).unwrap();
        serde_json::from_str::<serde_json::Value>(&nested(DEEPEST - 1)).unwrap();
        refused(&nested(DEEPEST), "100 levels");
    }

    #[test]
    fn long_strings_are_told() {
        let text = r#"{"aaaaaaaa":["aaaaaaaa","bbb","cccc\nccc","",{"d":"ddddd"}]}"#;
        let mut found = Vec::new();
        check(text, 5, |content| found.push(text[content].to_owned())).unwrap();
        assert_eq!(found, ["aaaaaaaa", "ddddd"]);
    }

    proptest! {
        #[test]
        fn it_refuses_what_serde_refuses(text in r#"\{"a":[\[\]{}",:0-9.eE+truefalsn \\-]{0,12}\}"#) {
            let serde = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text);
            // Serde refuses lone surrogates and numbers beyond f64, which JSON allows.
            if !text.contains("\\u") && !text.contains(['e', 'E']) {
                prop_assert_eq!(check(&text, 9, |_| ()).is_ok(), serde.is_ok(), "{}", text);
            }
        }

        #[test]
        fn plain_bytes_are_counted(text in "[ -~\n\"\\\\]{0,100}", before in 0..70_usize) {
            let text = "x".repeat(before) + &text;
            let slow = text.bytes().position(|b| b == b'"' || b == b'\\' || b < 0x20);
            prop_assert_eq!(plain(text.as_bytes()), slow.unwrap_or(text.len()));
        }
    }
}
