"""Slash commands that wait for their answer."""

from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import create_autospec

import discord
import pytest

from bot.messages import ConversationKey, IncomingMessage, OutgoingMessage
from bot.platforms.discord.deferred import Deferred


@pytest.fixture
def interaction():
    made = create_autospec(discord.Interaction, instance=True)
    made.is_expired.return_value = False
    made.edit_original_response.return_value = SimpleNamespace(id=1)
    made.followup = create_autospec(discord.Webhook, instance=True)
    made.followup.send.return_value = SimpleNamespace(id=2)
    return made


KEY = ConversationKey("discord", "9", "42")


def command(number):
    return IncomingMessage(key=KEY, message_id=f"command-{number}", text="hello")


@pytest.fixture
def deferred(interaction):
    deferred = Deferred()
    deferred.add(command(7), interaction, private=True)
    return deferred


def part(number=0, *, reply_to="command-7"):
    return OutgoingMessage(key=KEY, text="hi", reply_to=reply_to, nonce=f"r1.{number}")


async def test_the_first_part_takes_the_place_of_thinking(deferred, interaction):
    assert await deferred.answer(part()) == "1"
    assert interaction.edit_original_response.await_args.kwargs["content"] == "hi"


async def test_the_first_part_stays_the_first_when_repeated(deferred, interaction):
    await deferred.answer(part())
    assert await deferred.answer(part()) == "1"
    interaction.followup.send.assert_not_awaited()


async def test_later_parts_follow_and_stay_private(deferred, interaction):
    await deferred.answer(part())
    assert await deferred.answer(part(1)) == "2"
    assert interaction.followup.send.await_args.kwargs["ephemeral"] is True


async def test_what_answers_no_command_is_left_to_the_channel(deferred):
    assert await deferred.answer(part(reply_to="8")) is None


async def test_a_command_too_old_is_left_to_the_channel(deferred, interaction):
    interaction.is_expired.return_value = True
    assert await deferred.answer(part()) is None


def test_commands_too_old_are_let_go(deferred, interaction):
    interaction.is_expired.return_value = True
    deferred.add(command(8), interaction, private=False)
    assert list(deferred._waiting) == ["command-8"]


async def test_thinking_stands_until_the_first_part(deferred):
    before = deferred.is_thinking(KEY)
    await deferred.answer(part())
    assert (before, deferred.is_thinking(KEY)) == (True, False)


def test_thinking_stands_in_its_own_conversation_alone(deferred):
    assert not deferred.is_thinking(ConversationKey("discord", "10", "42"))
