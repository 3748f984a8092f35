"""What the ranking is worth: the ratings of the replies that it would send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from emotibot_models.bank import Fitting, load_bank
from emotibot_models.composer import Request, context_of, features_of, prompt_of
from emotibot_models.fusion import fuse
from emotibot_models.presets import resolve
from emotibot_models.ranking import Features, Weights, emotion_fit, rank
from emotibot_models.relevance import RelevanceModel
from emotibot_models.responder import Responder
from emotibot_models.shortlist import suits
from emotibot_models.text_emotion import TextEmotionModel
from emotibot_models.types import Candidate, ReplySource
from training.ranking.data import Rated, read_ratings


def evaluate(source: str | Path, data: Path, device: str = "auto") -> dict[str, Any]:
    """Ratings (0 to 3) of the replies that the ranking on board sends, from a fixed choice.

    ``source`` is the generator whose likelihoods count. Beside them stand the reply that a person
    gave, the best candidate of each message, and candidates taken blindly.

    Raises:
        ArtifactError: weights cannot be used.
        DataError: a data set is missing or is another edition.
    """
    rated = read_ratings(data)
    judge = _Judge(source, device)
    sent = [judge.sent(row) for row in rated]
    return {
        "messages": len(rated),
        "candidates": sum(len(row.candidates) for row in rated),
        "person": _figures([row.human for row in rated]),
        "best": _figures([max(row.ratings) for row in rated]),
        "blind": _figures([rating for row in rated for rating in row.ratings]),
        "ranking": _figures([rating for rating in sent if rating is not None]),
        "fallbacks": sum(rating is None for rating in sent) / len(sent),
    }


class _Judge:
    """Sees the rated candidates as serving does, with the starter's other models."""

    def __init__(self, source: str | Path, device: str) -> None:
        sources = resolve("starter")
        self._text = TextEmotionModel.load(sources.text, device)
        self._relevance = RelevanceModel.load(sources.relevance, device)
        self._responder = Responder.load(source, device)

    def sent(self, row: Rated) -> int | None:
        """The rating of the reply that would be sent; None where a fallback would."""
        [reading] = self._text.read([row.text])
        request = Request(
            text=row.text,
            reading=reading,
            face=None,
            fused=fuse(reading, None),
            history=row.history,
        )
        written = _may_be_said(request)
        rated = [
            (candidate, rating)
            for candidate, rating in zip(row.candidates, row.ratings, strict=True)
            if candidate.source is ReplySource.GENERATED or candidate.text in written
        ]
        pool = self._with_likelihood(request, [candidate for candidate, _ in rated])
        best = rank(pool, self._features(request, pool, written), Weights())
        return rated[best[0]][1] if best else None

    def _features(
        self, request: Request, pool: Sequence[Candidate], written: Mapping[str, Fitting]
    ) -> list[Features]:
        texts = [candidate.text for candidate in pool]
        sides = self._relevance.embed_contexts([request.text, context_of(request)])
        vectors = self._relevance.embed_replies(texts)
        related = self._relevance.compare(sides.mean(0, keepdim=True), vectors)[0].tolist()
        tones = self._text.scores(texts).tolist()
        emotion = request.fused.primary
        features = []
        for candidate, near, tone in zip(pool, related, tones, strict=True):
            known = None if candidate.source is ReplySource.GENERATED else written[candidate.text]
            fit = suits(known.topic, emotion) if known else emotion_fit(tone, emotion)
            closeness = known.closeness if known else 0.0
            features.append(features_of(request, candidate, near, fit, closeness))
        return features

    def _with_likelihood(
        self, request: Request, candidates: Sequence[Candidate]
    ) -> list[Candidate]:
        """The generated ones with what the generator gives them after this request."""
        made = [c for c in candidates if c.source is ReplySource.GENERATED and c.intent]
        prompts = [prompt_of(request, c.intent) for c in made if c.intent]
        likely = dict(
            zip(made, self._responder.log_likelihood(prompts, [c.text for c in made]), strict=True)
        )
        return [replace(c, log_likelihood=likely.get(c)) for c in candidates]


def _may_be_said(request: Request) -> dict[str, Fitting]:
    """The sentences that the bank has for this message, by their words."""
    fitting = load_bank().fitting(request.fused.primary, request.text, request.history)
    return {fit.candidate.text: fit for fit in fitting}


def _figures(ratings: Sequence[int]) -> dict[str, float]:
    """Mean and its standard error, and the shares of good (2 and 3) and of bad replies (0)."""
    values = np.array(ratings)
    return {
        "mean": float(values.mean()),
        "standard_error": float(values.std() / np.sqrt(len(values))),
        "good": float((values >= 2).mean()),
        "bad": float((values == 0).mean()),
    }
