from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from training.response.encode import Encoded, encode_pairs
from training.response.feed import IGNORED, Feed, Phase, collate


@pytest.fixture
def pools(pieces):
    def pool(word, count):
        pairs = [(f"[person] {word} {'so ' * (n % 7)}", f"{word} {n}.") for n in range(count)]
        return encode_pairs(pieces, pairs, prompt_tokens=30, reply_tokens=30)

    return {"sad": pool("sad", 30), "glad": pool("glad", 50)}


def feed(pools, **more):
    phases = [Phase(0.5, {"sad": 1.0}), Phase(1.0, {"sad": 1.0, "glad": 3.0})]
    return Feed(pools, phases, **{"batch": 4, "chunk": 16, "seed": 1, "pad": 0} | more)


def words(pieces, batch):
    ids = batch["labels"].masked_fill(batch["labels"] == IGNORED, 0)
    return [text.split()[0] for text in pieces.batch_decode(ids, skip_special_tokens=True)]


def test_rows_are_padded_and_padding_is_ignored():
    arrays = ([3, 1, 5, 6, 1, 8, 1], [2, 5, 7], [4, 1, 7, 1, 9, 9, 9, 1], [2, 4, 8])
    batch = collate(Encoded(*map(np.array, arrays)), np.array([1, 2]), 0)
    assert batch["input_ids"].tolist() == [[5, 6, 1], [8, 1, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert batch["labels"].tolist() == [[7, 1, IGNORED, IGNORED], [9, 9, 9, 1]]


def test_each_phase_mixes_its_own_sources(pools, pieces):
    stream = feed(pools)
    first = Counter(w for _ in range(4) for w in words(pieces, stream.next(0.1)))
    second = Counter(w for _ in range(4) for w in words(pieces, stream.next(0.9)))
    assert first == {"sad": 16}
    assert second == {"sad": 4, "glad": 12}


def test_every_row_comes_once_a_pass(pools):
    stream = feed({"sad": pools["sad"]}, chunk=30, batch=30)
    once = stream.next(0.0)["labels"].tolist()
    assert len({tuple(row) for row in once}) == 30


def test_a_seed_decides_the_order(pools):
    a, b, other = feed(pools), feed(pools), feed(pools, seed=2)
    rows = [stream.next(0.0)["labels"].tolist() for stream in (a, b, other)]
    assert rows[0] == rows[1] != rows[2]


@pytest.mark.parametrize("taken", [0, 1, 4, 6, 9])
def test_a_restored_feed_goes_on_with_the_next_batch(pools, taken):
    whole, first, second = feed(pools), feed(pools), feed(pools)
    for _ in range(taken):
        whole.next(0.9)
        first.next(0.9)
    second.restore(first.state())
    for _ in range(6):
        assert torch.equal(whole.next(0.9)["labels"], second.next(0.9)["labels"])


def test_lengths_in_a_batch_are_alike(pools):
    stream = feed({"sad": pools["sad"]}, chunk=28, batch=7)
    padding = rows = 0
    for _ in range(4):
        mask = stream.next(0.0)["attention_mask"]
        padding, rows = padding + int((mask == 0).sum()), rows + len(mask)
    assert padding / rows < 2
