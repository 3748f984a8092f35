"""What ours is measured against: the way a notebook would answer, with the same weights.

Every network runs in torch and fp32, alone and for one message at a time; candidates come from
transformers' ``generate(num_return_sequences=…)`` with the same nucleus, and as many of them. The
path is the same, too: what it leaves unread, it leaves unread here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emotibot_models.bank import load_bank
from emotibot_models.composer import Composer
from emotibot_models.ctranslate import Runtime
from emotibot_models.face_emotion import FaceEmotionModel
from emotibot_models.pipeline import Pipeline
from emotibot_models.presets import resolve
from emotibot_models.relevance import RelevanceModel
from emotibot_models.responder import as_candidates
from emotibot_models.sampling import Sampling, generated
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
