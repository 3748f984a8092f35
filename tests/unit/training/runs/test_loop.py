from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch
from torch import nn

from training.runs.args import RunArgs
from training.runs.batches import bucketed
from training.runs.folder import RunFolder
from training.runs.loop import Trainer, decayed


class Line:
    """Learns y = 3x through a network with dropout, so that random states matter."""

    def __init__(self) -> None:
        torch.manual_seed(1)
        self.model = nn.Sequential(nn.Linear(1, 16), nn.Dropout(0.2), nn.Linear(16, 1))
        self.x = torch.linspace(-1, 1, 96).unsqueeze(1)

    def parameter_groups(self):
        return decayed(list(self.model.named_parameters()), 1e-2)

    def batches(self, epoch):
        return bucketed([1] * 96, batch_size=8, seed=3, epoch=epoch)

    def loss(self, batch):
        return nn.functional.mse_loss(self.model(self.x[batch]), 3 * self.x[batch])

    def validate(self):
        with torch.inference_mode():
            return {"score": -nn.functional.mse_loss(self.model(self.x), 3 * self.x).item()}


def fit(out: Path, **changes) -> Trainer:
    args = RunArgs(data=out, out=out, **({"epochs": 4, "mixed_precision": False} | changes))
    torch.manual_seed(args.seed)
    trainer = Trainer(Line(), args, RunFolder(args))
    trainer.fit()
    return trainer


def slow_clock(monkeypatch):
    """A clock on which each look takes a second; a step looks at it twice."""
    seconds = (float(second) for second in range(10_000))
    monkeypatch.setattr("training.runs.loop.time.monotonic", lambda: next(seconds))
    return seconds


def test_it_learns(tmp_path):
    losses = fit(tmp_path / "run", epochs=8).losses
    assert sum(losses[-10:]) < sum(losses[:10]) / 5


def test_the_same_seed_gives_the_same_losses(tmp_path):
    assert fit(tmp_path / "a").losses == fit(tmp_path / "b").losses


def test_the_best_weights_are_kept(tmp_path):
    trainer = fit(tmp_path / "run")
    best = trainer.folder.load("best.pt")
    assert best["scores"]["score"] == trainer.best


def test_it_stops_early_when_nothing_gets_better(tmp_path, monkeypatch):
    monkeypatch.setattr(Line, "validate", lambda self: {"score": 0.0})
    assert fit(tmp_path / "run", epochs=9, patience=2).epoch == 3


def test_a_run_on_the_clock_ends_with_it_and_its_rate_has_fallen_to_nothing(tmp_path, monkeypatch):
    slow_clock(monkeypatch)
    trainer = fit(tmp_path / "run", epochs=99, minutes=0.5)
    assert 30 <= trainer.seconds < 35
    assert trainer.epoch < 99
    assert all(group["lr"] < 0.02 * group["peak_lr"] for group in trainer.optimizer.param_groups)


def test_the_clock_counts_the_looks_at_dev(tmp_path, monkeypatch):
    clock = slow_clock(monkeypatch)
    seen = Line.validate
    monkeypatch.setattr(
        Line, "validate", lambda self: [next(clock) for _ in range(40)] and seen(self)
    )
    assert fit(tmp_path / "run", epochs=1).seconds > 40


def test_a_task_that_asks_is_told_how_much_of_the_run_is_behind(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(Line, "pace", lambda self, done: told.append(done), raising=False)
    fit(tmp_path / "epochs", epochs=4)
    assert told == [0.0, 0.25, 0.5, 0.75]
    told.clear()
    slow_clock(monkeypatch)
    fit(tmp_path / "clock", epochs=99, minutes=1.0)
    assert told[0] == 0.0
    assert told[1] == pytest.approx(24 / 60, abs=0.1)


def test_short_epochs_share_a_look_at_dev_and_the_last_one_has_its_own(tmp_path, monkeypatch):
    slow_clock(monkeypatch)
    trainer = fit(tmp_path / "run", epochs=8, validate_seconds=60.0)
    lines = (trainer.folder.path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [3, 6, 8]
    assert len(trainer.losses) == 8 * 12


def test_losses_that_come_together_are_those_that_come_one_by_one(tmp_path, monkeypatch):
    one_by_one = fit(tmp_path / "a").losses
    original = Trainer.__init__

    def patient(self, *args):
        original(self, *args)
        self._losses_at_once = 5

    monkeypatch.setattr(Trainer, "__init__", patient)
    assert fit(tmp_path / "b").losses == one_by_one


def test_averaged_weights_are_what_is_evaluated(tmp_path):
    trainer = fit(tmp_path / "run", ema_decay=0.9, epochs=1)
    best = trainer.folder.load("best.pt")["model"]
    assert all(torch.equal(best[name], trainer.average[name]) for name in best)
    assert not torch.equal(best["0.weight"], trainer.task.model.state_dict()["0.weight"])


class Killed(Exception):
    pass


@pytest.mark.parametrize("step", [3, 12, 30], ids=["first epoch", "between", "later"])
def test_an_interrupted_run_continues_as_if_nothing_had_happened(tmp_path, monkeypatch, step):
    whole = fit(tmp_path / "whole", checkpoint_seconds=0.0, ema_decay=0.5).losses
    original = Trainer._train_step

    def dying(self, *args):
        if self.step == step:
            raise Killed
        original(self, *args)

    monkeypatch.setattr(Trainer, "_train_step", dying)
    with pytest.raises(Killed):
        fit(tmp_path / "cut", checkpoint_seconds=0.0, ema_decay=0.5)
    monkeypatch.undo()
    resumed = fit(tmp_path / "cut", checkpoint_seconds=0.0, ema_decay=0.5, resume=True)
    assert resumed.losses == whole


SCRIPT = textwrap.dedent(
    """
    import sys, time
    sys.path[:0] = sys.argv[1:3]
    from pathlib import Path
    import test_loop
    step = test_loop.Trainer._train_step
    def slow(self, *args):
        step(self, *args)
        print(self.step, flush=True)
        time.sleep(0.02)
    test_loop.Trainer._train_step = slow
    test_loop.fit(Path(sys.argv[3]), checkpoint_seconds=0.0)
    """
)


def test_a_run_survives_sigkill(tmp_path):
    whole = fit(tmp_path / "whole", checkpoint_seconds=0.0).losses
    here = Path(__file__).parent
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(here), str(here.parents[3]), str(tmp_path / "cut")],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    with process.stdout:
        while int(process.stdout.readline()) < 17:
            pass
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    resumed = fit(tmp_path / "cut", checkpoint_seconds=0.0, resume=True)
    assert resumed.losses == whole
