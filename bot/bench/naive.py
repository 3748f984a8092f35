"""What ours is measured against: the way a notebook would answer, with the same weights.

Every network runs in torch and fp32, alone and for one message at a time; candidates come from
transformers' ``generate(num_return_sequences=…)`` with the same nucleus, and as many of them, for
every message: ours spares that where a written reply is good enough. Else the path is the same:
what it leaves unread, it leaves unread here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from emotibot_models.bank import load_bank
from emotibot_models.composer import Composer
from emotibot_models.ctranslate import Runtime
from emotibot_models.face_emotion import FaceEmotionModel
from emotibot_models.pipeline import Pipeline
from emotibot_models.presets import resolve
from emotibot_models.relevance import RelevanceModel
from emotibot_models.responder import as_candidates
from emotibot_models.sampling import LIKELIEST, Drawn, Sampling
from emotibot_models.t5 import ADAPTER, BASE, merged, open_base
from emotibot_models.text_emotion import TextEmotionModel
from emotibot_models.toxicity import ToxicityModel
from emotibot_models.types import Candidate
from emotibot_models.worth import Worth


class Generates:
    """Replies by transformers' own ``generate``."""

    def __init__(self, model: Any, tokenizer: Any, how: Sampling | None = None) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._how = how or Sampling()

    def generate(self, prompts: list[str], *, samples: int, **_: Any) -> list[list[Candidate]]:
        """As ``Responder.generate``; seeds are not needed here."""
        rows = self._tokenizer(prompts, padding=True, return_tensors="pt").to(self._model.device)
        ids, mask = rows["input_ids"], rows["attention_mask"]
        drawn = generated(self._model, ids, mask, samples=samples, how=self._how)
        texts = self._tokenizer.batch_decode(drawn.ids, skip_special_tokens=True)
        scored = list(zip(texts, drawn.log_likelihoods, strict=True))
        return [
            as_candidates(prompt, scored[n * samples : (n + 1) * samples])
            for n, prompt in enumerate(prompts)
        ]


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


def load_naive() -> Pipeline:
    """The starter's weights in torch alone, on the processor."""
    sources = resolve("starter")
    text = TextEmotionModel.load(sources.text, "cpu", Runtime.TORCH)
    toxicity = ToxicityModel.load(sources.toxicity, "cpu", Runtime.TORCH)
    folder = Path(sources.response)
    model, tokenizer = open_base(folder / BASE)
    responder: Any = Generates(merged(model, folder / ADAPTER), tokenizer)
    composer = Composer(
        toxicity=toxicity,
        responder=responder,
        relevance=RelevanceModel.load(sources.relevance, "cpu", Runtime.TORCH),
        bank=load_bank(),
        worth=Worth.load(sources.ranking),
    )
    face = FaceEmotionModel.load(sources.face, "cpu")
    return Pipeline(text=text, face=face, toxicity=toxicity, composer=composer)
