"""Our own sentences as replies to learn: what the bank would say to the messages of the data.

A topic opens by its cues alone. A generator that has seen its sentences under many messages can
say the like where no cue was foreseen.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from typing import Final

from emotibot_models.bank import Bank, Fitting
from emotibot_models.persona import has_own_life
from emotibot_models.topics import OPEN
from training.response.examples import Example

SOURCE: Final = "written"
A_MESSAGE: Final = 4
"""Sentences that are taken to one message."""
MOST_OFTEN: Final = 60
"""Messages that one sentence is taken to."""
WORTH: Final = 25
"""Uses by which a sentence may be ahead of another that is closer by 1."""


def written(examples: Iterable[Example], bank: Bank, *, seed: int) -> list[Example]:
    """What the bank says to messages that open its topics, with the intents it says it with.

    The closest sentences come first, and of those as close the least used.
    """
    dice = random.Random(seed)  # noqa: S311 - an order, no secret
    used: Counter[str] = Counter()
    out = []
    for example in {(e.text, e.history): e for e in examples}.values():
        fitting = _opened(example, bank, used)
        dice.shuffle(fitting)
        fitting.sort(key=lambda one: used[one.sentence.text] - WORTH * one.closeness)
        for one in fitting[:A_MESSAGE]:
            used[one.sentence.text] += 1
            out.append(_said(example, one))
    return out


def _opened(example: Example, bank: Bank, used: Counter[str]) -> list[Fitting]:
    return [
        one
        for one in bank.fitting(example.emotion, bank.situation(example.text, example.history))
        if one.closeness >= OPEN
        and used[one.sentence.text] < MOST_OFTEN
        and not has_own_life(one.candidate.text)
    ]


def _said(example: Example, fitting: Fitting) -> Example:
    return Example(
        text=example.text,
        history=example.history,
        reply=fitting.candidate.text,
        source=SOURCE,
        emotion=example.emotion,
        intent=fitting.sentence.intent,
    )
