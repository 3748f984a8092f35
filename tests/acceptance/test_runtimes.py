"""The weights on board say the same on every runtime, or as nearly as is stated here.

Torch in float32 is the reference. CTranslate2 in float32 differs in the last bits alone; in int8,
which is the default on a processor that is exact with bytes, it differs by what the bounds below
say.
"""

from __future__ import annotations

from functools import cache

import pytest
import torch

from bot.bench.messages import MESSAGES
from emotibot_models.bank import load_bank
from emotibot_models.ctranslate import Runtime
from emotibot_models.devices import adds_bytes_exactly
from emotibot_models.presets import resolve
from emotibot_models.prompts import build_prompt
from emotibot_models.relevance import RelevanceModel
from emotibot_models.responder import Responder
from emotibot_models.text_emotion import TextEmotionModel
from emotibot_models.toxicity import ToxicityModel
from emotibot_models.types import Emotion, Intent

SOURCES = resolve("starter")
UNKIND = (
    "You are a stupid idiot and I hate you.",
    "Shut up, nobody wants you here.",
    "Go to hell, you pathetic loser.",
    "What a moron, kill yourself.",
)
BANK = load_bank().sentences
TEXTS = [*MESSAGES, *(s.example for s in BANK[:: len(BANK) // 110]), *UNKIND]
"""What people say, sentences of all parts of the bank, which is kind, and what is not."""
SCORE = {Runtime.EXACT: 1e-4, Runtime.INT8: 0.1}
"""How far a probability may lie from torch's."""
SAME = {Runtime.EXACT: 1.0, Runtime.INT8: 0.95}
"""The share of texts with the very same labels, at least."""
PROMPTS = [
    build_prompt(text, emotion=emotion, face=None, history=(), intent=intent)
    for text in MESSAGES
    for emotion, intent in ((Emotion.SADNESS, Intent.REFLECT), (Emotion.JOY, Intent.ASK))
]
GREEDY = {Runtime.EXACT: 1.0, Runtime.INT8: 0.8}
"""The share of greedy replies with the very same tokens, at least."""
EXACT_WITH_BYTES = pytest.mark.skipif(
    not adds_bytes_exactly(), reason="int8 is not served on this processor"
)
FAST = [Runtime.EXACT, pytest.param(Runtime.INT8, marks=EXACT_WITH_BYTES)]


@cache
def emotions(runtime: Runtime) -> tuple[torch.Tensor, list[tuple[str, ...]]]:
    """Probabilities (N, 27) and the labels above their thresholds."""
    model = TextEmotionModel.load(SOURCES.text, "cpu", runtime)
    scores = model.scores(TEXTS)
    readings = [model.reading(row, {}) for row in scores.tolist()]
    return scores, [tuple(sorted(e.emotion for e in reading.emotions)) for reading in readings]


@cache
def vectors(runtime: Runtime) -> tuple[torch.Tensor, torch.Tensor]:
    """What each message is, and what each text is as an answer."""
    model = RelevanceModel.load(SOURCES.relevance, "cpu", runtime)
    return model.embed_contexts(list(MESSAGES)), model.embed_replies(TEXTS)


@cache
def reviews(runtime: Runtime) -> tuple[torch.Tensor, list[bool]]:
    """Toxicity scores (N, 6), and whether each text may be sent."""
    model = ToxicityModel.load(SOURCES.toxicity, "cpu", runtime)
    found = model.scores(TEXTS)
    return torch.tensor([list(row.values()) for row in found]), [model.is_safe(r) for r in found]


def share(one, other) -> float:
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


@pytest.mark.parametrize("runtime", FAST)
def test_emotions_are_those_that_torch_reads(runtime):
    (expected, labels), (found, same) = emotions(Runtime.TORCH), emotions(runtime)
    assert (found - expected).abs().max() < SCORE[runtime]
    assert share(same, labels) >= SAME[runtime]
    assert len({label for row in labels for label in row}) > 10


@pytest.mark.parametrize("runtime", FAST)
def test_reviews_come_to_the_same_verdict(runtime):
    (expected, safe), (found, verdict) = reviews(Runtime.TORCH), reviews(runtime)
    assert (found - expected).abs().max() < SCORE[runtime]
    assert verdict == safe
    assert not any(verdict[-len(UNKIND) :])


@pytest.mark.parametrize(
    ("runtime", "apart"),
    [(Runtime.EXACT, 1e-5), pytest.param(Runtime.INT8, 0.02, marks=EXACT_WITH_BYTES)],
)
def test_answers_lie_where_torch_puts_them(runtime, apart):
    for expected, found in zip(vectors(Runtime.TORCH), vectors(runtime), strict=True):
        assert (1 - (expected * found).sum(-1)).max() < apart


@pytest.mark.parametrize("runtime", FAST)
def test_greedy_replies_are_those_of_torch(runtime):
    responder = Responder.load(SOURCES.response, "cpu", runtime=runtime)
    expected = responder.greedy(PROMPTS, reference=True)
    assert share(responder.greedy(PROMPTS), expected) >= GREEDY[runtime]
