"""Sentences of our own writing, by topic and by intent, and fallbacks that are safe anywhere.

The texts live in the folder ``sentences``. Each can be sent as it stands, once its topic is open.
"""

from __future__ import annotations

import gc
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from emotibot_models.cues import NAME, Cue, Lists, compile_cue, named, read_lists
from emotibot_models.emotion_groups import GROUP_OF, EmotionGroup
from emotibot_models.errors import ArtifactError
from emotibot_models.ranking import Origin
from emotibot_models.topic_index import TopicIndex
from emotibot_models.topics import REMEMBERED, Gap, Moment, Sentence, Topic
from emotibot_models.types import (
    NEUTRAL,
    Candidate,
    Emotion,
    FaceOutcome,
    Intent,
    Line,
    ReplySource,
)

FOLDER: Final = Path(__file__).with_name("sentences")
WORDS: Final = "words.toml"
"""Word lists for all files; a file may bring its own."""
ANYWHERE: Final = "anywhere.toml"
"""What needs no topic."""
KNOWN: Final = frozenset({*(emotion.value for emotion in Emotion), NEUTRAL})
INTENTS: Final = frozenset(intent.value for intent in Intent)
CONDITIONS: Final = ("most_words", "question", "asked", "begun")
FOR_ALL: Final = (*CONDITIONS, "certain")
"""A file may set one for all its topics, above the first of them."""
KEYS: Final = frozenset(
    {"name", "emotions", "said", "after", "unless", "later", *FOR_ALL, *INTENTS}
)

K = TypeVar("K", EmotionGroup, FaceOutcome)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fitting:
    """A sentence that may be said now."""

    sentence: Sentence
    topic: Topic
    moment: Moment
    """The message that it is about."""
    closeness: float
    """How surely it is about this message: 0 where its topic is about nothing in particular."""

    @property
    def candidate(self) -> Candidate:
        """The sentence as a reply, with the person's words in it."""
        return Candidate(self.sentence.about(self.moment), ReplySource.BANK, self.sentence.intent)

    @property
    def origin(self) -> Origin:
        """Where it stands in the bank."""
        return Origin(self.topic.name, self.sentence.text)


@dataclass(frozen=True, slots=True)
class Situation:
    """A message and what went before it, as the bank sees them."""

    now: Moment
    before: tuple[Moment, ...]
    """The person's earlier messages, the latest first."""
    near: frozenset[int]
    """Places of the topics of which one of the messages shows every sign."""


@dataclass(frozen=True, slots=True)
class Bank:
    """All written replies, checked."""

    topics: tuple[Topic, ...]
    by_group: Mapping[EmotionGroup, tuple[str, ...]]
    """Fallbacks, safe under any message of the group."""
    by_outcome: Mapping[FaceOutcome, tuple[str, ...]]
    """For a picture without words."""
    empty: tuple[str, ...]
    """For a message without anything in it."""
    emoji: tuple[str, ...]
    """For a message of emoji alone."""
    _opening: TopicIndex = field(init=False)
    """All topics."""
    _going_on: TopicIndex = field(init=False)
    """Those that an earlier message may hold open."""
    _by_emotion: Mapping[str, tuple[int, ...]] = field(init=False)
    """Places of those about nothing in particular, by each of their emotions."""

    def __post_init__(self) -> None:
        every = dict(enumerate(self.topics))
        going_on = {place: topic for place, topic in every.items() if topic.later}
        by_emotion: dict[str, tuple[int, ...]] = {}
        for place, topic in every.items():
            for emotion in () if topic.signs else topic.emotions:
                by_emotion[emotion] = (*by_emotion.get(emotion, ()), place)
        object.__setattr__(self, "_opening", TopicIndex(every))
        object.__setattr__(self, "_going_on", TopicIndex(going_on))
        object.__setattr__(self, "_by_emotion", by_emotion)

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Those of all topics, each once."""
        return tuple(s for topic in self.topics for s in (*topic.sentences, *topic.later))

    def situation(self, text: str, history: Sequence[Line] = ()) -> Situation:
        """What topics see of a message and of what went before it, and which of them it is in."""
        said = [line.text for line in history if line.speaker == "bot"]
        told = [line.text for line in history if line.speaker == "person"]
        now = self._opening.moment(text, said[-1] if said else "")
        before = tuple(self._going_on.moment(line) for line in told[: -REMEMBERED - 1 : -1])
        near = chain(self._opening.near(now), *map(self._going_on.near, before))
        return Situation(now, before, frozenset(near))

    def fitting(self, emotion: str, situation: Situation) -> Iterator[Fitting]:
        """What may be said to a message in which this emotion was read, in the bank's order.

        For a sentence about what was said, the emotion is a hint and no border: it may have been
        misread. Where nothing in particular was said, only the emotion can tell. An earlier topic
        goes on unless the message opens one by several signs: good news after bad are not answered
        as if they were the bad ones again.
        """
        now, before = situation.now, situation.before
        places = sorted((*situation.near, *self._by_emotion.get(emotion, ())))
        near = [self.topics[place] for place in places]
        begun = {topic.name for topic in near if len(topic.signs) > 1 and topic.is_opened_by(now)}
        for topic in near:
            earlier = () if begun and topic.name not in begun else before
            for sentence, moment, closeness in topic.fitting(now, earlier):
                yield Fitting(sentence, topic, moment, closeness)

    def certain(self, situation: Situation) -> list[Candidate]:
        """What has to be said, because the message asks about the bot itself; mostly nothing.

        Of several topics the one with the most signs answers, sentences with a cue of their own
        first.
        """
        now = situation.now
        near = (self.topics[place] for place in sorted(situation.near))
        asked = [topic for topic in near if topic.certain and topic.is_opened_by(now)]
        if not asked:
            return []
        topic = max(asked, key=lambda topic: len(topic.signs))
        found = [Fitting(s, topic, moment, close) for s, moment, close in topic.fitting(now, ())]
        found.sort(key=lambda fitting: -fitting.closeness)
        return [fitting.candidate for fitting in found]

    def written_for(self, topic: str) -> list[Candidate]:
        """Give the sentences of a topic; none where there is no such topic."""
        return [
            Candidate(sentence.text, ReplySource.BANK, sentence.intent)
            for known in self.topics
            if known.name == topic
            for sentence in known.sentences
        ]

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
    """Read the bank on board, once a process.

    The garbage collector waits meanwhile: it would walk again and again through what stays.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        return read_bank(FOLDER)
    finally:
        if was_collecting:
            gc.enable()


def read_bank(folder: Path) -> Bank:
    """Read and check a bank.

    Raises:
        ArtifactError: a file is missing or is no part of a bank, names an emotion, intent, list
            or group we do not know, or says a sentence twice.
    """
    lists = _read(folder / WORDS, lambda body: read_lists(body, {}))
    paths = [path for path in sorted(folder.glob("*.toml")) if path.name not in (WORDS, ANYWHERE)]
    topics = [topic for path in paths for topic in _read(path, partial(_topics, lists=lists))]
    bank = _read(folder / ANYWHERE, partial(_bank, topics=tuple(topics)))
    _refuse_repeats(folder, bank)
    return bank


def _read(path: Path, build: Callable[[dict[str, Any]], T]) -> T:
    """What ``build`` makes of a file; an error names it."""
    try:
        return build(tomllib.loads(path.read_text("utf-8")))
    except KeyError as exc:
        raise ArtifactError(f"{path}: {exc} is missing.") from exc
    except (OSError, ValueError) as exc:
        raise ArtifactError(f"{path}: {exc}") from exc


def _bank(body: Mapping[str, Any], topics: tuple[Topic, ...]) -> Bank:
    return Bank(
        topics=topics,
        by_group=_table(EmotionGroup, body["fallbacks"]),
        by_outcome=_table(FaceOutcome, body["pictures"]),
        empty=tuple(body["wordless"]["empty"]),
        emoji=tuple(body["wordless"]["emoji"]),
    )


def _table(keys: type[K], body: Mapping[str, Sequence[str]]) -> Mapping[K, tuple[str, ...]]:
    return MappingProxyType({key: tuple(body[key.value]) for key in keys})


def _topics(body: Mapping[str, Any], lists: Lists) -> list[Topic]:
    known = read_lists(body.get("words", {}), lists)
    for_all = {key: body[key] for key in FOR_ALL if key in body}
    topics = []
    for entry in body["topic"]:
        name = entry["name"]
        try:
            topics.append(_topic(name, for_all | entry, known))
        except ValueError as exc:
            raise ValueError(f"topic {name!r}: {exc}") from exc
    return topics


def _topic(name: str, entry: Mapping[str, Any], lists: Lists) -> Topic:
    emotions = tuple(entry["emotions"])
    if unknown := sorted(entry.keys() - KEYS):
        raise ValueError(f"there is no key {unknown[0]!r}.")
    if strange := sorted(set(emotions) - KNOWN):
        raise ValueError(f"there is no emotion {strange[0]!r}.")
    return Topic(
        name=name,
        emotions=emotions,
        said=_compiled("said", entry, lists),
        after=_compiled("after", entry, lists),
        unless=_compiled("unless", entry, lists),
        **{condition: entry.get(condition) for condition in CONDITIONS},
        certain=entry.get("certain", False),
        sentences=_sentences(entry, lists),
        later=_sentences(entry.get("later", {}), lists),
    )


def _compiled(key: str, entry: Mapping[str, Any], lists: Lists) -> frozenset[Cue]:
    return frozenset(compile_cue(cue, lists) for cue in entry.get(key, ()))


def _sentences(entry: Mapping[str, Any], lists: Lists) -> tuple[Sentence, ...]:
    return tuple(
        _sentence({"say": written} if isinstance(written, str) else written, intent, lists)
        for intent in Intent
        for written in entry.get(intent.value, ())
    )


def _sentence(written: Mapping[str, str], intent: Intent, lists: Lists) -> Sentence:
    text = written["say"]
    if unknown := sorted(written.keys() - {"say", "said", "unless"}):
        raise ValueError(f"there is no key {unknown[0]!r} for a sentence.")
    gaps = tuple(
        Gap(f"{{{name}}}", named(name, lists)) for name in dict.fromkeys(NAME.findall(text))
    )
    said, unless = (
        compile_cue(written[key], lists) if key in written else None for key in ("said", "unless")
    )
    return Sentence(text, intent, gaps, said, unless)


def _refuse_repeats(folder: Path, bank: Bank) -> None:
    texts = [sentence.text for sentence in bank.sentences]
    for group in (*bank.by_group.values(), *bank.by_outcome.values(), bank.empty, bank.emoji):
        texts.extend(group)
    for what, names in (("says", texts), ("has the topic", [topic.name for topic in bank.topics])):
        name, times = Counter(name.casefold() for name in names).most_common(1)[0]
        if times > 1:
            raise ArtifactError(f"{folder}: {what} {name!r} twice.")


def _group(emotion: str) -> EmotionGroup:
    if emotion not in GROUP_OF:
        raise ValueError(f"{emotion!r} is no emotion of ours.")
    return GROUP_OF[emotion]


def _fallbacks(texts: Sequence[str]) -> list[Candidate]:
    return [Candidate(text=text, source=ReplySource.FALLBACK) for text in texts]
