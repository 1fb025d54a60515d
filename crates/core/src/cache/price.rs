//! What an answer cost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// US dollars per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of the request.
    pub input: f64,
    /// Of the answer, thinking included.
    pub output: f64,
}

/// List prices as their providers published them in 2025, standard tier, prompts up to 200,000
/// tokens. `configure({ prices })` replaces or adds to them.
const LIST: [(&str, Price); 9] = [
    ("gemini-2.5-flash", Price { input: 0.30, output: 2.50 }),
    ("gemini-2.5-flash-lite", Price { input: 0.10, output: 0.40 }),
    ("gemini-2.5-pro", Price { input: 1.25, output: 10.0 }),
    ("gpt-4o", Price { input: 2.50, output: 10.0 }),
    ("gpt-4o-mini", Price { input: 0.15, output: 0.60 }),
    ("gpt-4.1", Price { input: 2.0, output: 8.0 }),
    ("gpt-4.1-mini", Price { input: 0.40, output: 1.60 }),
    ("gpt-5", Price { input: 1.25, output: 10.0 }),
    ("gpt-5-mini", Price { input: 0.25, output: 2.0 }),
];

/// Bytes of English text per token: what providers themselves give as a rule of thumb.
const BYTES_PER_TOKEN: usize = 4;

/// A cost in US dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cost {
    pub(crate) dollars: f64,
    /// Whether tokens had to be estimated from the length of a text.
    pub(crate) is_estimated: bool,
}

/// What an answer cost. A model without a price, such as one on this machine, costs nothing.
pub(crate) fn cost(
    model: &str,
    prices: &BTreeMap<String, Price>,
    input: (Option<u64>, &str),
    output: (Option<u64>, &str),
) -> Cost {
    let listed = || LIST.iter().find(|(name, _)| *name == model).map(|(_, price)| *price);
    let Some(price) = prices.get(model).copied().or_else(listed) else {
        return Cost { dollars: 0.0, is_estimated: false };
    };
    let tokens = |(counted, text): (Option<u64>, &str)| {
        counted.unwrap_or_else(|| text.len().div_ceil(BYTES_PER_TOKEN) as u64) as f64
    };
    let dollars = (tokens(input) * price.input + tokens(output) * price.output) / 1e6;
    Cost { dollars, is_estimated: input.0.is_none() || output.0.is_none() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_tokens_are_believed_and_missing_ones_estimated() {
        let prices = BTreeMap::from([("mine".to_owned(), Price { input: 1.0, output: 2.0 })]);
        let counted = cost("mine", &prices, (Some(1_000_000), "a"), (Some(500_000), "b"));
        assert_eq!(counted, Cost { dollars: 2.0, is_estimated: false });
        let estimated = cost("mine", &prices, (None, "12345"), (Some(0), ""));
        assert_eq!(estimated, Cost { dollars: 2e-6, is_estimated: true });
        let flash = cost("gemini-2.5-flash", &prices, (Some(1_000_000), ""), (Some(0), ""));
        assert!((flash.dollars - 0.30).abs() < 1e-12);
        let local = cost("llama3.2:3b", &prices, (None, "a"), (None, "b"));
        assert_eq!(local, Cost { dollars: 0.0, is_estimated: false });
    }
}
