"""Slash commands and menus of the real discord.py inside a simulated Discord."""

from __future__ import annotations

from dataclasses import replace

import pytest
import simcord

from bot import texts
from bot.config import DiscordSettings
from bot.errors import PlatformRejected
from bot.platforms.discord import DiscordPlatform
from tests.peers.discord import outgoing, simulated, talking


class TestCommands:
    async def test_chat_is_thinking_until_its_answer_takes_that_place(self):
        async with talking() as bot:
            asked = await bot.bob.slash(bot.channel, "chat", text="I am glad")
            assert (asked.deferred, asked.ephemeral) == (True, False)
            await bot.answer("So am I.", await bot.first())
            assert asked.response.content == "So am I."
            assert bot.world.calls("POST", f"{bot.channel.id}/messages") == []

    async def test_chat_takes_a_picture(self):
        async with talking() as bot:
            await bot.bob.slash(bot.channel, "chat", text="me", attachment=("face.png", b"a png"))
            message = await bot.first()
            assert message.text == "me"
            assert await bot.platform.fetch(message.photo) == b"a png"

    async def test_chat_works_in_a_direct_message(self):
        async with talking() as bot:
            await bot.ada.slash("chat", text="hello")
            message = await bot.first()
            assert (message.private, message.locale) == (True, "en-US")

    async def test_chat_and_mentions_share_a_conversation(self):
        async with talking() as bot:
            await bot.bob.slash(bot.channel, "chat", text="hello")
            await bot.bob.send(bot.channel, f"{bot.mention} hello again")
            assert (await bot.first()).key == (await bot.first()).key

    async def test_a_long_answer_follows_up(self):
        async with talking() as bot:
            asked = await bot.bob.slash(bot.channel, "chat", text="tell me more")
            await bot.answer("x" * 2000 + "\n\nThe end.", await bot.first())
            assert asked.response.content == "x" * 2000
            assert [followup.content for followup in asked.followups] == ["The end."]

    async def test_sending_the_first_part_again_doubles_nothing(self):
        async with talking() as bot:
            await bot.bob.slash(bot.channel, "chat", text="hello")
            message = await bot.first()
            for _ in range(2):
                await bot.platform.send(outgoing("Hello!", message))
            assert await bot.world.replies(bot.channel) == ["Hello!"]

    async def test_a_command_too_old_is_answered_in_the_channel(self):
        async with talking() as bot:
            await bot.bob.slash(bot.channel, "chat", text="hello")
            message = await bot.first()
            late = replace(message, ticket=replace(message.ticket, expires_at=0.0))
            await bot.answer("Sorry, that took long.", late)
            assert bot.channel.last_message.content == "Sorry, that took long."

    async def test_another_process_answers_a_command_in_its_place(self):
        async with talking() as bot:
            asked = await bot.bob.slash(bot.channel, "help")
            message = await bot.first()
            again = DiscordPlatform("token", DiscordSettings())
            again.client.http = bot.platform.client.http
            again.client._connection.application_id = bot.platform.client.application_id
            assert await again.send(outgoing("Only for you.", message))
            assert asked.response.content == "Only for you."
            assert bot.world.calls("POST", f"{bot.channel.id}/messages") == []

    async def test_a_private_answer_that_comes_too_late_is_shown_to_nobody(self):
        async with talking() as bot:
            await bot.bob.slash(bot.channel, "help")
            message = await bot.first()
            late = replace(message, ticket=replace(message.ticket, expires_at=0.0))
            with pytest.raises(PlatformRejected):
                await bot.answer("Only for you.", late)
            assert bot.world.said(bot.channel) == []

    @pytest.mark.parametrize("name", ["help", "forget", "privacy", "helpline"])
    async def test_what_is_private_is_shown_to_nobody_else(self, name):
        async with talking() as bot:
            asked = await bot.bob.slash(bot.channel, name)
            message = await bot.first()
            await bot.answer("Only for you.", message)
            assert message.text == f"/{name}"
            assert asked.ephemeral

    async def test_the_choice_about_faces_is_a_command_with_a_word(self):
        async with talking() as bot:
            await bot.bob.slash(bot.channel, "face", choice="yes")
            assert (await bot.first()).text == "/face yes"

    async def test_commands_are_registered_once(self):
        first, second = (DiscordPlatform("token", DiscordSettings()) for _ in range(2))
        async with simcord.run(first.client) as env:
            await env.restart_bot(second.client)
            puts = [call for call in env.http_requests if call.method == "PUT"]
        assert len(puts) == 1

    async def test_the_bot_talks_even_if_its_commands_cannot_be_registered(self):
        platform = DiscordPlatform("token", DiscordSettings())
        again = DiscordPlatform("token", DiscordSettings())
        async with simcord.run(platform.client) as env:
            env.inject_error("GET", "/applications/*/commands", status=503)
            await env.restart_bot(again.client)
            assert again.client.is_ready()


class TestContextMenu:
    async def test_a_message_of_ones_own_is_talked_about(self):
        async with talking() as bot:
            sent = await bot.bob.send(bot.channel, "the exam was hard")
            asked = await bot.bob.context_menu(bot.channel, "Talk about this", sent)
            message = await bot.first()
            await bot.answer("That sounds hard.", message)
        assert message.text == "the exam was hard"
        assert asked.response.content == "That sounds hard."
        assert asked.ephemeral

    async def test_what_somebody_else_said_is_left_alone(self):
        async with talking() as bot:
            sent = await bot.bob.send(bot.channel, "the exam was hard")
            eve = bot.channel.guild.add_member(bot.world.env.create_user("eve"))
            asked = await eve.context_menu(bot.channel, "Talk about this", sent)
        assert asked.response.content == texts.NOT_BY_YOU
        assert bot.messages.empty()


async def test_commands_are_registered_anew_on_request():
    platform = DiscordPlatform("token", DiscordSettings())
    async with simulated(platform):
        assert await platform.sync() == len(platform.client.tree.get_commands())
