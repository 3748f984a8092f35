"""Batches for the generator: sources mixed by shares, lengths alike, resumable at any batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from training.response.encode import Encoded, joined

if TYPE_CHECKING:
    from torch import Tensor

IGNORED = -100

Places: TypeAlias = npt.NDArray[np.int64]
"""Rows by their numbers."""


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
        self._phases = phases
        self._batch, self._chunk, self._seed, self._pad = batch, chunk, seed, pad
        self._pairs = joined(list(pools.values()))
        self._asked, self._said = self._pairs.asked, self._pairs.said
        self._sizes = {name: len(pool) for name, pool in pools.items()}
        firsts = np.cumsum([0, *self._sizes.values()])
        self._firsts = dict(zip(pools, firsts.tolist(), strict=False))
        self._number, self._place, self._phase = -1, 0, 0
        self._cursors = dict.fromkeys(pools, 0)
        self._before = dict(self._cursors)
        self._batches: list[Places] = []

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
        places = self._batches[self._place]
        self._place += 1
        return collate(self._pairs, places, self._pad)

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

    def _draw(self) -> list[Places]:
        dice = np.random.default_rng((self._seed, self._number))
        shares = self._phases[self._phase].shares
        whole = sum(shares.values())
        rows = np.concatenate(
            [self._take(name, round(self._chunk * share / whole)) for name, share in shares.items()]
        )
        rows = rows[dice.permutation(len(rows))]
        mixed = rows[np.lexsort((self._said[rows], self._asked[rows] // 4))]
        cut = [mixed[n : n + self._batch] for n in range(0, len(mixed), self._batch)]
        return [cut[n] for n in dice.permutation(len(cut))]

    def _take(self, name: str, count: int) -> Places:
        """The next rows of one source; each pass over it has its own order."""
        taken: list[Places] = [np.empty(0, np.int64)]
        size = self._sizes[name]
        while count > 0:
            turn, at = divmod(self._cursors[name], size)
            order = np.random.default_rng((self._seed, turn, len(name), size)).permutation(size)
            part = order[at : at + count]
            taken.append(part + self._firsts[name])
            count -= len(part)
            self._cursors[name] += len(part)
        return np.concatenate(taken)


def collate(pairs: Encoded, places: Places, pad: int) -> dict[str, Tensor]:
    """Some of the pairs as padded tensors (B, T); padding of labels is ignored by the loss."""
    import torch

    ids, real = _padded(pairs.prompts, pairs.prompt_ends, places, filling=pad)
    labels, _ = _padded(pairs.replies, pairs.reply_ends, places, filling=IGNORED)
    return {
        "input_ids": torch.from_numpy(ids),
        "attention_mask": torch.from_numpy(real.astype(np.int64)),
        "labels": torch.from_numpy(labels),
    }


def _padded(
    flat: npt.NDArray[np.uint16], ends: Places, places: Places, *, filling: int
) -> tuple[Places, npt.NDArray[np.bool_]]:
    """Rows of ids (B, T), and which of them are real: all by indexing, at the pace of a GPU."""
    firsts = np.where(places > 0, ends[places - 1], 0)
    lengths = ends[places] - firsts
    steps = np.arange(lengths.max())
    real = steps < lengths[:, None]
    rows = flat[np.minimum(firsts[:, None] + steps, len(flat) - 1)].astype(np.int64)
    return np.where(real, rows, filling), real
