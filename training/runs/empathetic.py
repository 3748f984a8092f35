"""EmpatheticDialogues (Rashkin et al., 2019) as one table, from our copy or from the original.

* ``<split>.csv.gz`` with ``actor`` (speaker or listener) and ``auto_label``
* ``<split>.csv`` as its authors publish it: commas written ``_comma_``, turns told by number
"""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from training.runs.errors import DataError

COLUMNS = ("conv_id", "utterance_idx", "context", "prompt", "utterance")
"""What both have."""
MARK = "speaker_idx"
"""A column of the original alone."""


def read_empathetic(data: Path, split: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """The table of a split, ``train``, ``valid`` or ``test``, as text, with these columns.

    ``data`` is the folder itself or the one around ``empathetic_dialogues``. In the original the
    first speaker's turns are the odd ones, and ``auto_label``, which it lacks, is empty.

    Raises:
        DataError: there is no such file, or it lacks a column.
    """
    path = _find(data, split)
    original = MARK in pd.read_csv(path, nrows=0).columns
    table = pd.read_csv(
        path,
        dtype=str,
        keep_default_na=False,
        quoting=csv.QUOTE_NONE if original else csv.QUOTE_MINIMAL,
        on_bad_lines="skip",
        index_col=False,
    )
    if original:
        table = _completed(path, table)
    _require(path, table, columns)
    return table


def _find(data: Path, split: str) -> Path:
    for folder in (data / "empathetic_dialogues", data):
        for ending in (".csv.gz", ".csv"):
            if (folder / f"{split}{ending}").is_file():
                return folder / f"{split}{ending}"
    raise DataError(
        f"{data} has no EmpatheticDialogues: empathetic_dialogues/{split}.csv.gz or "
        f"{split}.csv is missing; see the README of the data folder."
    )


def _completed(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """The original with real commas and the columns that our copy has besides."""
    _require(path, table, COLUMNS)
    for name in ("prompt", "utterance"):
        table[name] = table[name].str.replace("_comma_", ",").str.strip()
    odd = table["utterance_idx"].str.strip().astype(int) % 2 == 1
    return table.assign(actor=odd.map({True: "speaker", False: "listener"}), auto_label="")


def _require(path: Path, table: pd.DataFrame, columns: tuple[str, ...]) -> None:
    for name in columns:
        if name not in table.columns:
            raise DataError(f"{path} has no column {name!r}; it has {list(table.columns)}.")
