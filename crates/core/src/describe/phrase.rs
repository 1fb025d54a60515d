//! Names and lists in words: cleaned, shortened, bounded.

/// Most characters of one name; more is cut with an ellipsis.
pub(crate) const MAX_NAME_CHARS: usize = 120;

/// `text` on one line and without control characters; none when nothing is left, or when it is
/// a blob and not words.
pub(crate) fn clean(text: &str) -> Option<String> {
    if is_blob(text) {
        return None;
    }
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then(|| shortened(&line, MAX_NAME_CHARS))
}

/// The first `limit` characters, the last of them an ellipsis when some were cut.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some(_) => text.chars().take(limit.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// Whether `text` is encoded bytes: a data URI, or over 200 characters of base64 without a space.
pub(crate) fn is_blob(text: &str) -> bool {
    let data_uri = text.starts_with("data:")
        && text.chars().take(100).collect::<String>().contains(";base64,");
    let alphabet = |b: u8| b.is_ascii_alphanumeric() || b"+/=-_\r\n".contains(&b);
    data_uri || (text.len() > 200 && text.bytes().all(alphabet))
}

/// A plugin, bus or parameter id as words: `mixx-eq8` and `MixxEQ8` are "mixx eq8" and "Mixx EQ8".
///
/// Parts that only a machine made (`9f3a2b1c`) are left out.
pub(crate) fn readable(id: &str) -> Option<String> {
    let spaced = split_camel(id).replace(['-', '_', '>', '/', ':'], " ");
    let words: Vec<&str> =
        spaced.split_whitespace().filter(|word| !is_machine_made(word)).collect();
    clean(&words.join(" "))
}

fn is_machine_made(word: &str) -> bool {
    let hex = word.bytes().all(|b| b.is_ascii_hexdigit());
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let mixed = digits > 0 && digits < word.len();
    (hex && mixed && word.len() >= 4) || (digits == word.len() && digits >= 6)
}

fn split_camel(id: &str) -> String {
    let mut out = String::with_capacity(id.len() + 4);
    let mut lower_before = false;
    for c in id.chars() {
        if lower_before && c.is_uppercase() {
            out.push(' ');
        }
        lower_before = c.is_lowercase();
        out.push(c);
    }
    out
}

/// `items` in their order, as many as fit into `limit` characters, then how many are left.
///
/// The first item is always there: callers bound single items with [`clean`].
pub(crate) fn listed<S: AsRef<str>>(items: &[S], separator: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut chars = 0;
    for (i, item) in items.iter().enumerate() {
        let more = item.as_ref().chars().count() + separator.len();
        if i > 0 && chars + more > limit.saturating_sub(" and 1000000 more".len()) {
            return format!("{out} and {} more", items.len() - i);
        }
        if i > 0 {
            out.push_str(separator);
        }
        out.push_str(item.as_ref());
        chars += more;
    }
    out
}

/// `1 track`, `3 tracks`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Runs of equal neighbours become `name x3`.
pub(super) fn runs(names: &[String]) -> Vec<String> {
    names
        .chunk_by(|a, b| a == b)
        .map(
            |run| {
                if run.len() == 1 { run[0].clone() } else { format!("{} x{}", run[0], run.len()) }
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_words() {
        let cases = [
            ("mixx-eq8", "mixx eq8"),
            ("tap_stereo_echo", "tap stereo echo"),
            ("fastLookaheadLimiter", "fast Lookahead Limiter"),
            ("MixxTune", "Mixx Tune"),
            ("PreampIV", "Preamp IV"),
            ("bus-9f3a2b1c", "bus"),
            ("Plate2x2", "Plate2x2"),
        ];
        for (id, words) in cases {
            assert_eq!(readable(id).as_deref(), Some(words));
        }
        assert_eq!(readable("1734912345678"), None);
    }

    #[test]
    fn names_are_one_clean_line() {
        assert_eq!(clean(" Lead\n\tVox \u{0} ").as_deref(), Some("Lead Vox"));
        assert_eq!(clean(" \u{7} "), None);
        assert_eq!(clean(&"é x".repeat(100)).map(|n| n.chars().count()), Some(MAX_NAME_CHARS));
    }

    #[test]
    fn blobs_are_not_names() {
        assert!(is_blob(&"Zm9v".repeat(60)));
        assert!(is_blob("data:audio/wav;base64,UklGRg=="));
        assert!(!is_blob(&"word and word ".repeat(30)));
        assert!(!is_blob("c2hvcnQ="));
        assert_eq!(clean(&"A".repeat(201)), None);
    }

    #[test]
    fn lists_say_what_they_leave_out() {
        let names: Vec<String> = (0..100).map(|i| format!("track {i}")).collect();
        let text = listed(&names, ", ", 60);
        assert_eq!(text, "track 0, track 1, track 2, track 3 and 96 more");
        assert_eq!(listed(&names[..2], ", ", 60), "track 0, track 1");
        assert_eq!(listed::<&str>(&[], ", ", 60), "");
    }

    #[test]
    fn neighbours_are_counted() {
        let names = ["a", "a", "b", "a"].map(String::from);
        assert_eq!(runs(&names), ["a x2", "b", "a"]);
    }
}
