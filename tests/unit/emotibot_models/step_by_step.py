"""The plainest sampling from an encoder-decoder, token by token: what the fast one is held to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from emotibot_models.sampling import LIKELIEST, Drawn, Sampling


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
