"""What speaks against a reply and what is known about it, case by case."""

from __future__ import annotations

import pytest

from emotibot_models.bank import load_bank
from emotibot_models.ranking import (
    Features,
    Gates,
    Heard,
    Traits,
    echo,
    emotion_fit,
    is_fluent,
    is_generic,
    may_be_sent,
    repetition,
)
from emotibot_models.types import NEUTRAL, Emotion

GENERATED = Features(written=False, relevance=0.5, log_likelihood=-0.8, words=12)
WRITTEN = Features(written=True, relevance=0.1, words=12)
GATES = Gates()


def tone(**scores):
    return [scores.get(emotion.value, 0.0) for emotion in Emotion]


def test_a_generated_reply_without_a_fault_may_be_sent():
    assert may_be_sent(GENERATED, GATES)


@pytest.mark.parametrize(
    "fault",
    [
        {"repetition": 0.9},
        {"echo": 0.95},
        {"fluent": False},
        {"relevance": 0.1},
        {"log_likelihood": -2.0},
    ],
    ids=["said before", "hands back", "broken", "beside the point", "unsure"],
)
def test_a_generated_reply_with_a_grave_fault_is_out(fault):
    assert not may_be_sent(GENERATED._replace(**fault), GATES)


def test_a_sentence_of_the_bank_need_not_be_near():
    assert may_be_sent(WRITTEN, GATES)


def test_a_sentence_of_the_bank_is_not_said_twice_either():
    assert not may_be_sent(WRITTEN._replace(repetition=1.0), GATES)


@pytest.mark.parametrize("wrong", [{"repeated": 0.0}, {"echoed": 1.5}], ids=str)
def test_gates_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="must be in"):
        Gates(**wrong)


@pytest.mark.parametrize(
    ("reply", "previous", "share"),
    [
        ("What happened then?", [], 0.0),
        ("What happened then?", ["What happened then?"], 1.0),
        ("what HAPPENED, then", ["What happened then?"], 1.0),
        ("What happened then?", ["How are you?"], 0.0),
        ("What happened next?", ["What happened then?", "Good."], 0.5),
        ("Really?", ["Really?"], 1.0),
        ("...", ["..."], 0.0),
    ],
)
def test_repetition_is_the_share_said_before(reply, previous, share):
    assert repetition(Traits.of(reply), Heard.of("", previous)) == pytest.approx(share)


def handed_back(reply, message):
    return echo(Traits.of(reply), Heard.of(message, []))


@pytest.mark.parametrize(
    ("reply", "exclaims", "several"),
    [
        ("What did she say?", False, False),
        ("Oh no, your car! Was anybody hurt?", True, True),
        ("I'm sorry. That hurts.", False, True),
        ("A new puppy, how lovely!", True, False),
    ],
)
def test_the_manner_of_a_reply_is_known(reply, exclaims, several):
    traits = Traits.of(reply)
    assert (traits.exclaims, traits.several) == (exclaims, several)


def test_handing_the_message_back_is_an_echo():
    assert handed_back("I lost my job today.", "I lost my job today!") == 1.0


def test_handing_it_back_with_you_for_i_is_an_echo_too():
    assert handed_back("You lost your job today.", "I lost my job today.") == 1.0


def test_an_answer_is_no_echo():
    assert handed_back("I'm sorry. What will you do now?", "I lost my job today.") < 0.2


@pytest.mark.parametrize(
    "text",
    [
        "That's great!",
        "I'm so sorry to hear that. What happened?",
        "Oh no! What happened?",
        "That sounds like a lot of fun.",
        "I see.",
        "Good luck!",
    ],
)
def test_what_fits_everything_is_generic(text):
    assert is_generic(text)


@pytest.mark.parametrize(
    "text",
    ["I'm sorry about your dog.", "How did the exam go?", "That's great news about the job!"],
)
def test_what_speaks_of_the_matter_is_not_generic(text):
    assert not is_generic(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Yes.",
        "I am so so so sorry.",
        "I am sorry to hear that. I am sorry to hear that.",
        "That is the best part of the",
        "I think that is a.",
        "What did he say (to you?",
        'He said "no.',
        "Good <extra_id_0> luck to you.",
        "See https://example.org for more.",
        "That is good ,really.",
        "Hello [NAME], how are you?",
    ],
)
def test_a_broken_text_is_not_fluent(text):
    assert not is_fluent(text)


@pytest.mark.parametrize(
    "text",
    [
        "How are you?",
        "That sounds hard. What are you most afraid of?",
        "It's what you've worked for, isn't it?",
        'She said "well done!"',
        "That's nothing to be ashamed of (really).",
    ],
)
def test_a_whole_sentence_is_fluent(text):
    assert is_fluent(text)


def test_nearly_all_of_the_bank_is_fluent_by_the_same_measure():
    texts = [sentence.example for sentence in load_bank().sentences]
    assert sum(map(is_fluent, texts)) / len(texts) > 0.99


@pytest.mark.parametrize(
    ("reply", "emotion", "fits"),
    [
        (tone(caring=0.8), "sadness", True),
        (tone(remorse=0.7), "grief", True),
        (tone(joy=0.9), "grief", False),
        (tone(amusement=0.6), "anger", False),
        (tone(joy=0.9), "pride", True),
        (tone(sadness=0.7), "joy", False),
        (tone(curiosity=0.8), "confusion", True),
        (tone(anger=0.8), "nervousness", False),
        (tone(curiosity=0.6), NEUTRAL, True),
        (tone(grief=0.6), NEUTRAL, False),
    ],
)
def test_the_tone_of_a_reply_should_answer_the_emotion(reply, emotion, fits):
    assert (emotion_fit(reply, emotion) > 0.5) is fits


@pytest.mark.parametrize("emotion", [*Emotion, NEUTRAL])
def test_a_reply_without_any_tone_is_in_the_middle(emotion):
    assert emotion_fit(tone(), emotion) == 0.5


def test_the_fit_stays_within_its_bounds():
    assert emotion_fit([1.0] * len(Emotion), "joy") == 0.5
    assert emotion_fit(tone(joy=1.0), "joy") == 1.0


def test_too_few_scores_are_refused():
    with pytest.raises(ValueError, match="wanted 27 scores, got 2"):
        emotion_fit([0.1, 0.2], "joy")


def test_an_unknown_emotion_is_refused():
    with pytest.raises(ValueError, match="hunger"):
        emotion_fit(tone(), "hunger")
