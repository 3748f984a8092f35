"""Measure a reply generator on the test split of EmpatheticDialogues."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emotibot_models.prompts import build_prompt
from emotibot_models.responder import Responder
from training.response.answers import answers
from training.response.data import TEST, read, strict
from training.response.examples import Example
from training.response.variety import variety

SCORED_STEP = 3
"""Every so manyth test example is scored."""
ANSWERED = 200
"""Test examples that are answered."""
BATCH = 32


def evaluate(source: str | Path, data: Path, device: str = "auto") -> dict[str, Any]:
    """Perplexity of the human replies, the variety of the model's own, and the pipeline's answers.

    Prompts carry the gold situation; the human intent only where the figure says so.

    Raises:
        ArtifactError: the weights cannot be used.
        DataError: the data folder holds no EmpatheticDialogues.
    """
    responder = Responder.load(source, device)
    examples = strict(read(data, TEST)["empathetic_dialogues"])
    scored = examples[::SCORED_STEP]
    answered = examples[:: max(1, len(examples) // ANSWERED)][:ANSWERED]
    replies = best_replies(responder, answered)
    return {
        "examples": len(scored),
        "perplexity": perplexity(responder, scored, intents=False),
        "perplexity_with_intent": perplexity(responder, scored, intents=True),
        "answered": len(answered),
        **variety(replies),
        "pipeline": answers(source, answered, device),
    }


def perplexity(responder: Responder, examples: Sequence[Example], *, intents: bool) -> float:
    """The exponential of the mean negative log-likelihood a token of the human replies."""
    total, tokens = 0.0, 0
    for start in range(0, len(examples), BATCH):
        part = examples[start : start + BATCH]
        prompts = [prompt(example, intent=intents) for example in part]
        for value, count in responder.scores(prompts, [example.reply for example in part]):
            total, tokens = total + value, tokens + count
    return math.exp(-total / max(1, tokens))


def prompt(example: Example, *, intent: bool) -> str:
    """The prompt of a test example, without a face."""
    return build_prompt(
        example.text,
        emotion=example.emotion,
        face=None,
        history=example.history,
        intent=example.intent if intent else None,
    )


def best_replies(responder: Responder, examples: Sequence[Example]) -> list[str]:
    """The likeliest of the sampled replies to each example; empty where none was fit."""
    replies: list[str] = []
    for start in range(0, len(examples), BATCH):
        prompts = [prompt(e, intent=False) for e in examples[start : start + BATCH]]
        found = responder.generate(prompts, seed=7)
        replies += [candidates[0].text if candidates else "" for candidates in found]
    return replies
