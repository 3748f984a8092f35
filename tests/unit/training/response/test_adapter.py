from __future__ import annotations

import shutil

import pytest
import torch

from emotibot_models.types import Emotion, EmotionScore, Intent, TextReading
from training.response import base
from training.response.adapter import (
    WRITTEN_SHARE,
    fits_the_bot,
    prepare,
    shares,
    train_adapter,
    trainable_share,
    with_lora,
)
from training.response.args import ResponseArgs
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
    assert shares({"a": [0] * 3}) == {"a": 3.0}


def test_an_adapter_needs_no_esconv(data, pieces, args, readings, tmp_path):
    for name in ("empathetic_dialogues", "dailydialog"):
        shutil.copytree(data / name, tmp_path / "some" / name)
    pools = prepare(args(data=tmp_path / "some"), pieces, readings)
    assert set(pools) == {"empathetic_dialogues", "written", "dev"}
