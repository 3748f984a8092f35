"""Slash commands that wait for their answer."""

from __future__ import annotations

import time
from types import SimpleNamespace
from unittest.mock import AsyncMock, create_autospec

import discord
import pytest

from bot.errors import PlatformRejected
from bot.messages import ConversationKey, IncomingMessage, OutgoingMessage, Ticket
from bot.platforms.discord.deferred import LIFETIME_S, Thinking, answer, deferred

KEY = ConversationKey("discord", "9", "42")


def given(*, private=True, seconds=60.0, token="secret"):
    return Ticket(token=token, place="5", private=private, expires_at=time.time() + seconds)


def part(number=0, by=None):
    return OutgoingMessage(
        key=KEY,
        text="hi",
        reply_to="command-7",
        nonce=f"r1.{number}",
        part=number,
        ticket=by or given(),
    )


@pytest.fixture
def client():
    return SimpleNamespace(application_id=1)


@pytest.fixture
def place(monkeypatch):
    """Discord's end of an interaction."""
    made = create_autospec(discord.Webhook, instance=True)
    made.edit_message.return_value = SimpleNamespace(id=1)
    made.send.return_value = SimpleNamespace(id=2)
    monkeypatch.setattr(discord.Webhook, "partial", lambda *_, **__: made)
    return made


async def test_the_first_part_takes_the_place_of_thinking_however_often(client, place):
    for _ in range(2):
        assert await answer(client, part()) == "1"
    assert place.edit_message.await_args.args == (5,)
    place.send.assert_not_awaited()


@pytest.mark.parametrize("private", [True, False])
async def test_later_parts_follow_and_are_as_private(client, place, private):
    assert await answer(client, part(1, given(private=private))) == "2"
    assert place.send.await_args.kwargs["ephemeral"] is private


async def test_what_answers_no_command_is_left_to_the_channel(client):
    hello = OutgoingMessage(key=KEY, text="hi", reply_to="8", nonce="r1.0")
    assert await answer(client, hello) is None


@pytest.mark.parametrize("late", [{"seconds": -1.0}, {"token": ""}], ids=["too old", "used up"])
async def test_too_late_an_answer_goes_to_the_channel_unless_it_is_private(client, place, late):
    assert await answer(client, part(by=given(private=False, **late))) is None
    with pytest.raises(PlatformRejected, match="too late"):
        await answer(client, part(by=given(**late)))


@pytest.mark.parametrize("told", [5, None], ids=["Discord says where", "Discord is asked"])
async def test_a_ticket_tells_where_for_how_long_and_shows_its_token_to_nobody(told):
    interaction = create_autospec(discord.Interaction, instance=True, token="secret")
    interaction.response.defer = AsyncMock(return_value=told and SimpleNamespace(message_id=told))
    interaction.original_response.return_value = SimpleNamespace(id=5)
    made = await deferred(interaction, private=True)
    assert 0 < made.expires_at - time.time() < LIFETIME_S
    assert (made.token, made.place, made.private) == ("secret", "5", True)
    assert "secret" not in repr(made)
    interaction.response.defer.assert_awaited_with(thinking=True, ephemeral=True)


def command(number=7, seconds=60.0):
    return IncomingMessage(
        key=KEY, message_id=f"command-{number}", text="hello", ticket=given(seconds=seconds)
    )


def test_thinking_stands_in_its_own_conversation_until_the_answer():
    thinking = Thinking()
    thinking.begin(command())
    assert thinking.stands_in(KEY)
    assert not thinking.stands_in(ConversationKey("discord", "10", "42"))
    thinking.end("command-7")
    assert not thinking.stands_in(KEY)


def test_commands_too_old_are_let_go():
    thinking = Thinking()
    thinking.begin(command(7, seconds=-1.0))
    assert not thinking.stands_in(KEY)
    thinking.begin(command(8))
    assert list(thinking._waiting) == ["command-8"]
