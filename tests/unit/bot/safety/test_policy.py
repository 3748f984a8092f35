"""What must not reach the generator does not, and what must not leave does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import texts
from bot.safety import policy
from emotibot_models.scripted import ScriptedPipeline
from emotibot_models.types import ReplySource, TurnInput


def result(**changes):
    [made] = ScriptedPipeline().run([TurnInput(text="hello")])
    return replace(made, **changes)


def test_danger_gets_the_fixed_answer_of_its_country():
    fixed = policy.screen("I want to kill myself", "en-GB")
    assert fixed.crisis
    assert "116 123" in fixed.body


@pytest.mark.parametrize("text", ["this homework is killing me", "hello", "", "😀" * 50])
def test_everyday_words_pass(text):
    assert policy.screen(text, "en") is None


@pytest.mark.parametrize("text", ["yes", "Yeah.", "yes, I am", "I think so", "maybe…", "not sure"])
def test_a_yes_counts_only_after_the_question(text):
    assert policy.screen(text, "en") is None
    assert policy.screen(text, "en", asked=True).crisis


@pytest.mark.parametrize("text", ["no", "No, I'm okay", "nope!", "I'm safe", "not at all"])
def test_a_no_clears_the_question(text):
    assert policy.screen(text, "en") is None
    assert policy.screen(text, "en", asked=True) == policy.Fixed(texts.NO_DANGER, crisis=False)


def test_other_words_after_the_question_go_on_as_usual():
    assert policy.screen("yesterday was better, I went for a walk", "en", asked=True) is None


def test_a_reviewed_reply_leaves_as_it_is():
    assert policy.review(result(response="That sounds hard.")) == "That sounds hard."


@pytest.mark.parametrize("changes", [{"is_safe": False}, {"response": ""}, {"response": " \n"}])
def test_what_was_not_found_safe_never_leaves(changes):
    assert policy.review(result(**changes)) == texts.NOT_SAID_WELL


def test_the_models_own_crisis_answer_is_known():
    assert policy.is_crisis(result(reply_source=ReplySource.CRISIS))
    assert not policy.is_crisis(result())


@pytest.mark.parametrize(
    ("crisis_at", "worried"), [(None, False), (1000.0, True), (1000.0 - policy.WORRIED_S, False)]
)
def test_we_are_worried_for_a_day(crisis_at, worried):
    assert policy.is_worried(crisis_at, 1000.0) is worried
