"""Pairs of a context and the reply a person gave to it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from emotibot_models.types import Line
from training.response.sources import detokenised
from training.runs.dailydialog import read_daily
from training.runs.empathetic import read_empathetic
from training.runs.lines import read_records

EMPATHETIC_COLUMNS = ("conv_id", "actor", "utterance")


@dataclass(frozen=True, slots=True)
class Pair:
    """What was said, oldest turn first, and the reply to the last turn."""

    turns: tuple[str, ...]
    reply: str

    @property
    def text(self) -> str:
        """The message that is answered."""
        return self.turns[-1]

    @property
    def history(self) -> tuple[Line, ...]:
        """What was said before it; the speakers alternate, so the last of it is the bot's."""
        before = reversed(self.turns[:-1])
        lines = [Line("person" if n % 2 else "bot", text) for n, text in enumerate(before)]
        return tuple(reversed(lines))


def empathetic_pairs(data: Path, split: str, *, turns: int) -> list[Pair]:
    """The listener's replies of EmpatheticDialogues (Rashkin et al., 2019), in file order.

    Raises:
        DataError: the file is missing or lacks a column.
    """
    table = read_empathetic(data, split, EMPATHETIC_COLUMNS)
    pairs: list[Pair] = []
    for _, talk in table.groupby("conv_id", sort=False):
        lines = list(zip(talk["actor"], talk["utterance"], strict=True))
        pairs += _pairs(lines, replier="listener", turns=turns)
    return pairs


def daily_pairs(data: Path, split: str, *, turns: int) -> list[Pair]:
    """Every reply of DailyDialog (Li et al., 2017), its tokenised text put back together.

    Raises:
        DataError: no form of it is there, or a file is not as it should be.
    """
    pairs: list[Pair] = []
    for dialogue in read_daily(data, split, copies=True):
        lines = [("", detokenised(text)) for text in dialogue.turns]
        pairs += _pairs(lines, replier="", turns=turns)
    return pairs


def support_pairs(data: Path, *, turns: int) -> list[Pair]:
    """The supporter's replies of ESConv (Liu et al., 2021).

    Raises:
        DataError: the file is missing or a line lacks ``dialog``.
    """
    pairs: list[Pair] = []
    for row in read_records(data / "esconv" / "train.jsonl.gz", ("dialog",)):
        lines = [(turn["speaker"], turn["text"]) for turn in row["dialog"]]
        pairs += _pairs(lines, replier="sys", turns=turns)
    return pairs


def open_pairs(data: Path, folder: str, file: str, *, turns: int) -> list[Pair]:
    """Every reply of one of the ``turns`` files under ``dialogue_extra``.

    Raises:
        DataError: the file is missing or a line lacks ``turns``.
    """
    pairs: list[Pair] = []
    for row in read_records(data / "dialogue_extra" / folder / file, ("turns",)):
        lines = [("", turn["text"]) for turn in row["turns"]]
        pairs += _pairs(lines, replier="", turns=turns)
    return pairs


def sample(pairs: list[Pair], share: float, *, seed: int) -> list[Pair]:
    """That share of the pairs, chosen by the seed, in their old order."""
    rng = random.Random(seed)  # noqa: S311 - a choice of examples, no secret
    chosen = sorted(rng.sample(range(len(pairs)), round(share * len(pairs))))
    return [pairs[i] for i in chosen]


def without_texts_of(pairs: list[Pair], held_out: list[Pair]) -> list[Pair]:
    """The pairs whose context and reply do not occur together in the held-out ones."""
    seen = {_key(pair) for pair in held_out}
    return [pair for pair in pairs if _key(pair) not in seen]


def _key(pair: Pair) -> tuple[str, str]:
    return " ".join(pair.turns[-1].lower().split()), " ".join(pair.reply.lower().split())


def _pairs(lines: list[tuple[str, str]], *, replier: str, turns: int) -> Iterator[Pair]:
    """One pair for each line of ``replier`` that answers somebody; its own earlier lines count."""
    texts = [" ".join(text.split()) for _, text in lines]
    for i, (speaker, _) in enumerate(lines):
        answers = i > 0 and (not replier or lines[i - 1][0] != replier)
        if answers and speaker == replier and texts[i] and texts[i - 1]:
            yield Pair(tuple(texts[max(0, i - turns) : i]), texts[i])
