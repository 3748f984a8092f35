"""The whole service around a scripted pipeline, on a Bot API over HTTP and a simulated Discord."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
import pytest
from PIL import Image

from bot import texts
from bot.bootstrap import serve
from bot.config import DATABASE_FILE, DiscordSettings, Settings, TelegramSettings
from bot.loopback.bot_api import ANSWER_LOST, TOKEN, BotApi, refused
from bot.platforms.discord import DiscordPlatform
from bot.platforms.telegram import TelegramPlatform
from emotibot_models.scripted import ScriptedPipeline
from tests.peers.discord import Simulated, simulated
from tests.peers.serving import serving

GROUP = {"id": -100200, "type": "supergroup", "title": "Friends"}
MENTION = [{"type": "mention", "offset": 0, "length": 9}]
VOICE = {"file_id": "v", "file_unique_id": "u", "duration": 1}


@pytest.fixture
def home(tmp_path, new_database):
    shutil.copy(new_database, tmp_path / DATABASE_FILE)
    return tmp_path


@pytest.fixture(scope="module")
def selfie():
    data = io.BytesIO()
    Image.new("RGB", (64, 64), "orange").save(data, "JPEG")
    return data.getvalue()


@pytest.fixture
async def api():
    async with BotApi().running() as server:
        yield server


@asynccontextmanager
async def on_telegram(home, api, answer=None) -> AsyncIterator[None]:
    telegram = TelegramPlatform(TOKEN, TelegramSettings(api=api.address))
    async with serving(home, telegram, pipeline=ScriptedPipeline(answer)):
        yield


@asynccontextmanager
async def on_discord(home, answer=None) -> AsyncIterator[Simulated]:
    platform = DiscordPlatform("token", DiscordSettings())
    async with (
        simulated(platform) as world,
        serving(home, platform, pipeline=ScriptedPipeline(answer)),
    ):
        yield world


async def opt_out(world, bob, channel):
    await bob.slash(channel, "optout", choice="yes")


async def forget(world, bob, channel):
    asked = await bob.slash(channel, "forget")
    await world.until(lambda: asked.response and asked.response.components)
    await bob.click(asked.response.message, label="Erase everything")


class TestTelegram:
    async def test_a_text_is_answered_once_and_the_first_answer_introduces_the_bot(self, home, api):
        async with on_telegram(home, api):
            await api.say("I am so happy")
            [reply] = await api.replies(1)
        assert reply.startswith(texts.notice(30))
        assert "I hear you: I am so happy" in reply

    async def test_a_selfie_with_a_caption_is_read_once_that_is_allowed(self, home, api, selfie):
        async with on_telegram(home, api):
            await api.say("/face yes")
            await api.replies(1)
            await api.say(photo=api.photo(selfie), caption="me today")
            reply = (await api.replies(2))[1]
        assert "I hear you: me today" in reply
        assert "the expression in the picture reads as happy" in reply.lower()

    async def test_a_photo_alone_is_answered(self, home, api, selfie):
        async with on_telegram(home, api):
            await api.say("/face yes")
            await api.replies(1)
            await api.say(photo=api.photo(selfie))
            assert "I hear you: a picture" in (await api.replies(2))[1]

    async def test_without_consent_a_picture_is_not_even_fetched(self, home, api, selfie):
        async with on_telegram(home, api):
            await api.say(photo=api.photo(selfie))
            assert texts.FACE_ASK in (await api.replies(1))[0]
        assert api.asked("getFile") == []

    async def test_a_file_that_is_no_picture_gets_a_sentence(self, home, api):
        async with on_telegram(home, api):
            await api.say("/face yes")
            await api.replies(1)
            fake = {"file_id": api.store(b"%PDF-1.7"), "file_unique_id": "u"}
            await api.say(document={**fake, "mime_type": "image/jpeg", "file_name": "me.jpg"})
            assert len((await api.replies(2))[1]) > 10

    async def test_a_voice_note_gets_a_sentence(self, home, api):
        async with on_telegram(home, api):
            await api.say(voice=VOICE)
            [reply] = await api.replies(1)
        assert texts.UNSUPPORTED["voice"] in reply

    async def test_in_a_group_only_the_mention_is_answered(self, home, api):
        async with on_telegram(home, api):
            await api.say("nice weather", chat=GROUP)
            await api.say("@emotibot I am sad", chat=GROUP, entities=MENTION)
            [reply] = await api.replies(1)
        assert "I hear you: I am sad" in reply
        assert api.sent[0]["chat"]["id"] == GROUP["id"]

    async def test_an_update_delivered_twice_is_answered_once(self, home, api):
        async with on_telegram(home, api):
            update = await api.say("hello")
            await api.replies(1)
            await api.deliver(update)
            await api.say("hello again")
            replies = await api.replies(2)
        assert ["again" in reply for reply in replies] == [False, True]

    async def test_an_answer_lost_on_the_way_is_not_sent_twice(self, home, api):
        api.next("sendMessage", ANSWER_LOST)
        async with on_telegram(home, api):
            await api.say("one")
            await api.replies(1)
            await api.say("two")
            replies = await api.replies(2)
        assert [reply.rsplit(" ", 1)[-1] for reply in replies] == ["one", "two"]

    async def test_a_refused_typing_sign_costs_nobody_an_answer(self, home, api):
        api.next("sendChatAction", *[refused(403, "Forbidden")] * 5)
        async with on_telegram(home, api):
            await api.say("hello")
            await api.replies(1)

    async def test_a_sigterm_while_the_bot_is_typing_lets_the_answer_out(self, home, api):
        settings = Settings.model_validate({"home": home, "platforms": {"join_s": 0.0}})
        telegram = TelegramPlatform(TOKEN, TelegramSettings(api=api.address))
        pipeline = ScriptedPipeline(seconds=1.0)
        running = asyncio.create_task(serve(settings, pipeline, [telegram]))
        await api.say("I am so happy")
        await api.until(lambda: api.asked("sendChatAction"))
        assert api.sent == []
        os.kill(os.getpid(), signal.SIGTERM)
        await running
        assert len(await api.replies(1)) == 1

    async def test_a_flood_limit_delays_an_answer_and_loses_none(self, home, api):
        api.next("sendMessage", refused(429, "Too Many Requests", retry_after=1))
        async with on_telegram(home, api):
            await api.say("hello")
            assert len(await api.replies(1)) == 1

    async def test_a_message_that_came_while_the_bot_was_away_is_answered(self, home, api):
        await api.say("are you there?")
        async with on_telegram(home, api):
            await api.replies(1)

    async def test_a_restart_answers_nothing_twice(self, home, api):
        async with on_telegram(home, api):
            await api.say("one")
            await api.replies(1)
        async with on_telegram(home, api):
            await api.say("two")
            replies = await api.replies(2)
        assert [reply.rsplit(" ", 1)[-1] for reply in replies] == ["one", "two"]

    async def test_a_long_answer_arrives_whole_and_in_order(self, home, api):
        long = "x" * 4095 + "\N{GRINNING FACE}" * 10
        async with on_telegram(home, api, answer=lambda _: long):
            await api.say("/help")
            await api.replies(1)
            await api.say("tell me")
            await api.until(lambda: len(api.sent) >= 3)
        assert "".join(message["text"] for message in api.sent[1:]).startswith(long)

    async def test_danger_in_a_caption_is_met_with_help(self, home, api, selfie):
        async with on_telegram(home, api, answer=lambda _: "generated"):
            await api.say(photo=api.photo(selfie), caption="I want to kill myself")
            [reply] = await api.replies(1)
        assert "generated" not in reply

    async def test_the_question_about_a_face_is_answered_by_a_button(self, home, api, selfie):
        async with on_telegram(home, api):
            await api.say(photo=api.photo(selfie))
            await api.replies(1)
            await api.press("Yes")
            reply = (await api.replies(2))[1]
        assert "the expression in the picture reads as happy" in reply.lower()
        assert len(api.asked("getFile")) == 1

    async def test_my_data_and_my_mood_come_as_files_and_all_can_be_forgotten(self, home, api):
        async with on_telegram(home, api):
            for number, said in enumerate(["I am so happy", "/mydata", "/mood", "/forget"]):
                await api.say(said)
                await api.replies(number + 1)
            await api.press("Erase everything")
            erased = (await api.replies(5))[4]
        assert b"I am so happy" in api.stored(api.sent[1]["document"]["file_id"])
        assert api.stored(api.sent[2]["photo"][-1]["file_id"]).startswith(b"\x89PNG")
        assert "2 lines of our conversation" in erased

    async def test_a_group_that_adds_the_bot_is_greeted_once(self, home, api):
        async with on_telegram(home, api):
            await api.admit(GROUP)
            await api.admit(GROUP, "administrator", was="member")
            await api.admit(GROUP, "left", was="member")
            await api.admit(GROUP)
            await api.say("@emotibot I am sad", chat=GROUP, entities=MENTION)
            replies = await api.replies(2)
        assert replies[0] == texts.GREETING
        assert "I hear you: I am sad" in replies[1]
        assert [message["chat"]["id"] for message in api.sent] == [GROUP["id"]] * 2

    async def test_a_thumb_under_an_answer_is_in_my_data(self, home, api):
        async with on_telegram(home, api):
            await api.say("I am so sad")
            await api.replies(1)
            await api.react("👎", on=api.sent[0])
            await api.say("/mydata")
            await api.replies(2)
        mine = json.loads(api.stored(api.sent[1]["document"]["file_id"]))
        assert [(said["verdict"], said["read"]) for said in mine["feedback"]] == [
            ("bad", "sadness")
        ]

    async def test_who_opts_out_in_a_group_is_left_alone_there(self, home, api):
        command = [{"type": "bot_command", "offset": 0, "length": 16}]
        async with on_telegram(home, api):
            await api.say("/optout@emotibot", chat=GROUP, entities=command)
            await api.replies(1)
            await api.say("@emotibot I am sad", chat=GROUP, entities=MENTION)
            await api.say("and here?")
            replies = await api.replies(2)
        assert replies[0] == texts.OPTED_OUT
        assert "I hear you: and here?" in replies[1]


class TestDiscord:
    async def test_a_direct_message_is_answered_once(self, home):
        async with on_discord(home) as world:
            ada = world.env.create_user("ada")
            await ada.send_dm("I am so happy")
            [reply] = await world.replies(ada.dm_channel)
        assert "I hear you: I am so happy" in reply

    async def test_a_selfie_in_a_direct_message_is_read_once_that_is_allowed(self, home, selfie):
        async with on_discord(home) as world:
            ada = world.env.create_user("ada")
            await ada.send_dm("/face yes")
            await world.replies(ada.dm_channel)
            await world.dm(ada, "me today", face_jpg=selfie)
            reply = (await world.replies(ada.dm_channel, 2))[1]
        assert "the expression in the picture reads as happy" in reply.lower()

    async def test_a_mention_in_a_server_is_answered(self, home):
        async with on_discord(home) as world:
            channel = world.env.create_guild().create_text_channel("general")
            bob = channel.guild.add_member(world.env.create_user("bob"))
            await bob.send(channel, f"{world.env.bot.user.mention} I am sad")
            [reply] = await world.replies(channel)
        assert "I hear you: I am sad" in reply

    async def test_chat_with_a_picture_is_answered_in_its_place(self, home, selfie):
        async with on_discord(home) as world:
            ada = world.env.create_user("ada")
            await ada.slash("face", choice="yes")
            await world.replies(ada.dm_channel)
            asked = await ada.slash("chat", text="me", attachment=("face.jpg", selfie))
            await world.until(lambda: asked.response and asked.response.content)
        assert "the expression in the picture reads as happy" in asked.response.content.lower()
        assert asked.followups == []

    async def test_a_long_answer_arrives_whole_and_in_order(self, home):
        long = "A sentence. " * 300
        async with on_discord(home, answer=lambda _: long) as world:
            ada = world.env.create_user("ada")
            await ada.slash("help")
            await world.replies(ada.dm_channel)
            await ada.send_dm("tell me")
            parts = (await world.replies(ada.dm_channel, 3))[1:]
        assert "".join(parts).count("A sentence.") == 300

    async def test_what_is_said_in_private_never_shows_in_a_server(self, home):
        def recalled(turn):
            return f"I remember {len(turn.history)} lines"

        async with on_discord(home, answer=recalled) as world:
            channel = world.env.create_guild().create_text_channel("general")
            bob = channel.guild.add_member(world.env.create_user("bob"))
            await bob.send_dm("a secret")
            await world.replies(bob.user.dm_channel)
            await bob.send(channel, f"{world.env.bot.user.mention} hello")
            [reply] = await world.replies(channel)
        assert "I remember 0 lines" in reply

    async def test_a_server_that_adds_the_bot_is_greeted_once(self, home):
        async with on_discord(home) as world:
            guild = world.env.create_guild(preferred_locale="fr")
            channel = guild.create_text_channel("general")
            joined = world.env.bot.get_guild(guild.id)
            for _ in range(2):
                world.env.bot.dispatch("guild_join", joined)
            bob = guild.add_member(world.env.create_user("bob"))
            await world.replies(channel, 1)
            await bob.send(channel, f"{world.env.bot.user.mention} I am sad")
            replies = await world.replies(channel, 2)
        assert replies[0].startswith("Bonjour, je suis EmotiBot")
        assert "I hear you: I am sad" in replies[1]

    async def test_a_thumb_under_an_answer_is_in_my_data(self, home):
        async with on_discord(home) as world:
            ada = world.env.create_user("ada")
            await ada.send_dm("I am so sad")
            await world.replies(ada.dm_channel)
            await ada.set_reaction(ada.dm_channel.last_message, "👍", reacted=True)
            mine = await ada.slash("mydata")
            await world.until(lambda: mine.response and mine.response.attachments)
            data = json.loads(await mine.response.attachments[0].read())
        assert [(said["verdict"], said["read"]) for said in data["feedback"]] == [
            ("good", "sadness")
        ]

    async def test_who_opts_out_by_a_slash_command_is_left_alone_in_servers(self, home):
        async with on_discord(home) as world:
            channel = world.env.create_guild().create_text_channel("general")
            bob = channel.guild.add_member(world.env.create_user("bob"))
            out = await bob.slash(channel, "optout", choice="yes")
            await world.until(lambda: out.response and out.response.content)
            await bob.send(channel, f"{world.env.bot.user.mention} I am sad")
            asked = await bob.slash(channel, "chat", text="I am sad")
            await world.until(lambda: asked.response and asked.response.content)
            await bob.send_dm("and here?")
            [reply] = await world.replies(bob.user.dm_channel)
        assert (out.response.content, out.ephemeral) == (texts.OPTED_OUT, True)
        assert asked.response.content == texts.LEFT_ALONE
        assert "I hear you: and here?" in reply
        assert world.said(channel) == [texts.OPTED_OUT, texts.LEFT_ALONE]

    @pytest.mark.parametrize("erase", [opt_out, forget])
    async def test_a_command_that_is_erased_while_it_waits_is_told_so(self, home, erase):
        gate = threading.Event()

        def late(turn):
            assert gate.wait(60)
            return "too late"

        async with on_discord(home, answer=late) as world:
            channel = world.env.create_guild().create_text_channel("general")
            bob = channel.guild.add_member(world.env.create_user("bob"))
            asked = await bob.slash(channel, "chat", text="I am sad")
            await erase(world, bob, channel)
            await world.until(lambda: asked.response and asked.response.content)
            gate.set()
        assert asked.response.content == texts.ERASED_UNANSWERED

    async def test_the_channels_of_a_category_follow_it(self, home):
        async with on_discord(home) as world:
            guild = world.env.create_guild()
            talk = guild.create_category("talk")
            inside, help_me = (guild.create_text_channel(n, category=talk) for n in ("in", "help"))
            outside = guild.create_text_channel("memes")
            manage = discord.Permissions(manage_guild=True)
            mods = guild.create_role("mods", permissions=manage)
            olga = guild.add_member(world.env.create_user("olga"), roles=[mods])
            shown = await olga.slash(inside, "here", choice="category", value="on")
            await world.until(lambda: shown.response and shown.response.content)
            for channel in (help_me, outside):
                await olga.send(channel, f"{world.env.bot.user.mention} I am sad")
            [heard], [quiet] = await world.replies(help_me), await world.replies(outside)
        assert "I hear you: I am sad" in heard
        assert quiet == texts.NOT_IN_THIS_CHANNEL


async def test_both_platforms_are_served_by_one_process(home, api):
    telegram = TelegramPlatform(TOKEN, TelegramSettings(api=api.address))
    on_discord = DiscordPlatform("token", DiscordSettings())
    platforms, pipeline = (telegram, on_discord), ScriptedPipeline()
    async with simulated(on_discord) as world, serving(home, *platforms, pipeline=pipeline):
        ada = world.env.create_user("ada")
        await ada.send_dm("hello from Discord")
        await api.say("hello from Telegram")
        assert "hello from Telegram" in (await api.replies(1))[0]
        assert "hello from Discord" in (await world.replies(ada.dm_channel))[0]


class TestDiscordCommands:
    async def test_what_is_personal_is_whispered_in_a_server(self, home):
        async with on_discord(home) as world:
            channel = world.env.create_guild().create_text_channel("general")
            bob = channel.guild.add_member(world.env.create_user("bob"))
            await bob.send(channel, f"{world.env.bot.user.mention} I am so sad")
            await world.replies(channel)
            analyzed = await bob.slash(channel, "analyze")
            await world.until(lambda: analyzed.response and analyzed.response.content)
            mine = await bob.slash(channel, "mydata")
            await world.until(lambda: mine.response and mine.response.attachments)
        assert "sadness" in analyzed.response.content
        assert analyzed.ephemeral
        assert mine.ephemeral

    async def test_forgetting_is_confirmed_by_a_button(self, home):
        async with on_discord(home) as world:
            ada = world.env.create_user("ada")
            await ada.send_dm("I am so happy")
            await world.replies(ada.dm_channel)
            asked = await ada.slash("forget")
            await world.until(lambda: asked.response and asked.response.components)
            pressed = await ada.click(asked.response.message, label="Erase everything")
            await world.until(lambda: pressed.response and pressed.response.content)
        assert "2 lines of our conversation" in pressed.response.content

    async def test_the_question_about_a_face_is_answered_by_a_button(self, home, selfie):
        async with on_discord(home) as world:
            ada = world.env.create_user("ada")
            await world.dm(ada, face_jpg=selfie)
            await world.replies(ada.dm_channel)
            pressed = await ada.click(ada.dm_channel.last_message, label="Yes")
            await world.until(lambda: pressed.response and pressed.response.content)
        assert "reads as happy" in pressed.response.content.lower()

    async def test_only_moderators_say_how_the_bot_behaves_in_a_server(self, home):
        async with on_discord(home) as world:
            channel = world.env.create_guild().create_text_channel("general")
            manage = discord.Permissions(manage_guild=True)
            mods = channel.guild.create_role("mods", permissions=manage)
            olga = channel.guild.add_member(world.env.create_user("olga"), roles=[mods])
            shown = await olga.slash(channel, "here", choice="face", value="on")
            await world.until(lambda: shown.response and shown.response.content)
        assert "pictures: read" in shown.response.content
