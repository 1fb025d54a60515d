"""Builds the fp32 encoder graph by hand from the weights: no torch, no tracing.

Three fused ONNX Runtime operators (domain com.microsoft) stand for what an exporter would spell out in
some thirty nodes a layer: Attention, SkipLayerNormalization, BiasGelu. They need no optimisation at load
time and less memory at run time.
"""

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

OPSET, IR = 17, 8
LAYERS, HEADS, DIMS = 6, 12, 384
EPSILON = 1e-12
FUSED = "com.microsoft"


class Graph:
    """Nodes and initialisers in the order they are added; `add` returns the output's name."""

    def __init__(self) -> None:
        self.nodes, self.initialisers = [], []

    def constant(self, name: str, value: np.ndarray) -> str:
        # order="C" keeps a scalar a scalar; np.ascontiguousarray would make it one-dimensional.
        self.initialisers.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def add(self, op: str, inputs: list[str], output: str, domain: str = "", **attributes) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, domain=domain, **attributes))
        return output


def build(weights: dict[str, np.ndarray]) -> ModelProto:
    """`weights` as in the model's safetensors file. Inputs and output are described in `finish`."""
    g = Graph()
    mask = g.add("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    hidden = embeddings(g, weights)
    for index in range(LAYERS):
        hidden = layer(g, weights, index, hidden, mask)
    g.nodes[-1].output[0] = "last_hidden_state"
    return finish(g)


def embeddings(g: Graph, weights: dict[str, np.ndarray]) -> str:
    """Word + type + position, normalised. Positions are the first `seq` rows of their table."""

    def table(kind: str) -> str:
        return g.constant(f"{kind}_table", weights[f"embeddings.{kind}_embeddings.weight"])

    words = g.add("Gather", [table("word"), "input_ids"], "words")
    types = g.add("Gather", [table("token_type"), "token_type_ids"], "types")
    length = g.add("Shape", ["input_ids"], "length", start=1, end=2)
    zero = g.constant("zero", np.array([0], np.int64))
    positions = g.add("Slice", [table("position"), zero, length, zero], "positions")
    total = g.add("Add", [g.add("Add", [words, types], "words_and_types"), positions], "embedded")
    scale, shift = norm(g, weights, "embeddings")
    return g.add("LayerNormalization", [total, scale, shift], "embeddings_out", axis=-1, epsilon=EPSILON)


def layer(g: Graph, weights: dict[str, np.ndarray], index: int, hidden: str, mask: str) -> str:
    source, name = f"encoder.layer.{index}", f"layer{index}"

    def matrix(part: str) -> np.ndarray:
        return weights[f"{source}.{part}.weight"].T  # PyTorch keeps [out, in], ONNX wants [in, out]

    def bias(part: str) -> np.ndarray:
        return weights[f"{source}.{part}.bias"]

    def dense(part: str, inputs: str, output: str) -> str:
        return g.add("MatMul", [inputs, g.constant(f"{output}_w", matrix(part))], output)

    def skip_norm(part: str, inputs: str, skip: str, output: str) -> str:
        scale, shift = norm(g, weights, f"{source}.{part}")
        added = g.constant(f"{output}_b", bias(f"{part}.dense"))
        return g.add(
            "SkipLayerNormalization", [inputs, skip, scale, shift, added], output, FUSED, epsilon=EPSILON
        )

    qkv = [f"attention.self.{part}" for part in ("query", "key", "value")]
    qkv_w = g.constant(f"{name}_qkv_w", np.concatenate([matrix(part) for part in qkv], axis=1))
    qkv_b = g.constant(f"{name}_qkv_b", np.concatenate([bias(part) for part in qkv]))
    attended = g.add("Attention", [hidden, qkv_w, qkv_b, mask], f"{name}_attended", FUSED, num_heads=HEADS)
    projected = dense("attention.output.dense", attended, f"{name}_projected")
    middle = skip_norm("attention.output", projected, hidden, f"{name}_middle")

    wide = dense("intermediate.dense", middle, f"{name}_wide")
    wide_b = g.constant(f"{name}_wide_b", bias("intermediate.dense"))
    active = g.add("BiasGelu", [wide, wide_b], f"{name}_active", FUSED)
    narrow = dense("output.dense", active, f"{name}_narrow")
    return skip_norm("output", narrow, middle, f"{name}_out")


def norm(g: Graph, weights: dict[str, np.ndarray], source: str) -> tuple[str, str]:
    scale, shift = (weights[f"{source}.LayerNorm.{part}"] for part in ("weight", "bias"))
    return g.constant(f"{source}.norm_scale", scale), g.constant(f"{source}.norm_shift", shift)


def finish(g: Graph) -> ModelProto:
    shape = ["batch", "sequence"]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, shape)
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, DIMS])
    graph = helper.make_graph(g.nodes, "all-MiniLM-L6-v2", inputs, [output], g.initialisers)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR, producer_name="prime-memory")
