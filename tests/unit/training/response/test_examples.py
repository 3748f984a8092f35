from __future__ import annotations

from emotibot_models.types import Line
from training.response.examples import REPLY_LIMIT, from_turns


def made(*turns, **more):
    return list(from_turns(turns, source="test", **more))


def test_every_answer_to_somebody_else_becomes_an_example():
    examples = made(("a", "Hi."), ("b", "hello there"), ("a", "How are you?"))
    assert [(place, e.text, e.reply) for place, e in examples] == [
        (1, "Hi.", "Hello there."),
        (2, "hello there", "How are you?"),
    ]


def test_the_one_who_answers_is_the_bot():
    *_, (_, last) = made(("a", "Hi."), ("b", "Hello."), ("a", "I won."), ("b", "Well done!"))
    assert last.text == "I won."
    assert last.history == (Line("person", "Hi."), Line("bot", "Hello."))


def test_turns_of_one_speaker_in_a_row_are_one_turn():
    [(place, example)] = made(("a", "Hi."), ("a", "I am sad."), ("b", "Oh."), ("b", "Why?"))
    assert (place, example.text, example.reply) == (2, "Hi. I am sad.", "Oh. Why?")


def test_a_long_reply_is_shortened_to_whole_sentences():
    [(_, example)] = made(("a", "Hi."), ("b", "This is said first. " + "And this later. " * 20))
    assert len(example.reply) <= REPLY_LIMIT
    assert example.reply.startswith("This is said first.")
    assert example.reply.endswith("later.")


def test_a_reply_of_one_endless_sentence_is_left_out():
    assert made(("a", "Hi."), ("b", "word " * 100)) == []
