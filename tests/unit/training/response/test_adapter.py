from __future__ import annotations

import json
import shutil
from functools import partial

import pytest
import torch

from emotibot_models.types import Emotion, EmotionScore, Intent, TextReading
from training.relevance.data import empathetic_pairs
from training.response import base
from training.response.adapter import (
    OURS,
    WRITTEN_SHARE,
    fits_the_bot,
    prepare,
    shares,
    train_adapter,
    trainable_share,
    with_lora,
)
from training.response.args import ResponseArgs
from training.response.composed import TURNS, composed, fingerprint
from training.response.examples import Example
from training.response.readings import Readings


def example(text="I feel sad today.", source="esconv", **more):
    return Example(text=text, history=(), reply="Oh no.", source=source, **more)


class Reader:
    """Reads sadness in every text with the word, and nothing elsewhere."""

    def read(self, texts):
        sad = (EmotionScore("sadness", 0.9), EmotionScore("fear", 0.4))
        return [TextReading((), sad if "sad" in text else ()) for text in texts]


@pytest.fixture
def readings(tmp_path):
    return Readings(tmp_path / "readings.json", Reader)


@pytest.fixture
def args(data, tmp_path):
    def make(**more):
        return ResponseArgs(
            **{
                "data": data,
                "out": tmp_path / "run",
                "resume": True,
                "batch_size": 16,
                "epochs": 2,
                "lora_lr": 3e-3,
                "rank": 4,
                "mixed_precision": False,
                **more,
            }
        )

    return make


def test_only_the_lora_learns(tiny_t5, args):
    model = with_lora(tiny_t5, args())
    learning = [name for name, p in model.named_parameters() if p.requires_grad]
    assert learning
    assert all("lora_" in name and (".q." in name or ".v." in name) for name in learning)
    assert 0 < trainable_share(model) < 0.1


@pytest.mark.parametrize(
    ("found", "fits"),
    [
        (example(), False),
        (example(intent=Intent.ASK), True),
        (example(source="dailydialog", intent=Intent.ASK), False),
        (example(source="dailydialog", emotion=Emotion.JOY), True),
    ],
)
def test_the_adapter_learns_from_replies_that_do_something(found, fits):
    assert fits_the_bot(found) is fits


def test_the_adapter_learns_and_the_base_stays(tiny_t5, pieces, args, readings, capsys):
    before = {name: value.clone() for name, value in tiny_t5.state_dict().items()}
    model, figures = train_adapter(args(), tiny_t5, pieces, readings)
    after = model.unload().state_dict()
    assert figures["dev_perplexity"] < figures["dev_perplexity_base"]
    assert figures["trainable_share"] < 0.1
    assert f"parameters learn: {figures['trainable_share']:.2%}" in capsys.readouterr().err
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_the_data_is_read_and_labelled_once(pieces, args, readings, tmp_path):
    first = prepare(args(), pieces, readings)
    again = prepare(args(data=tmp_path / "nowhere"), pieces, readings)
    assert {name: len(pool) for name, pool in first.items()} == {
        name: len(pool) for name, pool in again.items()
    }


def test_an_adapter_learns_from_the_best_pools_of_its_own_base(pieces, args, readings, tmp_path):
    _, pools, gauges = base.prepare(args(vocabulary=400), readings)
    found = prepare(args(data=tmp_path / "nowhere"), pieces, readings)
    assert set(found) == {"empathetic_dialogues/worthy", "written", "dev"}
    assert len(found["written"]) == len(pools["written"])
    assert len(found["dev"]) == len(gauges["dev"])


def test_our_own_sentences_have_their_share_whatever_there_is():
    pools = {"a": [0] * 30, "b": [0] * 25, "written": [0] * 7}
    found = shares(pools)
    assert found["written"] / sum(found.values()) == pytest.approx(WRITTEN_SHARE)
    assert found["a"] / found["b"] == pytest.approx(30 / 25)
    assert shares({"a": [0] * 3}) == {"a": 1.0}


def test_composed_replies_have_the_share_that_is_asked_for():
    found = shares({"a": [0] * 30, "written": [0] * 7, "composed": [0] * 9}, 0.6)
    assert found["composed"] == 0.6
    assert found["written"] == pytest.approx(0.4 * WRITTEN_SHARE)
    assert sum(found.values()) == pytest.approx(1.0)


def test_an_adapter_for_a_given_base_learns_from_composed_replies(
    data, pieces, args, readings, tmp_path, monkeypatch
):
    pair = empathetic_pairs(data, "train", turns=TURNS)[0]
    row = {"message": fingerprint(pair.turns), "replies": [["ask", "What did you see there?"]]}
    path = tmp_path / "composed.jsonl"
    path.write_text(json.dumps(row) + "\n")
    monkeypatch.setitem(OURS, "composed", partial(composed, path=path))
    pools = prepare(args(base="theirs", composed=0.5), pieces, readings)
    assert len(pools["composed"]) == 1


def test_an_adapter_needs_no_esconv(data, pieces, args, readings, tmp_path):
    for name in ("empathetic_dialogues", "dailydialog"):
        shutil.copytree(data / name, tmp_path / "some" / name)
    pools = prepare(args(data=tmp_path / "some"), pieces, readings)
    assert set(pools) == {"empathetic_dialogues", "written", "dev"}
