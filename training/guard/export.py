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
import model as pair_model  # noqa: E402
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


def half(g: encoder_graph.Graph, name: str, value: np.ndarray) -> str:
    """A constant kept in half the bytes."""
    return g.add("Cast", [g.constant(f"{name}_half", value.astype(np.float16))], name, to=TensorProto.FLOAT)


def alignment(state: dict) -> encoder_graph.Graph:
    """`model.Alignment` as nodes: from `input_ids`, `token_type_ids` and `words`, what is added to the embeddings (`a_added`) and which
    tokens the other side lacks (`a_lacking`, 1 or 0)."""
    g = encoder_graph.Graph()
    for name, value in (("axis1", [1]), ("axis2", [2]), ("starts", [1, 1]), ("zeros", [0, 0]), ("ends", [2**31, 2**31]), ("ends_before", [-1, -1]),
                        ("both", [1, 2]), ("pad_after", [0, 0, 0, 0, 1, 1]), ("pad_before", [0, 1, 1, 0, 0, 0])):
        g.constant(f"a_{name}", np.array(value, np.int64))
    for name, value in (("one", 1), ("two", 2), ("four", 4), ("apart", -1), ("sharpness", pair_model.SHARPNESS), ("tiny", 1e-12)):
        g.constant(f"a_{name}", np.array(value, np.float32))
    g.constant("a_last_special", np.array(pair_model.LAST_SPECIAL, np.int64))

    def crossed(op: str, values: str, output: str) -> str:
        """Each token with each: [batch, tokens, tokens]."""
        rows = g.add("Unsqueeze", [values, "a_axis2"], f"{output}_rows")
        return g.add(op, [rows, g.add("Unsqueeze", [values, "a_axis1"], f"{output}_columns")], output)

    is_text = g.add("Greater", ["input_ids", "a_last_special"], "a_is_text")
    text = g.add("Cast", [is_text], "a_text", to=TensorProto.FLOAT)
    other_side = g.add("Not", [crossed("Equal", "token_type_ids", "a_same_side")], "a_other_side")
    across = g.add("And", [other_side, crossed("And", is_text, "a_texts")], "a_across")
    equal = g.add("Cast", [g.add("And", [crossed("Equal", "input_ids", "a_same_id"), across], "a_is_equal")], "a_equal", to=TensorProto.FLOAT)

    def beside(name: str, start: str, end: str, pad: str) -> str:
        part = g.add("Slice", [equal, start, end, "a_both"], f"a_{name}_part")
        return g.add("Mul", [g.add("Pad", [part, pad], f"a_{name}_shifted"), equal], f"a_{name}")

    found = [equal, beside("before", "a_zeros", "a_ends_before", "a_pad_before"), beside("after", "a_starts", "a_ends", "a_pad_after")]
    found = [g.add("ReduceMax", [one], f"a_found{i}", axes=[2], keepdims=0) for i, one in enumerate(found)]
    twice, fourfold = g.add("Mul", [found[1], "a_two"], "a_found1_2"), g.add("Mul", [found[2], "a_four"], "a_found2_4")
    number = g.add("Add", [g.add("Add", [found[0], twice], "a_number01"), fourfold], "a_number")
    rows = g.add("Cast", [number], "a_row", to=TensorProto.INT64)
    marks = g.add("Gather", [g.constant("a_marks_table", state["alignment.marks.weight"].numpy()), rows], "a_marks")

    square = g.add("ReduceSum", [g.add("Mul", ["words", "words"], "a_squares"), "a_axis2"], "a_square", keepdims=1)
    length = g.add("Max", [g.add("Sqrt", [square], "a_root"), "a_tiny"], "a_length")
    unit = g.add("Div", ["words", length], "a_unit")
    cosine = g.add("MatMul", [unit, g.add("Transpose", [unit], "a_unit_t", perm=[0, 2, 1])], "a_cosine_all")
    cosine = g.add("Where", [across, cosine, "a_apart"], "a_cosine")
    highest = g.add("ReduceMax", [cosine], "a_highest", axes=[2], keepdims=1)
    nearest = g.add("Mul", [highest, g.constant("a_nearest_w", state["alignment.nearest.weight"].numpy()[:, 0])], "a_nearest")
    weight = g.add("Softmax", [g.add("Mul", [cosine, "a_sharpness"], "a_sharp")], "a_weight", axis=-1)
    change = g.add("Sub", ["words", g.add("MatMul", [weight, "words"], "a_aligned")], "a_change")
    changed = g.add("MatMul", [change, half(g, "a_change_w", state["alignment.change.weight"].numpy().T)], "a_changed")
    total = g.add("Add", [g.add("Add", [marks, nearest], "a_marked"), changed], "a_total")
    g.add("Mul", [total, g.add("Unsqueeze", [text, "a_axis2"], "a_text_column")], "a_added")
    g.add("Mul", [text, g.add("Sub", ["a_one", found[0]], "a_not_found")], "a_lacking")
    return g


def with_alignment(model: onnx.ModelProto, state: dict) -> onnx.ModelProto:
    """Adds the alignment to the embeddings, before they are normalised."""
    g = alignment(state)
    g.add("Add", ["embedded", "a_added"], "a_embedded")
    nodes = []
    for node in model.graph.node:
        if node.name == "embeddings_out":
            nodes += g.nodes
            node.input[0] = "a_embedded"
        nodes.append(node)
    graph = helper.make_graph(nodes, model.graph.name, model.graph.input, model.graph.output, [*model.graph.initializer, *g.initialisers])
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def with_head(model: onnx.ModelProto, state: dict) -> onnx.ModelProto:
    """Adds the head to the int8 encoder: CLS, |mean a - mean b|, mean a * mean b, of each side the mean of what the other lacks, two small
    layers, one logit."""
    g = encoder_graph.Graph()
    g.constant("h_axis1", np.array([1], np.int64))
    g.constant("h_axis2", np.array([2], np.int64))
    g.constant("h_zero", np.array(0, np.int64))
    g.constant("h_one", np.array(1, np.float32))
    types = g.add("Cast", ["token_type_ids"], "h_types", to=TensorProto.FLOAT)
    other = g.add("Sub", ["h_one", types], "h_other")
    only = [g.add("Mul", ["a_lacking", side], f"h_only_{name}") for name, side in (("a", other), ("b", types))]
    means = []
    for name, which in (("a", other), ("b", types), ("only_a", only[0]), ("only_b", only[1])):
        mask = g.add("Unsqueeze", [which, "h_axis2"], f"h_{name}_mask")
        total = g.add("ReduceSum", [g.add("Mul", ["last_hidden_state", mask], f"h_{name}_kept"), "h_axis1"], f"h_{name}_sum", keepdims=0)
        count = g.add("Max", [g.add("ReduceSum", [which, "h_axis1"], f"h_{name}_sum_of", keepdims=1), "h_one"], f"h_{name}_count")
        means.append(g.add("Div", [total, count], f"h_{name}_mean"))
    cls = g.add("Gather", ["last_hidden_state", "h_zero"], "h_cls", axis=1)
    apart = g.add("Abs", [g.add("Sub", means[:2], "h_diff")], "h_apart")
    shared = g.add("Mul", means[:2], "h_shared")
    features = g.add("Concat", [cls, apart, shared, *means[2:]], "h_features", axis=1)
    for index, inputs in (("1", features), ("2", "h_tanh")):
        weight = half(g, f"h_w{index}", state[f"head{index}.weight"].numpy().T)
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
    pair = with_head(with_alignment(encoder, state), state)
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
