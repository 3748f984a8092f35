"""Replies sampled in one go are those that are sampled step by step."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from emotibot_models import t5_sampler
from emotibot_models.errors import DeviceError
from emotibot_models.sampling import Sampling, chances
from emotibot_models.t5_sampler import T5Sampler
from tests.unit.emotibot_models.rehearsal import Rehearsal
from tests.unit.emotibot_models.step_by_step import draw
from tests.unit.emotibot_models.tiny import T5_KINDS, t5

TOKENS = 60
PROMPTS = [[5, 6, 7, 1], [8, 1], [*range(3, 50), 1], [9, 9, 1], [44, 20, 31, 8, 1]]
SPECIAL = (0, 1)
PROMPT = torch.tensor([[5, 6, 7, 1]])


@pytest.fixture(params=T5_KINDS, ids=["gated", "tied"])
def model(request):
    return t5(TOKENS, **request.param)


def sampler(model, forbidden=(), **how) -> T5Sampler:
    return T5Sampler(
        model,
        device=torch.device("cpu"),
        how=Sampling(**{"max_new_tokens": 12, **how}),
        forbidden=forbidden,
        prompt_tokens=64,
        kind=torch.float32,
    )


def filled():
    width = max(map(len, PROMPTS))
    ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in PROMPTS])
    return ids, (ids != 0).long()


@pytest.mark.parametrize("no_repeat", [2, 3])
def test_the_likeliest_replies_are_those_of_transformers(model, no_repeat):
    ids, mask = filled()
    rows = model.generate(
        input_ids=ids,
        attention_mask=mask,
        do_sample=False,
        max_new_tokens=12,
        no_repeat_ngram_size=no_repeat,
        suppress_tokens=[0, 7],
    ).tolist()
    found = sampler(model, [0, 7], no_repeat=no_repeat).sample(PROMPTS, torch.zeros(5, 12))
    assert found.ids == [[token for token in row if token not in SPECIAL] for row in rows]


@pytest.mark.parametrize("allowed", [range(TOKENS), (1, 5, 6, 9)], ids=["all", "few"])
def test_the_same_chances_draw_the_same_replies_as_step_by_step(model, allowed):
    forbidden = [n for n in range(TOKENS) if n == 0 or n not in allowed]
    how = {"no_repeat": 2, "temperature": 0.9}
    uniforms = chances(["p"] * 5, list(range(5)), samples=4, steps=12)
    expected = draw(
        model,
        *filled(),
        uniforms=uniforms,
        how=Sampling(max_new_tokens=12, **how),
        forbidden=torch.tensor(forbidden),
    )
    found = sampler(model, forbidden, **how).sample(PROMPTS, uniforms)
    assert found.ids == expected.ids
    assert found.ended == expected.ended
    assert found.log_likelihoods == pytest.approx(expected.log_likelihoods, abs=1e-5)


def test_a_reply_is_as_likely_as_the_model_says(model):
    uniforms = chances(["p"] * 5, [1] * 5, samples=2, steps=12)
    found = sampler(model, [0]).sample(PROMPTS, uniforms)
    for place, (row, ended) in enumerate(zip(found.ids, found.ended, strict=True)):
        labels = torch.tensor([[*row, *([1] if ended else [])]])
        loss = model(input_ids=torch.tensor([PROMPTS[place // 2]]), labels=labels).loss.item()
        assert found.log_likelihoods[place] == pytest.approx(-loss, abs=1e-5)


def test_more_prompts_than_fit_are_read_one_part_after_the_other(model, monkeypatch):
    uniforms = chances(["p"] * 5, [1] * 5, samples=2, steps=12)
    together = sampler(model).sample(PROMPTS, uniforms)
    monkeypatch.setattr(t5_sampler, "MOST_TOKENS", 128)
    apart = sampler(model).sample(PROMPTS, uniforms)
    assert apart.ids == together.ids


def test_no_prompts_give_no_replies(model):
    assert sampler(model).sample([], torch.zeros(0, 12)).ids == []


def test_one_token_is_a_reply_too(model):
    found = sampler(model, [0, 1], max_new_tokens=1).sample(PROMPTS, torch.zeros(5, 1))
    assert [len(row) for row in found.ids] == [1] * 5


def test_it_stops_soon_after_the_last_reply_has_ended(model):
    stops = sampler(model, [n for n in range(TOKENS) if n != 1], max_new_tokens=32)
    steps = []
    shape = t5_sampler._Shape(8, 64, 1)
    state, read, step = stops._prepared(shape)
    stops._ready[shape] = state, read, lambda: steps.append(step())
    assert stops.sample(PROMPTS, torch.zeros(5, 32)).ended == [True] * 5
    assert len(steps) == t5_sampler.CHECK


def test_what_is_recorded_beforehand_is_replayed(model):
    uniforms = chances(["p"] * 5, [1] * 5, samples=2, steps=12)
    replays, plain = sampler(model), sampler(model)
    replays._recorder = rehearsal = Rehearsal()
    replays.warm(2)
    recorded = rehearsal.recorded
    assert recorded == 2 * (6 + 6)  # 2 to 64 prompts of both lengths, read and written
    first = replays.sample(PROMPTS, uniforms)
    assert first.ids == replays.sample(PROMPTS, uniforms).ids == plain.sample(PROMPTS, uniforms).ids
    assert rehearsal.recorded == recorded
    assert rehearsal.replayed == 2 * (1 + 12)


def test_where_recording_fails_it_samples_all_the_same(model, caplog):
    uniforms = chances(["p"] * 5, [1] * 5, samples=2, steps=12)
    fails, plain = sampler(model), sampler(model)
    fails._recorder = Rehearsal("operation not permitted")
    assert fails.sample(PROMPTS, uniforms).ids == plain.sample(PROMPTS, uniforms).ids
    assert "without CUDA graphs: operation not permitted" in caplog.text


@pytest.fixture
def small(monkeypatch):
    """A device whose memory holds so many replies at a time."""

    def holds(most):
        whole = T5Sampler._state

        def state(self, shape):
            if shape.rows > most:
                raise torch.OutOfMemoryError("CUDA out of memory.")
            return whole(self, shape)

        monkeypatch.setattr(T5Sampler, "_state", state)

    return holds


def test_where_memory_is_short_fewer_prompts_go_at_a_time(model, small, caplog):
    uniforms = chances(["p"] * 9, [1] * 9, samples=2, steps=12)
    expected = sampler(model).sample(PROMPTS + PROMPTS[:4], uniforms)
    small(most=8)
    halved = sampler(model)
    halved._recorder = rehearsal = Rehearsal()
    halved.warm(2)
    assert "1/16 of the usual prompts" in caplog.text
    assert rehearsal.recorded == 2 * (2 + 2)  # 2 and 4 prompts of both lengths, read and written
    assert halved.sample(PROMPTS + PROMPTS[:4], uniforms).ids == expected.ids


def test_where_not_even_one_reply_fits_it_says_what_to_do(model, small):
    small(most=1)
    full = sampler(model)
    full._recorder = Rehearsal()
    with pytest.raises(DeviceError, match="device cpu"):
        full.warm(1)


def drawn(model, *, rows=4, seed=0, forbidden=(), temperature=1.0, **how):
    uniforms = chances(["p"], [seed], samples=rows, steps=12)
    one = sampler(model, forbidden, temperature=temperature, **how)
    return one.sample(PROMPT.tolist(), uniforms)


def test_the_same_chances_give_the_same_replies(model):
    assert drawn(model).ids == drawn(model).ids
    assert drawn(model).ids != drawn(model, seed=1).ids


def test_a_cold_draw_is_the_greedy_one(model):
    cold = drawn(model, temperature=1e-4, no_repeat=20)
    greedy = model.generate(input_ids=PROMPT, max_new_tokens=12, do_sample=False)[0].tolist()
    assert cold.ids == [[t for t in greedy[1:] if t != 1]] * 4


def test_forbidden_tokens_are_never_drawn(model):
    allowed = {1, 5, 6}
    forbidden = [n for n in range(TOKENS) if n not in allowed]
    for ids in drawn(model, rows=16, forbidden=forbidden, temperature=5.0).ids:
        assert set(ids) <= allowed


def test_no_run_of_tokens_comes_twice(model):
    for ids in drawn(model, rows=16, temperature=0.05, no_repeat=2).ids:
        pairs = list(pairwise(ids))
        assert len(set(pairs)) == len(pairs)


def test_a_reply_that_ends_says_so(model):
    only_end = [n for n in range(TOKENS) if n != 1]
    reply = drawn(model, forbidden=only_end)
    assert reply.ids == [[], [], [], []]
    assert reply.ended == [True] * 4


def test_likelihood_is_that_of_the_model_itself(model):
    reply = drawn(model, rows=1, temperature=0.5)
    labels = torch.tensor([reply.ids[0] + ([1] if reply.ended[0] else [])])
    loss = model(input_ids=PROMPT, labels=labels).loss.item()
    assert reply.log_likelihoods[0] == pytest.approx(-loss, abs=1e-4)
