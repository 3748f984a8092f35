"""The ways to answer that are put side by side: what ranking and the bank are worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from emotibot_models.bank import load_bank
from emotibot_models.composer import Composer
from emotibot_models.pipeline import Pipeline
from emotibot_models.presets import PRESETS
from emotibot_models.relevance import RelevanceModel
from emotibot_models.responder import Responder
from emotibot_models.types import Candidate, ReplySource, TurnInput, TurnResult
from emotibot_models.worth import Worth
from training.response.examples import Example
from training.response.judges import Judges

BATCH = 16
SEED = 7


class Silence:
    """In a generator's place where the bank shall answer alone."""

    def generate(self, prompts: list[str], **_: Any) -> list[list[Candidate]]:
        """No reply to any prompt."""
        return [[] for _ in prompts]


@dataclass(frozen=True)
class Parts:
    """The models that answer; relevance and judges are the starter's."""

    responder: Responder
    relevance: RelevanceModel
    judges: Judges
    face: Any

    def ranked(self) -> Pipeline:
        """The pipeline without the bank: the best of the generated replies, or a fallback."""
        return self._pipeline(self.responder, sentences=False)

    def bank_only(self) -> Pipeline:
        """The pipeline without the generator."""
        return self._pipeline(Silence(), sentences=True)

    def whole(self) -> Pipeline:
        """The pipeline as it serves, but that it generates for every message."""
        return self._pipeline(self.responder, sentences=True)

    def _pipeline(self, responder: Any, *, sentences: bool) -> Pipeline:
        bank = load_bank()
        composer = Composer(
            responder=responder,
            relevance=self.relevance,
            toxicity=self.judges.toxicity,
            bank=bank if sentences else replace(bank, topics=()),
            worth=Worth.load(PRESETS["starter"].ranking),
        )
        return Pipeline(
            text=self.judges.text,
            face=self.face,
            toxicity=self.judges.toxicity,
            composer=composer,
        )


def answers(pipeline: Pipeline, examples: Sequence[Example]) -> list[TurnResult]:
    """What the pipeline answers to each example, in batches of 16, seeded."""
    turns = [TurnInput(text=e.text, history=tuple(e.history), seed=SEED) for e in examples]
    results: list[TurnResult] = []
    for start in range(0, len(turns), BATCH):
        results += pipeline.run(turns[start : start + BATCH])
    return results


def sources(results: Sequence[TurnResult]) -> dict[str, float]:
    """Whose words were sent, as shares, and how often nothing safe was found."""
    counts = Counter(result.reply_source for result in results)
    shares = {source.value: counts[source] / max(1, len(results)) for source in ReplySource}
    return shares | {"unsafe": sum(not r.is_safe for r in results) / max(1, len(results))}


def written(results: Sequence[TurnResult]) -> set[str]:
    """The replies whose words are ours."""
    return {r.response for r in results if r.reply_source is not ReplySource.GENERATED}
