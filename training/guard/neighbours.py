"""Requests of other groups that look alike: the questions a cache full of a studio's answers would offer first."""

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from model import PairModel

CLOSE, SAME = 12, 0.93  # groups nearer than SAME may ask the same in other words: never a negative


def of(groups: list[dict], folder) -> dict[str, list[str]]:
    """For each group, one request of each of the groups whose first requests lie nearest, by the sentence vectors of MiniLM."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(128)
    base = PairModel(load_file(folder / "model.safetensors")).eval()
    vectors = np.stack([sentence(base, tokenizer, g["requests"][0]["prompt"]) for g in groups])
    alike = vectors @ vectors.T
    found = {}
    for row, group in enumerate(groups):
        order = [i for i in np.argsort(-alike[row]) if i != row and alike[row, i] < SAME][:CLOSE]
        found[group["group"]] = [r["prompt"] for i in order for r in groups[i]["requests"][:3]]
    return found


def sentence(base: PairModel, tokenizer: Tokenizer, text: str) -> np.ndarray:
    ids = torch.tensor([tokenizer.encode(text).ids])
    with torch.no_grad():
        x, _ = base.embeddings(ids, torch.zeros_like(ids), base.alignment)
        for layer in base.layers:
            x = layer(x, torch.zeros(1, 1, 1, ids.shape[1]))
        mean = x[0].mean(0)
        return (mean / mean.norm()).numpy()
