//! In which language the request itself is written: its answer will be in that language.

/// The language, by its words of grammar; English where nothing shows another.
pub(crate) fn of(words: &[(&str, u16)]) -> &'static str {
    let count =
        |list: &[&str]| list.iter().filter(|word| words.iter().any(|(w, _)| w == *word)).count();
    let english = count(ENGLISH);
    let best = OTHERS.iter().map(|(name, list)| (count(list), *name)).max_by_key(|(hits, _)| *hits);
    match best {
        Some((hits, name)) if hits >= 2 && hits > english => name,
        _ => "english",
    }
}

const ENGLISH: &[&str] = &[
    "the", "is", "are", "what", "how", "why", "which", "do", "does", "my", "of", "to", "and",
    "for", "with", "this", "that", "it", "you", "i", "should", "can", "on", "at", "from",
];

const OTHERS: &[(&str, &[&str])] = &[
    (
        "german",
        &[
            "der", "das", "und", "ist", "wie", "ich", "mein", "meine", "ein", "eine", "einen",
            "mit", "auf", "für", "nicht", "wo", "warum", "welche", "welcher", "bei", "von", "den",
            "dem", "soll",
        ],
    ),
    (
        "french",
        &[
            "le", "la", "les", "est", "et", "un", "une", "des", "pour", "que", "quel", "quelle",
            "comment", "pourquoi", "je", "dans", "sur", "avec", "à", "où", "qu'est-ce", "de",
        ],
    ),
    (
        "spanish",
        &[
            "el", "la", "los", "las", "qué", "que", "un", "una", "de", "del", "para", "cómo",
            "como", "por", "con", "en", "cuál", "dónde", "normalmente",
        ],
    ),
    (
        "italian",
        &[
            "il", "lo", "la", "gli", "che", "è", "un", "una", "di", "per", "mio", "mia", "con",
            "del", "della", "quale", "perché", "dove",
        ],
    ),
    (
        "portuguese",
        &[
            "os", "que", "é", "um", "uma", "de", "da", "para", "como", "meu", "minha", "com",
            "qual", "não", "por", "onde",
        ],
    ),
    (
        "dutch",
        &[
            "het", "een", "van", "en", "wat", "hoe", "mijn", "voor", "met", "niet", "waarom",
            "welke", "op", "ik",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_words_of_grammar() {
        let of = |text: &str| of(&text.split(' ').map(|w| (w, 0)).collect::<Vec<_>>());
        assert_eq!(of("a qué bpm va normalmente el drum and bass"), "spanish");
        assert_eq!(of("wie laut soll der master sein"), "german");
        assert_eq!(of("what key is this in"), "english");
        assert_eq!(of("snare comp attack"), "english");
        assert_eq!(of("de esser freq for a female vox"), "english");
    }
}
