"""What a choice costs: milliseconds of an answer by the number of replies generated for it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Final

from bot.bench.messages import MESSAGES
from bot.bench.plot import Panel, Spread
from bot.bench.report import Report, describe_machine
from emotibot_models.pipeline import Pipeline
from emotibot_models.types import TurnInput

NUMBERS: Final = (2, 4, 8, 12, 16, 24)


def measure(*, rounds: int = 5, numbers: Sequence[int] = NUMBERS) -> Report:
    """Answer the same messages one by one with each number in turn, round after round."""
    sides = {n: Pipeline.load("starter", "cpu", candidates=n, sparing=False) for n in numbers}
    for pipeline in sides.values():
        _median_ms(pipeline)  # warm
    found: dict[int, list[float]] = {n: [] for n in numbers}
    for _ in range(rounds):
        for n, pipeline in sides.items():
            found[n].append(_median_ms(pipeline))
    spreads = {n: Spread.of(medians) for n, medians in found.items()}
    return Report(
        name="candidates",
        title="Milliseconds an answer by sampled replies",
        setup={"preset": "starter", "sparing": False, "rounds": rounds, "messages": len(MESSAGES)},
        figures={"p50_ms": {str(n): spread.median for n, spread in spreads.items()}},
        rows=[{"sampled": n, "p50, ms": str(spread)} for n, spread in spreads.items()],
        panels=[
            Panel(
                title="One caller",
                x="sampled replies",
                y="p50, ms",
                series={"ours": list(spreads.items())},
            )
        ],
        machine=describe_machine(),
    )


def _median_ms(pipeline: Pipeline) -> float:
    took = []
    for text in MESSAGES:
        began = time.perf_counter()
        pipeline.run([TurnInput(text=text)])
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)
