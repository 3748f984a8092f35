"""From a reading to a reply: sample with several intents, rank with the bank, review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import torch
from torch import Tensor

from emotibot_models.bank import Bank
from emotibot_models.emotion_groups import GROUP_OF, EmotionGroup
from emotibot_models.prompts import build_prompt
from emotibot_models.ranking import (
    Features,
    Weights,
    echo,
    emotion_fit,
    invents_a_life,
    is_fluent,
    is_generic,
    rank,
    repetition,
)
from emotibot_models.relevance import RelevanceModel, as_context
from emotibot_models.responder import Responder
from emotibot_models.shelf import Shelf
from emotibot_models.text_emotion import TextEmotionModel
from emotibot_models.toxicity import ToxicityModel
from emotibot_models.types import (
    Candidate,
    FaceReading,
    FusedEmotion,
    Intent,
    Line,
    ReplySource,
    TextReading,
)

INTENTS: Final[Mapping[EmotionGroup, tuple[Intent, ...]]] = {
    EmotionGroup.POSITIVE: (Intent.CELEBRATE, Intent.ASK),
    EmotionGroup.LOW: (Intent.REFLECT, Intent.REASSURE),
    EmotionGroup.ANGER: (Intent.REFLECT, Intent.ASK),
    EmotionGroup.FEAR: (Intent.REASSURE, Intent.ASK),
    EmotionGroup.SURPRISE: (Intent.ASK, Intent.REFLECT),
    EmotionGroup.NEUTRAL: (Intent.ASK, Intent.REFLECT),
}
"""What a reply to such an emotion may set out to do; each gets its share of the samples."""

REVIEWED: Final = 4
"""How many of the best candidates are reviewed before a fallback is taken."""
SHORTLIST: Final = 24
"""How many sentences of the bank are ranked with the generated candidates."""
CONTEXT: Final = 3
"""Earlier lines that count for relevance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One turn that wants an answer."""

    text: str
    reading: TextReading
    face: FaceReading | None
    fused: FusedEmotion
    history: tuple[Line, ...] = ()
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered, and what the review made of it."""

    text: str
    source: ReplySource | None
    intent: Intent | None = None
    is_safe: bool = True
    toxicity: dict[str, float] = field(default_factory=dict)


class Composer:
    """Answers a list of turns at a time with reviewed words.

    Candidates are sampled for each intent that suits the emotion and ranked together with the
    bank; the best that passes the review is sent, else a fallback written for that emotion.
    """

    def __init__(
        self,
        *,
        text: TextEmotionModel,
        responder: Responder,
        relevance: RelevanceModel,
        toxicity: ToxicityModel,
        bank: Bank,
        candidates: int = 12,
        weights: Weights | None = None,
    ) -> None:
        self._text = text
        self._responder = responder
        self._relevance = relevance
        self._toxicity = toxicity
        self._bank = bank
        self._candidates = candidates
        self._weights = weights or Weights()
        self._shelf = Shelf(bank, relevance)

    def compose(self, requests: Sequence[Request]) -> list[Reply]:
        """One reply a request, in order."""
        spoken = [i for i, request in enumerate(requests) if has_words(request.text)]
        shortlists = [self._wordless(request) for request in requests]
        ranked = self._ranked([requests[i] for i in spoken])
        for i, candidates in zip(spoken, ranked, strict=True):
            shortlists[i] = candidates
        return self._review(requests, shortlists)

    def _wordless(self, request: Request) -> list[Candidate]:
        """Fixed answers to a picture alone, to emoji alone, to nothing at all."""
        if request.face is not None:
            return _fresh(self._bank.for_picture(request.face.outcome), request)
        return _fresh(self._bank.for_wordless(request.text), request)

    def _ranked(self, requests: Sequence[Request]) -> list[list[Candidate]]:
        """The candidates of each request that may be sent, best first."""
        if not requests:
            return []
        sampled = self._sample(requests)
        contexts = self._embed(requests)
        texts = sorted({candidate.text for candidates in sampled for candidate in candidates})
        vectors = dict(zip(texts, self._relevance.embed_replies(texts), strict=True))
        tones = dict(zip(texts, self._text.scores(texts).tolist(), strict=True))
        out = []
        for request, context, candidates in zip(requests, contexts, sampled, strict=True):
            found = self._shelf.nearest(context, request.fused.primary, most=SHORTLIST)
            pool = [*candidates, *(written.candidate for written in found)]
            features = [
                *self._generated(request, context, candidates, vectors, tones),
                *(_features(request, w.candidate, w.relevance, w.fit) for w in found),
            ]
            out.append([pool[n] for n in rank(pool, features, self._weights)])
        return out

    def _embed(self, requests: Sequence[Request]) -> Tensor:
        """A context vector (H,) a request: half its message alone, half with what went before.

        With the history alone, "thank you" would be answered as if it were the story again.
        """
        pairs = [(request.text, _context(request)) for request in requests]
        texts = sorted({text for pair in pairs for text in pair})  # the same twice in a first turn
        vectors = dict(zip(texts, self._relevance.embed_contexts(texts), strict=True))
        return torch.stack([(vectors[alone] + vectors[told]) / 2 for alone, told in pairs])

    def _generated(
        self,
        request: Request,
        context: Tensor,
        candidates: Sequence[Candidate],
        vectors: Mapping[str, Tensor],
        tones: Mapping[str, Sequence[float]],
    ) -> list[Features]:
        """What is known of the generated candidates of one request."""
        if not candidates:
            return []
        rows = torch.stack([vectors[candidate.text] for candidate in candidates])
        related = self._relevance.compare(context.unsqueeze(0), rows)[0].tolist()
        emotion = request.fused.primary
        return [
            _features(request, c, relevance, emotion_fit(tones[c.text], emotion))
            for c, relevance in zip(candidates, related, strict=True)
        ]

    def _sample(self, requests: Sequence[Request]) -> list[list[Candidate]]:
        """Generated candidates a request, its intents sharing the samples; all in one batch."""
        prompts, seeds, owners = [], [], []
        for i, request in enumerate(requests):
            for intent in intents(request.fused.primary):
                prompts.append(_prompt(request, intent))
                seeds.append(request.seed)
                owners.append(i)
        share = max(1, round(self._candidates * len(requests) / max(1, len(prompts))))
        out: list[list[Candidate]] = [[] for _ in requests]
        for i, found in zip(
            owners, self._responder.generate(prompts, seed=seeds, samples=share), strict=True
        ):
            out[i] += found
        return out

    def _review(
        self, requests: Sequence[Request], shortlists: Sequence[Sequence[Candidate]]
    ) -> list[Reply]:
        """The first safe candidate of each shortlist, or the first safe fallback."""
        replies = self._first_safe([shortlist[:REVIEWED] for shortlist in shortlists])
        left = [i for i, reply in enumerate(replies) if not reply.is_safe]
        fallbacks = [
            _fresh(self._bank.fallbacks(requests[i].fused.primary), requests[i]) for i in left
        ]
        for i, reply in zip(left, self._first_safe(fallbacks), strict=True):
            replies[i] = reply
        return replies

    def _first_safe(self, shortlists: Sequence[Sequence[Candidate]]) -> list[Reply]:
        """The first candidate of each list that passes; silence, marked unsafe, where none does."""
        texts = sorted({candidate.text for shortlist in shortlists for candidate in shortlist})
        scores = dict(zip(texts, self._toxicity.scores(texts), strict=True))
        replies = []
        for shortlist in shortlists:
            safe = (c for c in shortlist if self._toxicity.is_safe(scores[c.text]))
            chosen = next(safe, None)
            replies.append(
                Reply(text="", source=ReplySource.FALLBACK, is_safe=False)
                if chosen is None
                else Reply(
                    text=chosen.text,
                    source=chosen.source,
                    intent=chosen.intent,
                    toxicity=scores[chosen.text],
                )
            )
        return replies


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit to answer."""
    return any(character.isalnum() for character in text)


def intents(emotion: str) -> tuple[Intent, ...]:
    """What a reply to this emotion may set out to do."""
    return INTENTS[GROUP_OF[emotion]]


def _context(request: Request) -> str:
    return as_context([*(line.text for line in request.history[-CONTEXT:]), request.text])


def _prompt(request: Request, intent: Intent) -> str:
    return build_prompt(
        request.text,
        emotion=request.fused.primary,
        face=request.face.emotion if request.face else None,
        history=request.history,
        intent=intent,
    )


def _features(request: Request, candidate: Candidate, relevance: float, fit: float) -> Features:
    text = candidate.text
    return Features(
        relevance=relevance,
        log_likelihood=candidate.log_likelihood,
        emotion_fit=fit,
        repetition=repetition(text, _said(request)),
        echo=echo(text, request.text),
        words=len(text.split()),
        invents=invents_a_life(text),
        generic=is_generic(text),
        fluent=is_fluent(text),
    )


def _fresh(candidates: Sequence[Candidate], request: Request) -> list[Candidate]:
    """The candidates in an order that changes with the conversation, those said lately last."""
    said = set(_said(request))
    turned = len(request.history) // 2 % max(1, len(candidates))
    rotated = [*candidates[turned:], *candidates[:turned]]
    return sorted(rotated, key=lambda candidate: candidate.text in said)


def _said(request: Request) -> list[str]:
    return [line.text for line in request.history if line.speaker == "bot"]
