"""Discord's own description agrees with what our bot asks and with what our server answers."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import replace

import pytest

from bot.config import DiscordSettings
from bot.loopback import discord_objects as objects
from bot.loopback import discord_wire
from bot.loopback.discord_wire import DM, Wire, slow_down
from bot.messages import Button, ConversationKey, File, OutgoingMessage, Place
from bot.platforms.discord import DiscordPlatform
from tests.peers import specs
from tests.peers.discord import simulated
from tests.peers.taking import Taking


@pytest.fixture(scope="module")
def spec():
    return specs.DiscordSpec(specs.read("discord-openapi.json"))


@pytest.fixture(scope="module")
def calls():
    """Method, address and body of every call of a visit to every corner of the adapter."""
    return asyncio.run(talk())


async def talk():
    platform = DiscordPlatform("token", DiscordSettings())
    messages = asyncio.Queue()
    async with simulated(platform) as world, platform.opened():
        receiving = asyncio.create_task(platform.receive(Taking(messages.put)))
        channel = world.env.create_guild().create_text_channel("general")
        bob = channel.guild.add_member(world.env.create_user("bob"))
        await bob.send(channel, f"{world.env.bot.user.mention} hello")
        asked = await asyncio.wait_for(messages.get(), 30)
        await platform.typing(asked.key)
        hello = OutgoingMessage(
            key=asked.key, text="hello", reply_to=asked.message_id, nonce="r1.0"
        )
        buttons = (Button("Yes", "/face yes"), Button("No", "/face no"))
        await platform.send(hello)
        await platform.send(replace(hello, nonce="r1.1", buttons=buttons))
        await platform.send(replace(hello, nonce="r1.2", file=File("mine.json", b"{}")))
        await bob.slash(channel, "help")
        command = await asyncio.wait_for(messages.get(), 30)
        answer = replace(hello, reply_to=command.message_id, buttons=buttons, ticket=command.ticket)
        await platform.send(answer)
        await platform.send(replace(answer, nonce="r1.1", part=1))
        receiving.cancel()
        await asyncio.wait([receiving])
        return [(c.method, c.path, copy.deepcopy(c.json)) for c in world.env.http_requests]


@pytest.fixture(scope="module")
def wire():
    """Our own server after a visit, with a lost connection, limits and places that are closed."""
    return asyncio.run(talk_over_the_wire())


async def talk_over_the_wire():
    async with Wire().running() as wire:
        known, messages = await wire.say("before"), asyncio.Queue()
        await wire.say("while nobody listened")
        platform = DiscordPlatform(discord_wire.TOKEN, DiscordSettings(api=wire.api))
        places = [Place("77", "", "1"), Place(DM, "", known["id"])]
        async with platform.opened():
            receiving = asyncio.create_task(platform.receive(Taking(messages.put, *places)))
            await asyncio.wait_for(messages.get(), 30)
            await wire.hang_up()
            await wire.until(lambda: wire.resumed)
            hello = OutgoingMessage(
                key=ConversationKey("discord", DM, "42"), text="hello", reply_to="7", nonce="r1.0"
            )
            await wire.command("chat", text="I am sad")
            command = await asyncio.wait_for(messages.get(), 30)
            thought = OutgoingMessage(
                key=command.key,
                text="Oh.",
                reply_to=command.message_id,
                nonce="r2.0",
                ticket=command.ticket,
            )
            await platform.send(thought)
            await platform.send(replace(thought, nonce="r2.1", part=1))
            await wire.react("👍", known)
            await wire.react("👍", known, given=False)
            await wire.admit(objects.guild("500", objects.text_channel("501", "500")))
            wire.next("/messages", slow_down(0.01))
            await platform.typing(hello.key)
            await platform.send(hello)
            await platform.send(replace(hello, nonce="r1.1", buttons=(Button("Yes", "/face yes"),)))
            await platform.send(replace(hello, nonce="r1.2", file=File("mood.png", b"png")))
            receiving.cancel()
            await asyncio.wait([receiving])
        return wire


def as_described(body):
    """discord.py sends some numbers as such; the description wants them in words."""
    if isinstance(body, dict):
        for named in (body.get("message_reference") or {}, *(body.get("attachments") or ())):
            named.update({n: str(v) for n, v in named.items() if n == "id" or n.endswith("_id")})
    return body


def test_every_call_is_one_that_discord_describes(spec, calls):
    wrong = [
        fault
        for method, path, body in calls
        if body is not None
        for fault in spec.of_call(method, path, as_described(body))
    ]
    assert wrong == []


def test_the_visit_sent_messages_and_answered_a_command(calls):
    sent = [(method, path.rsplit("/", 1)[-1]) for method, path, _ in calls]
    answered = [method for method, path, _ in calls if path.startswith("/webhooks/")]
    assert sent.count(("POST", "messages")) == 3
    assert answered == ["PATCH", "POST"]
    assert ("PUT", "commands") in sent
    assert ("POST", "callback") in sent


def test_every_answer_of_our_server_is_one_that_discord_describes(spec, wire):
    answers = [(a.method, a.path, a.status, a.body) for a in wire.answered]
    assert [fault for answer in answers for fault in spec.of_answer(*answer)] == []


def test_every_call_to_our_server_is_one_that_discord_describes_files_too(spec, wire):
    calls = [(a.method, a.path, as_described(copy.deepcopy(a.said))) for a in wire.answered]
    assert [fault for call in calls if call[2] for fault in spec.of_call(*call)] == []


def test_every_event_of_our_gateway_carries_what_discord_describes(spec, wire):
    events = [(event["t"], event["d"]) for event in wire.events]
    assert [fault for event in events for fault in spec.of_event(*event)] == []


def test_the_visit_to_our_server_met_refusals_files_and_a_lost_connection(wire):
    assert {a.status for a in wire.answered} == {200, 204, 404, 429}
    assert [a.body["attachments"][0]["filename"] for a in wire.answered if _has_file(a)] == [
        "mood.png"
    ]
    assert {event["t"] for event in wire.events} == {
        "READY",
        "RESUMED",
        "MESSAGE_CREATE",
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE",
        "GUILD_CREATE",
        "INTERACTION_CREATE",
    }


def _has_file(answered):
    return isinstance(answered.said, dict) and "files[0]" in answered.said


def test_the_description_notices_a_wrong_answer_and_a_wrong_event(spec, wire):
    answered = next(a for a in wire.answered if a.path.endswith("/messages") and a.status == 429)
    assert spec.of_answer("POST", answered.path, 429, {"message": "slow down"})
    assert spec.of_answer("POST", "/channels/1/typing", 204, {"surprise": 1})
    assert spec.of_answer("POST", "/channels/1/typing", 500, None)
    assert spec.of_event("MESSAGE_CREATE", {"id": 5})
    assert spec.of_event("MESSAGE_REACTION_ADD", {"emoji": {}})
    assert spec.of_event("GUILD_CREATE", {"roles": [{}], "members": [], "channels": []})


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/channels/1/messages", {"content": 5}, "not of type"),
        ("/channels/1/massages", {}, "no such address"),
        ("/channels/1/messages", {"content": "x" * 5000}, "too long"),
    ],
)
def test_the_description_notices_what_is_wrong(spec, path, body, said):
    assert said in " ".join(spec.of_call("POST", path, body))
