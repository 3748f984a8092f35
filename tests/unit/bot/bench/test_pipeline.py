from __future__ import annotations

import json
from io import BytesIO

import pytest
from PIL import Image
from typer.testing import CliRunner

from bot import cli
from bot.bench import pipeline
from bot.bench.pipeline import Setup
from emotibot_models.scripted import ScriptedPipeline

RUNNER = CliRunner()


class Slow(ScriptedPipeline):
    """Ten times as slow as the other side."""

    def __init__(self):
        super().__init__(seconds=0.01)


@pytest.fixture(autouse=True)
def scripted(monkeypatch):
    """Scripts on both sides, a spoonful of callers, no further process."""
    sides = {"naive": Slow, "ours": lambda: ScriptedPipeline(seconds=0.001)}
    monkeypatch.setattr(Setup, "load", lambda setup, side: sides[side]())
    monkeypatch.setattr(pipeline, "peak_mib", lambda setup, side: 100.0)
    monkeypatch.setattr(pipeline, "MESSAGES", ("one", "two"))


def test_the_figures_that_others_quote_are_there():
    found = pipeline.measure(Setup(), rounds=2, callers=(1, 32)).to_dict()
    assert found["one_caller"]["ratio"] > 1
    assert found["one_caller"]["ours_p50_ms"] < found["one_caller"]["naive_p50_ms"]
    assert found["callers_32"]["ratio"] > found["one_caller"]["ratio"]
    assert found["callers_32"]["ours_per_s"] > 0
    assert found["callers_32_with_picture"]["naive_per_s"] > 0
    least, most = found["one_caller"]["spread"]["ratio"]
    assert least <= found["one_caller"]["ratio"] <= most
    assert "(" in found["rows"][1]["ours : naive"]
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


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--preset", "other"], "--preset must be starter or reference"),
        (["--preset", "reference"], "--random-weights belongs to --preset reference"),
        (["--random-weights"], "--random-weights belongs to --preset reference"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_a_sentence(asked, said):
    result = RUNNER.invoke(cli.app, ["bench", "pipeline", *asked])
    assert result.exit_code == 2
    assert said in result.stderr


def test_the_reference_is_measured_where_it_is_asked_for():
    asked = ["--preset", "reference", "--random-weights", "--tokens", "8", "--device", "cpu"]
    few = ["--rounds", "1", "--callers", "1", "--no-memory", "--json"]
    result = RUNNER.invoke(cli.app, ["bench", "pipeline", *asked, *few])
    assert result.exit_code == 0, result.output
    assert (
        json.loads(result.stdout)["setup"].items()
        >= {
            "preset": "reference",
            "tokens": 8,
            "device": "cpu",
        }.items()
    )


def test_pictures_can_be_left_out():
    found = pipeline.measure(Setup(), rounds=1, callers=(1,), pictures=False).to_dict()
    assert {row["message"] for row in found["rows"]} == {"text"}


def test_every_caller_has_at_least_three_turns():
    found = pipeline.measure(Setup(), rounds=1, callers=(4,), memory=False).to_dict()
    assert found["callers_4"]["ours_per_s"] > 0


class Scripted(Setup):
    """Another process loads it, too."""

    def load(self, side):
        return ScriptedPipeline(seconds=0.001)


def test_several_processes_share_the_callers():
    found = pipeline.measure(
        Scripted(processes=2), rounds=1, callers=(1, 3), pictures=False, memory=False
    ).to_dict()
    assert found["setup"]["processes"] == 2
    assert found["callers_3"]["ours_per_s"] > 0


def test_the_picture_is_a_jpeg():
    with Image.open(BytesIO(pipeline.portrait())) as picture:
        assert picture.format == "JPEG"


def test_memory_is_measured_by_the_side_that_runs():
    assert pipeline._peak(Setup(), "ours") > 10
    assert pipeline._peak(Setup(), "naive") > 10
