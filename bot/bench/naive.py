"""What ours is measured against: the way a notebook would answer, with the same weights.

Every network runs in torch and fp32, alone and for one message at a time; candidates come from
transformers' ``generate(num_return_sequences=…)`` with the same nucleus, and as many of them. The
path is the same, too: what it leaves unread, it leaves unread here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from emotibot_models.bank import load_bank
from emotibot_models.composer import Composer
from emotibot_models.ctranslate import Runtime
from emotibot_models.face_emotion import FaceEmotionModel
from emotibot_models.pipeline import Pipeline
from emotibot_models.presets import resolve
from emotibot_models.relevance import RelevanceModel
from emotibot_models.responder import as_candidates
from emotibot_models.sampling import LIKELIEST, Sampling
from emotibot_models.t5 import ADAPTER, BASE, merged, open_base
from emotibot_models.text_emotion import TextEmotionModel
from emotibot_models.toxicity import ToxicityModel
from emotibot_models.types import Candidate


class Generates:
    """Replies by transformers' own ``generate``."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._how = Sampling()

    @torch.inference_mode()
    def generate(self, prompts: list[str], *, samples: int, **_: Any) -> list[list[Candidate]]:
        """As ``Responder.generate``; seeds are not needed here."""
        rows = self._tokenizer(prompts, padding=True, return_tensors="pt")
        found = self._model.generate(
            input_ids=rows["input_ids"],
            attention_mask=rows["attention_mask"],
            do_sample=True,
            num_return_sequences=samples,
            temperature=self._how.temperature,
            top_p=self._how.top_p,
            top_k=LIKELIEST,
            no_repeat_ngram_size=self._how.no_repeat,
            max_new_tokens=self._how.max_new_tokens,
            return_dict_in_generate=True,
            output_logits=True,
        )
        likelihoods = self._likelihoods(found)
        texts = self._tokenizer.batch_decode(found.sequences, skip_special_tokens=True)
        scored = list(zip(texts, likelihoods, strict=True))
        return [
            as_candidates(prompt, scored[n * samples : (n + 1) * samples])
            for n, prompt in enumerate(prompts)
        ]

    def _likelihoods(self, found: Any) -> list[float]:
        """Mean log-probability a token, in nats, under the model itself."""
        tokens = found.sequences[:, 1:]
        logits = torch.stack(found.logits, dim=1).log_softmax(-1)
        each = logits.gather(-1, tokens[..., None]).squeeze(-1)
        real = tokens != self._tokenizer.pad_token_id
        means: list[float] = ((each * real).sum(1) / real.sum(1)).tolist()
        return means


def load_naive() -> Pipeline:
    """The starter's weights in torch alone, on the processor."""
    sources = resolve("starter")
    text = TextEmotionModel.load(sources.text, "cpu", Runtime.TORCH)
    toxicity = ToxicityModel.load(sources.toxicity, "cpu", Runtime.TORCH)
    folder = Path(sources.response)
    model, tokenizer = open_base(folder / BASE)
    responder: Any = Generates(merged(model, folder / ADAPTER), tokenizer)
    composer = Composer(
        text=text,
        toxicity=toxicity,
        responder=responder,
        relevance=RelevanceModel.load(sources.relevance, "cpu", Runtime.TORCH),
        bank=load_bank(),
    )
    face = FaceEmotionModel.load(sources.face, "cpu")
    return Pipeline(text=text, face=face, toxicity=toxicity, composer=composer)
