"""Fixed sentences: modest, and true to what the bot does."""

from __future__ import annotations

import re

import pytest

from bot import texts

FIXED = {name: str(text) for name, text in vars(texts).items() if name.isupper()}


@pytest.mark.parametrize("name", sorted(FIXED))
def test_no_sentence_claims_to_know_what_a_person_feels(name):
    assert not re.search(r"\byou are (?!mentioned|in danger)\w+", FIXED[name], re.IGNORECASE)


@pytest.mark.parametrize("name", sorted(FIXED))
def test_no_sentence_calls_itself_therapy_or_diagnosis(name):
    assert not re.search(r"therap|diagnos|counsel|treatment", FIXED[name], re.IGNORECASE)


def test_the_first_note_says_what_the_law_and_platforms_ask_for():
    note = texts.notice(30)
    for said in ("program", "not a clinician", "faces", "30 days", "/privacy", "/forget"):
        assert said in note


@pytest.mark.parametrize(("days", "said"), [(1, "one day"), (30, "30 days")])
def test_days_are_spoken(days, said):
    assert said in texts.notice(days)
    assert said in texts.privacy(days, 6)


@pytest.mark.parametrize(
    ("lines", "waiting", "said"),
    [
        (4, 0, "4 lines of our conversation, and"),
        (1, 0, "one line of our conversation, and"),
        (0, 2, "2 of your messages still waiting"),
    ],
)
def test_erasing_says_what_was_erased(lines, waiting, said):
    assert said in texts.erased(lines, waiting)


@pytest.mark.parametrize(
    ("words", "face", "said"),
    [
        (None, None, ""),
        ("joy", None, "(Your words read as joy.)"),
        (None, "sad", "(The expression in the picture reads as sad.)"),
        ("joy", "sad", "(Your words read as joy, and the expression in the picture reads as sad.)"),
    ],
)
def test_a_reading_is_said_modestly(words, face, said):
    assert texts.reading(words, face) == said
