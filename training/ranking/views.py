"""Rated candidates as serving sees them: with all that the ranking goes by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from emotibot_models.bank import Fitting, load_bank
from emotibot_models.ctranslate import Runtime
from emotibot_models.fusion import fuse
from emotibot_models.persona import has_own_life
from emotibot_models.presets import resolve
from emotibot_models.relevance import RelevanceModel
from emotibot_models.request import Request, context_of, features_of, prompt_of
from emotibot_models.responder import Responder
from emotibot_models.shortlist import suits
from emotibot_models.text_emotion import TextEmotionModel
from emotibot_models.types import Candidate, ReplySource
from emotibot_models.worth import Pool
from training.ranking.data import Rated


@dataclass(frozen=True, slots=True)
class View:
    """One message: what is known of the candidates that could be sent today, and their ratings."""

    pool: Pool
    ratings: tuple[int, ...]


class Eyes:
    """Looks at rated candidates with the starter's models and the likelihoods of a generator."""

    def __init__(self, source: str | Path, device: str) -> None:
        sources = resolve("starter")
        self._text = TextEmotionModel.load(sources.text, device, Runtime.served())
        self._relevance = RelevanceModel.load(sources.relevance, device, Runtime.served())
        self._responder = Responder.load(source, device)

    def look(self, row: Rated) -> View:
        """What serving knows; left out is what bank and generator would not say now."""
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
            if (
                not has_own_life(candidate.text)
                if candidate.source is ReplySource.GENERATED
                else candidate.text in written
            )
        ]
        candidates = self._with_likelihood(request, [candidate for candidate, _ in rated])
        pool = self._pool(request, candidates, written)
        return View(pool, tuple(rating for _, rating in rated))

    def _pool(
        self, request: Request, candidates: Sequence[Candidate], written: Mapping[str, Fitting]
    ) -> Pool:
        texts = [candidate.text for candidate in candidates]
        # Serving embeds a sentence with an example in its gap.
        shown = [written[t].sentence.example if t in written else t for t in texts]
        said = self._relevance.embed_contexts(
            [request.text, context_of(request.text, request.history)]
        )
        replies = self._relevance.embed_replies(shown)
        related = self._relevance.compare(said.mean(0, keepdim=True), replies)[0].tolist()
        emotion = request.fused.primary
        features = []
        for candidate, near in zip(candidates, related, strict=True):
            if candidate.source is ReplySource.GENERATED:
                features.append(features_of(request, candidate, near))
            else:
                known = written[candidate.text]
                fit = suits(known.topic, emotion)
                features.append(
                    features_of(request, candidate, near, fit, known.closeness, origin=known.origin)
                )
        return Pool(features, said, replies)

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
    bank = load_bank()
    situation = bank.situation(request.text, request.history)
    fitting = bank.fitting(request.fused.primary, situation)
    return {fit.candidate.text: fit for fit in fitting}
