from __future__ import annotations

import json
import sys

import pytest

from bot.bench.plot import Panel, Spread
from bot.bench.report import (
    Latency,
    Report,
    cores,
    describe_machine,
    percentile,
    publish,
)


def report(**changes) -> Report:
    lines = {"ours": [(1, Spread(9, 8, 10)), (8, Spread(40, 39, 44))]}
    bars = {"ours": [("one", Spread(3, 3, 3)), ("two", Spread(2, 1, 4))]}
    return Report(
        **{
            "name": "toy",
            "title": "Toys a second",
            "setup": {"rounds": 3},
            "figures": {"one_caller": {"ratio": 4.5}},
            "rows": [
                {"callers": 1, "rate": 9.5, "note": "alone"},
                {"callers": 8, "rate": 40_000.0, "note": None},
            ],
            "panels": [
                Panel(title="Rate", x="callers", y="a second", series=lines),
                Panel(title="Kinds", x="kind", y="a second", series=bars),
            ],
        }
        | changes
    )


def test_percentiles_lie_between_neighbours():
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.5
    assert percentile([7.0], 99) == 7.0
    assert percentile([0.0, 10.0], 95) == pytest.approx(9.5)


def test_latency_is_told_in_milliseconds():
    assert Latency.of([0.010, 0.020, 0.030]) == Latency(20.0, 29.0, 29.8)


def test_the_figures_stand_at_the_top_of_the_json(capsys):
    publish(report(), as_json=True, plot=None)
    body = json.loads(capsys.readouterr().out)
    assert body["one_caller"]["ratio"] == 4.5
    assert body["rows"][1] == {"callers": 8, "rate": 40_000.0, "note": None}
    assert body["machine"]["cores"] == cores()
    assert body["setup"] == {"rounds": 3}


def test_the_table_shows_every_row_and_names_the_machine(capsys):
    publish(
        report(machine={"processor": "Abacus", "cores": 2, "device": "H1"}),
        as_json=False,
        plot=None,
    )
    shown = capsys.readouterr().out
    for word in ("Toys a second", "callers", "9.5", "40,000", "alone", "Abacus, 2 cores, H1"):
        assert word in shown


def test_the_figures_are_noted_in_the_folder_for_logs(tmp_path, capsys):
    publish(report(), as_json=False, plot=None, logs=tmp_path / "logs")
    noted = json.loads((tmp_path / "logs" / "toy_benchmark.json").read_text())
    assert noted["one_caller"] == {"ratio": 4.5}


def test_the_plot_is_drawn_where_it_is_wanted(tmp_path, capsys):
    publish(report(), as_json=False, plot=tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 10_000


def test_the_machine_is_described_on_any_system(tmp_path, monkeypatch):
    here = describe_machine()
    assert here["cores"] >= 1
    assert here["device"] == "cpu"
    assert here["libraries"]["torch"]
    monkeypatch.setattr("bot.bench.report.CPUINFO", tmp_path / "none")
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.delattr("os.sysconf", raising=False)
    elsewhere = describe_machine("a card")
    assert elsewhere["processor"]
    assert elsewhere["cores"] >= 1
    assert elsewhere["memory_gib"] == 0
    assert elsewhere["device"] == "a card"


def test_a_library_that_is_not_here_is_not_listed(monkeypatch):
    monkeypatch.setattr("bot.bench.report.LIBRARIES", ("no-such-library",))
    assert describe_machine()["libraries"] == {}


def test_reports_need_no_torch():
    assert "torch" not in vars(sys.modules["bot.bench.report"])
