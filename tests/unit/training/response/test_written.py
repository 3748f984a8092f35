from __future__ import annotations

from collections import Counter

import pytest

from emotibot_models.bank import load_bank
from emotibot_models.persona import has_own_life
from emotibot_models.types import Line
from training.response.examples import Example
from training.response.written import A_MESSAGE, MOST_OFTEN, written


def example(text, *history, emotion="sadness"):
    return Example(text=text, history=history, reply="Oh.", source="test", emotion=emotion)


@pytest.fixture(scope="module")
def bank():
    return load_bank()


def test_a_message_gets_what_the_bank_would_say_to_it(bank):
    message = example("My dog died yesterday.")
    said = written([message], bank, seed=1)
    by_text = {sentence.text: sentence.intent for sentence in bank.sentences}
    assert len(said) == A_MESSAGE == len({e.reply for e in said})
    assert all((e.text, e.emotion, e.source) == (message.text, "sadness", "written") for e in said)
    assert any("dog" in e.reply for e in said)
    assert all(by_text[e.reply] == e.intent for e in said if e.reply in by_text)


def test_what_opens_no_topic_gets_nothing(bank):
    assert written([example("Hmm, the seventh fork hums.", emotion="neutral")], bank, seed=1) == []


def test_a_conversation_is_answered_once(bank):
    message = example("My dog died yesterday.")
    assert len(written([message, message], bank, seed=1)) == A_MESSAGE
    later = example("My dog died yesterday.", Line("person", "Hello there."))
    assert len(written([message, later], bank, seed=1)) == 2 * A_MESSAGE


def test_sentences_take_turns_and_none_is_worn_out(bank):
    many = [example(f"My dog died yesterday, number {n}.") for n in range(400)]
    counts = Counter(e.reply for e in written(many, bank, seed=1))
    assert len(counts) > 2 * A_MESSAGE
    assert max(counts.values()) <= MOST_OFTEN


def test_none_of_them_claims_a_life_of_its_own(bank):
    texts = ("I got a promotion at work!", "My boss yelled at me.", "I have an exam tomorrow.")
    assert not any(has_own_life(e.reply) for e in written(map(example, texts), bank, seed=1))


def test_a_seed_decides_the_choice(bank):
    message = [example("My dog died yesterday.")]
    assert written(message, bank, seed=1) == written(message, bank, seed=1)
