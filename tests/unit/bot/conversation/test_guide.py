"""What the bot says about itself."""

from __future__ import annotations

import pytest

from bot import texts


async def test_the_first_word_says_what_to_do(ask):
    assert texts.HELP in (await ask("/start")).body


@pytest.mark.parametrize(("locale", "number"), [("en-GB", "116 123"), ("en-US", "988")])
async def test_helplines_are_those_of_the_country(ask, locale, number):
    assert number in (await ask("/helpline", locale=locale)).body
