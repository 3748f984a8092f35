"""The commands as Telegram lists them."""

from __future__ import annotations

import re

from bot.conversation.registry import Audience
from bot.languages import NAMES
from bot.platforms.telegram.menu import menu


def test_owners_commands_stand_in_no_menu_of_everybody():
    names = {command.command for command in menu("en", Audience.EVERYBODY)}
    assert {"help", "mood", "forget"} <= names
    assert not {"status", "pause", "here"} & names


def test_every_language_has_its_words():
    described = {tuple(c.description for c in menu(lang, Audience.EVERYBODY)) for lang in NAMES}
    assert len(described) == len(NAMES)


def test_names_are_what_telegram_takes():
    for command in menu("hi", *Audience):
        assert re.fullmatch(r"[a-z0-9_]{1,32}", command.command)
        assert 1 <= len(command.description) <= 256
