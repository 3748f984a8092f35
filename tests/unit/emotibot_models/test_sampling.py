from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from emotibot_models.sampling import Sampling, chances, draw, generated

PROMPT = torch.tensor([[5, 6, 7, 1]])
NOTHING = torch.tensor([], dtype=torch.long)


def drawn(model, ids=PROMPT, *, rows=4, seed=0, forbidden=NOTHING, temperature=1.0, **how):
    how = Sampling(**{"max_new_tokens": 12, "temperature": temperature, **how})
    return draw(
        model,
        ids,
        torch.ones_like(ids),
        uniforms=chances(["p"] * len(ids), [seed] * len(ids), samples=rows, steps=12),
        how=how,
        forbidden=forbidden,
    )


def test_chances_follow_seed_and_prompt_alone():
    pair = chances(["a", "b"], [1, 1], samples=2, steps=3)
    alone = chances(["b"], [1], samples=2, steps=3)
    assert torch.equal(pair[2:], alone)
    assert not torch.equal(pair[:2], pair[2:])
    assert not torch.equal(alone, chances(["b"], [2], samples=2, steps=3))


def test_no_seed_draws_anew():
    first, second = (chances(["a"], [None], samples=1, steps=8) for _ in range(2))
    assert not torch.equal(first, second)


def test_the_same_chances_give_the_same_replies(tiny_t5):
    assert drawn(tiny_t5).ids == drawn(tiny_t5).ids
    assert drawn(tiny_t5).ids != drawn(tiny_t5, seed=1).ids


def test_a_cold_draw_is_the_greedy_one(tiny_t5):
    cold = drawn(tiny_t5, temperature=1e-4, no_repeat=20)
    greedy = tiny_t5.generate(input_ids=PROMPT, max_new_tokens=12, do_sample=False)[0].tolist()
    assert cold.ids == [[t for t in greedy[1:] if t != 1]] * 4


def test_forbidden_tokens_are_never_drawn(tiny_t5):
    allowed = {1, 5, 6}
    forbidden = torch.tensor([n for n in range(tiny_t5.config.vocab_size) if n not in allowed])
    for ids in drawn(tiny_t5, rows=16, forbidden=forbidden, temperature=5.0).ids:
        assert set(ids) <= allowed


def test_no_run_of_tokens_comes_twice(tiny_t5):
    for ids in drawn(tiny_t5, rows=16, temperature=0.05, no_repeat=2).ids:
        pairs = list(pairwise(ids))
        assert len(set(pairs)) == len(pairs)


def test_a_reply_that_ends_says_so(tiny_t5):
    only_end = torch.tensor([n for n in range(tiny_t5.config.vocab_size) if n != 1])
    reply = drawn(tiny_t5, forbidden=only_end)
    assert reply.ids == [[], [], [], []]
    assert reply.ended == [True] * 4


def test_likelihood_is_that_of_the_model_itself(tiny_t5):
    reply = drawn(tiny_t5, rows=1, temperature=0.5)
    labels = torch.tensor([reply.ids[0] + ([1] if reply.ended[0] else [])])
    loss = tiny_t5(input_ids=PROMPT, labels=labels).loss.item()
    assert reply.log_likelihoods[0] == pytest.approx(-loss, abs=1e-4)


def test_what_transformers_generates_is_as_likely_as_the_model_says(tiny_t5):
    torch.manual_seed(0)
    ids = torch.tensor([[5, 6, 1], [7, 1, 0]])
    how = Sampling(max_new_tokens=5)
    drawn = generated(tiny_t5, ids, (ids != 0).long(), samples=3, how=how, forbidden=[8])
    assert len(drawn.ids) == len(drawn.log_likelihoods) == 6
    assert all(8 not in row for row in drawn.ids)
    for place, (row, ended, found) in enumerate(
        zip(drawn.ids, drawn.ended, drawn.log_likelihoods, strict=True)
    ):
        said = torch.tensor([[*row, *([1] if ended else [])]])
        source = ids[place // 3][ids[place // 3] != 0][None]
        loss = tiny_t5(input_ids=source, labels=said).loss.item()
        assert found == pytest.approx(-loss, abs=1e-4)
