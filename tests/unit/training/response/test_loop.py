from __future__ import annotations

import json

import pytest
import torch

from training.response.encode import encode_pairs
from training.response.feed import Feed, Phase
from training.response.loop import Budget, Fitting, Pace
from training.response.network import new_network, optimizer_for
from training.runs.args import RunArgs
from training.runs.folder import RunFolder

PAIRS = [
    ("[joy] [person] I won.", "Congratulations to you!"),
    ("[grief] [person] He died.", "I am so sorry to hear that."),
]


@pytest.fixture
def fitting(pieces, tmp_path):
    def make(out="run", *, steps=20, seed=3, **more):
        model = new_network(pieces, width=64, layers=1, seed=seed)
        pool = encode_pairs(pieces, PAIRS * 8, prompt_tokens=20, reply_tokens=20)
        feed = Feed({"all": pool}, [Phase(1.0, {"all": 1})], batch=4, chunk=8, seed=1, pad=0)
        folder = RunFolder(RunArgs(data=tmp_path, out=tmp_path / out, resume=True))
        optimizer = optimizer_for(model, body=3e-3, embedding=1e-2)
        return model, Fitting(
            model,
            optimizer,
            feed,
            folder,
            budget=Budget(steps=steps),
            pace=Pace(),
            look=lambda: {"dev": 1.0},
            **more,
        )

    return make


def test_it_learns(fitting):
    losses = fitting()[1].fit()
    assert len(losses) == 20
    assert losses[-1] < losses[0] / 2


def test_the_same_seed_gives_the_same_losses(fitting):
    assert fitting("a", steps=5)[1].fit() == fitting("b", steps=5)[1].fit()


def test_a_killed_run_goes_on_as_if_nothing_had_happened(fitting):
    whole, run = fitting("whole", every_seconds=0.0, steps=9)
    run.fit()
    fitting("cut", every_seconds=0.0, steps=9)[1].fit(stop_after=4)
    resumed, run = fitting("cut", seed=99, steps=9)
    run.fit(resume=True)
    assert run.done.step == 9
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_resuming_before_the_first_checkpoint_starts_anew(fitting):
    fitting("cut", steps=3)[1].fit(stop_after=2)
    run = fitting("cut", steps=3)[1]
    run.fit(resume=True)
    assert len(run.losses) == 3


def test_accumulated_batches_count_as_one_step(fitting):
    run = fitting(steps=4, accumulate=3)[1]
    run.fit()
    assert run.done.step == 4
    assert run.done.examples == 4 * 3 * 4


def test_metrics_are_written_line_by_line(fitting, tmp_path):
    fitting("run", steps=4, note_every=4)[1].fit()
    lines = [json.loads(x) for x in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [4, 4]
    assert "loss" in lines[0]
    assert lines[1]["dev"] == 1.0


def test_another_loss_may_be_given(fitting):
    seen = []

    def loss(batch, progress):
        seen.append(progress)
        return model(**batch).loss * 0 + 5.0 * model.shared.weight[0, 0] ** 0

    model, run = fitting(steps=2, loss=loss)
    assert run.fit() == [5.0, 5.0]
    assert seen == [0.0, 0.5]


def test_a_budget_of_minutes_is_spent_by_the_clock():
    budget = Budget(minutes=2)
    assert budget.progress(steps=1000, seconds=30) == 0.25
    assert budget.progress(steps=0, seconds=500) == 1.0


def test_the_rate_rises_stays_and_falls_to_zero():
    pace = Pace(warm=0.1, flat=0.5)
    assert pace.at(0.0) < 0.05
    assert pace.at(0.3) == 1.0
    assert pace.at(0.75) == 0.5
    assert pace.at(1.0) == 0.0
