"""The shortlist: those few of the bank's sentences that are looked at closely for a message."""

from __future__ import annotations

import random
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from emotibot_models.bank import Fitting
from emotibot_models.emotion_groups import GROUP_OF, EmotionGroup
from emotibot_models.topics import Topic
from emotibot_models.types import NEUTRAL

PULL: Final = 0.5
"""What the fit of the emotion counts for beside the closeness."""
NEGATIVE: Final = frozenset({EmotionGroup.LOW, EmotionGroup.ANGER, EmotionGroup.FEAR})


@dataclass(frozen=True, slots=True)
class Promising:
    """A sentence that may be said now, with how well it suits the emotion."""

    fitting: Fitting
    suits: float
    """Whether it was written for such an emotion, 0 to 1."""

    @property
    def promise(self) -> float:
        """By which the few are chosen."""
        return self.fitting.closeness + PULL * self.suits


def shortlist(
    fitting: Iterable[Fitting], emotion: str, *, most: int, seed: int | None = None
) -> list[Promising]:
    """The most promising sentences for an emotion, best first; among equals the dice decide."""
    found = [Promising(one, suits(one.topic, emotion)) for one in fitting]
    random.Random(seed).shuffle(found)  # noqa: S311 - no secret
    return sorted(found, key=lambda one: one.promise, reverse=True)[:most]


def suits(topic: Topic, emotion: str) -> float:
    """How well a topic's own emotions go with the one that was read, 0 to 1.

    Under ``NEUTRAL`` nothing is known about the feeling, so every situation may be the one.
    """
    if emotion == NEUTRAL or emotion in topic.emotions:
        return 1.0
    groups = {GROUP_OF[own] for own in topic.emotions}
    group = GROUP_OF[emotion]
    if group in groups:
        return 0.75
    return 0.0 if _opposed(group, groups) else 0.5


def _opposed(group: EmotionGroup, groups: AbstractSet[EmotionGroup]) -> bool:
    """Whether one side is glad and the other only in trouble."""
    if group is EmotionGroup.POSITIVE:
        return groups <= NEGATIVE
    return group in NEGATIVE and groups == {EmotionGroup.POSITIVE}
