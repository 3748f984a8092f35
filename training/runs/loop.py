"""The one training loop: every model brings a task, the loop brings everything else."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, Protocol, TypeVar, runtime_checkable

import torch
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from torch import Tensor, nn

from training.runs.args import RunArgs
from training.runs.folder import BEST, CHECKPOINT, RunFolder
from training.runs.schedule import cosine

B = TypeVar("B")

LOSSES_AT_ONCE: Final = 50
"""Losses that a GPU hands over together: each look at one would make it wait for the next step."""


class Task(Protocol[B]):
    """What a model has to say for itself to be trained."""

    model: nn.Module

    def parameter_groups(self) -> list[dict[str, Any]]:
        """AdamW's groups, each with its own peak ``lr``."""
        ...

    def batches(self, epoch: int) -> Sequence[B]:
        """The batches of an epoch; the same at every call with the same epoch."""
        ...

    def loss(self, batch: B) -> Tensor:
        """The scalar to minimise."""
        ...

    def validate(self) -> Mapping[str, float]:
        """Scores on dev; the first one decides which weights are best (greater is better)."""
        ...


@runtime_checkable
class Paced(Protocol):
    """A task that goes about its batches differently as the run goes on."""

    def pace(self, done: float) -> None:
        """Told before each epoch how much of the run is behind it, from 0 to 1."""
        ...


@runtime_checkable
class Taught(Protocol):
    """A task that learns from the averaged weights as well."""

    def follow(self, average: Mapping[str, Tensor]) -> None:
        """Given the averaged weights once; they change in place with every step."""
        ...


class Trainer(Generic[B]):
    """Trains a task; can be killed at any moment and continued with ``resume``."""

    def __init__(self, task: Task[B], args: RunArgs, folder: RunFolder) -> None:
        self.task, self.args, self.folder = task, args, folder
        self.optimizer = torch.optim.AdamW(
            task.parameter_groups(), weight_decay=args.weight_decay, fused=True
        )
        for group in self.optimizer.param_groups:
            group["peak_lr"] = group["lr"]
        self.average = _copy(task.model.state_dict()) if args.ema_decay else None
        if self.average is not None and isinstance(task, Taught):
            task.follow(self.average)
        on_cpu = next(task.model.parameters()).device.type == "cpu"
        self._losses_at_once = 1 if on_cpu else LOSSES_AT_ONCE
        self.epoch, self.done_in_epoch, self.step = 0, 0, 0
        self.seconds = 0.0
        self.best, self.bad_epochs = float("-inf"), 0
        self.losses: list[float] = []
        self._new_losses: list[Tensor] = []
        self._validated_at, self._validated_step = 0.0, 0
        self._looked_at = self._saved_at = time.monotonic()

    def fit(self) -> list[float]:
        """Train to the end; one loss a step comes back, and ``best.pt`` holds the best weights."""
        if self.args.resume:
            self._restore()
        self._looked_at = time.monotonic()
        self._validated_at, self._validated_step = self.seconds, self.step
        with _progress() as progress:
            bar = progress.add_task("", loss=float("nan"))
            while self.epoch < self.args.epochs and not self._stops_early():
                self._run_epoch(progress, bar)
                self._finish_epoch(progress)
        return self.losses

    def _run_epoch(self, progress: Progress, bar: TaskID) -> None:
        if isinstance(self.task, Paced):
            self.task.pace(self._done(self.epoch, self.args.epochs))
        batches = self.task.batches(self.epoch)
        total = len(batches) * self.args.epochs
        progress.reset(bar, total=len(batches), completed=self.done_in_epoch)
        progress.update(bar, description=f"epoch {self.epoch + 1}")
        self.task.model.train()
        for batch in batches[self.done_in_epoch :]:
            if self._out_of_time():
                return
            self._train_step(batch, total)
            progress.update(bar, advance=1, loss=self._mean_loss(50))
            if time.monotonic() - self._saved_at > self.args.checkpoint_seconds:
                self._checkpoint()

    def _train_step(self, batch: B, total: int) -> None:
        rate = self._rate(total)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak_lr"] * rate
        device = next(self.task.model.parameters()).device.type
        with torch.autocast(device, dtype=torch.bfloat16, enabled=self.args.mixed_precision):
            loss = self.task.loss(batch)
        loss.backward()
        nn.utils.clip_grad_norm_(self.task.model.parameters(), self.args.clip_norm)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self._update_average()
        self._new_losses.append(loss.detach())
        if len(self._new_losses) >= self._losses_at_once:
            self._collect_losses()
        self.step += 1
        self.done_in_epoch += 1
        self._look_at_clock()

    def _rate(self, total: int) -> float:
        """Share of the peak learning rate now, by the clock where the run has one."""
        budget = self.args.minutes * 60
        done, whole = (self.seconds, budget) if budget else (self.step, total)
        return cosine(done, total=whole, warmup_fraction=self.args.warmup_fraction)

    def _done(self, count: int, total: int) -> float:
        """Share of the run that is behind, by the clock where the run has one."""
        budget = self.args.minutes * 60
        return min(1.0, self.seconds / budget) if budget else count / total

    def _look_at_clock(self) -> None:
        now = time.monotonic()
        self.seconds += now - self._looked_at
        self._looked_at = now

    def _collect_losses(self) -> None:
        if self._new_losses:
            self.losses += torch.stack(self._new_losses).tolist()
            self._new_losses.clear()

    def _mean_loss(self, steps: int) -> float:
        recent = self.losses[-steps:]
        return sum(recent) / len(recent) if recent else float("nan")

    def _update_average(self) -> None:
        if self.average is None:
            return
        # Early averages forget faster, or they would remember the untrained weights.
        decay = min(self.args.ema_decay, (1 + self.step) / (10 + self.step))
        state = self.task.model.state_dict()
        moving = [name for name, value in state.items() if value.is_floating_point()]
        # All at once: on a GPU a call for each tensor would take longer than the step.
        torch._foreach_lerp_(
            [self.average[name] for name in moving], [state[name] for name in moving], 1 - decay
        )
        for name in state.keys() - moving:
            self.average[name].copy_(state[name])

    def _finish_epoch(self, progress: Progress) -> None:
        self.epoch, self.done_in_epoch = self.epoch + 1, 0
        self._collect_losses()
        if self._validation_is_due():
            self._validate(progress)
            self._checkpoint()

    def _validation_is_due(self) -> bool:
        if self.epoch >= self.args.epochs or self._out_of_time():
            return True
        return self.seconds - self._validated_at >= self.args.validate_seconds

    def _validate(self, progress: Progress) -> None:
        """Score the weights, keep them where they are the best, and tell how the run goes."""
        trained = _copy(self.task.model.state_dict())
        if self.average is not None:
            self.task.model.load_state_dict(self.average)
        self.task.model.eval()
        scores = dict(self.task.validate())
        score = next(iter(scores.values()))
        if score > self.best:
            self.best, self.bad_epochs = score, 0
            self.folder.save(BEST, {"model": self.task.model.state_dict(), "scores": scores})
        else:
            self.bad_epochs += 1
        self.task.model.load_state_dict(trained)
        loss = self._mean_loss(200)
        self.folder.log(epoch=self.epoch, step=self.step, loss=loss, **scores)
        self._look_at_clock()
        pace = (self.step - self._validated_step) / max(1e-9, self.seconds - self._validated_at)
        self._validated_at, self._validated_step = self.seconds, self.step
        told = ", ".join(f"{name} {value:.4f}" for name, value in scores.items())
        progress.console.print(
            f"epoch {self.epoch}, {self.seconds:.0f} s: loss {loss:.4f}, {told}, "
            f"{pace:.1f} steps a second",
            highlight=False,
        )

    def _stops_early(self) -> bool:
        return self._out_of_patience() or self._out_of_time()

    def _out_of_patience(self) -> bool:
        return bool(self.args.patience) and self.bad_epochs >= self.args.patience

    def _out_of_time(self) -> bool:
        return bool(self.args.minutes) and self.seconds >= self.args.minutes * 60

    def _checkpoint(self) -> None:
        self._collect_losses()
        self.folder.save(
            CHECKPOINT,
            {
                "model": self.task.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "average": self.average,
                "random": torch.get_rng_state(),
                "epoch": self.epoch,
                "done_in_epoch": self.done_in_epoch,
                "step": self.step,
                "seconds": self.seconds,
                "best": self.best,
                "bad_epochs": self.bad_epochs,
                "losses": self.losses,
            },
        )
        self._saved_at = time.monotonic()

    def _restore(self) -> None:
        state = self.folder.load(CHECKPOINT)
        if state is None:
            return
        self.task.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.average is not None:
            for name, value in state["average"].items():
                self.average[name].copy_(value)
        torch.set_rng_state(state["random"])
        for name in ("epoch", "done_in_epoch", "step", "seconds", "best", "bad_epochs", "losses"):
            setattr(self, name, state[name])


def decayed(named: Sequence[tuple[str, nn.Parameter]], lr: float) -> list[dict[str, Any]]:
    """Two AdamW groups at one learning rate: matrices with weight decay, vectors without."""
    matrices = [p for _, p in named if p.ndim >= 2 and p.requires_grad]
    vectors = [p for _, p in named if p.ndim < 2 and p.requires_grad]
    return [{"params": matrices, "lr": lr}, {"params": vectors, "lr": lr, "weight_decay": 0.0}]


def _copy(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in state.items()}


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.4f}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
