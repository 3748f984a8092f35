from __future__ import annotations

import math

import numpy as np
import torch

from training.response.encode import encode_pairs
from training.response.feed import collate
from training.response.network import (
    EVERYDAY,
    everyday_replies,
    new_network,
    optimizer_for,
    perplexity,
    reply_loss,
)


def test_the_same_seed_makes_the_same_network(pieces):
    first, second, other = (
        new_network(pieces, width=64, layers=1, seed=seed).shared.weight for seed in (1, 1, 2)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_queries_learn_slower_and_every_parameter_learns_once(tiny_t5):
    optimizer = optimizer_for(tiny_t5, body=8e-3, embedding=1e-2)
    shared, vectors, queries, matrices = optimizer.param_groups
    grouped = [id(p) for group in optimizer.param_groups for p in group["params"]]
    assert sorted(grouped) == sorted(id(p) for p in tiny_t5.parameters())
    assert (shared["lr"], vectors["lr"], matrices["lr"]) == (1e-2, 8e-3, 8e-3)
    assert queries["lr"] == 1e-3
    assert len(queries["params"]) == 3


def test_perplexity_is_the_exponential_of_the_mean_loss_a_token(tiny_t5, pieces):
    pairs = [("[joy] [person] Hi.", "Oh."), ("[joy] [person] Hello you.", "What happened to you?")]
    encoded = encode_pairs(pieces, pairs, prompt_tokens=30, reply_tokens=30)
    total = tokens = 0.0
    for n in range(2):
        row = collate(encoded, np.array([n]), 0)
        count = row["labels"].numel()
        total += tiny_t5(**row).loss.item() * count
        tokens += count
    found = perplexity(tiny_t5, encoded, pad=0)
    assert math.isclose(found, math.exp(total / tokens), rel_tol=1e-4)


def test_guessing_the_topic_is_added_to_the_loss(tiny_t5, pieces):
    pairs = encode_pairs(
        pieces, [("[joy] [person] Hi.", "Oh no.")], prompt_tokens=9, reply_tokens=9
    )
    batch = collate(pairs, np.array([0]), 0)
    plain, once, twice = (reply_loss(tiny_t5, batch, topic=t).item() for t in (0.0, 1.0, 2.0))
    assert plain < once < twice
    assert math.isclose(twice - once, once - plain, rel_tol=1e-3)


def test_every_everyday_message_is_answered(tiny_t5, pieces):
    assert len(everyday_replies(tiny_t5, pieces)) == len(EVERYDAY)
