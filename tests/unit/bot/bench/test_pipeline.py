from __future__ import annotations

import json
from io import BytesIO

import pytest
from PIL import Image
from typer.testing import CliRunner

from bot import cli
from bot.bench import pipeline
from bot.inference.stages import OneStage
from emotibot_models.scripted import ScriptedPipeline

RUNNER = CliRunner()


class Slow(ScriptedPipeline):
    """Ten times as slow as the other side."""

    def __init__(self):
        super().__init__(seconds=0.01)


@pytest.fixture(autouse=True)
def scripted(monkeypatch):
    """Scripts on both sides, a spoonful of callers, no further process."""
    monkeypatch.setattr(pipeline, "load_naive", Slow)
    monkeypatch.setattr(
        pipeline, "load_ours", lambda int8: OneStage(ScriptedPipeline(seconds=0.001).run)
    )
    monkeypatch.setattr(pipeline, "peak_mib", lambda side, int8: 100.0)
    monkeypatch.setattr(pipeline, "MESSAGES", ("one", "two"))


def test_the_figures_that_others_quote_are_there():
    found = pipeline.measure(rounds=2, callers=(1, 32)).to_dict()
    assert found["one_caller"]["ratio"] > 1
    assert found["one_caller"]["ours_p50_ms"] < found["one_caller"]["naive_p50_ms"]
    assert found["callers_32"]["ratio"] > found["one_caller"]["ratio"]
    assert found["callers_32"]["ours_per_s"] > 0
    assert found["callers_32_with_picture"]["naive_per_s"] > 0
    assert found["peak_memory_mib"] == {"naive": 100.0, "ours": 100.0}
    assert [(row["way"], row["callers"]) for row in found["rows"]] == [
        ("naive", 1),
        ("ours", 1),
        ("ours", 32),
    ] * 2


def test_the_command_draws_and_tells(tmp_path):
    plot = tmp_path / "plot.png"
    few = ["--rounds", "1", "--callers", "1", "--callers", "4", "--no-memory"]
    result = RUNNER.invoke(cli.app, ["bench", "pipeline", *few, "--json", "--plot", str(plot)])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["peak_memory_mib"] == {}
    assert "callers_4" in found
    assert plot.is_file()


def test_other_presets_are_refused_with_a_sentence():
    result = RUNNER.invoke(cli.app, ["bench", "pipeline", "--preset", "other"])
    assert result.exit_code == 2
    assert "--preset must be starter" in result.stderr


def test_every_caller_has_at_least_three_turns():
    found = pipeline.measure(rounds=1, callers=(4,), memory=False).to_dict()
    assert found["callers_4"]["ours_per_s"] > 0


def test_the_picture_is_a_jpeg():
    with Image.open(BytesIO(pipeline.portrait())) as picture:
        assert picture.format == "JPEG"


def test_memory_is_measured_by_the_side_that_runs(monkeypatch):
    monkeypatch.setattr(pipeline, "load_ours", lambda int8: ScriptedPipeline())
    assert pipeline._peak("ours", int8=False) > 10
    assert pipeline._peak("naive", int8=False) > 10
