"""Discord's own description agrees with what our bot asks."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import replace

import pytest

from bot.config import DiscordSettings
from bot.messages import Button, File, OutgoingMessage
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
        answer = replace(hello, reply_to=command.message_id, buttons=buttons)
        await platform.send(answer)
        await platform.send(replace(answer, nonce="r1.1"))
        receiving.cancel()
        await asyncio.wait([receiving])
        return [(c.method, c.path, copy.deepcopy(c.json)) for c in world.env.http_requests]


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
    assert sent.count(("POST", "messages")) == 3
    assert ("PATCH", "@original") in sent
    assert ("PUT", "commands") in sent
    assert ("POST", "callback") in sent


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
