"""Sampling from an encoder-decoder: nucleus, reproducible row by row."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

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


@dataclass
class _Row:
    """What one reply has said so far, and what may not follow."""

    ids: list[int] = field(default_factory=list)
    total: float = 0.0
    ended: bool = False
    followers: dict[tuple[int, ...], set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, token: int, log_probability: float, *, end: int, n: int) -> None:
        self.total += log_probability
        self.ended = token == end
        if self.ended:
            return
        self.ids.append(token)
        if len(self.ids) >= n:
            self.followers[tuple(self.ids[-n:-1])].add(token)

    def banned(self, n: int) -> set[int]:
        return self.followers.get(tuple(self.ids[-(n - 1) :]), set())


@torch.inference_mode()
def draw(
    model: Any,
    input_ids: Tensor,
    mask: Tensor,
    *,
    uniforms: Tensor,
    how: Sampling,
    forbidden: Tensor,
) -> Drawn:
    """Sample ``R / P`` replies for each of ``P`` prompts (input_ids and mask: (P, L)).

    ``uniforms`` (R, steps) holds every chance that is taken and ``forbidden`` the token ids that
    are never drawn; rows of one prompt stand together.
    """
    from transformers.modeling_outputs import BaseModelOutput

    each = len(uniforms) // len(input_ids)
    hidden = model.get_encoder()(input_ids=input_ids, attention_mask=mask).last_hidden_state
    encoded = BaseModelOutput(last_hidden_state=hidden.repeat_interleave(each, dim=0))
    mask = mask.repeat_interleave(each, dim=0)
    end = int(model.config.eos_token_id)
    rows = [_Row() for _ in uniforms]
    last = torch.full((len(rows), 1), int(model.config.decoder_start_token_id)).to(mask.device)
    past = None
    for step in range(uniforms.shape[1]):
        out = model(
            encoder_outputs=encoded,
            attention_mask=mask,
            decoder_input_ids=last,
            past_key_values=past,
            use_cache=True,
        )
        past = out.past_key_values
        plain = out.logits[:, -1].float().log_softmax(-1).cpu()
        tokens = _choose(_allowed(plain, rows, forbidden, how), uniforms[:, step], how)
        for row, token, scores in zip(rows, tokens.tolist(), plain, strict=True):
            if not row.ended:
                row.add(token, float(scores[token]), end=end, n=how.no_repeat)
        if all(row.ended for row in rows):
            break
        last = tokens[:, None].to(mask.device)
    return Drawn(
        [row.ids for row in rows],
        [row.total / max(1, len(row.ids) + row.ended) for row in rows],
        [row.ended for row in rows],
    )


@torch.inference_mode()
def generated(
    model: Any,
    input_ids: Tensor,
    mask: Tensor,
    *,
    samples: int,
    how: Sampling,
    forbidden: Sequence[int] = (),
) -> Drawn:
    """Replies by transformers' own ``generate``, ``samples`` to each prompt (P, L).

    The chances are torch's: nothing is reproducible here.
    """
    found = model.generate(
        input_ids=input_ids,
        attention_mask=mask,
        do_sample=True,
        num_return_sequences=samples,
        temperature=how.temperature,
        top_p=how.top_p,
        top_k=LIKELIEST,
        no_repeat_ngram_size=how.no_repeat,
        max_new_tokens=how.max_new_tokens,
        suppress_tokens=list(forbidden) or None,
        return_dict_in_generate=True,
        output_logits=True,
    )
    tokens = found.sequences[:, 1:]
    chosen = tokens[..., None]
    each = torch.cat(
        [
            logits.float().log_softmax(-1).gather(-1, chosen[:, step])
            for step, logits in enumerate(found.logits)
        ],
        dim=1,
    )
    real = tokens != model.config.pad_token_id
    ended = (tokens == model.config.eos_token_id).any(1)
    silent = (model.config.pad_token_id, model.config.eos_token_id)
    return Drawn(
        [[token for token in row if token not in silent] for row in tokens.tolist()],
        ((each * real).sum(1) / real.sum(1).clamp_min(1)).tolist(),
        ended.tolist(),
    )


def chances(
    prompts: Sequence[str], seeds: Sequence[int | None], *, samples: int, steps: int
) -> Tensor:
    """Uniform numbers (prompts x samples, steps): a function of seed, prompt and sample alone.

    A seed of None draws fresh ones.
    """
    rows = []
    for prompt, seed in zip(prompts, seeds, strict=True):
        generator = torch.Generator()
        if seed is None:
            generator.seed()
        else:
            generator.manual_seed(zlib.crc32(f"{seed}|{prompt}".encode()))
        rows.append(torch.rand(samples, steps, generator=generator))
    return torch.cat(rows)


def _allowed(scores: Tensor, rows: Sequence[_Row], forbidden: Tensor, how: Sampling) -> Tensor:
    """The scores with what may not follow at minus infinity."""
    scores = scores.clone()
    scores[:, forbidden] = -torch.inf
    for place, row in enumerate(rows):
        if banned := row.banned(how.no_repeat):
            scores[place, list(banned)] = -torch.inf
    return scores


def _choose(scores: Tensor, chance: Tensor, how: Sampling) -> Tensor:
    """One token a row (R,), drawn from the nucleus of ``scores`` (R, V)."""
    probabilities = (scores / how.temperature).softmax(-1)
    ranked, order = probabilities.topk(min(LIKELIEST, probabilities.shape[1]))
    before = ranked.cumsum(-1) - ranked
    ranked = torch.where(before < how.top_p, ranked, 0.0)
    reached = ranked.cumsum(-1)
    wanted = chance[:, None] * reached[:, -1:]
    place = (reached <= wanted).sum(-1, keepdim=True).clamp_max(ranked.shape[1] - 1)
    return order.gather(1, place).squeeze(1)
