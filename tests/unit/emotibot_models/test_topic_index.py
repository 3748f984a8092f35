"""Of thousands of topics those are near of which a message shows every sign."""

from __future__ import annotations

from emotibot_models.cues import compile_cue
from emotibot_models.topic_index import TopicIndex
from emotibot_models.topics import Sentence, Topic
from emotibot_models.types import Intent


def cues(*written):
    return frozenset(compile_cue(cue, {}) for cue in written)


def topic(name, said=(), after=(), unless=(), own=None):
    sentence = Sentence("So?", Intent.ASK, said=compile_cue(own, {}) if own else None)
    conditions = {"said": cues(*said), "after": cues(*after), "unless": cues(*unless)}
    return Topic(name=name, emotions=("joy",), sentences=(sentence,), **conditions)


def near(topics, message, before=""):
    index = TopicIndex(dict(enumerate(topics)))
    return {topics[place].name for place in index.near(index.moment(message, before))}


TOPICS = (
    topic("tea", said=["tea|chai"]),
    topic("hot tea", said=["tea", "hot|warm"]),
    topic("rain", said=["rain*", "hot"]),
    topic("sugar", said=["yes"], after=["sugar"]),
    topic("asked about rain", after=["umbrella"]),
    topic("anything"),
)


def test_topics_with_every_sign_are_near_and_no_others():
    assert near(TOPICS, "My chai!") == {"tea"}
    assert near(TOPICS, "Tea, and warm, too.") == {"tea", "hot tea"}
    assert near(TOPICS, "Hot, and it rained.") == {"rain"}
    assert near(TOPICS, "Nothing of the kind.") == set()


def test_what_the_bot_said_is_a_sign_for_those_who_listen_to_it():
    assert near(TOPICS, "Yes.", "Do you take sugar?") == {"sugar"}
    assert near(TOPICS, "Yes.", "Have you got an umbrella?") == {"asked about rain"}
    assert near(TOPICS, "Yes, sugar.") == set()


def test_what_speaks_against_a_topic_is_looked_for_even_where_it_has_no_sign():
    choosy = topic("choosy", unless=["sorry"], own="green")
    index = TopicIndex({0: choosy})
    assert choosy.is_opened_by(index.moment("Well."))
    assert not choosy.is_opened_by(index.moment("Sorry."))
    assert [s for s, _, _ in choosy.fitting(index.moment("Green!"), ())] == [*choosy.sentences]
    assert not list(choosy.fitting(index.moment("Blue!"), ()))


def test_topics_keep_their_places():
    index = TopicIndex({7: TOPICS[0], 9: TOPICS[1]})
    assert {*index.near(index.moment("hot tea"))} == {7, 9}
