"""Tables of JSON lines, gzipped: what several of our data sets are kept in."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.runs.errors import DataError


def read_records(path: Path, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The object of each line, every one with these keys.

    Raises:
        DataError: the file is missing, or a line is no JSON or lacks a key.
    """
    if not path.is_file():
        raise DataError(f"{path} is missing; see the README of the data folder.")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                record = json.loads(line)
            except ValueError as exc:
                raise DataError(f"{path}, line {number}, is no JSON: {exc}.") from exc
            for key in keys:
                if key not in record:
                    raise DataError(
                        f"{path}, line {number}, has no {key!r}; it has {sorted(record)}."
                    )
            yield record
