"""GoEmotions as published: tab-separated text, label ids, comment id; ``.tsv`` or ``.tsv.gz``."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emotibot_models.types import Emotion
from training.runs.errors import DataError
from training.runs.scores import Bools

LABELS = tuple(e.value for e in Emotion)
NEUTRAL_ID = len(LABELS)
"""In the data set neutral is label 27; here it is the absence of the others."""


@dataclass(frozen=True)
class Split:
    """Texts, a table (N, 27) of which labels each has, and of which of them are known."""

    texts: list[str]
    labels: Bools
    known: Bools


def read_split(data: Path, name: str) -> Split:
    """Read ``train``, ``dev`` or ``test`` from ``data`` or ``data/goemotions``.

    Raises:
        DataError: the file is missing, or a row is not text, label ids, id.
    """
    path = _find(data, name)
    texts: list[str] = []
    rows: list[list[int]] = []
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            texts.append(row[0] if row else "")
            rows.append(_label_ids(path, number, row))
    table = np.zeros((len(texts), len(LABELS)), dtype=bool)
    for i, ids in enumerate(rows):
        table[i, [j for j in ids if j != NEUTRAL_ID]] = True
    return Split(texts, table, np.ones_like(table))


def without(split: Split, *others: Split) -> Split:
    """The split less the texts that also stand in ``others`` (case and blanks aside)."""
    seen = {_normal(text) for other in others for text in other.texts}
    keep = [i for i, text in enumerate(split.texts) if _normal(text) not in seen]
    return Split([split.texts[i] for i in keep], split.labels[keep], split.known[keep])


def joined(*splits: Split) -> Split:
    """Several splits as one, in order."""
    return Split(
        [text for split in splits for text in split.texts],
        np.concatenate([split.labels for split in splits]),
        np.concatenate([split.known for split in splits]),
    )


def _find(data: Path, name: str) -> Path:
    for folder in (data / "goemotions", data):
        for ending in (".tsv.gz", ".tsv"):
            if (folder / f"{name}{ending}").is_file():
                return folder / f"{name}{ending}"
    raise DataError(
        f"{data} has no GoEmotions: expected goemotions/{name}.tsv or {name}.tsv.gz "
        "with the columns text, label ids, comment id."
    )


def _label_ids(path: Path, number: int, row: list[str]) -> list[int]:
    if len(row) != 3:
        raise DataError(
            f"{path}, line {number}: expected 3 columns (text, labels, id), found {len(row)}."
        )
    try:
        ids = [int(part) for part in row[1].split(",")]
    except ValueError:
        raise DataError(f"{path}, line {number}: column labels is not a list of numbers.") from None
    if not all(0 <= i <= NEUTRAL_ID for i in ids):
        raise DataError(f"{path}, line {number}: labels must be 0 to {NEUTRAL_ID}, found {ids}.")
    return ids


def _normal(text: str) -> str:
    return " ".join(text.lower().split())
