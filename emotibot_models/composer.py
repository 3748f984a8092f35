"""From a reading to a reply: look at the bank, sample where that may help, rank, review."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final, TypeAlias

import torch
from torch import Tensor

from emotibot_models.bank import Bank, Situation
from emotibot_models.disclosure import TOPIC, asks_whether_human
from emotibot_models.flow import Ask, Models, Stage, in_rounds
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
    Line,
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


@dataclass(frozen=True, slots=True)
class Draft:
    """What is begun of an answer before the emotion is known."""

    situation: Situation
    """Where the bank has something to say."""
    said: Awaitable[Sequence[Tensor]]
    """Vectors (H,) of the message alone and, the last, with what went before it."""


class Composer:
    """Answers with reviewed words.

    What is asked about the bot itself is answered by what is certain. Else sentences of the bank
    are ranked, where none is good enough together with candidates sampled for each intent that
    suits the emotion; the best that passes the review is sent, else a fallback written for that
    emotion.
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
        return in_rounds([partial(self._composed, request) for request in requests], self.models)

    async def _composed(self, request: Request, ask: Ask) -> Reply:
        """Both steps at once."""
        return await self.reply(request, self.begin(request.text, request.history, ask), ask)

    def begin(self, text: str, history: Sequence[Line], ask: Ask) -> Draft | None:
        """Begin what needs no emotion; None where the answer is one of a few fixed ones."""
        if asks_whether_human(text) or not has_words(text):
            return None
        sides = dict.fromkeys((text, context_of(text, history)))  # a first turn has but one
        said = ask(Stage.RELEVANCE, *((SAID, side) for side in sides))
        return Draft(self._bank.situation(text, history), said)

    async def reply(self, request: Request, draft: Draft | None, ask: Ask) -> Reply:
        """The first candidate that passes the review, or the first fallback that does."""
        if draft is not None:
            certain = _fresh(self._bank.certain(draft.situation), request)
            shortlist = certain or await self._ranked(request, draft, ask)
        elif has_words(request.text):
            shortlist = _fresh(self._bank.written_for(TOPIC), request)
        else:
            shortlist = self._wordless(request)
        reply = await self._first_safe(shortlist[:REVIEWED], ask)
        if reply is not None:
            return reply
        fallbacks = self._bank.fallbacks(request.fused.primary)
        reply = await self._first_safe(_fresh(fallbacks, request), ask)
        return reply or Reply(text="", source=ReplySource.FALLBACK, is_safe=False)

    def _wordless(self, request: Request) -> list[Candidate]:
        """Fixed answers to a picture alone, to emoji alone, to nothing at all."""
        if request.face is not None:
            return _fresh(self._bank.for_picture(request.face.outcome), request)
        return _fresh(self._bank.for_wordless(request.text), request)

    async def _ranked(self, request: Request, draft: Draft, ask: Ask) -> list[Candidate]:
        """The candidates that may be sent, best first."""
        drawn = self._drawn(request, ask) if self._enough == math.inf else None
        heard = heard_in(request)
        said, rated = await self._written(request, heard, draft, ask)
        estimates = [] if drawn else self._estimates(said, rated)
        if not drawn and best(_features(rated), estimates, self._gates) < self._enough:
            drawn = self._drawn(request, ask)
        if drawn:
            sampled = [candidate for samples in await drawn for candidate in samples]
            rated += await self._rated(request, heard, said.mean(0), sampled, ask)
            estimates += self._estimates(said, rated[len(estimates) :])
        order = rank(_features(rated), estimates, self._gates, _dice(request))
        return [rated[place][0] for place in order]

    def _estimates(self, said: Tensor, rated: Sequence[Rated]) -> list[float]:
        """What each reply is worth after what was ``said`` (2, H)."""
        if not rated:
            return []
        replies = torch.stack([vector for _, _, vector in rated])
        estimates = self._worth.of(Pool(_features(rated), said, replies))
        return list(estimates.tolist())

    async def _written(
        self, request: Request, heard: Heard, draft: Draft, ask: Ask
    ) -> tuple[Tensor, list[Rated]]:
        """The vectors (2, H) of what was said, and what is known of the bank's sentences."""
        written = self._shortlist(request, draft.situation)
        sentences = [_example(one) for one in written]
        known = await self._vectors(sentences, ask)
        vectors = [known[sentence] for sentence in sentences]
        # Half the message alone, half with what went before: with the history alone, "thank you"
        # would be answered as if it were the story again.
        sides = await draft.said
        said = torch.stack([sides[0], sides[-1]])
        near = self._near(said.mean(0), vectors)
        rated = [
            (*self._known(request, heard, one, close), vector)
            for one, close, vector in zip(written, near, vectors, strict=True)
        ]
        return said, rated

    async def _vectors(self, sentences: Sequence[str], ask: Ask) -> dict[str, Tensor]:
        """The vector (H,) of each sentence of the bank, read when it is first needed."""
        known = {text: v for text in sentences if (v := self._embedded.get(text)) is not None}
        new = dict.fromkeys(text for text in sentences if text not in known)
        if new:
            found = await ask(Stage.RELEVANCE, *((ANSWER, text) for text in new))
            for text, vector in zip(new, found, strict=True):
                self._embedded.put(text, vector)
                known[text] = vector
        return known

    def _drawn(self, request: Request, ask: Ask) -> Awaitable[Sequence[list[Candidate]]]:
        """What the generator makes of each intent's prompt."""
        return ask(Stage.REPLY, *((prompt, request.seed) for prompt in prompts_of(request)))

    def _shortlist(self, request: Request, situation: Situation) -> list[Promising]:
        """What the bank has for this message."""
        emotion = request.fused.primary
        fitting = self._bank.fitting(emotion, situation)
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

    async def _rated(
        self,
        request: Request,
        heard: Heard,
        context: Tensor,
        candidates: Sequence[Candidate],
        ask: Ask,
    ) -> list[Rated]:
        """What is known of those generated candidates that may be sent."""
        traits = {text: Traits.of(text) for text in {c.text for c in candidates}}
        known = (
            (c, features_of(request, c, 1.0, heard=heard, traits=traits[c.text]))
            for c in candidates
        )
        hopeful = [(c, own) for c, own in known if may_be_sent(own, self._gates)]
        texts = tuple(dict.fromkeys(candidate.text for candidate, _ in hopeful))
        found = await ask(Stage.RELEVANCE, *((ANSWER, text) for text in texts))
        vectors = dict(zip(texts, found, strict=True))
        near = self._near(context, [vectors[c.text] for c, _ in hopeful])
        return [
            (c, own._replace(relevance=relevance), vectors[c.text])
            for (c, own), relevance in zip(hopeful, near, strict=True)
        ]

    async def _first_safe(self, shortlist: Sequence[Candidate], ask: Ask) -> Reply | None:
        """The first candidate that passes, or None; those behind it are not looked at."""
        for candidate in shortlist:
            scores = self._reviewed.get(candidate.text)
            if scores is None:
                [scores] = await ask(Stage.TOXICITY, candidate.text)
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
