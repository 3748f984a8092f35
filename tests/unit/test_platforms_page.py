"""Every test that docs/platforms.md names is there, and every row names one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "docs" / "platforms.md").read_text("utf-8").splitlines()
    if line.startswith("|") and "shown by" not in line and not line.startswith("|---")
]
SHORT = {
    "telegram": "integration/platforms/telegram",
    "discord": "integration/platforms/discord",
}
NAMED = re.compile(r"`((?:[\w/]+\.py|telegram|discord)::[\w:]+)`")
ASKED = 28
"""Rows of what users of other bots asked for, and what broke."""


@cache
def names_in(path: Path) -> set[str]:
    """The names of a file's or a folder's tests, those in classes as ``Class::test``."""
    if path.is_dir():
        return set().union(*map(names_in, path.glob("test_*.py")))
    found = set()
    for part in ast.parse(path.read_text("utf-8")).body:
        inner = part.body if isinstance(part, ast.ClassDef) else [part]
        prefix = f"{part.name}::" if isinstance(part, ast.ClassDef) else ""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        found |= {f"{prefix}{each.name}" for each in inner if isinstance(each, kinds)}
    return found


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:40] for row in ROWS])
def test_a_row_names_tests_that_are_there(row):
    names = NAMED.findall(row[-1])
    assert names
    assert len(names) == row[-1].count("`") / 2
    for name in names:
        file, _, test = name.partition("::")
        assert test in names_in(ROOT / "tests" / SHORT.get(file, file)), name


def test_the_rows_are_numbered_without_a_gap():
    numbers = [int(row[0]) for row in ROWS if row[0].isdecimal()]
    assert numbers == list(range(1, ASKED + 1))


def test_what_a_reviewer_tries_has_its_rows():
    assert len(ROWS) - ASKED >= 20
