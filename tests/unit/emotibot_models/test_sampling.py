from __future__ import annotations

import torch

from emotibot_models.sampling import chances


def test_chances_follow_seed_and_prompt_alone():
    pair = chances(["a", "b"], [1, 1], samples=2, steps=3)
    alone = chances(["b"], [1], samples=2, steps=3)
    assert torch.equal(pair[2:], alone)
    assert not torch.equal(pair[:2], pair[2:])
    assert not torch.equal(alone, chances(["b"], [2], samples=2, steps=3))


def test_no_seed_draws_anew():
    first, second = (chances(["a"], [None], samples=1, steps=8) for _ in range(2))
    assert not torch.equal(first, second)
