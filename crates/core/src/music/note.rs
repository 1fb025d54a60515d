//! A note, and the onsets of a part.

/// Notes that begin this close together begin at once: in seconds what a strummed chord takes, in
/// beats less than a 64th note. The Studio counts in seconds, imported projects in beats; nothing
/// that is built on onsets needs to know which.
const TOGETHER: f64 = 0.05;

/// A note of a part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Note {
    /// MIDI note, 0 to 127.
    pub(crate) pitch: u8,
    /// When it begins, in seconds or beats.
    pub(crate) start: f64,
    /// How long it sounds, in the same unit, 0 and up.
    pub(crate) duration: f64,
}

/// The notes of a part that begin together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Onset {
    /// When the first of them begins.
    pub(crate) start: f64,
    /// Lowest first, each once.
    pub(crate) pitches: Vec<u8>,
}

/// The notes of one part by onset, in time.
pub(crate) fn onsets(notes: &[Note]) -> Vec<Onset> {
    let mut notes = notes.to_vec();
    notes.sort_by(|a, b| a.start.total_cmp(&b.start).then(a.pitch.cmp(&b.pitch)));
    let mut found: Vec<Onset> = Vec::new();
    for note in notes {
        match found.last_mut() {
            Some(last) if note.start - last.start < TOGETHER => last.pitches.push(note.pitch),
            _ => found.push(Onset { start: note.start, pitches: vec![note.pitch] }),
        }
    }
    for onset in &mut found {
        onset.pitches.sort_unstable();
        onset.pitches.dedup();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strummed_notes_are_one_onset() {
        let note = |pitch, start| Note { pitch, start, duration: 1.0 };
        let found =
            onsets(&[note(64, 0.02), note(67, 1.0), note(60, 0.0), note(60, 0.04), note(67, 1.06)]);
        let pitches: Vec<&[u8]> = found.iter().map(|onset| onset.pitches.as_slice()).collect();
        assert_eq!(pitches, [&[60, 64][..], &[67], &[67]]);
    }
}
