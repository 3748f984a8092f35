"""hikari as a bot on our loopback Discord: repeats what it hears, and prints what it saw as JSON.

``python hikari_peer.py API TOKEN``; it ends when somebody says "bye". It runs among the libraries
of ``requirements.txt`` beside it, which do not fit beside those of this project.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections import Counter

import hikari


async def asked(event: hikari.CommandInteractionCreateEvent) -> None:
    """Think about a command, then say it again."""
    given = event.interaction
    assert given.options is not None
    await given.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    await given.edit_initial_response(f"{given.command_name}: {given.options[0].value}")


async def main(api: str, token: str) -> None:
    bot = hikari.GatewayBot(token, rest_url=api, banner=None, logs=None)
    seen: Counter[str] = Counter()
    heard: list[str] = []
    thumbs: list[str] = []
    guilds: list[str] = []
    over = asyncio.Event()

    @bot.listen()
    async def count(event: hikari.ShardEvent) -> None:
        seen[type(event).__name__] += 1

    @bot.listen()
    async def thumb(event: hikari.DMReactionAddEvent) -> None:
        thumbs.append(str(event.emoji_name))

    @bot.listen()
    async def invited(event: hikari.GuildJoinEvent) -> None:
        guilds.extend([event.guild.name, *(str(c.name) for c in event.channels.values())])

    @bot.listen()
    async def repeat(event: hikari.DMMessageCreateEvent) -> None:
        if event.author.is_bot:
            return
        heard.append(event.content or "")
        answer = await bot.rest.create_message(event.channel_id, f"heard {event.content}")
        assert answer.author.id == bot.get_me().id
        if event.content == "bye":
            over.set()

    bot.subscribe(hikari.CommandInteractionCreateEvent, asked)
    await bot.start(check_for_updates=False)
    await over.wait()
    application = await bot.rest.fetch_application()
    me = await bot.rest.fetch_my_user()
    channel = await bot.rest.fetch_channel(9)
    history = await bot.rest.fetch_messages(9)
    sent = await bot.rest.create_message(9, attachment=hikari.Bytes(b"{}", "mine.json"))
    try:
        await bot.rest.fetch_channel(77)
        refused = ""
    except hikari.NotFoundError as exc:
        refused = exc.message
    seen["heartbeats"] = not math.isnan(bot.heartbeat_latency)
    report = {
        "seen": seen,
        "heard": heard,
        "thumbs": thumbs,
        "guilds": guilds,
        "application": application.name,
        "me": [me.username, me.is_bot],
        "recipient": channel.recipient.username,
        "history": [message.content for message in history][::-1],
        "files": [file.filename for file in sent.attachments],
        "refused": refused,
    }
    await bot.close()
    sys.stdout.write(json.dumps(report))


asyncio.run(main(*sys.argv[1:]))
