"""Topics open by what a person says, stay open for a while, and put their words to use."""

from __future__ import annotations

import pytest

from emotibot_models.cues import PhraseIndex, compile_cue, read_lists
from emotibot_models.topics import HELD_OPEN, OPEN, PRECISE, Gap, Moment, Sentence, Topic
from emotibot_models.types import Intent

LISTS = read_lists({"pet": "dog|cat"}, {})
PET, DIED, NEARLY, YEARS = (compile_cue(c, LISTS) for c in ("{pet}", "died", "nearly", "years"))
INDEX = PhraseIndex(p for cue in (PET, DIED, NEARLY, YEARS) for p in cue.phrases)
SORRY = Sentence("I'm sorry about it.", Intent.REFLECT)
MISSED = Sentence("What do you miss most?", Intent.ASK)


def moment(text: str, before: str = "") -> Moment:
    return Moment.of(text, before, said=INDEX, heard=INDEX)


def topic(**more) -> Topic:
    signs = {"said": frozenset({PET, DIED})}
    return Topic(**{"name": "loss", "emotions": ("grief",), "sentences": (SORRY,)} | signs | more)


def opened(said: str, before: str = "", **conditions) -> bool:
    return topic(**conditions).is_opened_by(moment(said, before))


def test_a_topic_is_opened_when_every_cue_is_found():
    assert opened("My dog died.")


@pytest.mark.parametrize("said", ["My dog is here.", "He died."])
def test_a_topic_stays_shut_when_a_cue_is_missing(said):
    assert not opened(said)


def test_a_topic_stays_shut_where_something_speaks_against_it():
    assert not opened("My dog nearly died.", unless=frozenset({NEARLY}))


@pytest.mark.parametrize(
    ("condition", "said", "before", "open_"),
    [
        ({"most_words": 3}, "My dog died.", "", True),
        ({"most_words": 2}, "My dog died.", "", False),
        ({"question": True}, "My dog died?", "", True),
        ({"question": True}, "My dog died.", "", False),
        ({"question": True}, "My dog died, you know?", "", False),
        ({"question": False}, "My dog died?", "", False),
        ({"asked": True}, "My dog died.", "What happened?", True),
        ({"asked": True}, "My dog died.", "I see.", False),
        ({"asked": False}, "My dog died.", "What happened?", False),
        ({"begun": True}, "My dog died.", "I see.", True),
        ({"begun": True}, "My dog died.", "", False),
        ({"begun": False}, "My dog died.", "I see.", False),
    ],
)
def test_a_topic_may_depend_on_the_form_of_the_talk(condition, said, before, open_):
    assert opened(said, before, **condition) is open_


def fitting(which: Topic, said: str, *before: str):
    return list(which.fitting(moment(said), [moment(text) for text in before]))


def test_a_topic_that_opens_now_is_close_and_the_closer_the_more_was_said():
    [(sentence, about, closeness)] = fitting(topic(later=(MISSED,)), "My dog died.")
    assert (sentence, about) == (SORRY, moment("My dog died."))
    assert closeness == OPEN + PRECISE


def test_a_topic_stays_open_for_what_can_be_said_later():
    [(sentence, about, closeness)] = fitting(topic(later=(MISSED,)), "Yes.", "My dog died.")
    assert (sentence, about) == (MISSED, moment("My dog died."))
    assert closeness == HELD_OPEN + PRECISE


def test_a_topic_that_is_opened_again_goes_on_rather_than_beginning_anew():
    found = fitting(topic(later=(MISSED,)), "I said, my dog died.", "My dog died.")
    assert {sentence: closeness for sentence, _, closeness in found} == {
        SORRY: HELD_OPEN + PRECISE,
        MISSED: OPEN + PRECISE,
    }


def test_a_topic_is_forgotten_after_some_messages():
    assert fitting(topic(later=(MISSED,)), "Yes.", "a", "b", "c", "My dog died.") == []


def test_a_topic_without_cues_is_close_to_nothing_and_never_stays_open():
    anywhere = topic(said=frozenset(), later=(MISSED,))
    assert [c for _, _, c in fitting(anywhere, "Yes.", "My dog died.")] == [0.0]


GAP = Gap("{pet}", LISTS["pet"])


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("The cat died.", "cat"),
        ("A dog bit my cat.", "cat"),
        ("A dog bit our old cat.", "cat"),
        ("A dog bit a cat.", "dog"),
    ],
)
def test_a_gap_takes_the_word_that_the_message_is_about(said, word):
    sentence = Sentence("{pet}, poor {pet}!", Intent.REFLECT, (GAP,))
    assert sentence.about(moment(said)) == f"{word.capitalize()}, poor {word}!"


def test_a_sentence_with_a_gap_is_not_said_where_the_word_is_missing():
    assert not Sentence("Poor {pet}!", Intent.REFLECT, (GAP,)).fits(moment("It died."))


def test_a_sentence_may_need_words_of_its_own():
    sentence = Sentence("Fourteen years!", Intent.REFLECT, (), YEARS)
    assert not sentence.fits(moment("It died."))
    assert sentence.fits(moment("It died after years."))


def test_a_sentence_can_be_shown_without_a_message():
    assert Sentence("Poor {pet}!", Intent.REFLECT, (GAP,)).example == "Poor dog!"
