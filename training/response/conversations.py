"""Thirty conversations written down beforehand, held with a pipeline and put on paper unedited."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from emotibot_models.types import Line, TurnInput, TurnResult

SCRIPT = Path(__file__).with_name("conversations.toml")
SEED = 7


class Answers(Protocol):
    """What is talked to: ``emotibot_models.Pipeline`` or anything with its ``run``."""

    def run(self, turns: list[TurnInput]) -> list[TurnResult]:
        """One result for each turn, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a person says, turn after turn, whatever they are answered."""

    kind: str
    """What it is about, for the reader."""
    says: tuple[str, ...]


def load(path: Path = SCRIPT) -> list[Conversation]:
    """The conversations of a TOML file, in its order."""
    rows = tomllib.loads(path.read_text("utf-8"))["conversation"]
    return [Conversation(row["kind"], tuple(row["says"])) for row in rows]


def hold(
    pipeline: Answers, conversations: Sequence[Conversation], *, seed: int = SEED
) -> list[list[TurnResult]]:
    """The results of each conversation, turn after turn; every answer knows what went before."""
    told: list[list[TurnResult]] = [[] for _ in conversations]
    for turn in range(max((len(c.says) for c in conversations), default=0)):
        going = [i for i, c in enumerate(conversations) if turn < len(c.says)]
        inputs = [
            TurnInput(text=conversations[i].says[turn], history=_lines(told[i]), seed=seed)
            for i in going
        ]
        for i, result in zip(going, pipeline.run(inputs), strict=True):
            told[i].append(result)
    return told


def as_markdown(
    conversations: Sequence[Conversation],
    told: Sequence[Sequence[TurnResult]],
    *,
    on: date,
    weights: Mapping[str, str],
    revision: str,
) -> str:
    """The conversations as people read them, with how each message was read and answered.

    ``weights`` names each model's folder and fingerprint, ``revision`` the state of the code.
    """
    named = ", ".join(f"{name} `{print_}`" for name, print_ in weights.items())
    head = (
        f"# {len(conversations)} conversations, unedited\n\n"
        f"Made on {on.isoformat()} by `emotibot evaluate conversations` at {revision}, seed "
        f"{SEED}. What the person says was written down before any answer was seen. Behind each "
        "answer: how the message was read, and where the words come from. "
        f"Weights: {named}."
    )
    held = enumerate(zip(conversations, told, strict=True), start=1)
    parts = [head, *(_titled(n, talk.kind, results) for n, (talk, results) in held)]
    return "\n\n".join(parts) + "\n"


def _lines(results: Sequence[TurnResult]) -> tuple[Line, ...]:
    return tuple(
        line
        for result in results
        for line in (Line("person", result.text), Line("bot", result.response))
    )


def _titled(number: int, kind: str, results: Sequence[TurnResult]) -> str:
    spoken = (
        f"- **Person:** {' '.join(result.text.split())}\n"
        f"- **EmotiBot:** {' '.join(result.response.split())} _({_how(result)})_"
        for result in results
    )
    return "\n".join([f"## {number}. {kind.capitalize()}", "", *spoken])


def _how(result: TurnResult) -> str:
    """The emotion that was read and where the words come from, in half a line."""
    source = result.reply_source.value if result.reply_source else "none"
    return f"{result.fused.primary}, {source}"
