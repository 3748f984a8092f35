"""A blind reading: the bot's reply and a person's under one message, in an order nobody sees.

``draw`` writes a sheet to be judged and a key to be kept from the judge; ``count`` puts both
together. The sheet holds sentences of the data sets and stays with whoever has them.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from emotibot_models.types import TurnInput
from training.relevance.data import Pair, daily_pairs, empathetic_pairs
from training.response.conversations import Answers
from training.runs.errors import DataError

SEED: Final = 20261204
EACH: Final = 50
"""Messages of each of the two data sets."""
TURNS: Final = 3
SHEET, KEY, VERDICTS = "sheet.jsonl", "key.jsonl", "verdicts.jsonl"
RUBRIC_FILE: Final = "rubric.txt"
TIE: Final = "tie"
RUBRIC: Final = """\
Two replies, A and B, answer the last line of the context. Which would you rather get?
Weigh, in this order: does it fit this message (nothing taken for granted that was not said, no
other subject); does it meet the feeling; does it read naturally; is it kind. Length is no merit.
Answer "A" or "B", or "tie" where you would be as glad of either. A reply that contradicts the
context or speaks of something else loses against any that does not.
Write a line a pair into verdicts.jsonl beside this file: {"number": 1, "better": "A"}.
"""
_CONFIDENT: Final = 1.96
"""Standard deviations on either side that hold 95 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How often the bot's reply was preferred, and how surely."""

    won: int
    tied: int
    lost: int
    at_least: float
    """Lower end of the 95 % interval of the share won or tied (Wilson, 1927)."""
    at_most: float

    @property
    def share(self) -> float:
        """Won or tied."""
        return (self.won + self.tied) / (self.won + self.tied + self.lost)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {**asdict(self), "share": self.share}


def draw(data: Path, pipeline: Answers, out: Path) -> None:
    """Write the sheet, the key and the rubric into a folder, by a fixed seed.

    Raises:
        DataError: the folder holds no EmpatheticDialogues or DailyDialog.
    """
    rng = random.Random(SEED)  # noqa: S311 - no secret
    chosen = [
        (name, pair)
        for name, pairs in _sets(data).items()
        for pair in rng.sample(pairs, min(EACH, len(pairs)))
    ]
    turns = [TurnInput(text=pair.text, history=pair.history, seed=SEED) for _, pair in chosen]
    replies = [result.response for result in pipeline.run(turns)]
    sheet, key = [], []
    for number, ((name, pair), reply) in enumerate(zip(chosen, replies, strict=True), 1):
        bot = rng.choice("AB")
        shown = {bot: reply, "A" if bot == "B" else "B": pair.reply}
        sheet.append(
            {"number": number, "context": list(pair.turns), "A": shown["A"], "B": shown["B"]}
        )
        key.append({"number": number, "set": name, "bot": bot, "reply": reply})
    out.mkdir(parents=True, exist_ok=True)
    _write(out / SHEET, sheet)
    _write(out / KEY, key)
    (out / RUBRIC_FILE).write_text(RUBRIC, "utf-8")


def count(out: Path) -> Result:
    """The verdicts that lie beside the sheet, counted for the bot.

    Raises:
        DataError: the key or the verdicts are missing, or a number has no verdict that counts.
    """
    verdicts = {row["number"]: row["better"] for row in _read(out / VERDICTS)}
    tally: Counter[str] = Counter()
    for row in _read(out / KEY):
        better = verdicts.get(row["number"])
        if better not in ("A", "B", TIE):
            raise DataError(f"{out / VERDICTS}: number {row['number']} is judged {better!r}.")
        tally[TIE if better == TIE else "won" if better == row["bot"] else "lost"] += 1
    low, high = interval(tally["won"] + tally[TIE], tally.total())
    return Result(won=tally["won"], tied=tally[TIE], lost=tally["lost"], at_least=low, at_most=high)


def interval(hits: int, of: int) -> tuple[float, float]:
    """Where a share lies with 95 % confidence (Wilson's score interval)."""
    z = _CONFIDENT**2 / of
    middle = (hits / of + z / 2) / (1 + z)
    reach = math.sqrt(hits / of * (1 - hits / of) * z + z * z / 4) / (1 + z)
    return middle - reach, middle + reach


def _sets(data: Path) -> Mapping[str, list[Pair]]:
    return {
        "empathetic_dialogues": empathetic_pairs(data, "test", turns=TURNS),
        "dailydialog": daily_pairs(data, "test", turns=TURNS),
    }


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    except FileNotFoundError as exc:
        raise DataError(
            f"{path} is missing; `emotibot evaluate blind --out` draws a sheet."
        ) from exc
