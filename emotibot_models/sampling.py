"""How replies are sampled: from the nucleus, each by chances of its own."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

LIKELIEST = 64
"""Tokens that are looked at for the nucleus: it is seldom wider, and more take time to find."""


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How replies are drawn."""

    temperature: float = 0.7
    """Below 1 the likely becomes likelier; one for all samples, so that they are one batch."""
    top_p: float = 0.9
    """Tokens outside this share of the probability are never drawn."""
    max_new_tokens: int = 32
    no_repeat: int = 3
    """No run of this many tokens occurs twice in a reply."""


@dataclass
class Drawn:
    """The replies of one call, row by row."""

    ids: list[list[int]]
    log_likelihoods: list[float]
    """Mean log-probability a token, in nats, under the model itself (temperature 1)."""
    ended: list[bool]


def chances(
    prompts: Sequence[str], seeds: Sequence[int | None], *, samples: int, steps: int
) -> Tensor:
    """Uniform numbers (prompts x samples, steps): a function of seed, prompt and sample alone.

    A seed of None draws fresh ones.
    """
    fresh = torch.Generator()
    fresh.seed()
    rows = [
        torch.rand(samples, steps, generator=fresh if seed is None else _seeded(seed, prompt))
        for prompt, seed in zip(prompts, seeds, strict=True)
    ]
    return torch.cat(rows)


def _seeded(seed: int, prompt: str) -> torch.Generator:
    return torch.Generator().manual_seed(zlib.crc32(f"{seed}|{prompt}".encode()))
