"""Buttons and files, as discord.py wants them."""

from __future__ import annotations

import discord

from bot.messages import Button, ConversationKey, File, OutgoingMessage
from bot.platforms.discord.enclosed import files, view

KEY = ConversationKey("discord", "9", "42")


def message(**more):
    return OutgoingMessage(key=KEY, text="hi", reply_to="1", nonce="r1.0", **more)


async def test_a_button_says_what_it_stands_for_and_whose_it_is():
    [button] = view(message(buttons=(Button("Yes", "/face yes"),))).children
    assert (button.label, button.custom_id) == ("Yes", "42|/face yes")


async def test_nobody_waits_for_a_button():
    assert view(message(buttons=(Button("Yes", "/face yes"),))).is_finished()


def test_without_buttons_there_is_no_view():
    assert view(message()) is discord.utils.MISSING


def test_a_file_goes_along_under_its_name():
    [file] = files(message(file=File("mine.json", b"{}")))
    assert (file.filename, file.fp.read()) == ("mine.json", b"{}")
    assert files(message()) == []
