from __future__ import annotations

import pytest

from emotibot_models.pipeline import Pipeline
from emotibot_models.scripted import ScriptedPipeline
from training.response.answers import answers
from training.response.examples import Example


def test_shares_of_sources_safety_variety_and_time_are_counted(monkeypatch):
    loaded = []

    def load(preset, device, *, response):
        loaded.append((preset, device, response))
        return ScriptedPipeline(seconds=0.001)

    monkeypatch.setattr(Pipeline, "load", load)
    examples = [
        Example(text=f"message {n}", history=(), reply="a reply", source="made up")
        for n in range(20)
    ]
    found = answers("weights", examples, "cpu")
    assert loaded == [("starter", "cpu", "weights")]
    assert found["generated"] == 1.0
    assert found["bank"] == found["crisis"] == found["unsafe"] == 0.0
    assert found["seconds_a_turn"] == pytest.approx(0.0001)
    assert found["repeated"] == 0.0
