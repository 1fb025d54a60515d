//! Between observations and rows: what an observation is as a memory, and what is left of one when a
//! fact is forgotten.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::open::Open;
use super::recall::KIND;
use crate::control::Control;
use crate::describe::{Description, describe};
use crate::error::{Error, Result};
use crate::recall::{self, Observation};
use crate::store::{
    Change, Erasure, FactRow, Left, NewMemory, NewObservation, ObservationRow, Retention,
    Rewritten, Scope,
};
use crate::tokens::{MemoryTokens, Ratio};

/// Text tokens per memory token of memories made from observations.
const RATIO: u16 = 64;

impl Open {
    pub(super) fn encode_recall(
        &self,
        texts: &[&str],
        control: &Control,
    ) -> Result<Vec<MemoryTokens>> {
        let ratio = Ratio::new(RATIO)?;
        let items: Vec<(&str, Ratio)> = texts.iter().map(|text| (*text, ratio)).collect();
        if items.is_empty() { Ok(Vec::new()) } else { self.encoder.compress_many(&items, control) }
    }

    pub(super) fn new_observation(
        &self,
        seen: &Observation,
        told: Description,
        tokens: MemoryTokens,
        now: i64,
    ) -> Result<NewObservation> {
        let at = seen.at.unwrap_or(now);
        let scope = seen.scope.clone().unwrap_or_else(|| self.scope.clone());
        let data = Value::Object(seen.to_data()?).to_string();
        Ok(NewObservation {
            at,
            is_project: seen.is_project(),
            sightings: recall::sightings(seen),
            memory: NewMemory {
                kind: KIND.to_owned(),
                scope: scope.clone(),
                metadata: metadata(told.metadata, at),
                text: told.text,
                data: Some(data.clone()),
                tokens,
                retention: Retention::default(),
            },
            scope,
            data,
        })
    }

    /// What erasing the facts `gone` does to the observations that hold them.
    pub(super) fn erasure(
        &self,
        scope: &Scope,
        gone: &[&FactRow],
        control: &Control,
    ) -> Result<Erasure> {
        let facts: Vec<i64> = gone.iter().map(|fact| fact.row).collect();
        let identities: HashSet<&str> = gone.iter().map(|fact| fact.identity.as_str()).collect();
        let rows = self.store.observations_of(scope, &facts)?;
        let left = rows.into_iter().map(|row| {
            let left = recall::without(recall::kept(&row.data)?, &identities);
            Ok((row, left.map(|seen| Ok::<_, Error>((tell(&seen)?, seen))).transpose()?))
        });
        let left = left.collect::<Result<Vec<_>>>()?;
        let told = left.iter().filter_map(|(_, left)| left.as_ref());
        let told: Vec<&str> = told.map(|(told, _)| told.text.as_str()).collect();
        let mut tokens = self.encode_recall(&told, control)?.into_iter();
        let rewritten = left.into_iter().map(|(row, left)| rewrite(row, left, &mut tokens));
        let rewritten = rewritten.collect::<Result<Vec<_>>>()?;
        Ok(Erasure { scope: scope.clone(), facts, rewritten })
    }
}

fn rewrite(
    row: ObservationRow,
    left: Option<(Description, Observation)>,
    tokens: &mut impl Iterator<Item = MemoryTokens>,
) -> Result<Rewritten> {
    let left = left.map(|(told, seen)| {
        let data = Value::Object(seen.to_data()?).to_string();
        let tokens = tokens.next().ok_or_else(|| Error::internal("a text gave no tokens"))?;
        let change = Change {
            text: Some((told.text, tokens)),
            data: Some(Some(data.clone())),
            metadata: Some(metadata(told.metadata, row.at)),
            ..Change::default()
        };
        Ok::<_, Error>(Left { data, is_project: seen.is_project(), change })
    });
    Ok(Rewritten { row: row.row, memory: row.memory, left: left.transpose()? })
}

/// What the memory of an observation says. Names that look like bookkeeping ("trackId") are not
/// told by `describe`; where there is nothing else, the facts' keys are.
pub(super) fn tell(seen: &Observation) -> Result<Description> {
    match describe(KIND, &seen.to_told()?) {
        Err(Error::EmptyText { .. }) => {
            let keys: Vec<String> =
                recall::sightings(seen).into_iter().map(|one| one.key).collect();
            Ok(Description { text: keys.join("\n"), metadata: Map::new() })
        }
        told => told,
    }
}

fn metadata(mut facts: Map<String, Value>, at: i64) -> Map<String, Value> {
    facts.insert("observedAt".to_owned(), at.into());
    facts
}
