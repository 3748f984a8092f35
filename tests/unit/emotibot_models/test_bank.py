"""The bank of written replies is complete, checked, and fit to be sent as it stands."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from emotibot_models.bank import FILE, KNOWN, BankSentence, load_bank, read_bank
from emotibot_models.emotion_groups import GROUP_OF
from emotibot_models.errors import ArtifactError
from emotibot_models.types import NEUTRAL, Emotion, FaceOutcome, Intent, ReplySource

SMALL = """
[[group]]
topic = "{topic}"
emotions = {emotions}
{intent} = ["A sentence that is long enough."]
[fallbacks]
positive = ["p"]
low = ["l"]
anger = ["a"]
fear = ["f"]
surprise = ["s"]
neutral = ["n"]
[pictures]
read = ["1"]
not_sure = ["2"]
no_face = ["3"]
several_faces = ["4"]
too_small = ["4a"]
blurred = ["4b"]
unreadable = ["5"]
[wordless]
empty = ["6"]
emoji = ["7"]
"""
PLAIN = {"topic": "tea", "emotions": '["joy"]', "intent": "ask"}

OWN_LIFE = re.compile(
    r"\bmy (?:wife|husband|dog|cat|job|boss|kids?|mother|mum|dad|father|friends?|house|family)\b"
    r"|\bwhen i was\b|\bi (?:went|work as|grew up|used to|once)\b"
    r"|\bi understand exactly|\bi know (?:exactly )?how you feel",
    re.IGNORECASE,
)
TOLD_WHAT_TO_FEEL = re.compile(
    r"\byou(?:'re| are) (?:so |very |really )?"
    r"(?:sad|angry|depressed|afraid|scared|anxious|jealous)\b",
    re.IGNORECASE,
)


def everything():
    bank = load_bank()
    texts = [sentence.text for sentence in bank.sentences]
    for group in (*bank.by_group.values(), *bank.by_outcome.values(), bank.empty, bank.emoji):
        texts.extend(group)
    return texts


def written(tmp_path, text):
    path = tmp_path / "bank.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_bank_is_read_once_a_process():
    assert load_bank() is load_bank()


def test_the_bank_holds_several_hundred_sentences():
    assert len(load_bank().sentences) >= 600


def written_for(emotion: str) -> list[BankSentence]:
    return [sentence for sentence in load_bank().sentences if emotion in sentence.emotions]


@pytest.mark.parametrize("emotion", [*Emotion, NEUTRAL])
def test_every_emotion_has_a_choice_of_sentences(emotion):
    assert len(written_for(emotion)) >= 12


@pytest.mark.parametrize("emotion", [*Emotion, NEUTRAL])
def test_every_emotion_has_sentences_of_three_intents_or_more(emotion):
    assert len(Counter(sentence.intent for sentence in written_for(emotion))) >= 3


@pytest.mark.parametrize("intent", list(Intent))
def test_every_intent_has_dozens_of_sentences(intent):
    assert sum(s.intent is intent for s in load_bank().sentences) >= 50


def test_a_sentence_as_a_candidate_carries_its_source_and_no_likelihood():
    candidate = load_bank().sentences[0].candidate
    assert (candidate.source, candidate.log_likelihood) == (ReplySource.BANK, None)


def test_an_unknown_emotion_is_refused():
    with pytest.raises(ValueError, match="hunger"):
        load_bank().fallbacks("hunger")


@pytest.mark.parametrize("emotion", [*Emotion, NEUTRAL])
def test_every_emotion_has_four_fallbacks_or_more(emotion):
    found = load_bank().fallbacks(emotion)
    assert len(found) >= 4
    assert {c.source for c in found} == {ReplySource.FALLBACK}


@pytest.mark.parametrize("outcome", list(FaceOutcome))
def test_every_outcome_of_a_picture_has_words(outcome):
    assert len(load_bank().for_picture(outcome)) >= 3


def test_emoji_and_silence_are_answered_differently():
    bank = load_bank()
    assert bank.for_wordless("\U0001f622") != bank.for_wordless("  \n")


def test_every_emotion_belongs_to_a_group():
    assert set(GROUP_OF) == KNOWN


def test_every_sentence_is_a_proper_length():
    assert [text for text in everything() if not 5 <= len(text.split()) <= 28] == []


def test_every_sentence_starts_and_ends_like_one():
    assert [text for text in everything() if not text[0].isupper() or text[-1] not in ".!?"] == []


def test_no_sentence_claims_a_life_of_the_bots_own():
    assert [text for text in everything() if OWN_LIFE.search(text)] == []


def test_no_sentence_tells_somebody_what_they_feel():
    assert [text for text in everything() if TOLD_WHAT_TO_FEEL.search(text)] == []


def test_no_opening_is_worn_out():
    openings = Counter(" ".join(s.text.split()[:3]).casefold() for s in load_bank().sentences)
    assert openings.most_common(1)[0][1] <= len(load_bank().sentences) // 50


def test_a_small_bank_is_read(tmp_path):
    bank = read_bank(written(tmp_path, SMALL.format(**PLAIN)))
    assert [(s.text, s.intent, s.topic) for s in bank.sentences] == [
        ("A sentence that is long enough.", Intent.ASK, "tea")
    ]


def test_an_unknown_emotion_in_the_file_is_named(tmp_path):
    path = written(tmp_path, SMALL.format(**PLAIN | {"emotions": '["hunger"]'}))
    with pytest.raises(ArtifactError, match=r"'tea' names unknown emotions \['hunger'\]"):
        read_bank(path)


def test_an_unknown_intent_in_the_file_is_named(tmp_path):
    path = written(tmp_path, SMALL.format(**PLAIN | {"intent": "scold"}))
    with pytest.raises(ArtifactError, match="unknown intent 'scold'"):
        read_bank(path)


def test_a_sentence_said_twice_is_named(tmp_path):
    text = SMALL.format(**PLAIN).replace('positive = ["p"]', 'positive = ["N"]')
    with pytest.raises(ArtifactError, match="says 'n' twice"):
        read_bank(written(tmp_path, text))


def test_a_missing_part_is_named(tmp_path):
    text = SMALL.format(**PLAIN).replace("surprise = ", "surprize = ")
    with pytest.raises(ArtifactError, match="'surprise' is missing"):
        read_bank(written(tmp_path, text))


def test_a_file_that_is_no_toml_is_named(tmp_path):
    with pytest.raises(ArtifactError, match=r"bank\.toml"):
        read_bank(written(tmp_path, "= ="))


def test_the_bank_on_board_lies_beside_the_code():
    assert FILE.is_file()
