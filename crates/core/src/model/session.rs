//! One ONNX Runtime session of the encoder's graph: token ids in, hidden states out.

use std::borrow::Cow;

use ort::logging::LogLevel;
use ort::session::{Session as Inner, SessionInputValue};
use ort::value::{Outlet, TensorElementType, TensorRef, ValueType};

use super::manifest::{Manifest, TokenizerFile};
use super::package::ModelPackage;
use super::runtime::Runtime;
use crate::error::{Error, Result};

/// What every session of a model shares: names and sizes.
#[derive(Debug)]
pub(crate) struct Shape {
    ids: String,
    mask: String,
    types: Option<String>,
    output: String,
    pub(crate) dims: usize,
    max_tokens: usize,
    cls_id: u32,
    sep_id: u32,
}

impl Shape {
    pub(crate) fn new(manifest: &Manifest) -> Shape {
        let Manifest { encoder, dims, max_tokens, .. } = manifest.clone();
        let TokenizerFile { cls_id, sep_id, .. } = manifest.tokenizer;
        let (inputs, output) = (encoder.inputs, encoder.output);
        let (ids, mask, types) = (inputs.ids, inputs.mask, inputs.types);
        Shape { ids, mask, types, output, dims, max_tokens, cls_id, sep_id }
    }
}

/// A session and the input buffers it is run with.
#[derive(Debug)]
pub(crate) struct Session {
    inner: Inner,
    ids: Vec<i64>,
    mask: Vec<i64>,
    types: Vec<i64>,
}

impl Session {
    /// Loads the graph and checks that it is what `model.json` says: names, types, and by a first run the numbers per token.
    ///
    /// # Errors
    /// `PM_MODEL_CORRUPT` with what was found.
    pub(crate) fn open(
        package: &ModelPackage,
        runtime: &Runtime,
        shape: &Shape,
    ) -> Result<Session> {
        let mut session = Session::build(&package.encoder_bytes(), runtime, shape)
            .map_err(|err| package.bad_encoder(err.to_string()))?;
        session.check_names(shape).map_err(|reason| package.bad_encoder(reason))?;
        session
            .run(shape, &[shape.sep_id], |_| ())
            .map_err(|err| package.bad_encoder(err.to_string()))?;
        Ok(session)
    }

    /// One thread: a second one makes short texts slower, and long jobs run in several sessions.
    /// No memory pattern: it gains nothing here and costs 20 % resident memory.
    pub(crate) fn build(graph: &[u8], runtime: &Runtime, shape: &Shape) -> ort::Result<Session> {
        let inner = Inner::builder(runtime.environment())?
            .with_intra_threads(1)?
            .with_inter_threads(1)?
            .with_intra_op_spinning(false)?
            .with_memory_pattern(false)?
            .with_log_level(LogLevel::Error)?
            .commit_from_memory(graph)?;
        let size = shape.max_tokens;
        Ok(Session {
            inner,
            ids: Vec::with_capacity(size),
            mask: vec![1; size],
            types: vec![0; size],
        })
    }

    fn check_names(&self, shape: &Shape) -> std::result::Result<(), String> {
        let (inputs, outputs) = (self.inner.inputs(), self.inner.outputs());
        let wanted = [Some(&shape.ids), Some(&shape.mask), shape.types.as_ref()];
        let named = |outlets: &[Outlet], name: &str| outlets.iter().any(|o| o.name() == name);
        if let Some(name) = wanted.into_iter().flatten().find(|name| !named(inputs, name)) {
            return Err(format!("no input \"{name}\"; the graph has {}", list(inputs)));
        }
        let output = outputs.iter().find(|outlet| outlet.name() == shape.output);
        if output.is_some_and(|outlet| holds_states(outlet.dtype())) {
            return Ok(());
        }
        let (name, found) = (&shape.output, list(outputs));
        Err(format!("no output \"{name}\", f32 [batch, tokens, dims]; the graph has {found}"))
    }

    /// Runs the graph on one window of text tokens, with the special tokens put around, and hands
    /// the states to `read`: `dims` numbers for CLS, for each text token, for SEP.
    ///
    /// # Errors
    /// `PM_INFERENCE`
    pub(crate) fn run<T>(
        &mut self,
        shape: &Shape,
        tokens: &[u32],
        read: impl FnOnce(&[f32]) -> T,
    ) -> Result<T> {
        let around = [shape.cls_id].into_iter().chain(tokens.iter().copied()).chain([shape.sep_id]);
        self.ids.clear();
        self.ids.extend(around.map(i64::from));
        let count = self.ids.len();
        let failed = |err: ort::Error| Error::Inference { reason: err.to_string() };
        let inputs = inputs(shape, [&self.ids, &self.mask, &self.types]).map_err(failed)?;
        let outputs = self.inner.run(inputs).map_err(failed)?;
        let states = outputs.get(&shape.output).map(|value| value.try_extract_tensor::<f32>());
        let (found, states) =
            states.ok_or_else(|| Error::internal("the output went missing"))?.map_err(failed)?;
        if found[..] != [1, count as i64, shape.dims as i64] {
            let reason = format!("the output is {found}, expected [1, {count}, {}]", shape.dims);
            return Err(Error::Inference { reason });
        }
        Ok(read(states))
    }
}

type Input<'v> = (Cow<'v, str>, SessionInputValue<'v>);

/// The graph's inputs, borrowed: `[1, n]` each, `n` the number of ids.
fn inputs<'v>(shape: &'v Shape, buffers: [&'v [i64]; 3]) -> ort::Result<Vec<Input<'v>>> {
    let count = buffers[0].len();
    let names = [Some(&shape.ids), Some(&shape.mask), shape.types.as_ref()];
    let mut inputs = Vec::with_capacity(3);
    for (name, buffer) in names.into_iter().zip(buffers) {
        let Some(name) = name else { continue };
        let tensor = TensorRef::from_array_view(([1, count], &buffer[..count]))?;
        inputs.push((Cow::from(name.as_str()), tensor.into()));
    }
    Ok(inputs)
}

fn holds_states(output: &ValueType) -> bool {
    matches!(output, ValueType::Tensor { ty: TensorElementType::Float32, shape, .. } if shape.len() == 3)
}

fn list(outlets: &[Outlet]) -> String {
    let one = |outlet: &Outlet| format!("\"{}\" {}", outlet.name(), outlet.dtype());
    outlets.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use serde_json::Value;

    use super::*;
    use crate::model::fixture;

    #[test]
    fn states_of_every_token_and_the_two_around() {
        let shape = Shape::new(fixture::package().manifest());
        let mut session = Session::open(fixture::package(), fixture::runtime(), &shape).unwrap();
        for count in [1, 7, 254] {
            let states = session.run(&shape, &vec![2000; count], <[f32]>::len).unwrap();
            assert_eq!(states, (count + 2) * 384);
        }
    }

    #[test]
    fn an_id_beyond_the_vocabulary_is_an_error() {
        let shape = Shape::new(fixture::package().manifest());
        let mut session = Session::open(fixture::package(), fixture::runtime(), &shape).unwrap();
        let err = session.run(&shape, &[4_000_000_000], |_| ()).unwrap_err();
        assert_eq!(err.code(), "PM_INFERENCE");
        assert!(session.run(&shape, &[2000], |_| ()).is_ok(), "the session is still good");
    }

    #[track_caller]
    fn check(graph: &[u8], change: impl Fn(&mut Value), words: &str) {
        let folder = tempfile::tempdir().unwrap();
        fixture::write_package(folder.path(), graph, fixture::package().tokenizer_bytes(), change);
        let package = ModelPackage::load(folder.path()).unwrap();
        let shape = Shape::new(package.manifest());
        let err = Session::open(&package, fixture::runtime(), &shape).unwrap_err();
        assert_eq!(err.code(), "PM_MODEL_CORRUPT", "{err}");
        assert!(err.to_string().contains(words), "{err}");
    }

    #[test]
    fn graphs_that_are_not_what_the_manifest_says() {
        let graph = fixture::package().encoder_bytes();
        check(b"no graph at all", |_| (), "model.onnx is damaged");
        check(&graph[..graph.len() / 2], |_| (), "model.onnx is damaged");
        check(&graph, |m| m["encoder"]["output"] = "pooled".into(), "no output \"pooled\", f32");
        check(&graph, |m| m["encoder"]["inputs"]["ids"] = "tokens".into(), "no input \"tokens\"");
        check(&graph, |m| m["dims"] = 512.into(), "expected [1, 3, 512]");
    }
}
