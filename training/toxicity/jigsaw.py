"""Wikipedia comments of the Jigsaw challenge, from our copy or from the original.

* ``train.csv.gz`` and ``test_balanced.csv.gz`` know ``toxic`` alone, ``sample_6labels.csv.gz``
  all six labels
* ``train.csv`` as published has six labels; ``test.csv`` has the comments and
  ``test_labels.csv`` their labels, -1 where a comment was not scored
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from training.runs.errors import DataError
from training.toxicity.data import Examples, from_flags, harmless, read_table

JIGSAW_NAMES: Final = (
    "toxic",
    "severe_toxic",
    "obscene",
    "threat",
    "insult",
    "identity_hate",
)
"""The challenge's names of our six labels, in the same order."""
PLACES: Final = (
    "toxicity/jigsaw_wiki",
    "jigsaw",
    "jigsaw-toxic-comment-classification-challenge",
    ".",
)
NOT_SCORED: Final = -1
OURS: Final = {"train": "train.csv.gz", "test": "test_balanced.csv.gz"}


def wiki(data: Path, split: str) -> Examples:
    """The comments of ``train`` or ``test``: our copy where it is there, else the original.

    Raises:
        DataError: neither is there, or a file lacks a column or holds another label.
    """
    for folder in (data / place for place in PLACES):
        if (folder / OURS[split]).is_file():
            table = read_table(folder / OURS[split], ("comment_text", "toxic"))
            return from_flags(table["comment_text"].tolist(), table["toxic"].tolist())
        if (folder / f"{split}.csv").is_file():
            return _train(folder) if split == "train" else _test(folder)
    raise DataError(
        f"{data} has no Jigsaw comments: toxicity/jigsaw_wiki/{OURS[split]} is missing, and so is "
        f"jigsaw/{split}.csv; see the README of the data folder."
    )


def wiki_six(data: Path) -> Examples:
    """Our copy's comments whose six labels are all known; none beside the original.

    Raises:
        DataError: the file lacks a column or holds another label.
    """
    path = data / PLACES[0] / "sample_6labels.csv.gz"
    if not path.is_file():
        return harmless([])
    return _six(path, read_table(path, ("comment_text", *JIGSAW_NAMES)))


def _train(folder: Path) -> Examples:
    path = folder / "train.csv"
    return _six(path, read_table(path, ("comment_text", *JIGSAW_NAMES)))


def _test(folder: Path) -> Examples:
    comments = read_table(folder / "test.csv", ("id", "comment_text"))
    path = folder / "test_labels.csv"
    labels = read_table(path, ("id", *JIGSAW_NAMES))
    table = comments.merge(labels, on="id")
    if len(table) != len(comments):
        raise DataError(
            f"{path}: column 'id' has labels for {len(table)} of the {len(comments)} comments of "
            "test.csv."
        )
    return _six(path, table[table["toxic"] != NOT_SCORED])


def _six(path: Path, table: pd.DataFrame) -> Examples:
    for name in JIGSAW_NAMES:
        if strange := sorted(set(table[name]) - {0, 1}, key=str):
            raise DataError(f"{path}: column {name!r} holds {strange[0]!r}, 0 and 1 are known.")
    labels = table[list(JIGSAW_NAMES)].to_numpy(dtype=np.float32)
    return Examples(table["comment_text"].tolist(), labels)
