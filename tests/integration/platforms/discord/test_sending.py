"""What leaves through the real discord.py inside a simulated Discord."""

from __future__ import annotations

import logging
from dataclasses import replace

import discord
import pytest

from bot import texts
from bot.conversation.ports import Repeat
from bot.errors import PlatformRateLimited, PlatformRejected, PlatformUnavailable
from bot.messages import Button, File
from bot.platforms.discord.incoming import LARGEST_FILE
from tests.peers.discord import outgoing, talking


class TestSending:
    async def test_nobody_is_pinged_whatever_the_words(self):
        async with talking() as bot:
            await bot.bob.send(bot.channel, f"{bot.mention} hi")
            await bot.answer(f"@everyone {bot.bob.mention}", await bot.first())
            body = bot.world.calls("POST", "/messages")[0]
            assert body["allowed_mentions"] == {"parse": [], "replied_user": False}

    async def test_an_answer_to_a_command_pings_nobody(self):
        async with talking() as bot:
            await bot.bob.slash(bot.channel, "chat", text="hi")
            message = await bot.first()
            await bot.answer("@everyone", message)
            edit = bot.world.calls("PATCH", f"/messages/{message.ticket.place}")[0]
            assert edit["allowed_mentions"] == {"parse": []}

    async def test_the_nonce_lets_discord_drop_a_repeat(self):
        async with talking() as bot:
            await bot.ada.send_dm("hello")
            await bot.answer("hi", await bot.first())
            body = bot.world.calls("POST", "/messages")[0]
            assert (body["nonce"], body["enforce_nonce"]) == ("r1.0", True)
            assert bot.platform.repeat is Repeat.SAFE

    @pytest.mark.parametrize("where", ["direct", "server"])
    async def test_a_late_repeat_finds_what_arrived(self, where):
        async with talking() as bot:
            if where == "direct":
                await bot.ada.send_dm("hello")
            else:
                await bot.bob.send(bot.channel, f"{bot.mention} hello")
            message = await bot.first()
            sent = await bot.platform.send(outgoing("hi", message))
            assert await bot.platform.send(outgoing("hi", message, repeat=True)) == sent
            assert len(bot.world.calls("POST", "/messages")) == 1

    async def test_a_repeat_of_what_never_arrived_is_sent(self):
        async with talking() as bot:
            await bot.bob.send(bot.channel, f"{bot.mention} hello")
            first = await bot.first()
            await bot.answer("hi", first)
            await bot.bob.send(bot.channel, f"{bot.mention} hello again")
            await bot.platform.send(outgoing("hi", await bot.first(), repeat=True))
            assert await bot.world.replies(bot.channel, 2) == ["hi", "hi"]

    async def test_a_repeat_is_sent_where_the_past_may_not_be_read(self):
        async with talking() as bot:
            await bot.ada.send_dm("hello")
            bot.world.env.inject_error("GET", "/channels/*/messages", status=403)
            await bot.platform.send(outgoing("hi", await bot.first(), repeat=True))
            assert await bot.world.replies(bot.ada.dm_channel) == ["hi"]

    async def test_a_repeat_for_a_command_too_old_is_sent(self, monkeypatch):
        async with talking() as bot:
            await bot.ada.slash("chat", text="hello")
            monkeypatch.setattr(discord.Interaction, "is_expired", lambda _: True)
            await bot.platform.send(outgoing("hi", await bot.first(), repeat=True))
            assert await bot.world.replies(bot.ada.dm_channel) == ["hi"]

    async def test_in_a_direct_message_nothing_is_quoted(self):
        async with talking() as bot:
            await bot.ada.send_dm("hello")
            await bot.answer("hi", await bot.first())
            assert "message_reference" not in bot.world.calls("POST", "/messages")[0]

    async def test_a_long_reply_arrives_in_parts(self):
        async with talking() as bot:
            await bot.ada.send_dm("tell me everything")
            await bot.answer("A sentence. " * 300, await bot.first())
            parts = await bot.world.replies(bot.ada.dm_channel, 2)
            assert all(len(part) <= 2000 for part in parts)
            assert "".join(parts).count("A sentence.") == 300

    @pytest.mark.parametrize(
        ("status", "expected"),
        [(500, PlatformUnavailable), (403, PlatformRejected), (429, PlatformRateLimited)],
    )
    async def test_a_refusal_says_what_to_do_about_it(self, status, expected):
        async with talking() as bot:
            await bot.ada.send_dm("hello")
            message = await bot.first()
            bot.world.env.inject_error("POST", "/channels/*/messages", status=status)
            with pytest.raises(expected):
                await bot.answer("hi", message)

    async def test_a_picture_larger_than_it_said_is_refused(self):
        async with talking() as bot:
            await bot.world.dm(bot.ada, "me", face_jpg=bytes(LARGEST_FILE + 1))
            stored = bot.world.env.backend.cdn._blobs
            with pytest.raises(PlatformRejected):
                await bot.platform.fetch(next(iter(stored)))

    async def test_a_picture_that_is_gone_is_refused(self):
        async with talking() as bot:
            with pytest.raises(PlatformRejected):
                await bot.platform.fetch("https://cdn.simcord.invalid/gone.png")

    async def test_typing_is_shown(self):
        async with talking() as bot:
            await bot.ada.send_dm("hello")
            await bot.platform.typing((await bot.first()).key)
            assert len(bot.world.calls("POST", "/typing")) == 1

    async def test_thinking_needs_no_typing_beside_it(self):
        async with talking() as bot:
            await bot.ada.slash("chat", text="hello")
            await bot.platform.typing((await bot.first()).key)
            assert bot.world.calls("POST", "/typing") == []

    async def test_nothing_is_logged_that_carries_a_message(self, caplog):
        async with talking() as bot:
            caplog.set_level(logging.DEBUG)
            await bot.ada.send_dm("a private thing")
            await bot.answer("a private answer", await bot.first())
            assert "private" not in caplog.text


ASK = (Button("Yes", "/face yes"), Button("Never", "/face no"))


class TestButtonsAndFiles:
    async def test_a_pressed_button_arrives_as_its_words_and_is_answered_in_its_place(self):
        async with talking() as bot:
            sent = await bot.ada.send_dm("hello")
            asked = await bot.first()
            await bot.platform.send(replace(outgoing("May I?", asked), buttons=ASK))
            pressed = await bot.ada.click(bot.ada.dm_channel.last_message, label="Yes")
            message = await bot.first()
            assert (message.text, message.key, message.whispered) == ("/face yes", asked.key, True)
            await bot.answer("Thank you.", message)
            assert pressed.response.content == "Thank you."
            assert pressed.ephemeral
        assert sent.id

    async def test_once_pressed_the_buttons_go(self):
        async with talking() as bot:
            await bot.bob.send(bot.channel, f"{bot.mention} hello")
            await bot.platform.send(replace(outgoing("May I?", await bot.first()), buttons=ASK))
            under = bot.channel.last_message
            await bot.bob.click(under, label="Never")
            await bot.first()
            assert bot.world.env.backend.messages[bot.channel.id][under.id].components == []

    async def test_somebody_elses_button_is_refused(self):
        async with talking() as bot:
            await bot.bob.send(bot.channel, f"{bot.mention} hello")
            await bot.platform.send(replace(outgoing("May I?", await bot.first()), buttons=ASK))
            eve = bot.channel.guild.add_member(bot.world.env.create_user("eve"))
            pressed = await eve.click(bot.channel.last_message, label="Yes")
            assert pressed.response.content == texts.NOT_YOURS
            assert bot.messages.empty()

    @pytest.mark.parametrize("way", ["message", "command", "follow-up"])
    async def test_a_file_and_buttons_go_with_the_words(self, way):
        async with talking() as bot:
            channel = bot.ada.dm_channel
            if way == "message":
                await bot.ada.send_dm("hello")
            else:
                await bot.ada.slash("help")
            asked = await bot.first()
            if way == "follow-up":
                await bot.platform.send(outgoing("First", asked))
            answer = outgoing("Here", asked, number=1 if way == "follow-up" else 0)
            await bot.platform.send(replace(answer, buttons=ASK, file=File("mine.json", b"{}")))
            stored = max(bot.world.env.backend.messages[channel.id].items())[1]
            assert [file["filename"] for file in stored.attachments] == ["mine.json"]
            assert [b["label"] for b in stored.components[0]["components"]] == ["Yes", "Never"]
