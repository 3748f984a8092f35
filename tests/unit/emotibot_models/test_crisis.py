"""A person in danger is noticed; somebody who only speaks in pictures is not bothered."""

from __future__ import annotations

import tomllib
from pathlib import Path
from time import process_time

import pytest

from emotibot_models.crisis import Crisis, assess, crisis_reply, notice, screen

CASES = tomllib.loads(Path(__file__).with_name("crisis_cases.toml").read_text("utf-8"))


@pytest.mark.parametrize("kind", list(Crisis))
def test_danger_is_noticed_and_its_kind_told(kind):
    assert [text for text in CASES[kind.value] if assess(text) is not kind] == []


def test_idioms_denials_stories_and_everyday_words_are_let_through():
    assert [text for text in CASES["fine"] if screen(text)] == []


def test_there_are_enough_cases_on_both_sides():
    assert sum(len(CASES[kind.value]) for kind in Crisis) >= 200
    assert len(CASES["fine"]) >= 150


@pytest.mark.parametrize("text", ["", " \n", "\U0001f600", "!?", "1234"])
def test_a_message_without_words_is_no_crisis(text):
    assert not screen(text)


def test_a_plain_denial_is_let_through_and_a_doubtful_one_is_not():
    assert not screen("I would never kill myself")
    assert screen("I would never kill myself, but some nights I think about it")


def test_a_loss_to_suicide_is_grief_and_no_crisis():
    assert not screen("My cousin killed himself three years ago")


def test_a_story_does_not_hide_what_the_person_says_of_themselves():
    assert screen("I watched a movie about it but now I want to kill myself")


def test_worry_about_a_friend_is_told_from_ones_own_despair():
    assert assess("My roommate took too many pills") is Crisis.FRIEND
    assert assess("I took too many pills") is Crisis.SELF_HARM


def test_danger_at_the_end_of_a_very_long_message_is_noticed():
    assert screen("Today I went shopping and it rained. " * 400 + "I want to kill myself.")


def test_a_long_message_is_screened_quickly():
    text = "he said that i want my dad to wish i would go and take my things from home " * 130
    screen("warm")
    start = process_time()
    screen(text)
    assert process_time() - start < 2


def test_the_rule_that_noticed_can_be_asked_for_and_carries_none_of_the_words():
    assert notice("I want to kill myself because of Aurelia") == (
        Crisis.SELF_HARM,
        "killing oneself",
    )


def test_quieter_signs_count_together():
    assert notice("I'm worthless and I can't take it anymore") == (Crisis.SELF_HARM, "quiet signs")


def test_the_answer_follows_the_kind_of_danger():
    assert len({crisis_reply("en-GB", kind) for kind in Crisis}) == len(Crisis)


def test_the_answer_is_always_the_same():
    assert crisis_reply("en-US") == crisis_reply("en-US", Crisis.SELF_HARM)
