"""Which reply is sent: what speaks against a candidate, and what is known in its favour.

A candidate that says again what the bot has just said, hands the message back or is no proper
sentence is out. A generated reply must also be relevant and likely
enough: a small generator that is unsure of its words writes nonsense. What is left competes with
the bank on one estimate of its ``worth``; where nothing is left at all, a fallback is due.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from emotibot_models.emotion_groups import GROUP_OF, EmotionGroup
from emotibot_models.types import Emotion, Intent
from emotibot_models.wording import sentences

Pairs: TypeAlias = frozenset[tuple[str, ...]]
"""Neighbouring words of a text."""


class Origin(NamedTuple):
    """Where a written reply stands in the bank."""

    topic: str
    """Its name."""
    sentence: str
    """As it is written, with its gaps."""


class Features(NamedTuple):
    """What is known about one candidate, and about the message where that matters for it.

    A named tuple, because forty are made for a message and a dataclass takes twice as long.
    """

    written: bool
    """It is a sentence of the bank and was not generated."""
    relevance: float
    """Cosine of the context and the reply, corrected, between -1 and 1."""
    words: int
    """Length of the reply."""
    origin: Origin | None = None
    """Where in the bank; None for a generated reply."""
    intent: Intent | None = None
    log_likelihood: float | None = None
    """Mean log-probability a token under the generator, in nats; None for written sentences."""
    emotion_fit: float = 0.5
    """How well a written sentence suits the emotion, 0 to 1; 0.5 says nothing either way."""
    repetition: float = 0.0
    """Share of the reply that one of the bot's last replies has said already, 0 to 1."""
    echo: float = 0.0
    """Share of the reply that only hands the message back, 0 to 1."""
    closeness: float = 0.0
    """How surely a written sentence is about what was said: 0 where it would fit anywhere."""
    generic: bool = False
    """It would do under almost any message."""
    fluent: bool = True
    asks: bool = False
    """It ends in a question."""
    exclaims: bool = False
    """It holds an exclamation mark."""
    several: bool = False
    """It has more than one sentence."""
    asked: bool = False
    """The message is a question."""
    message_words: int = 0
    """Length of the message."""
    begun: bool = False
    """Something was said before the message."""
    group: EmotionGroup = EmotionGroup.NEUTRAL
    """Of the emotion that was read in the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """From where on something speaks against a candidate."""

    floor: float = 0.2
    """The relevance below which a generated reply is not sent."""
    least_likely: float = -1.5
    """The log-likelihood, in nats a token, below which a generated reply is not sent."""
    repeated: float = 0.7
    """From here on a reply counts as said before, and is out."""
    echoed: float = 0.85
    """From here on a reply counts as the message handed back, and is out."""

    def __post_init__(self) -> None:
        for name in ("repeated", "echoed"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise ValueError(f"{name} must be in (0, 1], got {getattr(self, name)}")


def may_be_sent(features: Features, gates: Gates) -> bool:
    """Whether nothing speaks against a candidate; what is not known yet may be given its best."""
    if features.repetition >= gates.repeated:
        return False
    return features.written or (
        features.relevance >= gates.floor
        and (features.log_likelihood or 0.0) >= gates.least_likely
        and features.fluent
        and features.echo < gates.echoed
    )


@dataclass(frozen=True, slots=True)
class Traits:
    """What a reply is by itself, whatever it answers."""

    pairs: Pairs
    words: int
    """Its length."""
    asks: bool
    exclaims: bool
    several: bool
    generic: bool
    fluent: bool

    @classmethod
    def of(cls, text: str) -> Traits:
        """Those of a text."""
        words = _words(text)
        return cls(
            pairs=_pairs(words),
            words=len(text.split()),
            asks=text.rstrip().endswith("?"),
            exclaims="!" in text,
            several=len(sentences(text)) > 1,
            generic=_is_generic(words),
            fluent=_is_fluent(text.strip(), words),
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """What a reply is compared with, and what the message is by itself."""

    message: Pairs
    turned: Pairs
    """The message with you and I exchanged."""
    previous: tuple[Pairs, ...]
    """The bot's last lines."""
    asks: bool
    """The message is a question."""
    words: int
    """Its length."""

    @classmethod
    def of(cls, message: str, previous: Sequence[str]) -> Heard:
        """A message, and what the bot said before it."""
        words = _words(message)
        return cls(
            message=_pairs(words),
            turned=_pairs(_words(" ".join(_TURNED.get(word, word) for word in words))),
            previous=tuple(_pairs(_words(line)) for line in previous),
            asks=message.rstrip().endswith("?"),
            words=len(message.split()),
        )


def repetition(reply: Traits, heard: Heard) -> float:
    """Share of the reply's word pairs that stand in one earlier reply, the highest of them."""
    return max((_shared(reply.pairs, earlier) for earlier in heard.previous), default=0.0)


def echo(reply: Traits, heard: Heard) -> float:
    """Share of the reply's word pairs that are the message's own, you and I exchanged."""
    return max(_shared(reply.pairs, heard.message), _shared(reply.pairs, heard.turned))


def is_generic(text: str) -> bool:
    """Whether a reply would do under almost any message and says nothing about this one."""
    return _is_generic(_words(text))


def is_fluent(text: str) -> bool:
    """Whether a text is at least formed like a reply: whole, balanced and not stuck."""
    return _is_fluent(text.strip(), _words(text))


def _is_generic(words: Sequence[str]) -> bool:
    return bool(_GENERIC.fullmatch(" ".join(words)))


def _is_fluent(stripped: str, words: Sequence[str]) -> bool:
    return (
        len(words) >= 2
        and stripped[-1] in _ENDS
        and stripped.count("(") == stripped.count(")")
        and stripped.count('"') % 2 == 0
        and not _stuck(words)
        and not _cut_short(stripped, words)
        and not _LEFTOVER.search(stripped)
    )


def emotion_fit(reply_scores: Sequence[float], emotion: str) -> float:
    """How well the tone of a reply answers an emotion, 0 to 1.

    ``reply_scores`` are the 27 probabilities of ``Emotion`` for the reply's own text; ``emotion``
    is what was read in the person, or ``NEUTRAL``.

    Raises:
        ValueError: there are not 27 scores, or no such emotion.
    """
    if len(reply_scores) != len(Emotion):
        raise ValueError(f"wanted {len(Emotion)} scores, got {len(reply_scores)}")
    if emotion not in GROUP_OF:
        raise ValueError(f"{emotion!r} is no emotion of ours.")
    welcome, jarring = _PLACES[GROUP_OF[emotion]]
    good = max(reply_scores[place] for place in welcome)
    bad = max(reply_scores[place] for place in jarring)
    return min(1.0, max(0.0, 0.5 + 0.5 * (good - bad)))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("\u2019", "'"))


def _pairs(words: Sequence[str]) -> Pairs:
    """The pairs of neighbours; a single word counts as one."""
    if len(words) == 1:
        return frozenset({(words[0],)})
    return frozenset(pairwise(words))


def _shared(pairs: Pairs, other: Pairs) -> float:
    return len(pairs & other) / len(pairs) if pairs else 0.0


def _cut_short(stripped: str, words: Sequence[str]) -> bool:
    """Whether a full stop comes right behind a word that wants another."""
    return stripped[-1] in ".!" and stripped[-2].isalpha() and words[-1] in _WANTS_ANOTHER


def _stuck(words: Sequence[str]) -> bool:
    """Whether a word comes three times in a row, or the same four words come twice."""
    if len(set(words)) == len(words):
        return False
    behind = [words[i:] for i in range(4)]
    if any(a == b == c for a, b, c in zip(*behind[:3], strict=False)):
        return True
    fours = list(zip(*behind, strict=False))
    return len(set(fours)) < len(fours)


_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_ENDS: Final = (".", "!", "?", ".)", '"')
_LEFTOVER: Final = re.compile(
    r"<\w*>|</?s>|<extra_id|\[\w+\]|_comma_|https?:|www\.|\uFFFD|[{}|\\^~]|\s[,.!?]|[,;:]{2}"
)
_WANTS_ANOTHER: Final = frozenset(
    {"a", "an", "the", "and", "or", "but", "because", "my", "your", "his", "their", "if", "than"}
)
_TURNED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "i": "you",
        "me": "you",
        "my": "your",
        "mine": "yours",
        "myself": "yourself",
        "am": "are",
        "i'm": "you're",
        "i've": "you've",
        "i'll": "you'll",
        "i'd": "you'd",
        "was": "were",
    }
)
_GENERIC: Final = re.compile(
    r"(?:oh |wow |aw |yeah |yes |well )*(?:"
    r"(?:that(?:'s| is)|this is|it(?:'s| is)) (?:so |really |very |pretty |too )?"
    r"(?:good|great|nice|cool|awesome|bad|sad|terrible|awful|true|interesting|amazing|wonderful|"
    r"too bad|a shame|good to hear|great to hear|nice to hear)"
    r"|that sounds (?:so |really |very |like )?(?:good|great|nice|fun|bad|hard|tough|awful|"
    r"a lot of fun|interesting|terrible)"
    r"|i(?:'m| am) (?:so |really |very )?(?:sorry|glad|happy)"
    r"(?: to hear (?:that|it|this)| for you)?"
    r"|i (?:see|understand|agree|hope so|know what you mean|don't know|think so)"
    r"|(?:what|how) (?:happened|come|so)|why is that|why(?: not)?|really|oh no|oh wow|of course"
    r"|good luck|sounds (?:good|great|fun)|tell me more"
    r")(?: (?:what happened|why|how come|i hope it (?:gets|goes) (?:better|well)|really))?"
)

_WARM: Final = (Emotion.CARING, Emotion.OPTIMISM, Emotion.CURIOSITY, Emotion.APPROVAL)
_SORRY: Final = (Emotion.SADNESS, Emotion.REMORSE, Emotion.DISAPPOINTMENT, Emotion.REALIZATION)
_GLAD: Final = (
    Emotion.JOY,
    Emotion.EXCITEMENT,
    Emotion.ADMIRATION,
    Emotion.AMUSEMENT,
    Emotion.LOVE,
    Emotion.GRATITUDE,
    Emotion.PRIDE,
    Emotion.RELIEF,
    Emotion.SURPRISE,
)
_HARSH: Final = (Emotion.ANGER, Emotion.ANNOYANCE, Emotion.DISGUST)
_GAY: Final = (Emotion.JOY, Emotion.AMUSEMENT, Emotion.EXCITEMENT, Emotion.PRIDE)
_GLOOMY: Final = (Emotion.SADNESS, Emotion.GRIEF, Emotion.FEAR, Emotion.DISAPPOINTMENT)

# The tones that answer each group well, and those that jar. "I'm sorry" reads as remorse in
# GoEmotions, which is why remorse is welcome under sadness.
_TONES: Final[Mapping[EmotionGroup, tuple[tuple[Emotion, ...], tuple[Emotion, ...]]]] = {
    EmotionGroup.POSITIVE: (
        (*_WARM, *_GLAD),
        (*_HARSH, *_GLOOMY, Emotion.DISAPPROVAL, Emotion.REMORSE),
    ),
    EmotionGroup.LOW: ((*_WARM, *_SORRY, Emotion.GRIEF), (*_HARSH, *_GAY, Emotion.DISAPPROVAL)),
    EmotionGroup.ANGER: (
        (*_WARM, *_SORRY, Emotion.DISAPPROVAL, Emotion.ANNOYANCE),
        (*_GAY, Emotion.LOVE, Emotion.GRATITUDE, Emotion.DISGUST),
    ),
    EmotionGroup.FEAR: (
        (*_WARM, *_SORRY, Emotion.NERVOUSNESS, Emotion.FEAR),
        (*_HARSH, *_GAY, Emotion.DISAPPROVAL),
    ),
    EmotionGroup.SURPRISE: (
        (*_WARM, Emotion.SURPRISE, Emotion.REALIZATION, Emotion.CONFUSION, Emotion.EXCITEMENT),
        (*_HARSH, Emotion.GRIEF),
    ),
    EmotionGroup.NEUTRAL: ((*_WARM, *_GLAD), (*_HARSH, *_GLOOMY)),
}
_ORDER: Final = {emotion: place for place, emotion in enumerate(Emotion)}
_PLACES: Final = {
    group: (tuple(_ORDER[tone] for tone in welcome), tuple(_ORDER[tone] for tone in jarring))
    for group, (welcome, jarring) in _TONES.items()
}
"""Of those tones among the scores."""
