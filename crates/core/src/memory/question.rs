//! Query to vector and words: what a search compares with.

use super::open::Open;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::model::check_text;
use crate::search::{Mode, Query, Words};
use crate::store::Filter;
use crate::tokens::normalise;

/// What is looked for, ready to be compared.
pub(super) struct Prepared {
    pub(super) vector: Vec<f32>,
    pub(super) words: Words,
    /// The memory that is looked for by its id.
    pub(super) itself: Option<u64>,
}

impl Open {
    pub(super) fn prepare_query(
        &self,
        query: &Query,
        mode: Mode,
        filter: &Filter,
        control: &Control,
    ) -> Result<Prepared> {
        match query {
            Query::Text(text) => {
                let vector = match mode {
                    Mode::Keyword => check_text(text).map(|()| Vec::new())?,
                    _ => self.embed_question(text, control)?,
                };
                Ok(Prepared { vector, words: keywords(mode, text), itself: None })
            }
            Query::Id(id) => self.prepare_id(id, mode, filter),
            Query::Tokens { whole, model } => {
                self.check_vector(whole, model)?;
                if mode == Mode::Keyword {
                    return Err(Error::BadOption {
                        what: "options.mode".to_owned(),
                        found: "\"keyword\" with tokens, which hold no words".to_owned(),
                        advice: "look for a text, or leave the mode out".to_owned(),
                    });
                }
                let mut vector = whole.clone();
                normalise(&mut vector);
                Ok(Prepared { vector, words: Words::default(), itself: None })
            }
        }
    }

    /// A long text takes seconds, in which another process may have begun to re-encode the store.
    fn embed_question(&self, text: &str, control: &Control) -> Result<Vec<f32>> {
        let vector = self.encoder.embed_under(text, control)?;
        self.refuse_other_model()?;
        Ok(vector)
    }

    fn prepare_id(&self, id: &str, mode: Mode, filter: &Filter) -> Result<Prepared> {
        let missing = || Error::NotFound { id: id.to_owned() };
        let record = self.store.get(id, &filter.scopes)?.ok_or_else(missing)?;
        let lacking = |found: &str, advice: &str| Error::TextGone {
            what: format!("the memory \"{id}\""),
            found: found.to_owned(),
            advice: advice.to_owned(),
        };
        let gone = |advice| lacking("its text was dropped", advice);
        let tokens = self.store.tokens(record.row)?.ok_or_else(|| match record.text {
            None => gone("it has no memory tokens either, so it is like nothing"),
            Some(_) => lacking(
                "its memory tokens were damaged and dropped",
                "call reindex() to make them again from its text",
            ),
        })?;
        // Likeness is meaning: the words of a whole text are no question.
        let words = match (mode, &record.text) {
            (Mode::Keyword, Some(text)) => Words::of(text),
            (Mode::Keyword, None) => return Err(gone("look for what is like it by meaning")),
            _ => Words::default(),
        };
        Ok(Prepared { vector: tokens.whole, words, itself: Some(record.row) })
    }

    fn check_vector(&self, vector: &[f32], made_by: &str) -> Result<()> {
        let model = &self.encoder.manifest().name;
        if vector.len() != self.encoder.dims() {
            return Err(Error::DimsMismatch {
                model: model.clone(),
                expected: self.encoder.dims(),
                found: vector.len(),
            });
        }
        if made_by != self.encoder.fingerprint() {
            let given = format!("tokens of the model {made_by:.12}");
            return Err(Error::ModelMismatch { stored: self.store.model().to_string(), given });
        }
        let bad = |found: String| Error::BadVector {
            what: "query.tokens",
            found,
            advice: "give the tokens as compress() returned them",
        };
        if let Some(at) = vector.iter().position(|v| !v.is_finite()) {
            return Err(bad(format!("holds {} at {at}", vector[at])));
        }
        if vector.iter().all(|v| *v == 0.0) {
            return Err(bad("is all zeros, it has no direction".to_owned()));
        }
        Ok(())
    }
}

/// The words that count in this mode.
pub(super) fn keywords(mode: Mode, text: &str) -> Words {
    if mode == Mode::Semantic { Words::default() } else { Words::of(text) }
}
