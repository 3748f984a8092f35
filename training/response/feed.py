"""Batches for the generator: sources mixed by shares, lengths alike, resumable at any batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from training.response.encode import Encoded

if TYPE_CHECKING:
    from torch import Tensor

IGNORED = -100


@dataclass(frozen=True)
class Phase:
    """The shares of the sources until a point of the run."""

    until: float
    """Progress, 0 to 1, at which the next phase begins."""
    shares: Mapping[str, float]


class Feed:
    """An endless stream of batches, a pure function of its seed, its state and the progress."""

    def __init__(
        self,
        pools: Mapping[str, Encoded],
        phases: Sequence[Phase],
        *,
        batch: int,
        chunk: int,
        seed: int,
        pad: int,
    ) -> None:
        self._pools, self._phases = pools, phases
        self._batch, self._chunk, self._seed, self._pad = batch, chunk, seed, pad
        self._number, self._place, self._phase = -1, 0, 0
        self._cursors = dict.fromkeys(pools, 0)
        self._before = dict(self._cursors)
        self._batches: list[list[tuple[str, int]]] = []

    def next(self, progress: float) -> dict[str, Tensor]:
        """The next batch: input_ids, attention_mask and labels, padded to its longest row."""
        if self._place >= len(self._batches):
            self._number, self._place = self._number + 1, 0
            self._phase = next(
                (n for n, phase in enumerate(self._phases) if progress < phase.until),
                len(self._phases) - 1,
            )
            self._before = dict(self._cursors)
            self._batches = self._draw()
        rows = self._batches[self._place]
        self._place += 1
        return collate([self._pools[name].pair(n) for name, n in rows], self._pad)

    def state(self) -> dict[str, Any]:
        """What ``restore`` needs to go on with the very next batch."""
        return {
            "number": self._number,
            "place": self._place,
            "phase": self._phase,
            "cursors": dict(self._before),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on after the batch at which ``state`` was taken."""
        self._number, self._phase = state["number"], state["phase"]
        self._cursors = dict(state["cursors"])
        self._before = dict(self._cursors)
        self._batches = self._draw() if self._number >= 0 else []
        self._place = state["place"]

    def _draw(self) -> list[list[tuple[str, int]]]:
        dice = np.random.default_rng((self._seed, self._number))
        rows: list[tuple[str, int]] = []
        shares = self._phases[self._phase].shares
        for name, share in shares.items():
            rows += self._take(name, round(self._chunk * share / sum(shares.values())))
        order = dice.permutation(len(rows))
        mixed = sorted((rows[n] for n in order), key=self._length)
        cut = [mixed[n : n + self._batch] for n in range(0, len(mixed), self._batch)]
        return [cut[n] for n in dice.permutation(len(cut))]

    def _take(self, name: str, count: int) -> list[tuple[str, int]]:
        """The next rows of one source; each pass over it has its own order."""
        taken: list[tuple[str, int]] = []
        size = len(self._pools[name])
        while len(taken) < count:
            turn, at = divmod(self._cursors[name], size)
            order = np.random.default_rng((self._seed, turn, len(name), size)).permutation(size)
            part = order[at : at + count - len(taken)]
            taken += [(name, int(n)) for n in part]
            self._cursors[name] += len(part)
        return taken

    def _length(self, row: tuple[str, int]) -> tuple[int, int]:
        prompt, reply = self._pools[row[0]].pair(row[1])
        return len(prompt) // 4, len(reply)


def collate(pairs: Sequence[tuple[list[int], list[int]]], pad: int) -> dict[str, Tensor]:
    """Rows of ids as padded tensors (B, T); padding of labels is ignored by the loss."""
    import torch

    asked = max(len(prompt) for prompt, _ in pairs)
    said = max(len(reply) for _, reply in pairs)
    ids = torch.full((len(pairs), asked), pad)
    labels = torch.full((len(pairs), said), IGNORED)
    mask = torch.zeros((len(pairs), asked), dtype=torch.long)
    for n, (prompt, reply) in enumerate(pairs):
        ids[n, : len(prompt)] = torch.tensor(prompt)
        mask[n, : len(prompt)] = 1
        labels[n, : len(reply)] = torch.tensor(reply)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}
