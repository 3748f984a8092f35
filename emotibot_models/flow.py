"""The path of a turn as a generator: it asks for model work and is sent what came of it.

So the path is written once, and whoever drives it decides how the work is done: here in rounds,
many turns together; in the service by a queue for each stage.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")


class Stage(StrEnum):
    """A kind of work that is done for many turns at once."""

    TEXT = "text"
    """A text; gives its 27 probabilities in the order of ``Emotion``."""
    PICTURE = "picture"
    """A picture and its mode; gives a face to read, or the reading that says why there is none."""
    FACE = "face"
    """The crop of a face; gives its 7 probabilities in the order of ``FaceEmotion``."""
    REPLY = "reply"
    """A prompt and a seed; gives candidates."""
    RELEVANCE = "relevance"
    """A side and a text; gives its unit vector (H,)."""
    TOXICITY = "toxicity"
    """A text; gives its score a label."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Work for one stage; its items are answered in order."""

    stage: Stage
    items: tuple[Any, ...]


Asks: TypeAlias = tuple[Ask, ...]
"""What may be done at the same time."""
Answers: TypeAlias = tuple[Sequence[Any], ...]
"""One list an ``Ask``, one answer an item."""
Flow: TypeAlias = Generator[Asks, Answers, T]
Models: TypeAlias = Mapping[Stage, Callable[[list[Any]], Sequence[Any]]]
"""Who does the work of each stage: items in, one answer each out, in order."""


def in_rounds(flows: Sequence[Flow[T]], models: Models) -> list[T]:
    """Drive flows to their ends; what all of them ask for at a time is done stage by stage."""
    ends: dict[int, T] = {}
    answers: dict[int, Answers | None] = dict.fromkeys(range(len(flows)))
    while answers:
        asked: dict[int, Asks] = {}
        for i, found in answers.items():
            _advance(flows[i], found, i, asked, ends)
        answers = dict(_round(asked, models))
    return [ends[i] for i in range(len(flows))]


def beside(one: Flow[T], other: Flow[Any]) -> Flow[tuple[T, Any]]:
    """Two flows as one: what they ask for at a time is asked for together."""
    flows = (one, other)
    ends: dict[int, Any] = {}
    answers: dict[int, Answers | None] = {0: None, 1: None}
    while answers:
        asked: dict[int, Asks] = {}
        for i, found in answers.items():
            _advance(flows[i], found, i, asked, ends)
        answers = {}
        if asked:
            got = yield tuple(ask for asks in asked.values() for ask in asks)
            left = iter(got)
            answers = {i: tuple(next(left) for _ in asks) for i, asks in asked.items()}
    return ends[0], ends[1]


def ask_one(stage: Stage, *items: Any) -> Flow[list[Any]]:
    """A flow that asks for this alone."""
    (found,) = yield (Ask(stage, items),)
    return list(found)


def _advance(
    flow: Flow[T], found: Answers | None, i: int, asked: dict[int, Asks], ends: dict[int, T]
) -> None:
    """Send a flow its answers; what it asks for next, or its end, is noted under ``i``."""
    try:
        asked[i] = next(flow) if found is None else flow.send(found)
    except StopIteration as end:
        ends[i] = end.value


def _round(asked: Mapping[int, Asks], models: Models) -> list[tuple[int, Answers]]:
    """Answer everything that is asked for, each stage once."""
    done: dict[Stage, list[Any]] = {}
    for stage in Stage:
        asks = (ask for asks in asked.values() for ask in asks)
        items = [item for ask in asks if ask.stage is stage for item in ask.items]
        done[stage] = list(models[stage](items)) if items else []
    left = {stage: iter(answers) for stage, answers in done.items()}
    return [
        (i, tuple([next(left[ask.stage]) for _ in ask.items] for ask in asks))
        for i, asks in asked.items()
    ]
