"""The training loop of base and adapter: a budget of time or steps, and safe to kill."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.response.feed import Feed
from training.runs.folder import CHECKPOINT, RunFolder

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How long a run lasts: by the clock, or by steps where it must be reproducible."""

    minutes: float = 0.0
    """Minutes of work, summed over all starts of the run; 0 counts steps."""
    steps: int = 0
    """Optimiser steps."""

    def progress(self, steps: int, seconds: float) -> float:
        """The share of the budget that is spent, from 0 to 1."""
        spent = seconds / (self.minutes * 60) if self.minutes else steps / max(1, self.steps)
        return min(1.0, spent)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """The learning rate over a run: up, flat, and straight down to zero."""

    warm: float = 0.02
    """Share of the budget spent warming up."""
    flat: float = 0.35
    """Share of the budget after which the rate falls."""

    def at(self, progress: float) -> float:
        """The factor, 0 to 1, that every group's peak rate is multiplied with."""
        if progress < self.warm:
            return (progress + 1e-3) / (self.warm + 1e-3)
        return min(1.0, (1 - progress) / (1 - self.flat))


@dataclass(kw_only=True)
class Done:
    """How far a run has come, over all its starts."""

    step: int = 0
    seconds: float = 0.0
    examples: int = 0
    tokens: int = 0
    """Of prompts and replies, without padding."""


class Fitting:
    """Trains one model on one feed; a kill at any moment costs a few minutes and no more."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: Optimizer,
        feed: Feed,
        folder: RunFolder,
        *,
        budget: Budget,
        pace: Pace,
        look: Callable[[], dict[str, float]],
        loss: Callable[[dict[str, Tensor], float], Tensor] | None = None,
        every_seconds: float = 300.0,
        accumulate: int = 1,
        clip_norm: float = 1.0,
        mixed_precision: bool = True,
        note_every: int = 50,
    ) -> None:
        self._model, self._optimizer, self._feed, self._folder = model, optimizer, feed, folder
        self._budget, self._pace, self._look = budget, pace, look
        self._loss = loss or (lambda batch, _: model(**batch).loss)
        self._every_seconds, self._accumulate = every_seconds, accumulate
        self._clip_norm, self._mixed_precision = clip_norm, mixed_precision
        self._note_every = note_every
        self._trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
        self._device = self._trained[0][1].device
        for group in optimizer.param_groups:
            group["peak_lr"] = group["lr"]
        self.done = Done()
        self.losses: list[float] = []
        self._unread: list[Tensor] = []

    def fit(self, *, resume: bool = False, stop_after: int | None = None) -> list[float]:
        """Train until the budget is spent; one loss a step of this start comes back.

        ``stop_after`` ends this start after so many steps, without a checkpoint, as a kill would.
        """
        if resume:
            self._restore()
        began, saved = time.monotonic() - self.done.seconds, time.monotonic()
        first = self.done.step
        self._model.train()
        while (progress := self._budget.progress(self.done.step, self.done.seconds)) < 1.0:
            if stop_after is not None and self.done.step - first >= stop_after:
                break
            self._step(progress)
            self.done.seconds = time.monotonic() - began
            if self.done.step % self._note_every == 0:
                self._note(loss=self._mean_loss())
            if time.monotonic() - saved >= self._every_seconds:
                self._checkpoint()
                saved = time.monotonic()
        else:
            self._checkpoint()
        self._mean_loss()
        return self.losses

    def _step(self, progress: float) -> None:
        import torch

        for group in self._optimizer.param_groups:
            group["lr"] = group["peak_lr"] * self._pace.at(progress)
        total = torch.zeros((), device=self._device)
        for _ in range(self._accumulate):
            batch = self._batch(progress)
            with torch.autocast(
                self._device.type, dtype=torch.bfloat16, enabled=self._mixed_precision
            ):
                loss = self._loss(batch, progress) / self._accumulate
            loss.backward()
            total += loss.detach()
        torch.nn.utils.clip_grad_norm_([p for _, p in self._trained], self._clip_norm)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._unread.append(total)
        self.done.step += 1

    def _batch(self, progress: float) -> dict[str, Tensor]:
        """The next batch, on the device."""
        batch = self._feed.next(progress)
        said = int((batch["labels"] >= 0).sum())
        self.done.examples += len(batch["labels"])
        self.done.tokens += said + int(batch["attention_mask"].sum())
        if self._device.type == "cuda":
            batch = {name: value.pin_memory() for name, value in batch.items()}
        return {name: value.to(self._device, non_blocking=True) for name, value in batch.items()}

    def _mean_loss(self) -> float:
        """The mean since the last look: looking at every step would keep a GPU waiting."""
        import torch

        fresh: list[float] = torch.stack(self._unread).tolist() if self._unread else []
        self._unread.clear()
        self.losses += fresh
        return sum(fresh) / max(1, len(fresh))

    def _checkpoint(self) -> None:
        """Write the whole state, or leave the former one; then measure."""
        import torch

        state: dict[str, Any] = {
            "model": {name: p.detach() for name, p in self._trained},
            "optimizer": self._optimizer.state_dict(),
            "feed": self._feed.state(),
            "done": vars(self.done),
            "random": torch.get_rng_state(),
        }
        self._folder.save(CHECKPOINT, state)
        self._note(**self._look())
        self._model.train()

    def _restore(self) -> None:
        import torch

        state = self._folder.load(CHECKPOINT)
        if state is None:
            return
        self._model.load_state_dict(state["model"], strict=False)
        self._optimizer.load_state_dict(state["optimizer"])
        self._feed.restore(state["feed"])
        self.done = Done(**state["done"])
        torch.set_rng_state(state["random"])

    def _note(self, **values: float) -> None:
        rounded = {name: round(value, 5) for name, value in values.items()}
        seconds = round(self.done.seconds, 1)
        done = {"examples": self.done.examples, "tokens": self.done.tokens}
        self._folder.log(step=self.done.step, seconds=seconds, **done, **rounded)
