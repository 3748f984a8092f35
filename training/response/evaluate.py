"""Measure a reply generator on the test split of EmpatheticDialogues."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emotibot_models.face_emotion import FaceEmotionModel
from emotibot_models.presets import PRESETS
from emotibot_models.prompts import build_prompt
from emotibot_models.relevance import RelevanceModel
from emotibot_models.responder import Responder
from emotibot_models.sampling import Sampling
from emotibot_models.text_emotion import TextEmotionModel
from emotibot_models.toxicity import ToxicityModel
from emotibot_models.types import TurnResult
from training.response.data import TEST, read
from training.response.examples import Example
from training.response.judges import Judges
from training.response.quality import strict
from training.response.systems import BATCH as TURNS_A_BATCH
from training.response.systems import SEED, Parts, answers, sources, written

SCORED_STEP = 3
"""Every so manyth test example is scored."""
ANSWERED = 200
"""Test examples that are answered."""
BATCH = 32
GREEDY = Sampling(temperature=1e-4, top_p=1e-4)
"""So cold that only the likeliest token is drawn."""
PLAIN = Sampling(temperature=0.7)


def evaluate(source: str | Path, data: Path, device: str = "auto") -> dict[str, Any]:
    """Perplexity of the human replies, and six ways to answer beside what people answered.

    ``greedy`` and ``sampled`` (temperature 0.7) are the generator alone, with the gold situation
    in the prompt; ``ranked``, ``bank`` and ``pipeline`` read the message themselves: the best of
    the generated replies, of the bank, of both.

    Raises:
        ArtifactError: the weights cannot be used.
        DataError: the data folder holds no EmpatheticDialogues.
    """
    examples = strict(read(data, TEST)["empathetic_dialogues"])
    scored = examples[::SCORED_STEP]
    answered = examples[:: max(1, len(examples) // ANSWERED)][:ANSWERED]
    parts = read_parts(source, device)
    return {
        "examples": len(scored),
        **perplexities(parts.responder, scored),
        "answered": len(answered),
        **side_by_side(source, parts, answered, device),
    }


def read_parts(source: str | Path, device: str) -> Parts:
    """The generator to measure, and the starter's weights around it."""
    starter = PRESETS["starter"]
    judges = Judges(
        TextEmotionModel.load(starter.text, device), ToxicityModel.load(starter.toxicity, device)
    )
    return Parts(
        Responder.load(source, device),
        RelevanceModel.load(starter.relevance, device),
        judges,
        FaceEmotionModel.load(starter.face, device),
    )


def side_by_side(
    source: str | Path, parts: Parts, examples: Sequence[Example], device: str
) -> dict[str, dict[str, float]]:
    """The figures of each way to answer, by its name."""
    judges = parts.judges
    out = {"human": judges.figures([e.reply for e in examples], examples)}
    for name, how in (("greedy", GREEDY), ("sampled", PLAIN)):
        responder = Responder.load(source, device, sampling=how)
        out[name] = judges.beside_human(one_reply(responder, examples), examples)
    for name, pipeline in (
        ("ranked", parts.ranked()),
        ("bank", parts.bank_only()),
        ("pipeline", parts.whole()),
    ):
        results = answers(pipeline, examples)
        out[name] = judges.beside_human([r.response for r in results], examples, written(results))
        out[name] |= sources(results) | {"seconds_a_turn": _seconds(results)}
    return out


def perplexities(responder: Responder, examples: Sequence[Example]) -> dict[str, float]:
    """The perplexity of the human replies: a token, a word, and a token where intents are told.

    Tokens compare with the same tokenizer alone, words with any.
    """
    words = sum(len(example.reply.split()) for example in examples)
    nats, tokens = _surprise(responder, examples, intents=False)
    with_intent, _ = _surprise(responder, examples, intents=True)
    return {
        "perplexity": math.exp(nats / max(1, tokens)),
        "perplexity_a_word": math.exp(nats / max(1, words)),
        "perplexity_with_intent": math.exp(with_intent / max(1, tokens)),
    }


def _surprise(
    responder: Responder, examples: Sequence[Example], *, intents: bool
) -> tuple[float, int]:
    """The negative log-likelihood of all replies, in nats, and their tokens."""
    nats, tokens = 0.0, 0
    for start in range(0, len(examples), BATCH):
        part = examples[start : start + BATCH]
        prompts = [prompt(example, intent=intents) for example in part]
        for value, count in responder.scores(prompts, [example.reply for example in part]):
            nats, tokens = nats - value, tokens + count
    return nats, tokens


def prompt(example: Example, *, intent: bool) -> str:
    """The prompt of a test example, without a face."""
    return build_prompt(
        example.text,
        emotion=example.emotion,
        face=None,
        history=example.history,
        intent=example.intent if intent else None,
    )


def one_reply(responder: Responder, examples: Sequence[Example]) -> list[str]:
    """One reply to each example; empty where it was not fit to be sent."""
    replies: list[str] = []
    for start in range(0, len(examples), BATCH):
        prompts = [prompt(e, intent=False) for e in examples[start : start + BATCH]]
        found = responder.generate(prompts, seed=SEED, samples=1)
        replies += [candidates[0].text if candidates else "" for candidates in found]
    return replies


def _seconds(results: Sequence[TurnResult]) -> float:
    """Mean seconds a turn: every result of a batch tells its batch's time."""
    batches = results[::TURNS_A_BATCH]
    return sum(result.seconds for result in batches) / max(1, len(results))
