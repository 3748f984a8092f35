"""The path of a turn as a coroutine: it asks for model work and awaits what comes of it.

So the path is written once, and whoever drives it decides how the work is done: here in rounds,
many turns together; in the service by a queue for each stage. Work begins when it is asked for, so
a path asks as soon as it knows what for, and awaits where it needs the answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeAlias, TypeVar

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


class Ask(Protocol):
    """How a path asks whoever drives it for work."""

    def __call__(self, stage: Stage, *items: Any) -> Awaitable[Sequence[Any]]:
        """Begin the work; what is awaited is one answer an item, in order."""
        ...


Models: TypeAlias = Mapping[Stage, Callable[[list[Any]], Sequence[Any]]]
"""Who does the work of each stage: items in, one answer each out, in order."""


@dataclass(slots=True)
class _Work:
    """What a path asked for in a round, answered at the end of it."""

    stage: Stage
    items: tuple[Any, ...]
    answers: Sequence[Any] | None = None

    def __await__(self) -> Generator[None, None, Sequence[Any]]:
        while self.answers is None:
            yield
        return self.answers


def in_rounds(paths: Sequence[Callable[[Ask], Coroutine[Any, Any, T]]], models: Models) -> list[T]:
    """Drive paths to their ends; what all of them ask for in a round is done stage by stage.

    Raises:
        RuntimeError: a path awaits something else than work that it asked for.
    """
    asked: list[_Work] = []

    def ask(stage: Stage, *items: Any) -> _Work:
        asked.append(_Work(stage, items))
        return asked[-1]

    ends: dict[int, T] = {}
    on_their_way = {i: path(ask) for i, path in enumerate(paths)}
    try:
        while on_their_way:
            for i, path in [*on_their_way.items()]:
                try:
                    path.send(None)
                except StopIteration as end:
                    ends[i] = end.value
                    del on_their_way[i]
            if on_their_way and not asked:
                raise RuntimeError("A path of a turn awaits what nobody was asked for.")
            _answer(asked, models)
            asked.clear()
    finally:
        for path in on_their_way.values():
            path.close()
    return [ends[i] for i in range(len(paths))]


def _answer(asked: Sequence[_Work], models: Models) -> None:
    """Do all work that was asked for, each stage once."""
    for stage in Stage:
        works = [work for work in asked if work.stage is stage]
        items = [item for work in works for item in work.items]
        answers = iter(models[stage](items) if items else ())
        for work in works:
            work.answers = [next(answers) for _ in work.items]
