"""Sentences of our own writing, by emotion and by intent, and fallbacks that are safe anywhere.

The texts live in ``bank.toml``. They are used when no generated reply is good enough, so each can
be sent as it stands.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from emotibot_models.emotion_groups import GROUP_OF, EmotionGroup
from emotibot_models.errors import ArtifactError
from emotibot_models.types import NEUTRAL, Candidate, Emotion, FaceOutcome, Intent, ReplySource

FILE: Final = Path(__file__).with_name("bank.toml")
KNOWN: Final = frozenset({*(emotion.value for emotion in Emotion), NEUTRAL})
GROUP_KEYS: Final = frozenset({"topic", "emotions"})

K = TypeVar("K", EmotionGroup, FaceOutcome)


@dataclass(frozen=True, slots=True)
class BankSentence:
    """One written reply and the messages it suits."""

    text: str
    emotions: tuple[str, ...]
    """``Emotion`` values or ``NEUTRAL``."""
    intent: Intent
    topic: str
    """The situation it was written for, such as ``exam ahead``."""

    @property
    def candidate(self) -> Candidate:
        """The sentence as a reply that might be sent."""
        return Candidate(text=self.text, source=ReplySource.BANK, intent=self.intent)


@dataclass(frozen=True, slots=True)
class Bank:
    """All written replies, checked."""

    sentences: tuple[BankSentence, ...]
    by_group: Mapping[EmotionGroup, tuple[str, ...]]
    """Fallbacks, safe under any message of the group."""
    by_outcome: Mapping[FaceOutcome, tuple[str, ...]]
    """For a picture without words."""
    empty: tuple[str, ...]
    """For a message without anything in it."""
    emoji: tuple[str, ...]
    """For a message of emoji alone."""

    def written_for(self, topic: str) -> list[Candidate]:
        """Give the sentences of a topic; none where there is no such topic."""
        return [s.candidate for s in self.sentences if s.topic == topic]

    def fallbacks(self, emotion: str) -> list[Candidate]:
        """Give at least four sentences that are safe under any message with this emotion.

        Raises:
            ValueError: there is no such emotion.
        """
        return _fallbacks(self.by_group[_group(emotion)])

    def for_picture(self, outcome: FaceOutcome) -> list[Candidate]:
        """Give replies to a picture that came without words, by what became of it."""
        return _fallbacks(self.by_outcome[outcome])

    def for_wordless(self, text: str) -> list[Candidate]:
        """Give replies to a text without a letter or digit: empty, or emoji and signs alone."""
        return _fallbacks(self.emoji if text.strip() else self.empty)


@cache
def load_bank() -> Bank:
    """Read the bank on board, once a process."""
    return read_bank(FILE)


def read_bank(path: Path) -> Bank:
    """Read and check a bank.

    Raises:
        ArtifactError: the file is no bank, or names an emotion, intent or group we do not know,
            or says a sentence twice.
    """
    try:
        body = tomllib.loads(path.read_text("utf-8"))
        bank = Bank(
            sentences=tuple(_sentences(body["group"])),
            by_group=_table(EmotionGroup, body["fallbacks"]),
            by_outcome=_table(FaceOutcome, body["pictures"]),
            empty=tuple(body["wordless"]["empty"]),
            emoji=tuple(body["wordless"]["emoji"]),
        )
    except KeyError as exc:
        raise ArtifactError(f"{path}: {exc} is missing.") from exc
    except (OSError, ValueError) as exc:
        raise ArtifactError(f"{path}: {exc}") from exc
    _refuse_repeats(path, bank)
    return bank


def _sentences(groups: Sequence[Mapping[str, Any]]) -> Iterator[BankSentence]:
    for group in groups:
        topic, emotions = group["topic"], tuple(group["emotions"])
        if unknown := set(emotions) - KNOWN:
            raise ValueError(f"topic {topic!r} names unknown emotions {sorted(unknown)}.")
        for name in group.keys() - GROUP_KEYS - set(Intent):
            raise ValueError(f"topic {topic!r} has the unknown intent {name!r}.")
        for intent in Intent:
            for text in group.get(intent.value, ()):
                yield BankSentence(text, emotions, intent, topic)


def _table(keys: type[K], body: Mapping[str, Sequence[str]]) -> Mapping[K, tuple[str, ...]]:
    return MappingProxyType({key: tuple(body[key.value]) for key in keys})


def _refuse_repeats(path: Path, bank: Bank) -> None:
    texts = [sentence.text for sentence in bank.sentences]
    for group in (*bank.by_group.values(), *bank.by_outcome.values(), bank.empty, bank.emoji):
        texts.extend(group)
    seen: set[str] = set()
    for text in texts:
        if text.casefold() in seen:
            raise ArtifactError(f"{path}: says {text!r} twice.")
        seen.add(text.casefold())


def _group(emotion: str) -> EmotionGroup:
    if emotion not in GROUP_OF:
        raise ValueError(f"{emotion!r} is no emotion of ours.")
    return GROUP_OF[emotion]


def _fallbacks(texts: Sequence[str]) -> list[Candidate]:
    return [Candidate(text=text, source=ReplySource.FALLBACK) for text in texts]
