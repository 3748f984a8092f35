"""What more candidates cost is measured number by number."""

from __future__ import annotations

from bot.bench import candidates
from emotibot_models.pipeline import Pipeline
from emotibot_models.scripted import ScriptedPipeline


def test_every_number_is_measured_in_every_round(monkeypatch):
    loaded = []

    def load(preset, device, *, candidates, sparing):
        loaded.append((preset, device, candidates, sparing))
        return ScriptedPipeline()

    monkeypatch.setattr(Pipeline, "load", load)
    report = candidates.measure(rounds=2, numbers=(2, 4))
    assert loaded == [("starter", "cpu", 2, False), ("starter", "cpu", 4, False)]
    assert set(report.figures["p50_ms"]) == {"2", "4"}
    assert [row["sampled"] for row in report.rows] == [2, 4]
