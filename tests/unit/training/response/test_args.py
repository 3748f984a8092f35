from __future__ import annotations

import pytest

from training.response.args import ARGS, RECIPES


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_makes_arguments(tmp_path, recipe):
    ARGS(data=tmp_path, out=tmp_path / "run", **RECIPES[recipe])


def test_the_reference_recipe_is_the_usual_one(tmp_path):
    args = ARGS(data=tmp_path, out=tmp_path / "run", **RECIPES["reference"])
    assert args.base == "google/flan-t5-base"
    assert (args.rank, args.alpha, args.targets) == (8, 32, ("q", "v"))
    assert (args.lora_lr, args.batch_size, args.accumulate, args.epochs) == (1e-4, 4, 4, 3)
    assert args.prompt_tokens == args.reply_tokens == 128


@pytest.mark.parametrize(
    "wrong", [{"width": 100}, {"dropout": 1.0}, {"rank": 0}, {"accumulate": 0}, {"composed": 0.5}]
)
def test_what_cannot_work_is_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ARGS(data=tmp_path, out=tmp_path / "run", **wrong)
