"""The real discord.py over a real websocket and real HTTP on loopback."""

from __future__ import annotations

import asyncio
import gc
import threading
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from unittest.mock import AsyncMock

import pytest
from discord.gateway import KeepAliveHandler

from bot.config import DiscordSettings
from bot.errors import PlatformRateLimited, PlatformRejected, PlatformUnavailable
from bot.loopback import discord_objects as objects
from bot.loopback.discord_wire import ANSWER_LOST, DM, TOKEN, Fault, Wire, late, slow_down
from bot.messages import ConversationKey, IncomingMessage, OutgoingMessage, Place, Reaction
from bot.platforms.discord import DiscordPlatform
from bot.platforms.discord.address import DISCORD, Route
from bot.platforms.discord.budget import Budget
from tests.peers.taking import Taking

KEY = ConversationKey("discord", DM, "42")
HELLO = OutgoingMessage(key=KEY, text="hello", reply_to="7", nonce="r1.0")


@pytest.fixture
async def wire():
    async with Wire().running() as server:
        yield server


def adapter(wire, token=TOKEN) -> DiscordPlatform:
    async def at_once(_):
        await asyncio.sleep(0)

    platform = DiscordPlatform(token, DiscordSettings(api=wire.api), sleep=at_once)
    platform.client._connection.guild_ready_timeout = 0.1  # READY names every server of a test
    return platform


@pytest.fixture
async def discord(wire):
    return adapter(wire)


@asynccontextmanager
async def inbox(discord, *places) -> AsyncIterator[asyncio.Queue[IncomingMessage]]:
    messages: asyncio.Queue[IncomingMessage] = asyncio.Queue()
    async with discord.opened():
        task = asyncio.create_task(discord.receive(Taking(messages.put, *places)))
        try:
            yield messages
        finally:
            task.cancel()
            await asyncio.wait([task])


async def first(messages):
    return await asyncio.wait_for(messages.get(), 30)


async def test_a_message_comes_in_and_its_answer_goes_out(wire, discord):
    async with inbox(discord) as messages:
        await wire.until(lambda: wire.identified)
        await wire.say("good morning")
        message = await first(messages)
        await discord.typing(message.key)
        await discord.send(HELLO)
    assert (message.key, message.text) == (KEY, "good morning")
    assert [sent["content"] for sent in wire.sent] == ["hello"]


async def test_a_lost_connection_is_resumed_and_nothing_is_missed(wire, discord):
    async with inbox(discord) as messages:
        await wire.until(lambda: wire.identified)
        await wire.say("one")
        assert (await first(messages)).text == "one"
        await wire.hang_up()
        await wire.say("said while the line was dead")
        assert (await first(messages)).text == "said while the line was dead"
    assert (wire.identified, wire.resumed) == (1, 1)


async def test_what_was_said_while_the_bot_was_away_comes_before_what_is_said_now(wire, discord):
    known = await wire.say("before")
    await wire.say("while nobody listened")
    async with inbox(discord, Place(DM, "", known["id"])) as messages:
        await wire.until(lambda: wire.identified)
        await wire.say("now")
        texts = [(await first(messages)).text for _ in range(2)]
    assert texts == ["while nobody listened", "now"]


class Talkative(Wire):
    """Somebody speaks whenever a bot has connected and has not yet been told READY."""

    async def _frame(self, socket, frame):
        if frame.json()["op"] == 2:
            await self.say("before READY")
        await super()._frame(socket, frame)


async def test_what_is_said_while_the_bot_connects_does_not_overtake_what_it_missed():
    async with Talkative().running() as wire:
        known = await wire.say("before")
        await wire.say("while nobody listened")
        async with inbox(adapter(wire), Place(DM, "", known["id"])) as messages:
            texts = [(await first(messages)).text for _ in range(2)]
    assert texts == ["while nobody listened", "before READY"]


async def test_a_session_that_cannot_be_resumed_misses_nothing_either(wire, discord):
    known = await wire.say("before")
    async with inbox(discord, Place(DM, "", known["id"])) as messages:
        await wire.until(lambda: wire.identified)
        await wire.hang_up(4009)
        await wire.say("while the line was dead")
        assert (await first(messages)).text == "while the line was dead"


async def test_a_session_that_discord_forgot_is_begun_anew_and_misses_nothing(
    wire, discord, monkeypatch
):
    monkeypatch.setattr(discord.client, "before_identify_hook", AsyncMock())  # it would wait 5 s
    known = await wire.say("before")
    async with inbox(discord, Place(DM, "", known["id"])) as messages:
        await wire.until(lambda: wire.identified)
        await wire.say("now")
        assert (await first(messages)).text == "now"
        await wire.forget()
        await wire.say("while the line was dead")
        texts = [(await first(messages)).text]
        while texts[-1] != "while the line was dead":  # what it knows comes again
            texts.append((await first(messages)).text)
    assert (wire.identified, wire.resumed) == (2, 0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_stop_while_the_library_reconnects_is_heeded(wire, discord):
    async with asyncio.timeout(20), inbox(discord):
        await wire.until(lambda: wire.identified)
        await wire.forget()
        await wire.until(lambda: wire.connected == 3)  # and it waits before it identifies
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveHandler):  # ends once it finds the connection closed
            await asyncio.to_thread(thread.join, 10)
    gc.collect()  # the connection that it was opening, which discord.py leaves open


async def test_a_place_that_is_closed_to_the_bot_holds_up_nothing(wire, discord):
    await wire.say("before")
    places = [Place("77", "", "1"), Place(DM, "", "1")]
    async with inbox(discord, *places) as messages:
        assert (await first(messages)).text == "before"


async def test_where_nothing_was_said_nothing_is_fetched(wire, discord):
    known = await wire.say("before")
    async with inbox(discord, Place(DM, "", known["id"])) as messages:
        await wire.until(lambda: wire.identified)
        await wire.say("now")
        assert (await first(messages)).text == "now"


async def test_a_thumb_over_the_wire_is_told_and_the_bots_own_is_not(wire, discord):
    async with inbox(discord) as messages:
        await wire.until(lambda: wire.identified)
        await discord.send(HELLO)
        [sent] = wire.sent
        await wire.react("👎", sent, person="1")
        await wire.react("🔥", sent)
        await wire.react("👍", sent)
        await wire.react("👍", sent, given=False)
        told = [await first(messages) for _ in range(2)]
    same = {"key": KEY, "message_id": sent["id"], "up": True}
    assert told == [Reaction(**same, given=True), Reaction(**same, given=False)]


async def test_a_server_that_invites_the_bot_is_told_once_and_not_after_a_reconnect(wire, discord):
    closed = objects.text_channel("501", "500")
    deny = {"id": "500", "type": 0, "allow": "0", "deny": str(1 << 11)}  # to send messages
    closed["permission_overwrites"] = [deny]
    guild = objects.guild("500", objects.text_channel("502", "500", position=1), closed)
    async with inbox(discord) as messages:
        await discord.client.wait_until_ready()
        await wire.admit(guild)
        assert await first(messages) == ("joined", "discord", "500", "502", "de")
        await wire.hang_up()
        await wire.until(lambda: wire.resumed)
        await wire.say("hello")
        assert (await first(messages)).text == "hello"


@pytest.mark.parametrize("among", [1, 2], ids=["with the bot", "among friends"])
async def test_a_command_is_thought_about_at_once_and_answered_in_its_place(wire, discord, among):
    async with inbox(discord) as messages:
        await wire.until(lambda: wire.identified)
        await wire.command("chat", text="I am sad", among=among)
        message = await first(messages)
        [thinking] = wire.written
        answer = replace(HELLO, reply_to=message.message_id, ticket=message.ticket)
        await discord.send(answer)
        await discord.send(replace(answer, text="And more.", nonce="r1.1", part=1))
    assert (message.text, message.private) == ("I am sad", among == 1)
    assert message.place == ("" if among == 1 else DM)
    assert [sent["content"] for sent in wire.sent] == ["hello", "And more."]
    assert wire.sent[0] is thinking


async def test_a_command_for_ones_own_eyes_is_answered_to_one_alone(wire, discord):
    async with inbox(discord) as messages:
        await wire.until(lambda: wire.identified)
        await wire.command("mydata")
        message = await first(messages)
        await discord.send(replace(HELLO, reply_to=message.message_id, ticket=message.ticket))
    [sent] = wire.sent
    assert sent["flags"] & objects.EPHEMERAL
    assert message.whispered


async def test_a_token_that_is_taken_back_ends_it(wire, discord):
    async with discord.opened():
        receiving = asyncio.create_task(discord.receive(Taking(asyncio.Queue().put)))
        await wire.until(lambda: wire.identified)
        await wire.hang_up(4004)
        with pytest.raises(PlatformRejected):
            await asyncio.wait_for(receiving, 30)


async def test_a_repeat_after_a_lost_answer_doubles_nothing(wire, discord):
    wire.next("/messages", ANSWER_LOST)
    async with discord.opened():
        with pytest.raises(PlatformUnavailable):
            await discord.send(HELLO)
        await discord.send(HELLO)
    assert len(wire.sent) == 1


async def test_a_slow_answer_keeps_nobody_else_waiting(wire, discord):
    wire.next("/messages", late(3.0))
    elsewhere = replace(HELLO, key=ConversationKey("discord", "8", "43"), nonce="r2.0")
    async with discord.opened():
        slow = asyncio.create_task(discord.send(HELLO))
        await asyncio.sleep(0.1)  # its request is out
        await discord.send(elsewhere)
        assert not slow.done()
        await slow
    assert [sent["channel_id"] for sent in wire.sent] == ["8", DM]


async def test_a_short_wait_is_waited_out(wire, discord):
    wire.next("/messages", slow_down(0.01))
    async with discord.opened():
        await discord.send(HELLO)
    assert len(wire.sent) == 1


async def test_a_long_wait_is_passed_on(wire, discord):
    wire.next("/messages", slow_down(90))
    async with discord.opened():
        with pytest.raises(PlatformRateLimited) as caught:
            await discord.send(HELLO)
    assert caught.value.retry_after == 90


def asked(wire):
    """The requests that came about a channel."""
    return [each for each in wire.answered if each.path.startswith("/channels")]


FORBIDDEN = Fault(403, objects.error("Missing Permissions", 50013))


async def test_refusals_are_counted_and_before_they_lead_to_a_ban_nothing_more_is_asked(wire):
    now = [0.0]
    budget = Budget(10, clock=lambda: now[0])
    discord = DiscordPlatform(TOKEN, DiscordSettings(api=wire.api), budget=budget)
    wire.next("/messages", *[FORBIDDEN] * 9)
    async with discord.opened():
        for _ in range(9):
            with pytest.raises(PlatformRejected):
                await discord.send(HELLO)
            now[0] += 1.0
        with pytest.raises(PlatformRateLimited) as caught:
            await discord.send(HELLO)
        assert (caught.value.retry_after, wire.sent) == (591.0, [])
        with pytest.raises(PlatformRateLimited):
            await discord.typing(KEY)
        assert len(asked(wire)) == 9
        now[0] = 600.0
        await discord.send(HELLO)
    assert len(wire.sent) == 1


async def test_a_server_that_is_down_at_the_start_is_waited_for(wire, discord):
    wire.next("/users/@me", Fault(503, {"message": "away"}), Fault(503, {"message": "away"}))
    async with inbox(discord) as messages:
        await wire.until(lambda: wire.identified)
        await wire.say("hello")
        await first(messages)


async def test_a_wrong_token_is_said_without_repeating_it(wire):
    wrong = adapter(wire, token="a-secret-that-must-not-show")
    with pytest.raises(PlatformRejected) as caught:
        async with wrong.opened():
            pass
    assert "a-secret" not in "".join(traceback.format_exception(caught.value))


async def test_the_address_is_given_back_at_the_end(wire, discord):
    async with discord.opened():
        assert wire.api == Route.BASE
    assert Route.BASE == DISCORD
