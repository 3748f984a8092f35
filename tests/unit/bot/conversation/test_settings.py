"""What a person may choose, and that it is kept."""

from __future__ import annotations

import pytest

from bot import texts
from bot.languages import say_in


async def test_settings_show_what_holds(ask):
    said = (await ask("/settings")).body
    assert texts.AS_THE_PLATFORM in said
    assert f"{texts.SHOWN}\n" in said
    assert ": 6\n" in said


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("line off", texts.HIDDEN),
        ("history 0", ": 0\n"),
        ("history 20", ": 20\n"),
        ("face yes", f": {texts.READ}\n"),
    ],
)
async def test_a_change_is_remembered(ask, change, shown):
    assert (await ask(f"/settings {change}")).body == texts.SETTINGS_DONE
    assert shown in (await ask("/settings")).body


async def test_a_language_speaks_at_once_and_can_be_left_to_the_app_again(ask):
    assert (await ask("/settings language de")).body == say_in("de")(texts.SETTINGS_DONE)
    assert "Deutsch" in (await ask("/settings")).body
    await ask("/settings language auto")
    assert texts.AS_THE_PLATFORM in (await ask("/settings")).body


@pytest.mark.parametrize(
    "wrong",
    ["colour blue", "language tlh", "line maybe", "history 21", "history -1", "face", "a b c"],
)
async def test_what_cannot_be_chosen_is_said_and_changes_nothing(ask, wrong):
    before = (await ask("/settings")).body
    assert (await ask(f"/settings {wrong}")).body == texts.SETTINGS_UNKNOWN
    assert (await ask("/settings")).body == before
