"""Two ways to int8. Both: 8-bit weights, one scale per output channel, 7 of the 8 bits used, because the
AVX2 kernels add two products in 16 bits and would overflow with all 8. They differ in the activations:

per tensor  ONNX Runtime's own `quantize_dynamic`: one activation scale for the whole batch. A text's vectors
            then depend on the texts and the padding beside it.
per token   one scale for each token, and for each row of the word table. A text's vectors are the same bits alone, padded
            or in any batch; the error is about half; about a tenth slower on an AVX2 machine without VNNI.

`check.py` measures both claims.
"""

import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, TensorProto, helper, numpy_helper

from graph import DIMS, FUSED, HEADS

WEIGHT_MAX = 63


def per_tensor(model: ModelProto) -> ModelProto:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.disable(logging.WARNING)  # it advises a preprocessing that a hand-made graph does not need
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "fp32.onnx"), Path(folder, "int8.onnx")
        onnx.save(model, source)
        quantize_dynamic(
            source,
            target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            extra_options={"DefaultTensorType": TensorProto.FLOAT},  # the type of tensors it can't infer
        )
        return onnx.load(target)


def per_token(model: ModelProto) -> ModelProto:
    return Rewrite(model).run()


class Rewrite:
    """Walks the nodes in order and puts int8 ones in the place of MatMul, Attention and the word table."""

    def __init__(self, model: ModelProto) -> None:
        self.model = model
        self.weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        self.nodes = []
        self.weights |= {
            "unit": np.float32(1),
            "middle": np.uint8(128),
            "steps": np.float32(127),
            "step": np.float32(1 / 127),
            "tiny": np.float32(1e-12),
            "thirds": np.array([DIMS] * 3, np.int64),
        }

    def run(self) -> ModelProto:
        for node in self.model.graph.node:
            if node.op_type == "MatMul":
                self.dense(node.input[0], node.input[1], node.output[0])
            elif node.op_type == "Attention":
                self.attention(*node.input, node.output[0])
            elif node.name == "words":
                self.words(*node.input, node.output[0])
            else:
                self.nodes.append(node)
        graph = self.model.graph
        tensors = [numpy_helper.from_array(np.array(value), name) for name, value in self.weights.items()]
        result = helper.make_graph(self.nodes, graph.name, graph.input, graph.output, tensors)
        opsets = self.model.opset_import
        return helper.make_model(
            result, opset_imports=opsets, ir_version=self.model.ir_version, producer_name="prime-memory"
        )

    def add(self, op: str, inputs: list[str], output: str, domain: str = "", **attributes) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def dense(self, inputs: str, weight: str, output: str) -> None:
        """output = inputs x weight, with inputs scaled by each token's largest number to 1..255 around 128."""
        highest = self.add("ReduceMax", [inputs], f"{output}_highest", axes=[-1], keepdims=1)
        lowest = self.add("ReduceMin", [inputs], f"{output}_lowest", axes=[-1], keepdims=1)
        sign = self.add("Neg", [lowest], f"{output}_negated")
        largest = self.add("Max", [highest, sign, "tiny"], f"{output}_largest")
        factor = self.add("Div", ["steps", largest], f"{output}_factor")
        scaled = self.add("Mul", [inputs, factor], f"{output}_scaled")
        bytes_ = self.add("QuantizeLinear", [scaled, "unit", "middle"], f"{output}_bytes")
        packed, scale = self.pack(weight, axis=0, limit=WEIGHT_MAX)
        product = [bytes_, packed, "step", scale, "middle"]
        raw = self.add("MatMulIntegerToFloat", product, f"{output}_raw", FUSED)
        self.add("Mul", [raw, largest], output)

    def attention(self, hidden: str, weight: str, bias: str, mask: str, output: str) -> None:
        parts = [f"{output}_{part}" for part in ("query", "key", "value")]
        self.dense(hidden, weight, f"{output}_qkv")
        self.nodes.append(helper.make_node("Split", [f"{output}_qkv", "thirds"], parts, axis=-1))
        self.add("MultiHeadAttention", [*parts, bias, mask], output, FUSED, num_heads=HEADS)

    def words(self, table: str, ids: str, output: str) -> None:
        packed, scale = self.pack(table, axis=1, limit=127)
        rows = self.add("Gather", [packed, ids], f"{output}_rows")
        numbers = self.add("Cast", [rows], f"{output}_numbers", to=TensorProto.FLOAT)
        scales = self.add("Gather", [scale, ids], f"{output}_scales")
        self.add("Mul", [numbers, scales], output)

    def pack(self, name: str, axis: int, limit: int) -> tuple[str, str]:
        """Splits a matrix into int8 and the scales along `axis`: per column (0) or per row (1)."""
        matrix = self.weights.pop(name)
        scale = np.abs(matrix).max(axis=axis, keepdims=True) / np.float32(limit)
        scale = np.maximum(scale, np.float32(1e-12))
        self.weights[f"{name}_int8"] = np.rint(matrix / scale).astype(np.int8)
        self.weights[f"{name}_scale"] = scale if axis == 1 else scale[0]
        return f"{name}_int8", f"{name}_scale"
