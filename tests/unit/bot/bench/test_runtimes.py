from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bot import cli
from bot.bench import runtimes
from emotibot_models.bank import Bank, load_bank


@pytest.fixture
def short(monkeypatch):
    """Few sentences, in small batches."""
    bank = load_bank()
    few = Bank(
        bank.sentences[:4], bank.by_group, bank.by_outcome, empty=bank.empty, emoji=bank.emoji
    )
    monkeypatch.setattr(runtimes, "load_bank", lambda: few)
    monkeypatch.setattr(runtimes, "MESSAGES", ("I lost my keys today.",))
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
