//! One call of the encoder: texts to token ids, to windows, to sums of states, to memory tokens.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::encoder::Encoder;
use super::fan_out::fan_out;
use super::tokenizer::check_text;
use super::windows::{Window, windows};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::tokens::{MemoryTokens, Ratio, SegmentSums};

/// Memory tokens one text may become: 65,536, which is 100 MB of 384-dim vectors.
pub const MAX_MEMORY_TOKENS: usize = 65_536;

/// Text tokens that neighbouring windows share, half of them context on either side of the cut.
const OVERLAP: usize = 32;

/// A text, tokenised and cut.
struct Text {
    bytes: usize,
    ratio: Ratio,
    ids: Vec<u32>,
    windows: Vec<Window>,
}

/// One window of one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Job {
    item: usize,
    window: usize,
}

impl Encoder {
    /// The memory tokens of `items`, in their order. Errors of an item carry its index.
    pub(super) fn encode(
        &self,
        items: &[(&str, Ratio)],
        control: &Control,
    ) -> Result<Vec<MemoryTokens>> {
        for (item, (text, ratio)) in items.iter().enumerate() {
            check_text(text).and_then(|()| self.check_ratio(*ratio)).map_err(at(item))?;
        }
        let texts = fan_out(self.threads, items.len(), |item| {
            self.read(items[item], control).map_err(at(item))
        })?;
        let jobs = longest_first(&texts);
        let finished = Finished::none_of(&texts, control);
        let sums = fan_out(self.threads, jobs.len(), |i| {
            let Job { item, window } = jobs[i];
            let sums = self.run(&texts[item], window, control).map_err(at(item))?;
            finished.window_of(item);
            Ok(sums)
        })?;
        self.join(&texts, jobs.into_iter().zip(sums).collect())
    }

    /// The hidden states of one text, read once to be pooled at any ratio, on the calling thread alone.
    pub(crate) fn states(&self, text: &str, control: &Control) -> Result<States> {
        check_text(text)?;
        let text = self.read((text, Ratio::finest()), control)?;
        let mut sums = SegmentSums::new(self.dims(), text.ratio, &(0..text.ids.len()));
        for window in 0..text.windows.len() {
            sums.absorb(&self.run(&text, window, control)?);
        }
        Ok(States { sums, source_tokens: text.ids.len() })
    }

    pub(crate) fn check_ratio(&self, ratio: Ratio) -> Result<()> {
        let (given, range) = (ratio.get(), self.manifest.ratios);
        if (range.min..=range.max).contains(&given) {
            return Ok(());
        }
        let name = &self.manifest.name;
        let found = format!("{given} is not what the model \"{name}\" is made for");
        let advice = format!("give {} to {}", range.min, range.max);
        Err(Error::BadOption { what: "ratio".to_owned(), found, advice })
    }

    fn read(&self, (text, ratio): (&str, Ratio), control: &Control) -> Result<Text> {
        let ids = self.tokenizer.encode(text, control)?;
        let (found, limit) = (ratio.count_for(ids.len()), MAX_MEMORY_TOKENS);
        if found > limit {
            return Err(Error::TooLong { what: "the text", found, unit: "memory tokens", limit });
        }
        let size = self.manifest.max_tokens - self.manifest.special_tokens;
        let windows = windows(ids.len(), size, OVERLAP.min(size / 4));
        Ok(Text { bytes: text.len(), ratio, ids, windows })
    }

    /// The states of the tokens kept from one window, summed. The state before a text belongs to
    /// its first token and the one after it to its last, so that a text of one segment gives the
    /// usual sentence vector.
    fn run(&self, text: &Text, window: usize, control: &Control) -> Result<SegmentSums> {
        control.check()?;
        let (dims, last) = (self.manifest.dims, text.windows.len() - 1);
        let Window { read, keep } = &text.windows[window];
        self.sessions.run(&text.ids[read.clone()], |states| {
            let state = |row: usize| &states[row * dims..(row + 1) * dims];
            let mut sums = SegmentSums::new(dims, text.ratio, keep);
            if window == 0 {
                sums.add(0, state(0));
            }
            for token in keep.clone() {
                sums.add(token, state(token - read.start + 1));
            }
            if window == last {
                sums.add(keep.end - 1, state(read.len() + 1));
            }
            sums
        })
    }

    /// Sums are added in the order of the text, whichever window was done first: floating point
    /// addition in another order would give other bits.
    fn join(
        &self,
        texts: &[Text],
        mut parts: Vec<(Job, SegmentSums)>,
    ) -> Result<Vec<MemoryTokens>> {
        parts.sort_unstable_by_key(|(job, _)| *job);
        let mut parts = parts.into_iter().map(|(_, sums)| sums);
        let join_one = |(item, text): (usize, &Text)| {
            let of_text = parts.by_ref().take(text.windows.len());
            self.memory_tokens(text, of_text).map_err(at(item))
        };
        texts.iter().enumerate().map(join_one).collect()
    }

    fn memory_tokens(
        &self,
        text: &Text,
        parts: impl Iterator<Item = SegmentSums>,
    ) -> Result<MemoryTokens> {
        let Encoder { manifest, fingerprint, .. } = self;
        let (dims, source_tokens) = (manifest.dims, text.ids.len());
        let mut sums = SegmentSums::new(dims, text.ratio, &(0..source_tokens));
        parts.for_each(|part| sums.absorb(&part));
        let (data, whole) = sums.finish().ok_or_else(no_direction)?;
        let (ratio, source_bytes, model) = (text.ratio, text.bytes, fingerprint.clone());
        Ok(MemoryTokens { dims, ratio, data, whole, source_tokens, source_bytes, model })
    }
}

/// What the model made of each text token of one text.
pub(crate) struct States {
    sums: SegmentSums,
    pub(crate) source_tokens: usize,
}

impl States {
    /// The memory tokens at `ratio` and the whole text's vector, as [`Encoder::compress`] gives them.
    pub(crate) fn at(&self, ratio: Ratio) -> Result<(Vec<f32>, Vec<f32>)> {
        self.sums.coarser(ratio).finish().ok_or_else(no_direction)
    }
}

fn no_direction() -> Error {
    Error::Inference { reason: "it gave NaN, infinity or nothing but zeros".to_owned() }
}

/// An item's error, with its place in the list; a stop concerns the whole call.
fn at(index: usize) -> impl FnOnce(Error) -> Error {
    move |source| match source {
        Error::Aborted => Error::Aborted,
        source => Error::Item { index, source: Box::new(source) },
    }
}

/// The windows of all texts, so that no thread is left alone with a long one at the end.
fn longest_first(texts: &[Text]) -> Vec<Job> {
    let of_text = |(item, text): (usize, &Text)| {
        (0..text.windows.len()).map(move |window| Job { item, window })
    };
    let mut jobs: Vec<Job> = texts.iter().enumerate().flat_map(of_text).collect();
    jobs.sort_by_key(|job| Reverse(texts[job.item].windows[job.window].read.len()));
    jobs
}

/// Counts finished texts for the caller's progress listener.
struct Finished<'c> {
    windows_left: Vec<AtomicUsize>,
    /// Held while the listener is called, so that it never hears of 5 after 6.
    texts: Mutex<usize>,
    control: &'c Control,
}

impl<'c> Finished<'c> {
    fn none_of(texts: &[Text], control: &'c Control) -> Finished<'c> {
        let windows_left = texts.iter().map(|text| AtomicUsize::new(text.windows.len())).collect();
        Finished { windows_left, texts: Mutex::new(0), control }
    }

    fn window_of(&self, item: usize) {
        if self.windows_left[item].fetch_sub(1, Ordering::Relaxed) == 1 {
            let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
            *texts += 1;
            self.control.report(*texts, self.windows_left.len());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use std::sync::Arc;

    use super::*;
    use crate::model::fixture::encoder;

    fn sixteen() -> Ratio {
        Ratio::default()
    }

    #[test]
    fn progress_counts_texts_one_by_one() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&heard);
        let control =
            Control::new().on_progress(move |p| listener.lock().unwrap().push((p.done, p.total)));
        let long = "bass drum ".repeat(400);
        let items =
            [("kick", sixteen()), (&long, sixteen()), ("snare", sixteen()), ("hat", sixteen())];
        encoder().compress_many(&items, &control).unwrap();
        assert_eq!(*heard.lock().unwrap(), [(1, 4), (2, 4), (3, 4), (4, 4)]);
    }

    #[test]
    fn a_stop_in_the_middle_ends_the_call() {
        let control = Control::new();
        let stopper = control.clone();
        let heard = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&heard);
        let control = control.on_progress(move |p| {
            count.store(p.done, Ordering::Relaxed);
            if p.done == 5 {
                stopper.stop();
            }
        });
        let items = vec![("kick and snare", sixteen()); 2000];
        let err = encoder().compress_many(&items, &control).unwrap_err();
        assert!(matches!(err, Error::Aborted), "{err}");
        assert!(heard.load(Ordering::Relaxed) < 10);
    }

    #[test]
    fn too_many_memory_tokens_are_refused_before_any_work() {
        let text = "! ".repeat(MAX_MEMORY_TOKENS + 1);
        let err = encoder().compress(&text, Ratio::new(1).unwrap(), &Control::new()).unwrap_err();
        assert_eq!(err.code(), "PM_TOO_LONG");
        assert!(err.to_string().contains("65537 memory tokens"), "{err}");
    }

    #[test]
    fn states_read_once_give_what_each_ratio_gives() {
        let long = "make the kick and the snare louder in the second verse. ".repeat(60);
        for text in ["a warm bassline under dark pads", &long] {
            let states = encoder().states(text, &Control::new()).unwrap();
            for ratio in [1, 2, 7, 16, 128].map(|r| Ratio::new(r).unwrap()) {
                let made = encoder().compress(text, ratio, &Control::new()).unwrap();
                let (data, whole) = states.at(ratio).unwrap();
                assert_eq!(states.source_tokens, made.source_tokens);
                let near = |a: &[f32], b: &[f32]| {
                    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-4)
                };
                assert!(near(&data, &made.data) && near(&whole, &made.whole), "{ratio:?}");
            }
        }
        let none = encoder().states(" ", &Control::new()).map(drop).unwrap_err();
        assert_eq!(none.code(), "PM_EMPTY_TEXT");
    }

    #[test]
    fn all_windows_longest_first() {
        let encoder = encoder();
        let read = |text: &str| encoder.read((text, sixteen()), &Control::new()).unwrap();
        let texts = [read("kick"), read(&"bass ".repeat(300)), read("kick and snare")];
        let jobs: Vec<(usize, usize)> =
            longest_first(&texts).iter().map(|job| (job.item, job.window)).collect();
        assert_eq!(jobs, [(1, 0), (1, 1), (2, 0), (0, 0)]);
    }
}
