"""Topics: when a written sentence may be said, and with which of the person's words in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from emotibot_models.cues import STOP, Cue, Phrase, PhraseIndex, WordList, all_in
from emotibot_models.folding import fold
from emotibot_models.types import Intent

REMEMBERED: Final = 3
"""How many earlier messages of a person hold a topic open."""
OPEN, HELD_OPEN, PRECISE = 1.0, 0.3, 0.2
"""Closeness of a sentence whose topic this message opened, or an earlier one; and what each
further cue adds."""

_OWN: Final = frozenset({"my", "our"})
_TAG: Final = re.compile(
    r"\b(?:you know|ya know|right|huh|eh|lol|or something)\W*\?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A person's message as topics see it."""

    tokens: tuple[str, ...]
    """The folded message, word by word."""
    said: frozenset[Phrase]
    """Phrases that stand in it."""
    heard: frozenset[Phrase]
    """Phrases that stand in the bot's line before it."""
    is_question: bool
    was_asked: bool
    """The bot's line before it was a question."""
    has_begun: bool
    """The bot has said something before."""
    words: int = field(init=False)
    """How many there are."""
    _nearest: dict[WordList, str | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What ``word_of`` has found."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", sum(token != STOP for token in self.tokens))

    @classmethod
    def of(cls, text: str, before: str, *, said: PhraseIndex, heard: PhraseIndex) -> Moment:
        """The moment of a message, ``before`` being what the bot said last."""
        tokens = tuple(fold(text).split())
        return cls(
            tokens=tokens,
            said=said.found_in(tokens),
            heard=heard.found_in(fold(before).split()),
            is_question=_asks(text),
            was_asked=_asks(before),
            has_begun=bool(before),
        )

    def word_of(self, words: WordList) -> str | None:
        """The word of a list that the message is most likely about: "my dog" before "a dog"."""
        if words not in self._nearest:
            self._nearest[words] = self._nearest_of(list(words.found_in(self.tokens)))
        return self._nearest[words]

    def _nearest_of(self, spans: Sequence[tuple[int, int]]) -> str | None:
        own = [span for span in spans if _OWN & {*self.tokens[max(0, span[0] - 2) : span[0]]}]
        return next((" ".join(self.tokens[slice(*span)]) for span in (*own, *spans)), None)


@dataclass(frozen=True, slots=True)
class Gap:
    """A place in a sentence for a word of the person's own."""

    mark: str
    """What stands there in the sentence."""
    words: WordList
    """What may take its place."""

    @property
    def example(self) -> str:
        """Something that may take its place."""
        return " ".join(self.words.rows[0])


@dataclass(frozen=True, slots=True)
class Sentence:
    """One written reply."""

    text: str
    intent: Intent
    gaps: tuple[Gap, ...] = ()
    said: Cue | None = None
    """A cue of its own, beside those of its topic."""
    unless: Cue | None = None
    """One that may not be found."""

    example: str = field(init=False)
    """The sentence with some word in each of its gaps."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "example", self._with([gap.example for gap in self.gaps]))

    def fits(self, moment: Moment) -> bool:
        """Whether a message has all the words that the sentence takes up, and none it cannot."""
        return (
            (self.said is None or self.said.is_in(moment.said))
            and not (self.unless and self.unless.is_in(moment.said))
            and (not self.gaps or all(moment.word_of(gap.words) for gap in self.gaps))
        )

    def about(self, moment: Moment) -> str:
        """The sentence with the person's words in its gaps, for a message that it fits."""
        if not self.gaps:
            return self.example
        return self._with([moment.word_of(gap.words) or "" for gap in self.gaps])

    def _with(self, words: Sequence[str]) -> str:
        text = self.text
        for gap, word in zip(self.gaps, words, strict=True):
            text = text.replace(gap.mark, word)
        return text[0].upper() + text[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A situation: the signs by which a message opens it, and what can be said then."""

    name: str
    emotions: tuple[str, ...]
    """``Emotion`` values or ``NEUTRAL``: a hint, no condition."""
    said: frozenset[Cue] = frozenset()
    """Each must be found in the message."""
    after: frozenset[Cue] = frozenset()
    """Each must be found in the bot's line before it."""
    unless: frozenset[Cue] = frozenset()
    """None of them may be found."""
    most_words: int | None = None
    question: bool | None = None
    """Whether the message has to be a question, or must not be one."""
    asked: bool | None = None
    """Whether the bot has to have asked something, or must not have."""
    begun: bool | None = None
    """Whether the bot has to have said something before, or must not have."""
    certain: bool = False
    """It answers what is asked about the bot itself: where it is opened, nothing else is said."""
    sentences: tuple[Sentence, ...]
    later: tuple[Sentence, ...] = ()
    """For the turns after: they fit whatever was said in between."""
    signs: frozenset[Cue] = field(init=False)
    """What has to be found; without any, the topic is about nothing in particular."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "signs", self.said | self.after)

    def is_opened_by(self, moment: Moment) -> bool:
        """Whether the message shows every sign of the topic."""
        return (
            (self.most_words is None or moment.words <= self.most_words)
            and self.question in (None, moment.is_question)
            and self.asked in (None, moment.was_asked)
            and self.begun in (None, moment.has_begun)
            and all_in(self.said, moment.said)
            and all_in(self.after, moment.heard)
            and not any(cue.is_in(moment.said) for cue in self.unless)
        )

    def fitting(
        self, now: Moment, before: Sequence[Moment]
    ) -> Iterator[tuple[Sentence, Moment, float]]:
        """The sentences that may be said now, the message that each is about, and how closely.

        ``before`` are the person's earlier messages, the latest first. A topic that is open
        already goes on; it does not begin again.
        """
        then = self._opening(before) if self.later else None
        opened = self.is_opened_by(now)
        if opened:
            yield from self._closely(self.sentences, now, OPEN if then is None else HELD_OPEN)
        if then is not None:
            yield from self._closely(self.later, then, OPEN if opened else HELD_OPEN)

    def _opening(self, before: Sequence[Moment]) -> Moment | None:
        if not self.signs:
            return None
        return next((m for m in before[:REMEMBERED] if self.is_opened_by(m)), None)

    def _closely(
        self, sentences: Sequence[Sentence], moment: Moment, closeness: float
    ) -> Iterator[tuple[Sentence, Moment, float]]:
        for sentence in sentences:
            if sentence.fits(moment):
                cues = len(self.signs) + (sentence.said is not None)
                yield sentence, moment, closeness + PRECISE * (cues - 1) if cues else 0.0


def _asks(text: str) -> bool:
    """Whether a text ends in a question that wants an answer; "you know?" does not."""
    stripped = text.rstrip()
    return stripped.endswith("?") and not _TAG.search(stripped)
