"""The reference preset at full size, with random weights: built from configurations, without a hub.

Speed does not depend on the values of weights, but the way of a turn does: random networks would
refuse every reply, and write none that may be sent. So nothing is refused here, and the words of
the candidates that were generated are exchanged for sentences of the bank before they are read.
Relevance and the face finder are the starter's own, as in the preset.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
import transformers
from torch import nn

from bot.bench.naive import Generates
from emotibot_models.bank import load_bank
from emotibot_models.composer import Composer
from emotibot_models.ctranslate import Runtime
from emotibot_models.encoder import Logits, MeanPooledEncoder, on_gpu, read_tokenizer, serve
from emotibot_models.face_emotion import LABELS as FACES
from emotibot_models.face_emotion import FaceEmotionModel, Vit
from emotibot_models.face_finder import Finder
from emotibot_models.graphs import CPU, OnDevice
from emotibot_models.pipeline import Pipeline
from emotibot_models.presets import STARTER, resolve
from emotibot_models.relevance import RelevanceModel
from emotibot_models.responder import Responder
from emotibot_models.sampling import Sampling
from emotibot_models.t5 import BASE, quiet_peft, read_pieces
from emotibot_models.text_emotion import DEFAULT_THRESHOLD, EmotionClassifier, TextEmotionModel
from emotibot_models.text_emotion import LABELS as EMOTIONS
from emotibot_models.toxicity import LABELS as INSULTS
from emotibot_models.toxicity import ToxicityModel
from emotibot_models.types import Candidate, ReplySource
from emotibot_models.worth import Worth

SEED: Final = 8
LORA: Final = {"r": 8, "target_modules": ["q", "v"]}
NEVER: Final = 2.0
"""A threshold that no probability reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What the configurations say beside transformers' defaults, which are the base models."""

    text: Mapping[str, Any] = field(default_factory=dict)
    """distilbert-base-uncased."""
    toxicity: Mapping[str, Any] = field(default_factory=dict)
    """bert-base-uncased, as Detoxify's `original`."""
    face: Mapping[str, Any] = field(default_factory=dict)
    """vit-base-patch16-224."""
    response: Mapping[str, Any] = field(
        default_factory=lambda: {
            "d_model": 768,
            "d_ff": 2048,
            "num_layers": 12,
            "num_heads": 12,
            "feed_forward_proj": "gated-gelu",
            "tie_word_embeddings": False,
            "decoder_start_token_id": 0,
        }
    )
    """flan-t5-base."""


def load(side: str, device: torch.device, *, tokens: int, sizes: Sizes | None = None) -> Pipeline:
    """One side of the comparison, with the same weights as the other.

    ``naive`` is torch in fp32, ``ours`` is what the service loads on such a device.
    """
    naive = side == "naive"
    sizes = sizes or Sizes()
    how = Sampling(max_new_tokens=tokens)
    runtime = Runtime.TORCH if naive else Runtime.EXACT
    torch.manual_seed(SEED)
    text = _text(sizes, device, runtime)
    toxicity = _toxicity(sizes, device, naive=naive)
    face = _face(sizes, device, naive=naive)
    model, tokenizer = _t5(sizes)
    responder: Any = (
        Generates(model.to(device), tokenizer, how)
        if naive
        else Responder(model, tokenizer, device=device, sampling=how)
    )
    composer = Composer(
        toxicity=toxicity,
        responder=Worded(responder),  # type: ignore[arg-type]
        relevance=RelevanceModel.load(resolve("reference").relevance, str(device), runtime),
        bank=load_bank(),
        worth=Worth.load(resolve("reference").ranking),
    )
    on_gpu = device.type != "cpu"
    pipeline = Pipeline(text=text, face=face, toxicity=toxicity, composer=composer, on_gpu=on_gpu)
    if device.type == "cuda" and not naive:
        pipeline.warm()
    return pipeline


class Worded:
    """Generates as another does, and then has sentences of the bank for what was generated."""

    def __init__(self, responder: Any) -> None:
        self._responder = responder
        self._sentences = itertools.cycle(s.example for s in load_bank().sentences)

    def warm(self, samples: int) -> None:
        """As ``Responder.warm``."""
        self._responder.warm(samples)

    def generate(self, prompts: list[str], *, samples: int, **more: Any) -> list[list[Candidate]]:
        """As ``Responder.generate``."""
        self._responder.generate(prompts, samples=samples, **more)
        return [
            [
                Candidate(next(self._sentences), ReplySource.GENERATED, None, -1.0)
                for _ in range(samples)
            ]
            for _ in prompts
        ]


def _text(sizes: Sizes, device: torch.device, runtime: Runtime) -> TextEmotionModel:
    body = transformers.DistilBertModel(transformers.DistilBertConfig(**sizes.text))
    network: nn.Module = EmotionClassifier(MeanPooledEncoder(body, body.config.dim))
    serve(network.encoder, device, runtime)  # type: ignore[arg-type]
    return TextEmotionModel(
        network,
        _words(),
        thresholds=(DEFAULT_THRESHOLD,) * len(EMOTIONS),
        max_length=128,
        device=device,
        graphs=runtime is not Runtime.TORCH,
    )


def _toxicity(sizes: Sizes, device: torch.device, *, naive: bool) -> ToxicityModel:
    config = transformers.BertConfig(**sizes.toxicity, num_labels=len(INSULTS))
    network = transformers.BertForSequenceClassification(config).eval()
    halved = device.type == "cuda" and not naive
    logits = Logits(on_gpu(network) if halved else network)
    never = dict.fromkeys(INSULTS, NEVER)
    return ToxicityModel(OnDevice(logits, device, graphs=halved), _words(), never)


def _face(sizes: Sizes, device: torch.device, *, naive: bool) -> FaceEmotionModel:
    config = transformers.ViTConfig(**sizes.face, num_labels=len(FACES))
    network = transformers.ViTForImageClassification(config).eval()
    # Before transformers 5 the same class has a shorter name.
    prepares = getattr(transformers, "ViTImageProcessorPil", None) or transformers.ViTImageProcessor
    side = config.image_size
    processor = prepares(size={"height": side, "width": side})
    vit = Vit.of(network, processor, tuple(range(len(FACES))), device, halved=not naive)
    finder = Finder.load(resolve("reference").finder, CPU if naive else device)
    return FaceEmotionModel(vit, finder=finder)


def _t5(sizes: Sizes) -> tuple[Any, Any]:
    """A T5 with an adapter merged into it, and our tokenizer, whose ids it knows, too."""
    from peft import LoraConfig, get_peft_model

    tokenizer = read_pieces(STARTER / "response" / BASE)
    model = transformers.T5ForConditionalGeneration(transformers.T5Config(**sizes.response))
    with quiet_peft():
        return get_peft_model(model, LoraConfig(**LORA)).merge_and_unload(), tokenizer


def _words() -> Any:
    """BERT's uncased vocabulary, which the starter's relevance model has on board."""
    return read_tokenizer(Path(STARTER / "relevance"))
