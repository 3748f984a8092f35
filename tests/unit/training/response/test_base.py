from __future__ import annotations

import json

import pytest
import torch

from training.response.args import ResponseArgs
from training.response.base import PHASES, gauge_of, train_base
from training.response.data import TRAIN


@pytest.fixture
def args(data, tmp_path):
    def make(**more):
        return ResponseArgs(
            **{
                "data": data,
                "out": tmp_path / "run",
                "width": 64,
                "layers": 1,
                "vocabulary": 400,
                "base_steps": 3,
                "batch_size": 16,
                "mixed_precision": False,
                **more,
            }
        )

    return make


def test_a_base_is_trained_and_measured(args, tmp_path):
    model, tokenizer = train_base(args())
    lines = (tmp_path / "run" / "base-run" / "metrics.jsonl").read_text().splitlines()
    last = json.loads(lines[-1])
    assert last["step"] == 3
    assert last["dev_perplexity"] > 1
    assert model.config.vocab_size == len(tokenizer)
    assert (tmp_path / "run" / "base-run" / "samples.txt").read_text()


def test_a_resumed_base_needs_no_data(args, tmp_path):
    first, _ = train_base(args())
    second, _ = train_base(args(resume=True, data=tmp_path / "nowhere"))
    assert torch.equal(first.shared.weight, second.shared.weight)


def test_the_gauge_is_the_runs_own(args):
    train_base(args())
    assert len(gauge_of(args(resume=True))) > 0


def test_phases_mix_known_sources_until_the_end():
    names = {name.removesuffix("/strict") for phase in PHASES for name in phase.shares}
    assert names <= {*TRAIN, "mending"}
    assert [phase.until for phase in PHASES] == sorted(phase.until for phase in PHASES)
    assert PHASES[-1].until == 1.0
