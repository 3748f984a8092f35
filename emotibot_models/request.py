"""One turn that wants an answer: what models read of it, and what is known of its candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from emotibot_models.emotion_groups import GROUP_OF, EmotionGroup
from emotibot_models.prompts import build_prompt, with_intent
from emotibot_models.ranking import Features, Heard, Origin, Traits, echo, repetition
from emotibot_models.relevance import as_context
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
SHARES: Final = 2
"""Intents of each group."""
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


def intents(emotion: str) -> tuple[Intent, ...]:
    """What a reply to this emotion may set out to do."""
    return INTENTS[GROUP_OF[emotion]]


def context_of(text: str, history: Sequence[Line]) -> str:
    """The last lines and the message, as the models of relevance read them."""
    return as_context([*(line.text for line in history[-CONTEXT:]), text])


def prompts_of(request: Request) -> list[str]:
    """What the generator reads, once for each intent that suits the emotion."""
    plain = prompt_of(request, None)
    return [with_intent(plain, intent) for intent in intents(request.fused.primary)]


def prompt_of(request: Request, intent: Intent | None) -> str:
    """What the generator reads for one intent."""
    return build_prompt(
        request.text,
        emotion=request.fused.primary,
        face=request.face.emotion if request.face else None,
        history=request.history,
        intent=intent,
    )


def features_of(
    request: Request,
    candidate: Candidate,
    relevance: float,
    fit: float = 0.5,
    closeness: float = 0.0,
    *,
    origin: Origin | None = None,
    heard: Heard | None = None,
    traits: Traits | None = None,
) -> Features:
    """What is known about a candidate; how it relates to the request is given.

    ``heard`` of the request and ``traits`` of the candidate are worked out where they are not.
    """
    heard = heard or heard_in(request)
    traits = traits or Traits.of(candidate.text)
    return Features(
        written=candidate.source is not ReplySource.GENERATED,
        origin=origin,
        intent=candidate.intent,
        relevance=relevance,
        closeness=closeness,
        log_likelihood=candidate.log_likelihood,
        emotion_fit=fit,
        repetition=repetition(traits, heard),
        echo=echo(traits, heard),
        words=traits.words,
        generic=traits.generic,
        fluent=traits.fluent,
        asks=traits.asks,
        exclaims=traits.exclaims,
        several=traits.several,
        asked=heard.asks,
        message_words=heard.words,
        begun=bool(request.history),
        group=GROUP_OF[request.fused.primary],
    )


def heard_in(request: Request) -> Heard:
    """What the replies to a request are compared with."""
    return Heard.of(request.text, said_before(request))


def said_before(request: Request) -> list[str]:
    """The bot's own lines."""
    return [line.text for line in request.history if line.speaker == "bot"]
