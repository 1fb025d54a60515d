"""Writes the pair model's package: model.onnx (int8) and model.json. The tables of words and positions, which training leaves as they
were, and the tokenizer are those of npm/model-minilm-l6: the graph names them as external data.

    python export.py CHECKPOINT.pt … [--out FOLDER]     # several checkpoints of one training are averaged

`calibrate.py` then writes the weights of evidence and the thresholds into model.json."""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "minilm"))
import export as encoder_export  # noqa: E402
import graph as encoder_graph  # noqa: E402
import quantise  # noqa: E402

PACKAGE = Path(__file__).resolve().parents[2] / "npm" / "guard-minilm-l6"
BASE = PACKAGE.parent / "model-minilm-l6"
SHARED = ("word_table_int8", "word_table_scale", "position_table")
PARTS = {"query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value", "out": "attention.output.dense",
         "up": "intermediate.dense", "down": "output.dense", "norm1": "attention.output.LayerNorm", "norm2": "output.LayerNorm"}


def encoder_weights(state: dict) -> dict:
    """The encoder's weights under the names of the original."""
    names = {"embeddings.word": "embeddings.word_embeddings", "embeddings.position": "embeddings.position_embeddings",
             "embeddings.side": "embeddings.token_type_embeddings", "embeddings.norm": "embeddings.LayerNorm"}
    out = {}
    for name, value in state.items():
        base, end = name.rsplit(".", 1)
        if base.startswith("layers."):
            _, index, part = base.split(".")
            out[f"encoder.layer.{index}.{PARTS[part]}.{end}"] = value.numpy()
        elif base in names:
            out[f"{names[base]}.{end}"] = value.numpy()
    return out


def with_head(model: onnx.ModelProto, state: dict) -> onnx.ModelProto:
    """Adds the head to the int8 encoder: CLS, |mean a - mean b|, mean a * mean b, two small layers, one logit."""
    g = encoder_graph.Graph()
    g.constant("h_axis1", np.array([1], np.int64))
    g.constant("h_axis2", np.array([2], np.int64))
    g.constant("h_zero", np.array(0, np.int64))
    g.constant("h_one", np.array(1, np.float32))
    types = g.add("Cast", ["token_type_ids"], "h_types", to=TensorProto.FLOAT)
    other = g.add("Sub", ["h_one", types], "h_other")
    means = []
    for name, which in (("a", other), ("b", types)):
        mask = g.add("Unsqueeze", [which, "h_axis2"], f"h_{name}_mask")
        total = g.add("ReduceSum", [g.add("Mul", ["last_hidden_state", mask], f"h_{name}_kept"), "h_axis1"], f"h_{name}_sum", keepdims=0)
        count = g.add("ReduceSum", [which, "h_axis1"], f"h_{name}_count", keepdims=1)
        means.append(g.add("Div", [total, count], f"h_{name}_mean"))
    cls = g.add("Gather", ["last_hidden_state", "h_zero"], "h_cls", axis=1)
    apart = g.add("Abs", [g.add("Sub", means, "h_diff")], "h_apart")
    shared = g.add("Mul", means, "h_shared")
    features = g.add("Concat", [cls, apart, shared], "h_features", axis=1)
    for index, inputs in (("1", features), ("2", "h_tanh")):
        weight = g.constant(f"h_w{index}", state[f"head{index}.weight"].numpy().T)
        bias = g.constant(f"h_b{index}", state[f"head{index}.bias"].numpy())
        product = g.add("MatMul", [inputs, weight], f"h_m{index}")
        g.add("Add", [product, bias], "h_pre" if index == "1" else "logit")
        if index == "1":
            g.add("Tanh", ["h_pre"], "h_tanh")
    output = helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["batch", 1])
    graph = helper.make_graph([*model.graph.node, *g.nodes], "pair-minilm-l6", model.graph.input, [output],
                              [*model.graph.initializer, *g.initialisers])
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version, producer_name="prime-memory")


def share_tables(model: onnx.ModelProto, base: bytes) -> list[dict]:
    """Takes the tables that the encoder's graph has too out of this one; where they lie in its file."""
    found = []
    for tensor in model.graph.initializer:
        if tensor.name not in SHARED:
            continue
        raw, offset = tensor.raw_data, base.find(tensor.raw_data)
        assert offset >= 0, f"{tensor.name} is not the encoder's"
        found.append({"location": tensor.name, "offset": offset, "length": len(raw)})
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        del tensor.external_data[:]
        for key, value in (("location", tensor.name), ("offset", "0"), ("length", str(len(raw)))):
            tensor.external_data.add(key=key, value=value)
    assert len(found) == len(SHARED)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("checkpoints", type=Path, nargs="+")
    options.add_argument("--out", type=Path, default=PACKAGE)
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    states = [torch.load(path, weights_only=True) for path in chosen.checkpoints]
    state = {name: sum(one[name] for one in states) / len(states) for name in states[0]}
    encoder = quantise.per_token(encoder_graph.build(encoder_weights(state)))
    pair = with_head(encoder, state)
    tables = share_tables(pair, (BASE / "model.onnx").read_bytes())
    (chosen.out / "model.onnx").write_bytes(pair.SerializeToString())
    named = lambda folder, name: {"file": name, "sha256": encoder_export.sha256(folder / name)}
    model = {
        "format": 1,
        "kind": "pair",
        "name": "guard-minilm-l6-int8",
        "maxTokens": 224,
        "graph": {**named(chosen.out, "model.onnx"), "inputs": {"ids": "input_ids", "mask": "attention_mask", "types": "token_type_ids"}, "output": "logit"},
        "tokenizer": {**named(BASE, "tokenizer.json"), "clsId": 101, "sepId": 102, "padId": 0},
        "base": {
            "package": "@mixxclub/prime-memory-model-minilm-l6",
            "folders": ["../prime-memory-model-minilm-l6", "../model-minilm-l6"],
            **named(BASE, "model.onnx"),
            "tables": tables,
        },
        "weights": {"near": {}, "far": {}},
        "thresholds": [],
        "license": "Apache-2.0",
        "source": "sentence-transformers/all-MiniLM-L6-v2, fine-tuned on training/data by training/guard/train.py",
    }
    encoder_export.write_json(chosen.out / "model.json", model, indent=2)
    print(json.dumps({name: (chosen.out / name).stat().st_size for name in ("model.onnx", "model.json")}))


if __name__ == "__main__":
    main()
