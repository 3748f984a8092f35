from __future__ import annotations

import math

from emotibot_models.pipeline import Pipeline
from emotibot_models.scripted import ScriptedPipeline
from training.response.evaluate import evaluate
from training.response.export import seal_weights, write_base


def test_a_model_is_measured_on_test(tiny_t5, pieces, data, tmp_path, monkeypatch):
    # The rest of the pipeline is the weights on board, which only slow tests load.
    monkeypatch.setattr(Pipeline, "load", lambda *args, **kwargs: ScriptedPipeline())
    write_base(tiny_t5, pieces, tmp_path, storage="fp32")
    seal_weights(tmp_path, metrics={}, settings={})
    found = evaluate(tmp_path, data, "cpu")
    assert found["examples"] == 8
    assert found["answered"] == 24
    assert 1 < found["perplexity"] < math.inf
    assert 0 <= found["repeated"] <= 1
    assert found["pipeline"]["generated"] == 1.0
