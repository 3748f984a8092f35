from __future__ import annotations

from training.runs.batches import bucketed

LENGTHS = [(i * 37) % 50 + 1 for i in range(203)]


def test_every_example_comes_once():
    batches = bucketed(LENGTHS, batch_size=8, seed=1, epoch=0)
    assert sorted(i for batch in batches for i in batch) == list(range(203))


def test_the_same_seed_and_epoch_give_the_same_order_and_another_epoch_another():
    first = bucketed(LENGTHS, batch_size=8, seed=1, epoch=0)
    assert bucketed(LENGTHS, batch_size=8, seed=1, epoch=0) == first
    assert bucketed(LENGTHS, batch_size=8, seed=1, epoch=1) != first


def test_alike_lengths_come_together():
    batches = bucketed(LENGTHS, batch_size=8, seed=1, epoch=0)
    spread = [max(LENGTHS[i] for i in b) - min(LENGTHS[i] for i in b) for b in batches]
    assert max(spread) <= 6
