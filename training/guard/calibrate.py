"""Fits the weights of evidence and the thresholds on the held-back groups, and writes them into model.json.

    python calibrate.py [--package FOLDER] [--rules COMMAND] [--check]

The score of a pair that the rules leave open is the pair model's logit times a slope, plus a bias, plus one weight for each
difference that the rules saw (weights of evidence: a logistic regression with an L2 penalty). A threshold is the lowest score from
which no more than the given share of the near-copies and neighbours of a request would be served."""

import argparse
import json
import pathlib
import subprocess
import zlib

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

import data

ROOT = pathlib.Path(__file__).resolve().parents[2]
RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1]


def request(item: dict, context=None) -> dict:
    context = item.get("context", context)
    return {"prompt": item["prompt"], **({"context": context} if context else {})}


def pairs(groups: list[dict]) -> list[tuple[dict, dict, int, str]]:
    """Stored and asked, whether they are the same, and a label. Also requests of other groups with words in common."""
    found = []
    for group in groups:
        requests = group["requests"]
        for i, a in enumerate(requests):
            for b in requests[i + 1 :]:
                found.append((request(a), request(b), 1, "same"))
        for near in group["near"]:
            source = data.of(group, near)
            found.append((request(source), request(near, source.get("context")), 0, near["why"]))
            for other in requests[:2]:
                if other is not source:
                    found.append((request(other), request(near, source.get("context")), 0, "crossed"))
        for other in group["other"]:
            found.append((request(requests[0]), request(other), 0, "other"))
            found.append((request(requests[1]), request(other), 0, "other"))
    bags = [set(r["prompt"].lower().split()) for group in groups for r in group["requests"][:3]]
    firsts = [(k, r) for k, group in enumerate(groups) for r in group["requests"][:3]]
    for i, (k, a) in enumerate(firsts):
        shared = [(len(bags[i] & bags[j]) / len(bags[i] | bags[j]), j) for j, (m, _) in enumerate(firsts) if m != k]
        for _, j in sorted(shared, reverse=True)[:2]:
            found.append((request(a), request(firsts[j][1]), 0, "other group"))
    return found


def near_copies(copies: list[dict]) -> list[tuple[dict, dict, int, str]]:
    """The seed of each stored, everything else asked, as `pairs` gives them."""
    asked = [(one["seed"], prompt, int(kind == "same"), kind) for one in copies for kind in ("same", "differ") for prompt in one[kind]]
    return [({"prompt": a}, {"prompt": b}, same, kind) for a, b, same, kind in asked]


def verdicts(found: list, command: list[str]) -> list[dict]:
    lines = "\n".join(json.dumps({"stored": a, "asked": b}) for a, b, *_ in found)
    out = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


class Pair:
    def __init__(self, folder: pathlib.Path):
        self.model = json.loads((folder / "model.json").read_text())
        base = next(folder / name for name in self.model["base"]["folders"] if (folder / name).is_dir())
        self.tokenizer = Tokenizer.from_file(str(base / self.model["tokenizer"]["file"]))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        graph = (base / self.model["base"]["file"]).read_bytes()
        tables = self.model["base"]["tables"]
        cut = [graph[t["offset"] : t["offset"] + t["length"]] for t in tables]
        options.add_external_initializers_from_files_in_memory([t["location"] for t in tables], cut, [len(c) for c in cut])
        self.session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)

    def logit(self, asked: str, stored: str) -> float:
        half = (self.model["maxTokens"] - 3) // 2
        a, b = (self.tokenizer.encode(text, add_special_tokens=False).ids for text in (asked, stored))
        if len(a) + len(b) > 2 * half:
            a, b = a[: max(half, 2 * half - len(b))], b[: max(half, 2 * half - len(a))]
        ids = [101, *a, 102, *b, 102]
        types = [0] * (len(a) + 2) + [1] * (len(b) + 1)
        array = lambda values: np.array([values], np.int64)
        feeds = {"input_ids": array(ids), "attention_mask": array([1] * len(ids)), "token_type_ids": array(types)}
        return float(self.session.run(["logit"], feeds)[0][0, 0])


def features(verdict: dict, logit: float, names: list[str]) -> np.ndarray:
    near = "near" if verdict["near"] else "far"
    row = np.zeros(len(names))
    for name, value in [(f"{near}:bias", 1.0), (f"{near}:logit", logit), *((f"{near}:{code}", 1.0) for code in set(verdict["evidence"]))]:
        if name in names:
            row[names.index(name)] = value
    return row


def fit(x: np.ndarray, y: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """Newton's method; a weight has its own penalty, the bias and the slope none."""
    weight = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ weight, -30, 30)))
        slope = x.T @ (p - y) + penalty * weight
        curve = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty + 1e-6)
        step = np.linalg.solve(curve, slope)
        weight -= step
        if np.abs(step).max() < 1e-8:
            break
    return weight


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--package", type=pathlib.Path, default=ROOT / "npm" / "guard-minilm-l6")
    options.add_argument("--rules", default="cargo run --quiet --release --target x86_64-unknown-linux-gnu -p prime-memory --example guard")
    options.add_argument("--check", action="store_true", help="fit on one half, report on the other, write nothing")
    options.add_argument("--logits", type=pathlib.Path, help="a file that keeps logits between runs")
    chosen = options.parse_args()
    pair = Pair(chosen.package)
    found = pairs(data.groups(held=True)) + near_copies(data.copies(held=True))
    seen = verdicts(found, chosen.rules.split())
    kept = json.loads(chosen.logits.read_text()) if chosen.logits and chosen.logits.exists() else {}
    logits = []
    for (a, b, *_), verdict in zip(found, seen):
        if verdict["verdict"] != "open":
            logits.append(0.0)
            continue
        key = a["prompt"] + "\n" + b["prompt"]
        if key not in kept:
            kept[key] = pair.logit(b["prompt"], a["prompt"])
        logits.append(kept[key])
    if chosen.logits:
        chosen.logits.write_text(json.dumps(kept))
    same = np.array([y for _, _, y, _ in found])
    # A near-copy or a neighbour is asked as often as a paraphrase: each class has one half of the weight.
    open_ = np.array([v["verdict"] == "open" for v in seen])
    served = np.array([v["verdict"] == "serve" for v in seen])
    codes = sorted({code for v in seen for code in v["evidence"]})
    names = [f"{near}:{name}" for near in ("near", "far") for name in ("bias", "logit", *codes)]
    x = np.array([features(v, l, names) if o else np.zeros(len(names)) for v, l, o in zip(seen, logits, open_)])
    penalty = np.array([0.05 if name.endswith((":bias", ":logit")) else 3.0 for name in names])
    kinds = np.array([{"same": "same", "crossed": "crossed", "other": "other", "other group": "other group"}.get(w, "near") for *_, w in found])
    halves = np.array([zlib.crc32(a["prompt"][:7].encode()) % 2 for a, *_ in found])

    def report(title, weight, where, threshold):
        score = np.where(served, 99.0, np.where(open_, x @ weight, -99.0))
        yes = score >= threshold
        wrong, right = (yes & (same == 0) & where).sum(), (yes & (same == 1) & where).sum()
        print(f"{title}: right {right} of {(same[where] == 1).sum()} ({right / (same[where] == 1).sum():.3f}), wrong {wrong} of "
              f"{(same[where] == 0).sum()} ({wrong / (same[where] == 0).sum():.4f}), wrong of served {wrong / max(1, wrong + right):.4f}")

    def thresholds(weight, where):
        score = np.where(served, 99.0, np.where(open_, x @ weight, -99.0))
        table = []
        for rate in RATES:
            # Near-copies, also of another way of asking, and neighbours, as they stand beside a request in the groups. One more wrong answer than was seen: the
            # next one may be.
            must_not = np.sort(score[where & (same == 0) & (kinds != "other group")])[::-1]
            allowed = int(rate * (len(must_not) + 1)) - 1
            lowest = must_not[allowed] + 1e-4 if 0 <= allowed < len(must_not) else 99.0
            table.append((rate, float(min(max(lowest, 0.0), 99.0))))
        return table

    everywhere = np.ones(len(found), bool)
    if chosen.check:
        for half in (0, 1):
            train = open_ & (halves == half)
            weight = fit(x[train], same[train], penalty)
            for rate, threshold in thresholds(weight, halves == half):
                report(f"half {half} at {rate}: threshold {threshold:.2f}", weight, halves != half, threshold)
    weight = fit(x[open_], same[open_], penalty)
    table = thresholds(weight, everywhere)
    for rate, threshold in table:
        report(f"all at {rate}: threshold {threshold:.2f}", weight, everywhere, threshold)
    if chosen.check:
        for name, value in sorted(zip(names, weight), key=lambda p: p[0]):
            if abs(value) > 0.05:
                print(f"  {name} {value:+.2f}")
        return
    model = pair.model
    for near in ("near", "far"):
        model["weights"][near] = {name.split(":")[1]: round(float(value), 4) for name, value in zip(names, weight) if name.startswith(near + ":") and abs(value) > 1e-3}
    model["thresholds"] = [[rate, round(threshold, 4)] for rate, threshold in table if threshold < 99]
    (chosen.package / "model.json").write_text(json.dumps(model, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
