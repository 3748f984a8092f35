"""Which of thousands of topics a message may open, found by their signs without trying each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from emotibot_models.cues import Cue, Phrase, PhraseIndex, all_in
from emotibot_models.topics import Moment, Topic


class TopicIndex:
    """Topics by the signs that have to be found; those without any are never near."""

    def __init__(self, topics: Mapping[int, Topic]) -> None:
        """``topics`` by their places in the bank."""
        common = Counter(cue for topic in topics.values() for cue in topic.signs)
        places: dict[Phrase, list[int]] = defaultdict(list)
        self._others: dict[int, frozenset[Cue]] = {}
        for place, topic in topics.items():
            if not topic.signs:
                continue
            rarest = min(topic.signs, key=common.__getitem__)
            self._others[place] = topic.signs - {rarest}
            for phrase in rarest.phrases:
                places[phrase].append(place)
        self._places = dict(places)
        self._said = PhraseIndex(
            p for own in topics.values() for c in _said(own) for p in c.phrases
        )
        self._heard = PhraseIndex(
            p for own in topics.values() for c in own.after for p in c.phrases
        )

    def moment(self, text: str, before: str = "") -> Moment:
        """A message as these topics see it, ``before`` being what the bot said last."""
        return Moment.of(text, before, said=self._said, heard=self._heard)

    def near(self, moment: Moment) -> Iterator[int]:
        """Places of the topics of which every sign was found, in the message or before it."""
        found = moment.said | moment.heard
        hinted = {place for phrase in found for place in self._places.get(phrase, ())}
        return (place for place in hinted if all_in(self._others[place], found))


def _said(topic: Topic) -> Iterator[Cue]:
    """What is looked for in a message."""
    yield from topic.said
    yield from topic.unless
    for sentence in (*topic.sentences, *topic.later):
        yield from (cue for cue in (sentence.said, sentence.unless) if cue)
