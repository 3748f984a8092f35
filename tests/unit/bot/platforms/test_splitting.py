"""Long replies become several messages."""

from __future__ import annotations

import random

import pytest

from bot.platforms.splitting import split, utf16_units

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # one picture, three people, two joiners


def test_a_short_reply_stays_whole():
    assert split("I hear you.", 4096) == ["I hear you."]


def test_a_reply_as_long_as_the_limit_stays_whole():
    assert split("x" * 50, 50) == ["x" * 50]


def test_nothing_but_white_space_gives_no_part():
    assert split(" \n ", 50) == []


def test_a_paragraph_end_is_the_first_choice():
    assert split("One. Two.\n\nThree. Four.", 20) == ["One. Two.", "Three. Four."]


def test_a_sentence_end_comes_before_a_mere_space():
    assert split("One two. Three four five", 16) == ["One two.", "Three four five"]


def test_a_question_in_quotes_is_a_sentence():
    assert split('She said "why?" Then she left me', 24) == ['She said "why?"', "Then she left me"]


def test_words_stay_whole_where_no_sentence_ends():
    assert split("alpha beta gamma delta", 12) == ["alpha beta", "gamma delta"]


def test_a_word_that_is_too_long_is_cut():
    assert split("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


def test_a_pause_right_at_the_start_is_not_worth_a_part():
    assert split("Oh. " + "x" * 30, 20) == ["Oh. " + "x" * 16, "x" * 14]


def test_an_emoji_counts_as_two_units():
    assert utf16_units("a\N{GRINNING FACE}") == 3


def test_an_emoji_is_never_cut_in_half():
    parts = split("x" * 4095 + "\N{GRINNING FACE}", 4096, utf16_units)
    assert parts == ["x" * 4095, "\N{GRINNING FACE}"]


def test_a_family_of_emoji_stays_together():
    assert split("x" * 8 + FAMILY, 10) == ["x" * 8, FAMILY]


def test_a_skin_tone_stays_on_its_hand():
    hand = "\U0001f44b\U0001f3fd"
    assert split("x" * 9 + hand, 10) == ["x" * 9, hand]


def test_an_accent_stays_on_its_letter():
    assert split("x" * 9 + "e\u0301", 10) == ["x" * 9, "e\u0301"]


def test_a_chain_of_joiners_without_end_is_cut_all_the_same():
    assert "".join(split("\u200d" * 30, 10)) == "\u200d" * 30


@pytest.mark.parametrize("seed", range(20))
def test_no_part_is_too_long_and_nothing_is_lost(seed):
    random_ = random.Random(seed)
    text = "".join(random_.choices("ab .\n!\N{GRINNING FACE}\u0301\u200d", k=500))
    parts = split(text, 40, utf16_units)
    assert all(0 < utf16_units(part) <= 40 for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
