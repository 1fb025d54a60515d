"""The encoder once more, in NumPy and double precision, head by head, straight from the weights.

Shares no code with graph.py on purpose: check.py compares the two.
"""

from math import erf, sqrt

import numpy as np

_erf = np.vectorize(erf, otypes=[np.float64])


def encode(weights: dict[str, np.ndarray], ids: list[int], heads: int = 12) -> np.ndarray:
    """The last hidden state, [len(ids), 384], of one text without padding."""
    w = lambda name: weights[name].astype(np.float64)
    linear = lambda x, name: x @ w(f"{name}.weight").T + w(f"{name}.bias")

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(axis=1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-12)
        return centred / deviation * w(f"{name}.weight") + w(f"{name}.bias")

    tables = "embeddings.{}_embeddings.weight".format
    x = weights[tables("word")][ids].astype(np.float64)
    x = norm(x + w(tables("position"))[: len(ids)] + w(tables("token_type"))[0], "embeddings.LayerNorm")
    for index in range(6):
        at = f"encoder.layer.{index}"
        query, key, value = (linear(x, f"{at}.attention.self.{part}") for part in ("query", "key", "value"))
        seen = []
        for q, k, v in zip(*(np.split(part, heads, axis=1) for part in (query, key, value))):
            score = np.exp(q @ k.T / sqrt(q.shape[1]))
            seen.append(score / score.sum(axis=1, keepdims=True) @ v)
        attended = linear(np.concatenate(seen, axis=1), f"{at}.attention.output.dense")
        x = norm(attended + x, f"{at}.attention.output.LayerNorm")
        wide = linear(x, f"{at}.intermediate.dense")
        wide = wide * (1 + _erf(wide / sqrt(2))) / 2
        x = norm(linear(wide, f"{at}.output.dense") + x, f"{at}.output.LayerNorm")
    return x
