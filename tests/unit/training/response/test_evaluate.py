from __future__ import annotations

import math

import pytest

from emotibot_models.responder import Responder
from emotibot_models.scripted import ScriptedPipeline
from training.response import evaluate as module
from training.response.evaluate import evaluate, one_reply
from training.response.export import seal_weights, write_base
from training.response.systems import Parts

WAYS = ("human", "greedy", "sampled", "ranked", "bank", "pipeline")


@pytest.fixture
def weights(tiny_t5, pieces, tmp_path):
    write_base(tiny_t5, pieces, tmp_path, storage="fp32")
    seal_weights(tmp_path, metrics={}, settings={})
    return tmp_path


class Calm:
    """In the judges' place, whose weights only slow tests load."""

    def figures(self, replies, examples, written=frozenset()):
        return {"replies": float(len(replies))}

    beside_human = figures


def test_a_model_is_measured_on_test_and_every_way_to_answer_beside_the_others(
    weights, data, monkeypatch
):
    parts = Parts(Responder.load(weights, "cpu"), None, Calm(), None)
    monkeypatch.setattr(Parts, "_pipeline", lambda *_, **__: ScriptedPipeline(seconds=0.002))
    monkeypatch.setattr(module, "read_parts", lambda source, device: parts)
    found = evaluate(weights, data, "cpu")
    assert found["examples"] == 8
    assert found["answered"] == 24
    assert 1 < found["perplexity"] < found["perplexity_a_word"] < math.inf
    assert {name for name in found if name in WAYS} == set(WAYS)
    assert all(found[way]["replies"] == 24 for way in WAYS)
    assert found["pipeline"]["generated"] == 1.0
    assert found["pipeline"]["seconds_a_turn"] > 0


def test_greedy_replies_do_not_depend_on_chance(weights, data, monkeypatch):
    examples = module.strict(module.read(data, module.TEST)["empathetic_dialogues"])[:4]
    replies = []
    for seed in (1, 2):
        monkeypatch.setattr(module, "SEED", seed)
        responder = Responder.load(weights, "cpu", sampling=module.GREEDY)
        replies.append(one_reply(responder, examples))
    assert replies[0] == replies[1]
