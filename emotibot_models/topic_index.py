"""Which of thousands of topics a message may open, found by their signs without trying each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from emotibot_models.cues import Cue, Phrase, PhraseIndex
from emotibot_models.topics import Moment, Topic

NUMBER: Final = np.dtype(np.intp)


class TopicIndex:
    """Topics by the signs that have to be found; those without any are never near."""

    def __init__(self, topics: Mapping[int, Topic]) -> None:
        """``topics`` by their places in the bank."""
        told = [(place, tuple(topic.signs)) for place, topic in topics.items() if topic.signs]
        told.sort(key=lambda own: -len(own[1]))
        numbers: dict[Cue, int] = {}
        for cue in (cue for _, signs in told for cue in signs):
            numbers.setdefault(cue, len(numbers))
        by_phrase: dict[Phrase, list[int]] = defaultdict(list)
        for cue, number in numbers.items():
            for phrase in cue.phrases:
                by_phrase[phrase].append(number)
        # Rows of numbers, because every step through thousands of objects waits for the memory.
        self._numbers = {p: np.array(own, NUMBER).tobytes() for p, own in by_phrase.items()}
        self._many = len(numbers)
        self._places = np.array([place for place, _ in told], NUMBER)
        self._signs = [
            np.array([numbers[signs[nth]] for _, signs in told if len(signs) > nth], NUMBER)
            for nth in range(max((len(signs) for _, signs in told), default=0))
        ]
        """The first sign of each topic, the second of those that have so many, and so on."""
        self._said = PhraseIndex(
            p for own in topics.values() for c in _said(own) for p in c.phrases
        )
        self._heard = PhraseIndex(
            p for own in topics.values() for c in own.after for p in c.phrases
        )

    def moment(self, text: str, before: str = "") -> Moment:
        """A message as these topics see it, ``before`` being what the bot said last."""
        return Moment.of(text, before, said=self._said, heard=self._heard)

    def near(self, moment: Moment) -> list[int]:
        """Places of the topics of which every sign was found, in the message or before it."""
        phrases = moment.said | moment.heard
        numbers = b"".join(self._numbers.get(phrase, b"") for phrase in phrases)
        if not numbers:
            return []
        found = np.zeros(self._many, bool)
        found[np.frombuffer(numbers, NUMBER)] = True
        shown = np.ones(len(self._places), bool)
        for signs in self._signs:
            shown[: len(signs)] &= found[signs]
        places: list[int] = self._places[shown].tolist()
        return places


def _said(topic: Topic) -> Iterator[Cue]:
    """What is looked for in a message."""
    yield from topic.said
    yield from topic.unless
    for sentence in (*topic.sentences, *topic.later):
        yield from (cue for cue in (sentence.said, sentence.unless) if cue)
