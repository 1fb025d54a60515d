//! A sample of one kind, encoded once for every ratio, and asked for by its own sentences.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::sample::Sample;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::memory::open::Open;
use crate::model::{States, fan_out};
use crate::report::{
    Baselines, EncodeCost, Item, Retrieval, SampleFigures, Sort, Tallies, TextCost, hold_out, rank,
    shared_sentences, timed,
};
use crate::search::{Meaning, Words, dot, keyword_scale};
use crate::store::{Sizes, WordTrial, packed_bytes};
use crate::tokens::Ratio;

/// Which of the sentences that stay is asked for; another number would take others.
const SEED: u64 = 20;

/// What one ratio reached, and what it cost per item and question of the sample.
#[derive(Default)]
pub(super) struct AtRatio {
    pub(super) meaning: Retrieval,
    pub(super) hybrid: Retrieval,
    pub(super) scan_ms: Option<f64>,
    /// CPU seconds per text token, pooling included.
    seconds_per_token: Option<f64>,
}

impl AtRatio {
    /// CPU seconds for memories of these sizes.
    pub(super) fn encode_seconds(&self, sizes: &Sizes) -> Option<f64> {
        self.seconds_per_token.map(|seconds| seconds * sizes.source_tokens as f64)
    }
}

/// What was measured of one kind.
pub(super) struct Measured {
    pub(super) ratios: Vec<AtRatio>,
    pub(super) baselines: Baselines,
    pub(super) sample: SampleFigures,
    cpu: Cpu,
    tokens: u64,
    bytes: u64,
}

impl Measured {
    pub(super) fn encode_cost(&self, sizes: &Sizes) -> EncodeCost {
        let seconds = finite(self.cpu.states);
        let per_token = seconds.map(|seconds| seconds / self.tokens.max(1) as f64);
        EncodeCost {
            sample_tokens: self.tokens,
            sample_cpu_seconds: seconds,
            cpu_seconds: per_token.map(|seconds| seconds * sizes.source_tokens as f64),
            question_cpu_ms: finite(self.cpu.question * 1e3),
        }
    }

    pub(super) fn text_cost(&self, sizes: &Sizes) -> TextCost {
        let times = sizes.source_bytes as f64 / self.bytes.max(1) as f64;
        TextCost {
            pack_cpu_seconds: finite(self.cpu.pack * times),
            index_cpu_seconds: finite(self.cpu.words * times),
            search_cpu_ms: finite(self.cpu.word_search * 1e3),
        }
    }
}

/// CPU seconds: of all items (`states`, `pack`, `words`), of one question (`question`, `word_search`).
#[derive(Default)]
struct Cpu {
    states: f64,
    pack: f64,
    words: f64,
    question: f64,
    word_search: f64,
}

/// A clock that cannot be read gives NaN.
fn finite(seconds: f64) -> Option<f64> {
    seconds.is_finite().then_some(seconds)
}

/// A question, made ready.
struct Question {
    item: usize,
    sort: Sort,
    vector: Vec<f32>,
    words: Words,
}

/// One item, compared with every question at every ratio.
struct Compared {
    tokens: usize,
    states: f64,
    /// By ratio: CPU seconds of pooling and of comparing.
    pool: Vec<f64>,
    scan: Vec<f64>,
    /// By ratio, then question.
    meaning: Vec<Vec<f32>>,
    /// By question: the whole text's vector alone.
    mean: Vec<f32>,
}

/// How a sample is measured.
pub(super) struct Trial<'a> {
    open: &'a Open,
    ratios: &'a [Ratio],
    control: &'a Control,
    done: AtomicUsize,
    total: usize,
}

impl<'a> Trial<'a> {
    pub(super) fn new(
        open: &'a Open,
        ratios: &'a [Ratio],
        control: &'a Control,
        total: usize,
    ) -> Trial<'a> {
        Trial { open, ratios, control, done: AtomicUsize::new(0), total }
    }

    pub(super) fn measure(&self, sample: &Sample) -> Result<Measured> {
        let texts: Vec<&str> = sample.texts.iter().map(String::as_str).collect();
        let shared = shared_sentences(&texts);
        let items: Vec<Item> = self.items(sample, &shared);
        let (questions, question) = self.questions(&items)?;
        let compared = fan_out(self.open.encoder.threads(), items.len(), |at| {
            let compared = self.compare(&items[at].rest, &questions)?;
            self.control.report(self.done.fetch_add(1, Ordering::Relaxed) + 1, self.total);
            Ok(compared)
        })?;
        let rests = items.iter().map(|item| item.rest.as_str());
        let (words, indexing) = timed(|| WordTrial::new(rests.clone()));
        let (keyword, word_search) = keyword_scores(&words?, &questions)?;
        let (packed, pack) = timed(|| rests.clone().map(packed_bytes).sum::<Result<usize>>());
        packed?;
        let mut figures = sample.figures.clone();
        figures.single_sentence = items.iter().filter(|item| item.is_single).count();
        figures.without_question = items.iter().filter(|item| item.questions.is_empty()).count();
        let scores = Scores { compared: &compared, questions: &questions, keyword: &keyword };
        Ok(Measured {
            ratios: (0..self.ratios.len()).map(|ratio| scores.at_ratio(ratio)).collect(),
            baselines: scores.baselines(),
            sample: figures,
            tokens: compared.iter().map(|one| one.tokens as u64).sum(),
            bytes: rests.map(|rest| rest.len() as u64).sum(),
            cpu: Cpu {
                states: compared.iter().map(|one| one.states).sum(),
                words: indexing,
                pack,
                question,
                word_search,
            },
        })
    }

    fn items(&self, sample: &Sample, shared: &HashSet<&str>) -> Vec<Item> {
        let with_rows = sample.texts.iter().zip(&sample.rows);
        let hold = |(text, row): (&String, &u64)| hold_out(text, SEED ^ row, shared);
        let mut items: Vec<Item> = with_rows.map(hold).collect();
        // What is no text to the model (signs that nobody sees) asks for nothing, and is asked for by none.
        items.retain(|item| self.open.encoder.count_tokens(&item.rest).is_ok());
        // Found first among one is no finding.
        let is_alone = items.len() < 2;
        for item in &mut items {
            item.questions
                .retain(|(_, text)| !is_alone && self.open.encoder.count_tokens(text).is_ok());
        }
        items
    }

    /// Every question with its vector, and the CPU seconds of one.
    fn questions(&self, items: &[Item]) -> Result<(Vec<Question>, f64)> {
        let of_item = |(at, item): (usize, &'_ Item)| {
            let asked = item.questions.iter();
            asked.map(|(sort, text)| (at, *sort, text.clone())).collect::<Vec<_>>()
        };
        let asked: Vec<_> = items.iter().enumerate().flat_map(of_item).collect();
        let made = fan_out(self.open.encoder.threads(), asked.len(), |at| {
            self.control.check()?;
            let (item, sort, text) = &asked[at];
            let (vector, seconds) = timed(|| self.open.encoder.embed(text));
            let words = Words::of(text);
            Ok((Question { item: *item, sort: *sort, vector: vector?, words }, seconds))
        })?;
        let seconds = made.iter().map(|(_, seconds)| seconds).sum::<f64>() / made.len() as f64;
        Ok((made.into_iter().map(|(question, _)| question).collect(), seconds))
    }

    fn compare(&self, text: &str, questions: &[Question]) -> Result<Compared> {
        let dims = self.open.encoder.dims();
        let (states, seconds) = timed(|| self.open.encoder.states(text, self.control));
        let states: States = states?;
        let mut compared = Compared {
            tokens: states.source_tokens,
            states: seconds,
            pool: Vec::new(),
            scan: Vec::new(),
            meaning: Vec::new(),
            mean: Vec::new(),
        };
        for ratio in self.ratios {
            self.control.check()?;
            let (pooled, pool) = timed(|| states.at(*ratio));
            let (tokens, whole) = pooled?;
            let meaning = |question: &Question| meaning(&question.vector, &tokens, &whole, dims);
            let (scores, scan) = timed(|| questions.iter().map(meaning).collect::<Vec<_>>());
            compared.mean = scores.iter().map(|meaning| meaning.whole).collect();
            compared.meaning.push(scores.into_iter().map(Meaning::similarity).collect());
            compared.pool.push(pool);
            compared.scan.push(scan);
        }
        Ok(compared)
    }
}

fn meaning(question: &[f32], tokens: &[f32], whole: &[f32], dims: usize) -> Meaning {
    let best = tokens.chunks_exact(dims).map(|token| dot(question, token));
    Meaning { best_token: best.fold(f32::NEG_INFINITY, f32::max), whole: dot(question, whole) }
}

/// BM25 by question, then item; and the CPU seconds of one question.
fn keyword_scores(trial: &WordTrial, questions: &[Question]) -> Result<(Vec<Vec<f32>>, f64)> {
    let ask = |question: &Question| trial.scores(&question.words.telling);
    let (scores, seconds) =
        timed(|| questions.iter().map(ask).collect::<std::result::Result<Vec<_>, Error>>());
    Ok((scores?, seconds / questions.len() as f64))
}

/// All scores of a sample.
struct Scores<'a> {
    compared: &'a [Compared],
    questions: &'a [Question],
    keyword: &'a [Vec<f32>],
}

impl Scores<'_> {
    /// Who comes first when question `q` scores item `i` as `score(q, i)`.
    fn retrieval(&self, score: impl Fn(usize, usize) -> f32) -> Retrieval {
        let mut tallies = Tallies::default();
        for (q, question) in self.questions.iter().enumerate() {
            let scores = (0..self.compared.len()).map(|item| score(q, item));
            tallies.add(question.sort, rank(scores, score(q, question.item)));
        }
        Retrieval {
            held_out: tallies.quality(Sort::HeldOut),
            kept: tallies.quality(Sort::Kept),
            half: tallies.quality(Sort::Half),
        }
    }

    fn at_ratio(&self, ratio: usize) -> AtRatio {
        let items = self.compared.len();
        let scales: Vec<f32> =
            self.questions.iter().map(|question| keyword_scale(items, &question.words)).collect();
        let meaning = |q: usize, item: usize| self.compared[item].meaning[ratio][q];
        let hybrid = |q: usize, item: usize| meaning(q, item) + scales[q] * self.keyword[q][item];
        let scan: f64 = self.compared.iter().map(|one| one.scan[ratio]).sum();
        let encode: f64 = self.compared.iter().map(|one| one.states + one.pool[ratio]).sum();
        let tokens: usize = self.compared.iter().map(|one| one.tokens).sum();
        let comparisons = (items * self.questions.len()) as f64;
        AtRatio {
            meaning: self.retrieval(meaning),
            hybrid: self.retrieval(hybrid),
            // Seconds for one comparison, in milliseconds for a thousand.
            scan_ms: finite(scan / comparisons * 1e6),
            seconds_per_token: finite(encode / tokens as f64),
        }
    }

    fn baselines(&self) -> Baselines {
        Baselines {
            keyword: self.retrieval(|q, item| self.keyword[q][item]),
            mean_vector: self.retrieval(|q, item| self.compared[item].mean[q]),
        }
    }
}
