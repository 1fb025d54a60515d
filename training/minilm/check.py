"""Measures a model package against the weights it was made from, and prints tables. Exit 1 if it is wrong.

python check.py [--package FOLDER]
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

import export
import graph
import reference

TEXTS = Path(__file__).with_name("texts.txt").read_text("utf-8").splitlines()
Vectors = list[np.ndarray]


class Encoder:
    """An ONNX session and the one call that matters: lists of ids in, unpadded vectors out."""

    def __init__(self, model: str | bytes, threads: int = 1) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(self, ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return self.session.run(["last_hidden_state"], feeds)[0]

    def batch(self, texts: list[list[int]], width: int = 0) -> Vectors:
        width = max(width, *map(len, texts))
        ids = np.array([text + [0] * (width - len(text)) for text in texts])
        mask = np.array([[1] * len(text) + [0] * (width - len(text)) for text in texts])
        return [row[: len(text)] for row, text in zip(self.run(ids, mask), texts)]

    def alone(self, text: list[int], width: int = 0) -> np.ndarray:
        return self.batch([text], width)[0]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--package", type=Path, default=export.PACKAGE)
    folder = options.parse_args().package
    check_files(folder)
    weights = export.load_weights()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    ids = [tokenizer.encode(text).ids for text in TEXTS]
    assert max(map(len, ids)) > 64 and ids[0][0] == 101 and ids[0][-1] == 102
    exact = [reference.encode(weights, text) for text in ids]
    fp32 = Encoder(graph.build(weights).SerializeToString())
    int8 = Encoder(str(folder / "model.onnx"))
    print(f"{folder.name}: {len(ids)} texts of {min(map(len, ids))} to {max(map(len, ids))} tokens, ids included")
    print(f"ONNX Runtime {ort.__version__}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")

    plain, small = [fp32.alone(text) for text in ids], [int8.alone(text) for text in ids]
    table("Agreement: cosine, min / mean; pair is the worst error of a similarity between two texts")
    worst = compare("fp32 graph to NumPy float64", exact, plain)
    compare("int8 to fp32", plain, small)
    if worst > 1e-4:
        raise SystemExit(f"the fp32 graph is wrong: it differs from the reference by {worst}")

    for name, encoder, own in (("fp32", fp32, plain), ("int8", int8, small)):
        table(f"{name}: the same text alone, exact length, against")
        neighbours(encoder, ids, own)
    compare("2 threads, alone", small, [Encoder(str(folder / "model.onnx"), 2).alone(text) for text in ids[-3:]])

    print("\nSpeed, 1 thread, spinning off: wall ms of the fastest tenth / median (median CPU ms)")
    for name, encoder in (("fp32", fp32), ("int8", int8)):
        for shape, rounds in (((1, 16), 300), ((1, 128), 50), ((32, 16), 20)):
            speed(f"{name} {shape[0]}x{shape[1]}", encoder, shape, rounds)


def check_files(folder: Path) -> None:
    described = json.loads((folder / "model.json").read_text("utf-8"))
    for part in ("encoder", "tokenizer"):
        file = folder / described[part]["file"]
        if export.sha256(file) != described[part]["sha256"]:
            raise SystemExit(f"{file} is not the file that model.json describes: run export.py again")


def neighbours(encoder: Encoder, ids: list[list[int]], own: Vectors) -> None:
    """How much of a text's result comes from what shares its batch."""
    longest = sorted(ids, key=len)[-7:]
    compare("padded to a multiple of 16", own, [encoder.alone(text, -len(text) // 16 * -16) for text in ids])
    compare("padded to 128", own, [encoder.alone(text, 128) for text in ids])
    compare("in a batch of 8 copies", own, [encoder.batch([text] * 8)[3] for text in ids])
    compare("in a batch of 8 with 7 longest", own, [encoder.batch([text, *longest])[0] for text in ids])


def table(title: str) -> None:
    print(f"\n{title}\n{'':32} {'token':>17} {'sentence':>17} {'pair':>7} {'max diff':>9}  same bits")


def compare(name: str, expected: Vectors, found: Vectors) -> float:
    """Prints one line; returns the largest difference of a single number. Pairs off the end, if fewer found."""
    expected = expected[-len(found) :]
    tokens = np.concatenate([cosine(a, b) for a, b in zip(expected, found)])
    left, right = sentences(expected), sentences(found)
    whole = cosine(left, right)
    pair = np.abs(left @ left.T - right @ right.T).max()
    worst = max(np.abs(a - b).max() for a, b in zip(expected, found))
    same = sum(np.array_equal(a, b) for a, b in zip(expected, found))
    shown = f"{tokens.min():.5f} / {tokens.mean():.5f} {whole.min():.5f} / {whole.mean():.5f}"
    print(f"{name:32} {shown} {pair:7.4f} {worst:9.2e}  {same} of {len(found)}")
    return worst


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * b).sum(axis=-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)


def sentences(texts: Vectors) -> np.ndarray:
    means = np.stack([text.mean(axis=0) for text in texts])
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def speed(name: str, encoder: Encoder, shape: tuple[int, int], rounds: int) -> None:
    ids = np.random.default_rng(7).integers(1000, 30000, shape)
    mask = np.ones_like(ids)
    wall, cpu = [], []
    for _ in range(rounds + 10):
        started, used = time.perf_counter(), time.process_time()
        encoder.run(ids, mask)
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    low, middle = np.percentile(wall[10:], (10, 50)) * 1000
    print(f"{name:32} {low:8.2f} / {middle:.2f} ({np.median(cpu[10:]) * 1000:.2f})")


if __name__ == "__main__":
    main()
