"""Pairs for the pair model, drawn from the hand-written request groups in `training/data/`.

A pair is two prompts and whether one answer serves both. Context is not part of a pair: the rules of the guard compare it."""

import json
import pathlib
import random
import re
import zlib

DATA = pathlib.Path(__file__).parent.parent / "data"
LONG = 420  # characters; longer requests are templates, which the rules decide alone


def groups(held: bool) -> list[dict]:
    """The groups to learn from, or the sixth that is held back to choose a checkpoint and thresholds."""
    found = []
    for path in sorted(DATA.glob("*groups*.jsonl")):
        for number, line in enumerate(path.read_text().splitlines()):
            if not line.strip():
                continue
            try:
                group = json.loads(line)
            except ValueError:
                continue
            is_held = number % 6 == 0
            if is_held == held and len(group["requests"][0]["prompt"]) < LONG:
                found.append(group)
    return found


def of(group: dict, near: dict) -> dict:
    """The request a near-copy was made from."""
    return next((r for r in group["requests"] if r["id"] == near.get("of")), group["requests"][0])


def by_context_alone(group: dict, near: dict) -> bool:
    source = of(group, near)
    return near["prompt"].strip() == source["prompt"].strip() or near.get("context", source.get("context")) != source.get("context")


def copies(held: bool) -> list[dict]:
    """Near-copies written by hand: a request (`seed`), three that ask the `same` in nearly its words, two that `differ`."""
    found = []
    for path in sorted(DATA.glob("near-copies*.jsonl")):
        for line in path.read_text().splitlines():
            if line.strip():
                one = json.loads(line)
                if (zlib.crc32(one["seed"].encode()) % 6 == 0) == held:
                    found.append(one)
    return found


NUMBER = re.compile(r"(?<![\w.#])\d+(?:\.\d+)?(?![\w.]*\d)")
ANTONYMS = [("before", "after"), ("above", "below"), ("boost", "cut"), ("louder", "quieter"), ("left", "right"), ("up", "down"),
            ("first", "last"), ("major", "minor"), ("faster", "slower"), ("wider", "narrower"), ("more", "less"), ("higher", "lower"),
            ("increase", "decrease"), ("with", "without"), ("start", "end"), ("attack", "release"), ("verse", "chorus"), ("mute", "unmute"),
            ("kick", "snare"), ("vocal", "guitar"), ("bass", "drums"), ("all", "only"), ("low", "high"), ("raise", "lower"), ("input", "output")]
OPPOSITE = {a: b for pair in ANTONYMS for a, b in (pair, pair[::-1])}


def altered(prompt: str, rng: random.Random) -> str | None:
    """The prompt with one number or one opposite exchanged: another question in the same words."""
    spots = [(m.start(), m.end(), "n") for m in NUMBER.finditer(prompt)]
    spots += [(m.start(), m.end(), "w") for m in re.finditer(r"[A-Za-z]+", prompt) if m.group().lower() in OPPOSITE]
    if not spots:
        return None
    start, end, kind = rng.choice(spots)
    old = prompt[start:end]
    if kind == "w":
        new = OPPOSITE[old.lower()]
        new = new.capitalize() if old[0].isupper() else new
    elif "." in old:
        new = f"{float(old) * rng.choice([.5, 2, 10, .1]) + rng.choice([0, 1]):g}"
    else:
        value = int(old)
        new = str(rng.choice([value + 1, value * 2, value + 10, max(0, value - 1), int(old[::-1]), value + rng.randint(2, 30)]))
    return None if new == old else prompt[:start] + new + prompt[end:]


POLITE = ["please {}", "{} please", "hey, {}", "{} thanks", "could you tell me: {}", "quick question: {}", "ok so {}", "{} thx", "{}?", "so {}"]


ROWS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
BESIDE = {c: row[max(0, i - 1):i] + row[i + 1:i + 2] for row in ROWS for i, c in enumerate(row)}


def mistyped(word: str, rng: random.Random) -> str:
    """The word with two letters exchanged, one left out, doubled, or hit beside. The first letter stays."""
    k = rng.randrange(1, len(word) - 1)
    return rng.choice([
        word[:k] + word[k + 1] + word[k] + word[k + 2:],
        word[:k] + word[k + 1:],
        word[:k] + word[k] + word[k:],
        word[:k] + rng.choice(BESIDE.get(word[k], word[k]) or word[k]) + word[k + 1:],
    ])


def roughened(prompt: str, rng: random.Random, typos: float = .5) -> str:
    """The prompt as another hand would type it: case, punctuation, politeness, a few typos. Still the same question."""
    if rng.random() < .3:
        prompt = rng.choice(POLITE).format(prompt)
    if rng.random() < .3:
        prompt = prompt.rstrip("?.! ")
    if rng.random() < .15:
        prompt = prompt.replace("'", "")
    if rng.random() < typos:
        words = prompt.split(" ")
        for i in rng.sample(range(len(words)), min(len(words), rng.choice([1, 1, 2, 3]))):
            if len(words[i]) > 4 and words[i].isalpha() and words[i].islower():
                words[i] = mistyped(words[i], rng)
        prompt = " ".join(words)
    return prompt


class Pairs:
    """Draws pairs. `neighbours` gives prompts of other groups that look alike."""

    def __init__(self, found: list[dict], seed: int, neighbours: dict[str, list[str]] | None = None, near: list[dict] | None = None):
        self.groups, self.rng, self.neighbours, self.copies = found, random.Random(seed), neighbours or {}, near or []

    def draw(self) -> tuple[str, str, float]:
        if self.copies and self.rng.random() < .42:
            return self.near_copy()
        return self.of_a_group()

    def near_copy(self) -> tuple[str, str, float]:
        """Two requests in nearly the same words. In the groups such pairs nearly always differ; here most do not."""
        rng = self.rng
        one = rng.choice(self.copies)
        if rng.random() < .6:
            a, b = rng.sample([one["seed"], one["seed"], *one["same"]], 2)
            same = 1.0
        else:
            a, b, same = rng.choice(one["differ"]), rng.choice([one["seed"], one["seed"], *one["same"]]), 0.0
        if rng.random() < (.4 if a != b else .9):
            b = roughened(b, rng, .7)
        return (a, b, same) if rng.random() < .5 else (b, a, same)

    def of_a_group(self) -> tuple[str, str, float]:
        rng = self.rng
        group = rng.choice(self.groups)
        requests = group["requests"]
        kind = rng.random()
        same = 0.0
        if kind < .44:
            a, b = (r["prompt"] for r in rng.sample(requests, 2))
            same = 1.0
            if rng.random() < .12:
                b = a
            if rng.random() < .25:
                b = roughened(b, rng)
            elif rng.random() < .18:
                b_altered = altered(b, rng)
                if b_altered:
                    b, same = b_altered, 0.0
        elif kind < .76:
            near = rng.choice(group["near"])
            if by_context_alone(group, near):
                return self.of_a_group()
            other = of(group, near) if rng.random() < .5 else rng.choice(requests)
            a, b = near["prompt"], other["prompt"]
            if rng.random() < .2:
                a = roughened(a, rng)
        elif kind < .88 and group["other"]:
            a, b = rng.choice(group["other"])["prompt"], rng.choice(requests)["prompt"]
        else:
            a = rng.choice(requests)["prompt"]
            close = self.neighbours.get(group["group"])
            if close and rng.random() < .8:
                b = rng.choice(close)
            else:
                other = rng.choice(self.groups)
                b = rng.choice(other["requests"])["prompt"]
                if other is group:
                    return self.of_a_group()
        if rng.random() < .5:
            a, b = b, a
        if rng.random() < .12:
            a, b = a.lower(), b.lower()
        return a, b, same


def judged(found: list[dict]) -> list[tuple[str, str, int, str]]:
    """Every pair of the groups that a cache would meet: the first request stored, everything else asked."""
    pairs = []
    for group in found:
        first = group["requests"][0]["prompt"]
        pairs += [(first, r["prompt"], 1, "request") for r in group["requests"][1:]]
        for near in group["near"]:
            if not by_context_alone(group, near):
                pairs.append((of(group, near)["prompt"], near["prompt"], 0, "near"))
                if of(group, near) is not group["requests"][0]:
                    pairs.append((first, near["prompt"], 0, "near"))
        pairs += [(first, other["prompt"], 0, "other") for other in group["other"]]
    return pairs


def judged_copies(found: list[dict]) -> list[tuple[str, str, int, str]]:
    """The seed of each stored, everything else asked."""
    pairs = []
    for one in found:
        pairs += [(one["seed"], prompt, 1, "near") for prompt in one["same"]]
        pairs += [(one["seed"], prompt, 0, "near") for prompt in one["differ"]]
    return pairs
