"""Replies that were read and rated from 0 to 3, with the messages they answer.

``ratings.jsonl`` holds our own candidates and their ratings; the messages stay in the data sets
and are found by their place there. One reader, a language model and no person, rated them without
knowing where a reply came from:
0 nonsense, harm or another subject; 1 weak or generic; 2 fits message and emotion; 3 excellent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from emotibot_models.types import Candidate, Intent, Line, ReplySource
from training.relevance.data import Pair, daily_pairs, empathetic_pairs
from training.runs.errors import DataError

RATINGS = Path(__file__).with_name("ratings.jsonl")
TURNS = 4
READERS = {"empathetic_dialogues": empathetic_pairs, "dailydialog": daily_pairs}


@dataclass(frozen=True, slots=True)
class Rated:
    """One message, the candidates for its answer, and a rating for each."""

    text: str
    history: tuple[Line, ...]
    candidates: tuple[Candidate, ...]
    """Without log-likelihoods: a generator gives its own."""
    ratings: tuple[int, ...]
    human: int | None
    """The rating of the reply that a person gave, where it was rated by the same rules."""


def read_ratings(data: Path, path: Path = RATINGS) -> list[Rated]:
    """The rated candidates, each with its message from EmpatheticDialogues or DailyDialog.

    Raises:
        DataError: a data set is missing or is not the one that was rated.
    """
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    sets = {
        (name, split): READERS[name](data, split, turns=TURNS)
        for name, split in {(row["set"], row["split"]) for row in rows}
    }
    return [_rated(row, sets[row["set"], row["split"]]) for row in rows]


def fingerprint(text: str) -> str:
    """What tells that a message is the one that was rated."""
    return sha256(text.encode()).hexdigest()[:12]


def _rated(row: dict[str, Any], pairs: list[Pair]) -> Rated:
    place = row["pair"]
    if place >= len(pairs) or fingerprint(pairs[place].text) != row["message"]:
        raise DataError(
            f"{row['set']}, {row['split']}, does not hold at place {place} the message whose "
            "replies were rated; the data README says which edition is meant."
        )
    return Rated(
        text=pairs[place].text,
        history=pairs[place].history,
        candidates=tuple(
            Candidate(c["text"], ReplySource(c["source"]), Intent(c["intent"]))
            for c in row["candidates"]
        ),
        ratings=tuple(int(c["rating"]) for c in row["candidates"]),
        human=row["human"],
    )
