from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.runs.args import RunArgs


@pytest.mark.parametrize(
    "wrong",
    [
        {"warmup_fraction": 1.0},
        {"ema_decay": 1.0},
        {"epochs": 0},
        {"batch_size": 0},
        {"validate_seconds": -1},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_an_argument_out_of_range_is_named(tmp_path, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RunArgs(data=tmp_path, out=tmp_path / "run", **wrong)


def test_a_run_never_overwrites_another(tmp_path):
    with pytest.raises(ValueError, match="--resume"):
        RunArgs(data=tmp_path, out=tmp_path)
    RunArgs(data=tmp_path, out=tmp_path, resume=True)


def test_the_arguments_are_written_as_json(tmp_path):
    args = RunArgs(data=Path("data"), out=tmp_path / "run", epochs=2)
    assert json.loads(args.to_json())["epochs"] == 2
