"""The commands that platforms list."""

from __future__ import annotations

from bot.conversation.commands import Commands
from bot.platforms.menu import MENU


def test_every_listed_command_is_one_the_conversation_knows():
    assert MENU.keys() <= Commands(days=30, turns=6)._known.keys()


def test_every_description_fits_into_discord():
    assert all(len(description) <= 100 for description in MENU.values())
