"""The real discord.py inside a simulated Discord."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

import discord
import pytest
import simcord

from bot import texts
from bot.config import DiscordSettings
from bot.conversation.ports import Repeat
from bot.errors import PlatformRateLimited, PlatformRejected, PlatformUnavailable, StorageError
from bot.messages import (
    Button,
    ConversationKey,
    File,
    IncomingMessage,
    OutgoingMessage,
    Reaction,
)
from bot.platforms.discord import DiscordPlatform
from bot.platforms.discord.incoming import LARGEST_FILE
from tests.peers.discord import Simulated, simulated
from tests.peers.taking import Taking


@dataclass
class Bot:
    """The adapter, what it took in, and the Discord around it."""

    platform: DiscordPlatform
    world: Simulated
    messages: asyncio.Queue[IncomingMessage] = field(default_factory=asyncio.Queue)

    @cached_property
    def ada(self) -> simcord.UserHandle:
        return self.world.env.create_user("ada")

    @cached_property
    def channel(self) -> simcord.ChannelHandle:
        return self.world.env.create_guild().create_text_channel("general")

    @cached_property
    def bob(self) -> simcord.MemberActor:
        guild = self.channel.guild
        return guild.add_member(self.world.env.create_user("bob"))

    async def thread(self, name: str) -> simcord.ChannelHandle:
        general = self.platform.client.get_channel(self.channel.id)
        await general.create_thread(name=name, type=discord.ChannelType.public_thread)
        return self.channel.threads[0]

    @property
    def mention(self) -> str:
        return self.platform.client.user.mention

    async def first(self) -> IncomingMessage:
        return await asyncio.wait_for(self.messages.get(), 30)

    async def answer(self, text: str, message: IncomingMessage) -> None:
        """Send a reply as the service does, part by part."""
        for number, part in enumerate(self.platform.split(text)):
            await self.platform.send(outgoing(part, message, number))


def outgoing(text, message, number=0, *, repeat=False):
    return OutgoingMessage(
        key=message.key,
        text=text,
        reply_to=message.message_id,
        nonce=f"r1.{number}",
        repeat=repeat,
        part=number,
        ticket=message.ticket,
    )


@asynccontextmanager
async def receiving(platform, accept) -> AsyncIterator[asyncio.Task]:
    async with platform.opened():
        task = asyncio.create_task(platform.receive(Taking(accept)))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])


@asynccontextmanager
async def talking() -> AsyncIterator[Bot]:
    platform = DiscordPlatform("token", DiscordSettings())
    async with simulated(platform) as world:
        bot = Bot(platform, world)
        async with receiving(platform, bot.messages.put):
            yield bot


class TestReceiving:
    async def test_a_direct_message_arrives_with_its_key(self):
        async with talking() as bot:
            sent = await bot.ada.send_dm("I passed the exam")
            message = await bot.first()
            assert message.text == "I passed the exam"
            assert message.key == ConversationKey(
                "discord", str(bot.ada.dm_channel.id), str(bot.ada.id)
            )
            assert (message.message_id, message.private) == (str(sent.id), True)

    async def test_a_picture_in_a_direct_message_is_fetched(self):
        async with talking() as bot:
            await bot.world.dm(bot.ada, "me today", face_jpg=b"a jpeg")
            message = await bot.first()
            assert message.text == "me today"
            assert await bot.platform.fetch(message.photo) == b"a jpeg"

    async def test_a_voice_message_is_named(self):
        async with talking() as bot:
            await bot.world.dm(bot.ada, voice_mp3=b"audio")
            assert (await bot.first()).unsupported == "voice"

    async def test_a_mention_in_a_server_is_answered_as_a_reply(self):
        async with talking() as bot:
            asked = await bot.bob.send(bot.channel, f"{bot.mention} I am tired")
            message = await bot.first()
            await bot.answer("Rest a little.", message)
            assert (message.text, message.private) == ("I am tired", False)
            assert bot.channel.last_message.reference.message_id == asked.id

    async def test_talk_among_people_is_left_alone(self):
        async with talking() as bot:
            await bot.bob.send(bot.channel, "nice weather")
            await bot.bob.send(bot.channel, f"{bot.mention} hello")
            assert (await bot.first()).text == "hello"

    async def test_a_reply_to_the_bot_is_answered(self):
        async with talking() as bot:
            await bot.bob.send(bot.channel, f"{bot.mention} hello")
            await bot.answer("How are you?", await bot.first())
            await bot.bob.send(
                bot.channel, f"{bot.mention} fine", reply_to=bot.channel.last_message
            )
            assert (await bot.first()).text == "fine"

    async def test_another_bot_is_not_answered(self):
        async with talking() as bot:
            other = bot.channel.guild.add_member(bot.world.env.create_user("other", bot=True))
            await other.send(bot.channel, f"{bot.mention} hello, colleague")
            await bot.ada.send_dm("a person")
            assert (await bot.first()).text == "a person"

    async def test_a_thread_is_a_conversation_of_its_own(self):
        async with talking() as bot:
            thread = await bot.thread("corner")
            await bot.bob.send(thread, f"{bot.mention} hello")
            message = await bot.first()
            assert message.key == ConversationKey(
                "discord", str(bot.channel.id), str(bot.bob.id), thread=str(thread.id)
            )
            await bot.answer("Hello in here.", message)
            assert await bot.world.replies(thread) == ["Hello in here."]

    async def test_messages_are_accepted_in_the_order_they_came(self):
        async with talking() as bot:
            for word in ("one", "two", "three"):
                await bot.ada.send_dm(word)
            assert [(await bot.first()).text for _ in range(3)] == ["one", "two", "three"]


class TestAccepting:
    @pytest.fixture
    def platform(self):
        async def at_once(seconds):
            await asyncio.sleep(0)

        return DiscordPlatform("token", DiscordSettings(), sleep=at_once)

    async def test_a_database_in_trouble_is_waited_for(self, platform):
        attempts, stored = [], asyncio.Event()

        async def accept(message):
            attempts.append(message.text)
            if len(attempts) < 3:
                raise StorageError("database is locked")
            stored.set()

        async with simulated(platform) as world, receiving(platform, accept):
            await world.env.create_user("ada").send_dm("keep me")
            await asyncio.wait_for(stored.wait(), 30)
        assert attempts == ["keep me"] * 3

    async def test_what_arrived_before_a_stop_is_stored(self, platform):
        stored, started, may_go_on = [], asyncio.Event(), asyncio.Event()

        async def accept(message):
            started.set()
            await may_go_on.wait()
            stored.append(message.text)

        async with simulated(platform) as world, receiving(platform, accept) as task:
            for word in ("one", "two"):
                await world.env.create_user(word).send_dm(word)
            await asyncio.wait_for(started.wait(), 30)
            task.cancel()
            may_go_on.set()
        assert stored == ["one", "two"]

    async def test_a_gateway_that_closes_by_itself_ends_it(self, platform):
        async def closes():
            return None

        async def accept(message):
            return None

        async with simulated(platform):
            platform.client.connect = closes
            async with receiving(platform, accept) as task:
                await asyncio.wait([task])
                with pytest.raises(PlatformRejected):
                    task.result()

    async def test_a_fault_of_ours_ends_it_loudly(self, platform):
        async def accept(message):
            raise RuntimeError("a bug")

        async with simulated(platform) as world, receiving(platform, accept) as task:
            await world.env.create_user("ada").send_dm("hello")
            await asyncio.wait([task])
            with pytest.raises(RuntimeError, match="a bug"):
                task.result()


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


async def test_without_a_privileged_intent_the_bot_starts():
    platform = DiscordPlatform("token", DiscordSettings())
    allowed = discord.Intents.default()
    async with simcord.run(platform.client, approved_intents=allowed):
        assert platform.client.is_ready()


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


class TestChanges:
    async def test_an_edited_message_arrives_as_a_correction(self):
        async with talking() as bot:
            sent = await bot.bob.send(bot.channel, f"{bot.mention} I am fine")
            said = await bot.first()
            await bot.bob.edit(sent, f"{bot.mention} I am not fine")
            corrected = await bot.first()
        assert (said.edited, corrected.edited) == (False, True)
        assert corrected.message_id == said.message_id
        assert corrected.text == "I am not fine"

    async def test_when_the_bot_is_removed_from_a_server_that_is_told(self):
        async with talking() as bot:
            bot.platform.client.dispatch("guild_remove", discord.Object(7))
            assert await bot.first() == ("left", "discord", "7")

    async def test_a_server_that_is_new_is_told_with_a_channel_to_greet_it_in(self):
        async with talking() as bot:
            guild = bot.world.env.create_guild(preferred_locale="de")
            lobby = guild.create_text_channel("lobby")
            bot.platform.client.dispatch("guild_join", bot.platform.client.get_guild(guild.id))
            told = await bot.first()
        assert told == ("joined", "discord", str(guild.id), str(lobby.id), "de")

    async def test_a_server_with_no_channel_to_speak_in_is_not_greeted(self):
        async with talking() as bot:
            bot.world.env.create_guild()  # and the simulation says that it was joined
            await bot.ada.send_dm("hello")
            assert (await bot.first()).text == "hello"


class TestReactions:
    @pytest.mark.parametrize(
        ("emoji", "up"), [("👍", True), ("👎", False), ("👍🏽", True)], ids=["up", "down", "brown"]
    )
    async def test_a_thumb_under_a_message_is_told_and_so_is_its_end(self, emoji, up):
        async with talking() as bot:
            await bot.bob.send(bot.channel, f"{bot.mention} hello")
            asked = await bot.first()
            await bot.answer("hi", asked)
            under = bot.channel.last_message
            await bot.bob.react(under, emoji)
            await bot.bob.unreact(under, emoji)
            told = [await bot.first() for _ in range(2)]
        same = {"key": asked.key, "message_id": str(under.id), "up": up}
        assert told == [Reaction(**same, given=True), Reaction(**same, given=False)]

    async def test_a_thumb_in_a_thread_belongs_to_its_channel(self):
        async with talking() as bot:
            thread = await bot.thread("corner")
            await bot.bob.send(thread, f"{bot.mention} hello")
            asked = await bot.first()
            await bot.answer("hi", asked)
            await bot.bob.react(thread.last_message, "👍")
            assert (await bot.first()).key == asked.key

    async def test_other_reactions_are_left_alone(self):
        async with talking() as bot:
            await bot.bob.send(bot.channel, f"{bot.mention} hello")
            await bot.answer("hi", await bot.first())
            await bot.bob.react(bot.channel.last_message, "🔥")
            await bot.bob.send(bot.channel, f"{bot.mention} next")
            assert (await bot.first()).text == "next"


class TestCategories:
    async def test_a_message_says_which_category_its_channel_is_in(self):
        async with talking() as bot:
            guild = bot.channel.guild
            talk = guild.create_category("talk")
            inside = guild.create_text_channel("inside", category=talk)
            found = []
            for channel in (inside, bot.channel):
                await bot.bob.send(channel, f"{bot.mention} hello")
                found.append((await bot.first()).category)
                await bot.bob.slash(channel, "chat", text="hello")
                found.append((await bot.first()).category)
        assert found == [str(talk.id)] * 2 + [""] * 2

    async def test_a_thread_is_in_the_category_of_its_channel(self):
        async with talking() as bot:
            guild = bot.channel.guild
            talk = guild.create_category("talk")
            bot.channel = guild.create_text_channel("inside", category=talk)
            thread = await bot.thread("corner")
            await bot.bob.send(thread, f"{bot.mention} hello")
            assert (await bot.first()).category == str(talk.id)


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
