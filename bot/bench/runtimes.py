"""What computes an encoder fastest, and how far its scores move: the winner and those that lost.

The text-emotion model of the starter reads the bank's sentences. Torch in float32 is the reference.
Times are processor time on one thread, so that other work on the machine disturbs them little.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from bot.bench.messages import MESSAGES
from bot.bench.plot import Panel, Spread
from bot.bench.report import Cell, Report
from emotibot_models.artifacts import open_folder
from emotibot_models.bank import load_bank
from emotibot_models.ctranslate import KINDS, Converted, Runtime
from emotibot_models.encoder import MeanPooledEncoder, read_tokenizer
from emotibot_models.presets import resolve
from emotibot_models.text_emotion import LABELS, TextEmotionModel, build_network

MOST: Final = 1000
BATCHES: Final = (1, 4, 16, 64)
REFERENCE: Final = "torch float32"
Change = Callable[[MeanPooledEncoder], object]
"""What makes the reference into a variant, in place."""


def _converted(runtime: Runtime) -> Change:
    def change(encoder: MeanPooledEncoder) -> None:
        encoder.body = Converted(encoder.body, KINDS[runtime])

    return change


def _compiled(encoder: MeanPooledEncoder) -> None:
    encoder.body = torch.compile(encoder.body, dynamic=True)  # type: ignore[assignment]


VARIANTS: Final[Mapping[str, Change]] = {
    REFERENCE: lambda encoder: encoder,
    "torch bfloat16": lambda encoder: encoder.bfloat16(),
    "CTranslate2 float32": _converted(Runtime.EXACT),
    "CTranslate2 int8": _converted(Runtime.INT8),
}
COMPILED: Final = "torch.compile float32"
"""Measured on request: it compiles for a minute."""


def measure(*, rounds: int = 5, compiled: bool = False) -> Report:
    """Every variant over the same sentences, in turn, round after round."""
    changes = {**VARIANTS, **({COMPILED: _compiled} if compiled else {})}
    texts = sentences()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        models = {name: _model(change) for name, change in changes.items()}
        tokens = _tokens(texts)
        scores = {name: model.scores(texts) for name, model in models.items()}  # warms up, too
        times = _times(models, texts, rounds)
    finally:
        torch.set_num_threads(threads)
    costs = {
        name: {
            batch: Spread.of([1e6 * seconds / tokens[batch] for seconds in took])
            for batch, took in own.items()
        }
        for name, own in times.items()
    }
    return Report(
        name="runtimes",
        title="Emotion in words on one thread: microseconds of processor time a token",
        setup={"rounds": rounds, "texts": len(texts), "batches": list(BATCHES)},
        figures={
            "us_a_token": {
                name: {batch: cost.median for batch, cost in own.items()}
                for name, own in costs.items()
            }
        },
        rows=[_row(name, own, scores[name], scores[REFERENCE]) for name, own in costs.items()],
        panels=[
            Panel(
                title="Emotion in words, one thread",
                x="texts at once",
                y="µs a token",
                series={name: list(own.items()) for name, own in costs.items()},
            )
        ],
    )


def sentences() -> list[str]:
    """A thousand texts: what the benchmark's callers say, and sentences of the bank."""
    written = [sentence.example for sentence in load_bank().sentences]
    return [*MESSAGES, *written[:: max(1, len(written) // MOST)]][:MOST]


def _model(change: Change) -> TextEmotionModel:
    folder = Path(resolve("starter").text)
    manifest = open_folder(folder, task="text-emotion", labels=LABELS)
    network = build_network(folder, manifest).eval()
    change(network.encoder)
    return TextEmotionModel(
        network,
        read_tokenizer(folder),
        thresholds=manifest.thresholds,
        max_length=int(manifest.settings["max_length"]),
        device=torch.device("cpu"),
    )


def _at_once(texts: Sequence[str], batch: int) -> list[list[str]]:
    """The first texts in batches, as many for every size."""
    chosen = list(texts[: 2 * max(BATCHES)])
    return [chosen[start : start + batch] for start in range(0, len(chosen), batch)]


def _tokens(texts: Sequence[str]) -> dict[int, int]:
    """Tokens that each batch size reads, padding left out."""
    tokenizer = read_tokenizer(Path(resolve("starter").text))
    return {
        batch: sum(len(row) for part in _at_once(texts, batch) for row in tokenizer(part).input_ids)
        for batch in BATCHES
    }


def _times(
    models: Mapping[str, TextEmotionModel], texts: Sequence[str], rounds: int
) -> dict[str, dict[int, list[float]]]:
    """Seconds of processor time a round, by variant and batch size."""
    found: dict[str, dict[int, list[float]]] = {n: {b: [] for b in BATCHES} for n in models}
    for _ in range(rounds):
        for batch in BATCHES:
            for name, model in models.items():
                started = time.process_time()
                for part in _at_once(texts, batch):
                    model.scores(part)
                found[name][batch].append(time.process_time() - started)
    return found


def _row(
    name: str, costs: Mapping[int, Spread], scores: Tensor, expected: Tensor
) -> dict[str, Cell]:
    apart = (scores - expected).abs()
    return {
        "runtime": name,
        **{f"{batch} at once": str(cost) for batch, cost in costs.items()},
        "largest difference": float(apart.max()),
        "mean": float(apart.mean()),
        "texts with other labels": _flips(scores, expected),
    }


def _flips(scores: Tensor, expected: Tensor) -> int:
    """Texts of which some label lies on the other side of its threshold."""
    manifest: Any = open_folder(Path(resolve("starter").text), task="text-emotion", labels=LABELS)
    limits = torch.tensor(manifest.thresholds)
    return int(((scores > limits) != (expected > limits)).any(1).sum())
