"""What the whole pipeline answers with these weights: where its words come from, and how fast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from emotibot_models.pipeline import Pipeline
from emotibot_models.types import ReplySource, TurnInput
from training.response.examples import Example
from training.response.variety import variety

BATCH = 16


def answers(
    source: str | Path, examples: Sequence[Example], device: str = "auto"
) -> dict[str, float]:
    """The share of each reply source, of unsafe replies, the variety, and seconds a turn.

    All parts but the generator are the starter's. Turns are run in batches of 16, seeded.

    Raises:
        ArtifactError: the weights cannot be used.
    """
    pipeline = Pipeline.load("starter", device, response=str(source))
    turns = [TurnInput(text=e.text, history=tuple(e.history), seed=7) for e in examples]
    results = []
    seconds = 0.0
    for start in range(0, len(turns), BATCH):
        done = pipeline.run(turns[start : start + BATCH])
        seconds += done[0].seconds
        results += done
    sources = Counter(result.reply_source for result in results)
    return {
        **{source.value: sources[source] / len(results) for source in ReplySource},
        "unsafe": sum(not result.is_safe for result in results) / len(results),
        "seconds_a_turn": seconds / len(results),
        **variety([result.response for result in results]),
    }
