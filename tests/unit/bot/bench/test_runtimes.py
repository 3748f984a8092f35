from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bot import cli
from bot.bench import runtimes


@pytest.fixture
def short(monkeypatch):
    """Few sentences, in small batches."""
    few = runtimes.sentences()[:6]
    monkeypatch.setattr(runtimes, "sentences", lambda: few)
    monkeypatch.setattr(runtimes, "BATCHES", (1, 2))


def test_every_variant_is_told_with_its_cost_and_its_distance(short):
    result = CliRunner().invoke(cli.app, ["bench", "runtimes", "--rounds", "1", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    rows = {row["runtime"]: row for row in found["rows"]}
    assert list(rows) == list(runtimes.VARIANTS)
    assert rows["torch float32"]["largest difference"] == 0
    assert 0 < rows["CTranslate2 float32"]["largest difference"] < 1e-4
    assert rows["CTranslate2 float32"]["texts with other labels"] == 0
    assert 0 < rows["CTranslate2 int8"]["largest difference"] < 0.1
    assert found["us_a_token"]["torch float32"]["1"] > 0
