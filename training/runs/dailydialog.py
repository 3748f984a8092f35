"""DailyDialog (Li et al., 2017) as one stream of dialogues, from our copy or from the original.

* ``<split>.jsonl.gz``, a dialogue a line, with ``train_overlap`` beside validation and test
* ``<split>/dialogues_<split>.txt`` with ``dialogues_act_<split>.txt`` and
  ``dialogues_emotion_<split>.txt``, as its authors publish it: turns apart by ``__eou__``
* ``dialogues_text.txt`` with ``dialogues_act.txt`` and ``dialogues_emotion.txt``, undivided: every
  tenth dialogue is validation, the one after it test
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from training.runs.errors import DataError
from training.runs.lines import read_records

SPLITS = ("train", "validation", "test")
TURN_END = "__eou__"
LONG_TURN = 20
"""Characters from which on a turn that stands in train is no coincidence."""
COPIED = 0.5
"""From this share of long turns that stand in train, a dialogue of another split is a copy."""
ACTS, EMOTIONS = range(5), range(7)
"""Numbers that the two columns may hold; an act of 0 is one that was not labelled."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Tokenised turns, and of each its act and its emotion by the numbers of the data set."""

    turns: tuple[str, ...]
    acts: tuple[int, ...]
    emotions: tuple[int, ...]


def read_daily(data: Path, split: str, *, copies: bool = False) -> list[Dialogue]:
    """The dialogues of ``train``, ``validation`` or ``test``, without copies of train in others.

    ``data`` is the folder itself or the one around ``dailydialog`` or ``ijcnlp_dailydialog``;
    with ``copies`` the other splits keep what also stands in train.

    Raises:
        DataError: no form is there, or a file is not as it should be.
    """
    for folder in (data / "dailydialog", data / "ijcnlp_dailydialog", data):
        alone = copies or split == "train"
        if (folder / f"{split}.jsonl.gz").is_file():
            return list(_ours(folder / f"{split}.jsonl.gz", copies=alone))
        if (folder / split / f"dialogues_{split}.txt").is_file():
            found = _original(folder / split, f"_{split}")
            return found if alone else without_copies(found, _original(folder / "train", "_train"))
        if (folder / "dialogues_text.txt").is_file():
            parts = _divided(_original(folder, ""))
            return parts[split] if alone else without_copies(parts[split], parts["train"])
    raise DataError(
        f"{data} has no DailyDialog: dailydialog/{split}.jsonl.gz is missing, and so are "
        f"{split}/dialogues_{split}.txt and dialogues_text.txt; see the README of the data folder."
    )


def without_copies(dialogues: list[Dialogue], train: Sequence[Dialogue]) -> list[Dialogue]:
    """Those of which less than half of the long turns stand in ``train``."""
    known = {turn for dialogue in train for turn in dialogue.turns}

    def overlap(dialogue: Dialogue) -> float:
        long = [turn for turn in dialogue.turns if len(turn) >= LONG_TURN]
        return sum(turn in known for turn in long) / max(1, len(long))

    return [dialogue for dialogue in dialogues if overlap(dialogue) < COPIED]


def _ours(path: Path, *, copies: bool) -> Iterator[Dialogue]:
    for record in read_records(path, ("dialog", "act", "emotion")):
        if copies or record.get("train_overlap", 0.0) < COPIED:
            yield Dialogue(tuple(record["dialog"]), tuple(record["act"]), tuple(record["emotion"]))


def _divided(whole: list[Dialogue]) -> dict[str, list[Dialogue]]:
    place = {0: "validation", 1: "test"}
    parts: dict[str, list[Dialogue]] = {split: [] for split in SPLITS}
    for number, dialogue in enumerate(whole):
        parts[place.get(number % 10, "train")].append(dialogue)
    return parts


def _original(folder: Path, ending: str) -> list[Dialogue]:
    words = folder / (f"dialogues{ending}.txt" if ending else "dialogues_text.txt")
    acts, emotions = (folder / f"dialogues_{what}{ending}.txt" for what in ("act", "emotion"))
    rows = list(zip_longest(*(_lines(path) for path in (words, acts, emotions))))
    return [_dialogue((words, acts, emotions), n, row) for n, row in enumerate(rows, 1)]


def _dialogue(paths: Sequence[Path], number: int, row: Sequence[str | None]) -> Dialogue:
    for path, line in zip(paths, row, strict=True):
        if line is None:
            raise DataError(f"{path} ends before line {number}; {paths[0].name} and it must agree.")
    said, done, felt = (line or "" for line in row)
    turns = [turn.strip() for turn in said.split(TURN_END) if turn.strip()]
    acts = _numbers(paths[1], number, done, ACTS)
    emotions = _numbers(paths[2], number, felt, EMOTIONS)
    labelled = min(len(turns), len(acts), len(emotions))
    # The published files have a dialogue whose last turn was never labelled.
    if max(len(turns), len(acts), len(emotions)) > labelled + 1:
        raise DataError(
            f"{paths[0]}, line {number}: {len(turns)} turns, but {len(acts)} acts and "
            f"{len(emotions)} emotions."
        )
    return Dialogue(tuple(turns[:labelled]), acts[:labelled], emotions[:labelled])


def _numbers(path: Path, number: int, line: str, known: range) -> tuple[int, ...]:
    for part in line.split():
        if not part.isdecimal() or int(part) not in known:
            raise DataError(
                f"{path}, line {number}: expected numbers from 0 to {known[-1]}, found {part!r}."
            )
    return tuple(int(part) for part in line.split())


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        raise DataError(f"{path} is missing; the original has it beside the others.")
    # str.splitlines would also cut at rarer marks, which may stand within a turn.
    return path.read_text("utf-8").rstrip("\n").split("\n")
