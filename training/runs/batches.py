"""Batches of similar length, in an order that a seed and an epoch decide."""

from __future__ import annotations

import random
from collections.abc import Sequence


def bucketed(
    lengths: Sequence[int], *, batch_size: int, seed: int, epoch: int, pool: int = 50
) -> list[list[int]]:
    """Indices in shuffled batches; within a pool of batches, alike lengths come together.

    ``pool`` is the number of batches that are sorted as one, which keeps padding small and the
    order random.
    """
    rng = random.Random(f"{seed}/{epoch}")  # noqa: S311 - an order of examples, no secret
    order = list(range(len(lengths)))
    rng.shuffle(order)
    span = batch_size * pool
    batches: list[list[int]] = []
    for start in range(0, len(order), span):
        part = sorted(order[start : start + span], key=lambda i: lengths[i])
        batches += [part[i : i + batch_size] for i in range(0, len(part), batch_size)]
    rng.shuffle(batches)
    return batches
