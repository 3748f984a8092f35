from __future__ import annotations

import shutil

import pytest
import torch

from emotibot_models.artifacts import Manifest, save_weights, seal
from emotibot_models.encoder import MeanPooledEncoder, read_config
from emotibot_models.relevance import BiEncoder
from training.relevance.data import Pair
from training.relevance.evaluate import candidate_scores, evaluate, recall


def pairs(size):
    return [Pair((f"said {i}",), "same words" if i < 3 else f"reply {i}") for i in range(size)]


def test_the_own_reply_stands_first_and_no_twin_of_it_among_the_others():
    numbers = torch.arange(120.0).repeat(120, 1)  # the score is the number of the reply
    table = candidate_scores(numbers, pairs(120))
    assert table.shape == (120, 100)
    assert table[:, 0].tolist() == list(range(120))
    assert not set(table[0, 1:].tolist()) & {0.0, 1.0, 2.0}


def test_the_same_seed_draws_the_same_others():
    scores = torch.rand(120, 120)
    drawn = [candidate_scores(scores, pairs(120), seed=s) for s in (1, 1, 2)]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_recall_counts_the_rows_whose_own_reply_is_high_enough_and_a_tie_is_a_miss():
    scores = torch.tensor([[3.0, 1.0, 2.0], [1.0, 2.0, 0.0], [1.0, 1.0, 0.0]])
    assert recall(scores, 1) == pytest.approx(1 / 3)
    assert recall(scores, 2) == pytest.approx(1.0)


def test_evaluation_reports_recall_with_and_without_history(tmp_path, data, tiny_bert):
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(tiny_bert / name, tmp_path / name)
    model = BiEncoder(MeanPooledEncoder.from_config(read_config(tmp_path)))
    save_weights(tmp_path / "model.safetensors", model.state_dict(), storage="int8")
    settings = {"context_tokens": 32, "reply_tokens": 16, "specificity": 0.0}
    manifest = Manifest(task="relevance", architecture="mean-pooled-bi-encoder", settings=settings)
    seal(tmp_path, manifest, ["model.safetensors", "config.json", "tokenizer.json"])
    figures = evaluate(tmp_path, data, "cpu")
    assert figures["pairs"] == 240
    assert 0.0 <= figures["last_turn"]["recall_at_1_of_100"] <= 1.0
    assert figures["history"]["recall_at_10_of_100"] >= figures["history"]["recall_at_1_of_100"]
