"""The bank within reach: its sentences embedded once, and those nearest to a context found."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from emotibot_models.bank import Bank, BankSentence
from emotibot_models.emotion_groups import GROUP_OF, EmotionGroup
from emotibot_models.relevance import RelevanceModel
from emotibot_models.types import NEUTRAL, Candidate, Emotion

PULL: Final = 0.3
"""What the fit of the emotion counts for beside a cosine, before the ranking proper."""
NEGATIVE: Final = frozenset({EmotionGroup.LOW, EmotionGroup.ANGER, EmotionGroup.FEAR})


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence of the bank with how well it suits the turn."""

    candidate: Candidate
    relevance: float
    """As ``RelevanceModel.compare`` gives it."""
    fit: float
    """Whether it was written for such an emotion, 0 to 1."""


class Shelf:
    """All sentences of the bank, to be searched by context and emotion.

    The emotion is a hint and no border: where it was misread, a sentence for the very situation
    still comes up.
    """

    def __init__(self, bank: Bank, relevance: RelevanceModel) -> None:
        self._relevance = relevance
        self._candidates = [sentence.candidate for sentence in bank.sentences]
        self._vectors = relevance.embed_replies([c.text for c in self._candidates])  # (N, H)
        self._fits = {
            emotion: torch.tensor([suits(sentence, emotion) for sentence in bank.sentences])
            for emotion in (*map(str, Emotion), NEUTRAL)
        }

    def nearest(self, context: Tensor, emotion: str, *, most: int) -> list[Found]:
        """The sentences that best suit an embedded context (H,) and an emotion, best first."""
        related = self._relevance.compare(context.unsqueeze(0), self._vectors)[0]  # (N,)
        fits = self._fits[emotion]
        best = (related + PULL * fits).topk(min(most, len(fits))).indices.tolist()
        return [Found(self._candidates[n], float(related[n]), float(fits[n])) for n in best]


def suits(sentence: BankSentence, emotion: str) -> float:
    """How well a sentence's own emotions go with the one that was read, 0 to 1.

    Under ``NEUTRAL`` nothing is known about the feeling, so every situation may be the one.
    """
    if emotion == NEUTRAL or emotion in sentence.emotions:
        return 1.0
    groups = {GROUP_OF[own] for own in sentence.emotions}
    group = GROUP_OF[emotion]
    if group in groups:
        return 0.75
    return 0.0 if _opposed(group, groups) else 0.5


def _opposed(group: EmotionGroup, groups: AbstractSet[EmotionGroup]) -> bool:
    """Whether one side is glad and the other only in trouble."""
    if group is EmotionGroup.POSITIVE:
        return groups <= NEGATIVE
    return group in NEGATIVE and groups == {EmotionGroup.POSITIVE}
