//! `model.json`: what a model package says about itself.

use std::path::{Component, Path};

use serde::Deserialize;

use crate::tokens::Ratio;

/// The contents of `model.json`, format 1. Fields not named here are allowed and ignored.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Version of this format: 1.
    pub format: u32,
    /// The model's name, for people.
    pub name: String,
    /// Numbers in each vector.
    pub dims: usize,
    /// Tokens the encoder reads at once, special tokens included.
    pub max_tokens: usize,
    /// Special tokens around a text: 2, one before and one after.
    pub special_tokens: usize,
    /// How states become a vector: `mean`.
    pub pooling: String,
    /// The ratios the model is good for.
    pub ratios: RatioRange,
    /// The ONNX graph.
    pub encoder: EncoderFile,
    /// The tokenizer.
    pub tokenizer: TokenizerFile,
    /// SPDX name of the licence of the weights.
    pub license: String,
    /// Where the weights come from.
    pub source: String,
    /// How they were made smaller, in words.
    #[serde(default)]
    pub quantisation: Option<String>,
}

/// Ratios in text tokens per memory token.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct RatioRange {
    /// The least.
    pub min: u16,
    /// The most.
    pub max: u16,
    /// The one taken unless another is asked for.
    pub default: u16,
}

/// The ONNX graph of the encoder.
#[derive(Debug, Clone, Deserialize)]
pub struct EncoderFile {
    /// File inside the package.
    pub file: String,
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub sha256: String,
    /// Names of the graph's inputs.
    pub inputs: InputNames,
    /// Name of the output with one state per token, f32 `[batch, tokens, dims]`.
    pub output: String,
}

/// Names of the graph's inputs, all int64 `[batch, tokens]`.
#[derive(Debug, Clone, Deserialize)]
pub struct InputNames {
    /// Token ids.
    pub ids: String,
    /// 1 for each token.
    pub mask: String,
    /// 0 for each token; some graphs have no such input.
    #[serde(default)]
    pub types: Option<String>,
}

/// The tokenizer's file and the ids of its special tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenizerFile {
    /// File inside the package, in the `tokenizers` JSON format.
    pub file: String,
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub sha256: String,
    /// Id of the token before a text.
    pub cls_id: u32,
    /// Id of the token after a text.
    pub sep_id: u32,
    /// Id of the filler; texts are encoded one by one, so it is not used for them.
    pub pad_id: u32,
}

/// Whether a `model.json` is that of a pair model, which says so.
pub(super) fn is_pair_model(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    serde_json::from_slice::<Kind>(bytes).is_ok_and(|manifest| manifest.kind == "pair")
}

impl Manifest {
    /// Reads `model.json`.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Manifest, String> {
        let manifest: Manifest = serde_json::from_slice(bytes).map_err(|err| err.to_string())?;
        let wrong = manifest.faults().into_iter().find(|(fault, _)| *fault);
        wrong.map_or(Ok(()), |(_, reason)| Err(reason))?;
        Ok(manifest)
    }

    fn faults(&self) -> [(bool, String); 9] {
        let RatioRange { min, max, default } = self.ratios;
        let known = |ratio| Ratio::new(ratio).is_ok();
        let files = [&self.encoder.file, &self.tokenizer.file];
        let outside = files.into_iter().find(|file| !is_inside(file));
        let hashes = [&self.encoder.sha256, &self.tokenizer.sha256];
        let no_hash = hashes.into_iter().find(|hash| !is_sha256(hash));
        [
            (self.format != 1, format!("format is {}, this version reads format 1", self.format)),
            (self.name.trim().is_empty(), "name is empty".to_owned()),
            (
                !(1..=8192).contains(&self.dims),
                format!("dims is {}, expected 1 to 8192", self.dims),
            ),
            (
                !(8..=8192).contains(&self.max_tokens),
                format!("maxTokens is {}, expected 8 to 8192", self.max_tokens),
            ),
            (
                self.special_tokens != 2,
                format!("specialTokens is {}, this version knows 2", self.special_tokens),
            ),
            (
                self.pooling != "mean",
                format!("pooling is \"{}\", this version knows \"mean\"", self.pooling),
            ),
            (
                !(known(min) && known(max) && (min..=max).contains(&default)),
                format!("ratios are {min} to {max}, default {default}; expected 1 to 256"),
            ),
            (
                outside.is_some(),
                format!("the file \"{}\" is not inside the package", outside.map_or("", |f| f)),
            ),
            (
                no_hash.is_some(),
                format!(
                    "\"{}\" is no SHA-256, expected 64 hexadecimal digits",
                    no_hash.map_or("", |h| h)
                ),
            ),
        ]
    }
}

/// A plain relative path that cannot leave the folder. Backslashes are refused everywhere, so that
/// a package is good or bad on every system alike.
fn is_inside(file: &str) -> bool {
    let plain = |part| matches!(part, Component::Normal(_));
    !file.is_empty() && !file.contains(['\\', ':', '\0']) && Path::new(file).components().all(plain)
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use serde_json::{Value, json};

    use super::*;

    fn good() -> Value {
        json!({
            "format": 1, "name": "toy", "dims": 4, "maxTokens": 16, "specialTokens": 2, "pooling": "mean",
            "ratios": { "min": 1, "max": 256, "default": 16 },
            "encoder": { "file": "model.onnx", "sha256": "0".repeat(64), "output": "out",
                         "inputs": { "ids": "ids", "mask": "mask" } },
            "tokenizer": { "file": "tokenizer.json", "sha256": "f".repeat(64),
                           "clsId": 1, "sepId": 2, "padId": 0 },
            "license": "MIT", "source": "here", "more": ["is", "allowed"]
        })
    }

    #[test]
    fn a_good_one_is_read() {
        let manifest = Manifest::parse(good().to_string().as_bytes()).unwrap();
        assert_eq!((manifest.dims, manifest.encoder.inputs.types), (4, None));
    }

    #[track_caller]
    fn check(pointer: &str, value: Value, expected: &str) {
        let mut manifest = good();
        *manifest.pointer_mut(pointer).unwrap() = value;
        let reason = Manifest::parse(manifest.to_string().as_bytes()).unwrap_err();
        assert!(reason.contains(expected), "{pointer}: {reason}");
    }

    #[test]
    fn bad_ones_say_what_is_wrong() {
        check("/format", json!(2), "format is 2");
        check("/name", json!(" "), "name is empty");
        check("/dims", json!(0), "dims is 0");
        check("/dims", json!("384"), "invalid type");
        check("/maxTokens", json!(7), "maxTokens is 7");
        check("/specialTokens", json!(1), "specialTokens is 1");
        check("/pooling", json!("cls"), "\"cls\"");
        check("/ratios", json!({ "min": 0, "max": 256, "default": 16 }), "0 to 256");
        check("/ratios", json!({ "min": 1, "max": 8, "default": 16 }), "default 16");
        check("/encoder", json!({}), "missing field `file`");
        check("/encoder/sha256", json!("abc"), "no SHA-256");
        for path in ["../model.onnx", "/etc/passwd", "a/../../b", "", "C:\\x", "a\\b"] {
            check("/encoder/file", json!(path), "not inside the package");
        }
    }
}
