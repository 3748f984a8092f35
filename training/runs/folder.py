"""The folder of a run: arguments, metrics line by line, and checkpoints never half written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from training.runs.args import RunArgs

CHECKPOINT = "checkpoint.pt"
COPIES = "copies.json"
BEST = "best.pt"


class RunFolder:
    """Where one run keeps what it makes."""

    def __init__(self, args: RunArgs) -> None:
        self.path: Path = args.out
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / "args.json").write_text(args.to_json(), "utf-8")

    def log(self, **metrics: Any) -> None:
        """Append one line to ``metrics.jsonl``."""
        with (self.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(metrics) + "\n")

    def tell_copies(self, found: Mapping[str, int]) -> None:
        """Write down what stands in more than one split, and tell whoever trains.

        ``found`` counts by what it is and what became of it: "texts of test in train, left out".
        """
        (self.path / COPIES).write_text(json.dumps(found, indent=2) + "\n", "utf-8")
        for what, count in found.items():
            Console(stderr=True).print(f"Copies: {count:,} {what}.", highlight=False)

    def save(self, name: str, state: Mapping[str, Any]) -> None:
        """Write a checkpoint whole or not at all: a kill at any moment leaves a good one."""
        partial = self.path / f"{name}.partial"
        torch.save(dict(state), partial)
        partial.replace(self.path / name)

    def load(self, name: str) -> dict[str, Any] | None:
        """The checkpoint of that name, or None where the run has none yet."""
        path = self.path / name
        if not path.exists():
            return None
        # Our own file, tensors and plain values only.
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        return state
