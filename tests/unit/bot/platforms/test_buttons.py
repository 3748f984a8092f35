"""What a button carries comes back as it was, or not at all."""

from __future__ import annotations

import pytest

from bot.platforms.buttons import brought, carried


def test_what_is_carried_comes_back():
    assert brought(carried("42", "/face yes")) == ("42", "/face yes")


@pytest.mark.parametrize("data", ["", "42", "42|", "|/face yes", "42|anything", "page:3"])
def test_a_button_that_we_never_made_says_nothing(data):
    assert brought(data) is None


def test_the_longest_person_and_words_fit_into_what_telegram_carries():
    assert len(carried("9" * 20, "/" + "x" * 39).encode()) <= 64
