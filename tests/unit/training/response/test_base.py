from __future__ import annotations

import json

import pytest
import torch

from training.response.args import ResponseArgs
from training.response.base import OPEN_PHASES, PHASES, gauge_of, prepare, train_base
from training.response.data import TRAIN
from training.response.readings import Readings


@pytest.fixture
def readings(tmp_path):
    return Readings(tmp_path / "readings.json", None)


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


def test_a_base_is_trained_and_measured(args, readings, tmp_path):
    kept = []
    model, tokenizer = train_base(args(), readings, lambda *parts: kept.append(parts))
    lines = (tmp_path / "run" / "base-run" / "metrics.jsonl").read_text().splitlines()
    last = json.loads(lines[-1])
    assert last["step"] == 3
    assert last["dev_perplexity"] > 1
    assert last["dev_written_perplexity"] > 1
    assert kept == [(model, tokenizer)]
    assert model.config.vocab_size == len(tokenizer)
    assert (tmp_path / "run" / "base-run" / "samples.txt").read_text()


def test_a_resumed_base_needs_no_data(args, readings, tmp_path):
    first, _ = train_base(args(), readings)
    second, _ = train_base(args(resume=True, data=tmp_path / "nowhere"), readings)
    assert torch.equal(first.shared.weight, second.shared.weight)


def test_the_gauge_is_the_runs_own(args, readings):
    train_base(args(), readings)
    assert len(gauge_of(args(resume=True), readings)) > 0


def test_a_tokenizer_can_be_taken_over(args, readings, pieces, tmp_path):
    (tmp_path / "old").mkdir()
    pieces.backend_tokenizer.save(str(tmp_path / "old" / "tokenizer.json"))
    tokenizer, _, _ = prepare(args(tokenizer=str(tmp_path / "old")), readings)
    assert tokenizer.get_vocab() == pieces.get_vocab()


def test_the_decoder_may_be_the_shallower_part(args, readings):
    model, _ = train_base(args(layers=2, decoder_layers=1, dropout=0.1), readings)
    assert (len(model.encoder.block), len(model.decoder.block)) == (2, 1)
    assert model.config.dropout_rate == 0.1


def test_phases_mix_known_sources_until_the_end():
    phases = (*PHASES, *OPEN_PHASES)
    names = {name.removesuffix("/worthy") for phase in phases for name in phase.shares}
    assert names <= {*TRAIN, "mending", "written"}
    assert [phase.until for phase in PHASES] == sorted(phase.until for phase in PHASES)
    assert PHASES[-1].until == 1.0
