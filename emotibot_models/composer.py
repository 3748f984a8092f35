"""From a reading to a reply: look at the bank, sample where that may help, rank, review."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final, TypeAlias

import torch
from torch import Tensor

from emotibot_models.bank import Bank
from emotibot_models.disclosure import TOPIC, asks_whether_human
from emotibot_models.flow import Flow, Models, Stage, ask_one, beside, in_rounds
from emotibot_models.ranking import (
    Features,
    Gates,
    Heard,
    Traits,
    may_be_sent,
)
from emotibot_models.recent import Recent
from emotibot_models.relevance import RelevanceModel
from emotibot_models.request import (
    SHARES,
    Request,
    context_of,
    features_of,
    heard_in,
    prompts_of,
    said_before,
)
from emotibot_models.responder import Responder
from emotibot_models.shortlist import Promising, shortlist
from emotibot_models.toxicity import ToxicityModel
from emotibot_models.types import (
    Candidate,
    Intent,
    ReplySource,
)
from emotibot_models.worth import Pool, Worth, best, rank

REVIEWED: Final = 4
"""How many of the best candidates are reviewed before a fallback is taken."""
SHORTLIST: Final = 40
"""How many sentences of the bank are ranked."""
KEPT: Final = 16_384
"""Sentences whose scores and vectors are remembered: 25 MB of vectors."""
Rated: TypeAlias = tuple[Candidate, Features, Tensor]
"""A candidate, what is known of it, and its vector (H,)."""
SAID, ANSWER = "said", "answer"
"""The two sides of relevance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered, and what the review made of it."""

    text: str
    source: ReplySource | None
    intent: Intent | None = None
    is_safe: bool = True
    toxicity: dict[str, float] = field(default_factory=dict)


class Composer:
    """Answers with reviewed words.

    Sentences of the bank are ranked, where none is good enough together with candidates sampled
    for each intent that suits the emotion; the best that passes the review is sent, else a fallback
    written for that emotion.
    """

    def __init__(
        self,
        *,
        responder: Responder,
        relevance: RelevanceModel,
        toxicity: ToxicityModel,
        bank: Bank,
        worth: Worth,
        candidates: int = 12,
        gates: Gates | None = None,
        enough: float = math.inf,
    ) -> None:
        """Where a written sentence is estimated ``enough``, nothing is generated."""
        self._responder = responder
        self._relevance = relevance
        self._toxicity = toxicity
        self._bank = bank
        self._share = max(1, round(candidates / SHARES))
        """Samples of an intent: those of a request share its candidates."""
        self._worth = worth
        self._enough = enough
        self._gates = gates or Gates()
        self._reviewed: Recent[str, dict[str, float]] = Recent(KEPT)
        """Scores of what we wrote: they never change, and words in gaps are out of our lists."""
        self._traits: Recent[str, Traits] = Recent(KEPT)
        """What the same sentences are by themselves."""
        self._embedded: Recent[str, Tensor] = Recent(KEPT)
        """Vectors (H,) of those sentences, with an example in each gap."""

    @property
    def models(self) -> Models:
        """Who does the work that ``reply`` asks for."""
        return {
            Stage.REPLY: self._sample,
            Stage.RELEVANCE: self._embed,
            Stage.TOXICITY: self._toxicity.scores,
        }

    def warm(self) -> None:
        """Prepare now what the first turns would wait for."""
        self._responder.warm(self._share)
        self._relevance.warm()

    def compose(self, requests: Sequence[Request]) -> list[Reply]:
        """One reply a request, in order."""
        return in_rounds([self.reply(request) for request in requests], self.models)

    def reply(self, request: Request) -> Flow[Reply]:
        """The first candidate that passes the review, or the first fallback that does."""
        if asks_whether_human(request.text):
            shortlist = _fresh(self._bank.written_for(TOPIC), request)
        elif has_words(request.text):
            shortlist = yield from self._ranked(request)
        else:
            shortlist = self._wordless(request)
        reply = yield from self._first_safe(shortlist[:REVIEWED])
        if reply is not None:
            return reply
        fallbacks = self._bank.fallbacks(request.fused.primary)
        reply = yield from self._first_safe(_fresh(fallbacks, request))
        return reply or Reply(text="", source=ReplySource.FALLBACK, is_safe=False)

    def _wordless(self, request: Request) -> list[Candidate]:
        """Fixed answers to a picture alone, to emoji alone, to nothing at all."""
        if request.face is not None:
            return _fresh(self._bank.for_picture(request.face.outcome), request)
        return _fresh(self._bank.for_wordless(request.text), request)

    def _ranked(self, request: Request) -> Flow[list[Candidate]]:
        """The candidates that may be sent, best first."""
        heard = heard_in(request)
        if self._enough == math.inf:
            (said, rated), sampled = yield from beside(
                self._written(request, heard), self._drawn(request)
            )
            estimates = self._estimates(said, rated)
        else:
            said, rated = yield from self._written(request, heard)
            estimates = self._estimates(said, rated)
            is_enough = best(_features(rated), estimates, self._gates) >= self._enough
            sampled = [] if is_enough else (yield from self._drawn(request))
        if sampled:
            generated = yield from self._rated(request, heard, said.mean(0), sampled)
            estimates += self._estimates(said, generated)
            rated += generated
        order = rank(_features(rated), estimates, self._gates, _dice(request))
        return [rated[place][0] for place in order]

    def _estimates(self, said: Tensor, rated: Sequence[Rated]) -> list[float]:
        """What each reply is worth after what was ``said`` (2, H)."""
        if not rated:
            return []
        replies = torch.stack([vector for _, _, vector in rated])
        estimates = self._worth.of(Pool(_features(rated), said, replies))
        return list(estimates.tolist())

    def _written(self, request: Request, heard: Heard) -> Flow[tuple[Tensor, list[Rated]]]:
        """The vectors (2, H) of what was said, and what is known of the bank's sentences."""
        written = self._shortlist(request)
        examples = [_example(one) for one in written]
        known = {text: v for text in examples if (v := self._embedded.get(text)) is not None}
        new = [text for text in examples if text not in known]
        sides = [(SAID, request.text), (SAID, context_of(request))]
        asked = dict.fromkeys((*sides, *((ANSWER, text) for text in new)))  # a first turn: one side
        vectors = yield from ask_one(Stage.RELEVANCE, *asked)
        found = dict(zip(asked, vectors, strict=True))
        for text in new:
            self._embedded.put(text, found[ANSWER, text])
            known[text] = found[ANSWER, text]
        # Half the message alone, half with what went before: with the history alone, "thank you"
        # would be answered as if it were the story again.
        said = torch.stack([found[side] for side in sides])
        vectors = [known[text] for text in examples]
        near = self._near(said.mean(0), vectors)
        rated = [
            (*self._known(request, heard, one, close), vector)
            for one, close, vector in zip(written, near, vectors, strict=True)
        ]
        return said, rated

    def _drawn(self, request: Request) -> Flow[list[Candidate]]:
        """What the generator makes of each intent's prompt."""
        prompts = prompts_of(request)
        found = yield from ask_one(Stage.REPLY, *((prompt, request.seed) for prompt in prompts))
        return [candidate for samples in found for candidate in samples]

    def _shortlist(self, request: Request) -> list[Promising]:
        """What the bank has for this message."""
        emotion = request.fused.primary
        fitting = self._bank.fitting(emotion, request.text, request.history)
        return shortlist(fitting, emotion, most=SHORTLIST, seed=request.seed)

    def _known(
        self, request: Request, heard: Heard, one: Promising, near: float
    ) -> tuple[Candidate, Features]:
        """What is known of a sentence of the bank, ``near`` being its relevance."""
        candidate, closeness = one.fitting.candidate, one.fitting.closeness
        traits = self._traits.get(candidate.text)
        if traits is None:
            traits = Traits.of(candidate.text)
            self._traits.put(candidate.text, traits)
        known = features_of(
            request,
            candidate,
            near,
            one.suits,
            closeness,
            origin=one.fitting.origin,
            heard=heard,
            traits=traits,
        )
        return candidate, known

    def _near(self, context: Tensor, replies: Sequence[Tensor]) -> list[float]:
        """The relevance of each reply (H,) to a context (H,)."""
        if not replies:
            return []
        [near] = self._relevance.compare(context[None], torch.stack(list(replies))).tolist()
        return list(near)

    def _rated(
        self, request: Request, heard: Heard, context: Tensor, candidates: Sequence[Candidate]
    ) -> Flow[list[Rated]]:
        """What is known of those generated candidates that may be sent."""
        traits = {text: Traits.of(text) for text in {c.text for c in candidates}}
        known = (
            (c, features_of(request, c, 1.0, heard=heard, traits=traits[c.text]))
            for c in candidates
        )
        hopeful = [(c, own) for c, own in known if may_be_sent(own, self._gates)]
        texts = tuple(dict.fromkeys(candidate.text for candidate, _ in hopeful))
        found = yield from ask_one(Stage.RELEVANCE, *((ANSWER, text) for text in texts))
        vectors = dict(zip(texts, found, strict=True))
        near = self._near(context, [vectors[c.text] for c, _ in hopeful])
        return [
            (c, replace(own, relevance=relevance), vectors[c.text])
            for (c, own), relevance in zip(hopeful, near, strict=True)
        ]

    def _first_safe(self, shortlist: Sequence[Candidate]) -> Flow[Reply | None]:
        """The first candidate that passes, or None; those behind it are not looked at."""
        for candidate in shortlist:
            scores = self._reviewed.get(candidate.text)
            if scores is None:
                [scores] = yield from ask_one(Stage.TOXICITY, candidate.text)
            if candidate.source is not ReplySource.GENERATED:
                self._reviewed.put(candidate.text, scores)
            if self._toxicity.is_safe(scores):
                return Reply(
                    text=candidate.text,
                    source=candidate.source,
                    intent=candidate.intent,
                    toxicity=dict(scores),
                )
        return None

    def _sample(self, asked: list[tuple[str, int | None]]) -> list[list[Candidate]]:
        """Candidates a prompt."""
        prompts, seeds = [prompt for prompt, _ in asked], [seed for _, seed in asked]
        return self._responder.generate(prompts, seed=seeds, samples=self._share)

    def _embed(self, asked: list[tuple[str, str]]) -> list[Tensor]:
        """The vector (H,) of each text on its side, each text read once."""
        found: dict[tuple[str, str], Tensor] = {}
        for side, embed in (
            (SAID, self._relevance.embed_contexts),
            (ANSWER, self._relevance.embed_replies),
        ):
            texts = sorted({text for own, text in asked if own == side})
            vectors = embed(texts) if texts else ()
            found |= {(side, text): v for text, v in zip(texts, vectors, strict=True)}
        return [found[item] for item in asked]


def _features(rated: Sequence[Rated]) -> list[Features]:
    return [features for _, features, _ in rated]


def _example(one: Promising) -> str:
    """Its sentence with the same words in its gaps for everybody, so that it is read once."""
    return one.fitting.sentence.example


def _dice(request: Request) -> Random:
    """Dice that fall the same for the same seed and conversation, and else as they like."""
    lines = "\n".join((*(line.text for line in request.history), request.text))
    return Random(None if request.seed is None else f"{request.seed}\n{lines}")  # noqa: S311


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit to answer."""
    return any(character.isalnum() for character in text)


def _fresh(candidates: Sequence[Candidate], request: Request) -> list[Candidate]:
    """The candidates in an order that changes with the conversation, those said lately last."""
    said = set(said_before(request))
    turned = len(request.history) // 2 % max(1, len(candidates))
    rotated = [*candidates[turned:], *candidates[:turned]]
    return sorted(rotated, key=lambda candidate: candidate.text in said)
