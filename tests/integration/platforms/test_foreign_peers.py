"""Libraries that we neither wrote nor use, as bots on our loopback servers.

They run in an environment of their own, which ``make test-peers`` makes.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from bot.loopback import bot_api, discord_wire
from bot.loopback import discord_objects as objects
from bot.loopback.bot_api import BotApi, refused
from bot.loopback.discord_wire import Wire, slow_down

SCRIPTS = Path(__file__).parents[2] / "peers" / "foreign"
PYTHON = Path(sys.prefix) / "peers" / "bin" / "python"
PATIENCE_S = 60.0
"""They start slowly, and pause before they connect again."""
GROUP = {"id": -100200, "type": "supergroup", "title": "Friends", "is_forum": True}
BARE = {"file_id": "v", "file_unique_id": "u"}


@pytest.fixture
def peer():
    """Start one of the scripts; it prints one JSON object when it is done."""
    if not PYTHON.is_file():
        pytest.skip("aiogram and hikari are not here; `make test-peers` fetches them")

    async def start(name, *arguments):
        process = await asyncio.create_subprocess_exec(
            PYTHON, SCRIPTS / name, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, err = await asyncio.wait_for(process.communicate(), 2 * PATIENCE_S)
        assert process.returncode == 0, err.decode()
        return json.loads(out)

    return start


async def every_kind_of_update(api):
    hello = (await api.say("hello"))["message"]
    await api.deliver({"edited_message": {**hello, "text": "hello!", "edit_date": 1_700_000_001}})
    photo = api.photo(b"jpeg")
    await api.say(photo=photo, caption="me")
    await api.say(photo=photo, media_group_id="album")
    await api.say(document={**BARE, "file_name": "me.jpg", "mime_type": "image/jpeg"})
    await api.say(voice={**BARE, "duration": 1})
    await api.say(video_note={**BARE, "duration": 1, "length": 240})
    where = {"chat": GROUP, "message_thread_id": 5, "is_topic_message": True}
    command = [{"type": "bot_command", "offset": 0, "length": 5}]
    await api.say("/here", entities=command, reply_to_message=hello, **where)
    await api.say(chat=GROUP, migrate_from_chat_id=-200)
    under = {**hello, "reply_markup": {"inline_keyboard": [[{"text": "Y", "callback_data": "/y"}]]}}
    await api.press("Y", on=under)
    await api.admit(GROUP)
    await api.admit(GROUP, "left", was="member")
    await api.react("👎", on=hello, instead_of="👍")


async def test_aiogram_understands_every_answer_of_our_telegram_server(peer):
    async with BotApi().running() as api:
        await every_kind_of_update(api)
        api.next(
            "sendMessage",
            refused(429, "Too Many Requests: retry after 3", retry_after=3),
            refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100200),
            refused(403, "Forbidden: bot was blocked by the user"),
            refused(502, "Bad Gateway"),
        )
        report = await peer("aiogram_peer.py", api.address, bot_api.TOKEN)
    assert report == {
        "me": "emotibot",
        "updates": [
            ["message", "text"],
            ["edited_message", None],
            ["message", "photo"],
            ["message", "photo"],
            ["message", "document"],
            ["message", "voice"],
            ["message", "video_note"],
            ["message", "text"],
            ["message", "migrate_from_chat_id"],
            ["callback_query", None],
            ["my_chat_member", None],
            ["my_chat_member", None],
            ["message_reaction", None],
        ],
        "reaction": ["👍", "👎"],
        "after": 0,
        "photo": "jpeg",
        "answered": True,
        "buttons": ["Yes", "No", None],
        "files": ["photo", "mood", "mine.json"],
        "bold": "hello",
        "webhooks": [True, True],
        "errors": {
            "429": ["TelegramRetryAfter", 3],
            "migrated": ["TelegramMigrateToChat", -100200],
            "403": ["TelegramForbiddenError", None],
            "502": ["TelegramServerError", None],
            "empty": ["TelegramBadRequest", None],
            "long": ["TelegramBadRequest", None],
            "marks": ["TelegramBadRequest", None],
            "unchanged": ["TelegramBadRequest", None],
            "file": ["TelegramBadRequest", None],
            "409": ["TelegramConflictError", None],
            "401": ["TelegramUnauthorizedError", None],
        },
        "unknown": [],
    }


async def test_aiograms_webhook_takes_what_our_telegram_server_pushes(peer, unused_tcp_port):
    url = f"http://127.0.0.1:{unused_tcp_port}/hook"
    async with BotApi().running() as api, asyncio.TaskGroup() as peers:
        said = ["hello", "again", "bye"]
        talking = peers.create_task(peer("aiogram_webhook.py", api.address, bot_api.TOKEN, url))
        for text in said:
            await api.say(text)
        report = await talking
        await api.until(lambda: not api.waiting)
    assert report == {"heard": said}
    assert [message["text"] for message in api.sent] == [f"heard {text}" for text in said]
    assert {status for _, status in api.pushed if status} == {200}


async def test_hikari_lives_through_lost_connections_and_limits_on_our_discord(peer):
    async with Wire().running() as wire, asyncio.TaskGroup() as peers:
        until = partial(wire.until, within=PATIENCE_S)

        async def answered(text):
            await wire.say(text)
            await until(lambda: wire.sent and wire.sent[-1]["content"] == f"heard {text}")

        talking = peers.create_task(peer("hikari_peer.py", wire.api, discord_wire.TOKEN))
        await until(lambda: wire.identified)
        await answered("hello")
        await wire.command("chat", text="I am sad")
        await until(lambda: wire.sent[-1]["content"] == "chat: I am sad")
        await wire.react("👍", wire.sent[-1])
        await wire.react("👍", wire.sent[-1], given=False)
        await wire.admit(objects.guild("500", objects.text_channel("501", "500")))
        await wire.hang_up()
        await answered("said while the line was dead")
        wire.next("/messages", slow_down(0.1))
        await answered("said in a hurry")
        await wire.forget()
        await until(lambda: wire.identified == 2)
        await answered("bye")
        report = await talking
    said = ["hello", "said while the line was dead", "said in a hurry", "bye"]
    assert report["heard"] == said
    replies = [text for each in said for text in (each, f"heard {each}")]
    assert report["history"] == [*replies[:2], "chat: I am sad", *replies[2:]]
    assert report["me"] == ["EmotiBot", True]
    assert (report["application"], report["recipient"]) == ("EmotiBot", "ada")
    assert (report["files"], report["refused"]) == (["mine.json"], "Unknown Channel")
    assert report["seen"]["ShardReadyEvent"] == 2
    assert report["seen"]["ShardResumedEvent"] == 1
    assert report["seen"]["heartbeats"] is True
    assert report["thumbs"] == ["👍"]
    assert report["seen"]["DMReactionDeleteEvent"] == 1
    assert report["guilds"] == ["Friends", "channel-501"]
    assert [a.status for a in wire.answered].count(429) == 1
