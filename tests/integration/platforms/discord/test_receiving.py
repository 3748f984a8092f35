"""What arrives from the real discord.py inside a simulated Discord."""

from __future__ import annotations

import asyncio

import discord
import pytest
import simcord

from bot.config import DiscordSettings
from bot.errors import PlatformRejected, StorageError
from bot.messages import ConversationKey, Reaction
from bot.platforms.discord import DiscordPlatform
from tests.peers.discord import simulated, talking
from tests.peers.taking import receiving


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


async def test_without_a_privileged_intent_the_bot_starts():
    platform = DiscordPlatform("token", DiscordSettings())
    allowed = discord.Intents.default()
    async with simcord.run(platform.client, approved_intents=allowed):
        assert platform.client.is_ready()


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
