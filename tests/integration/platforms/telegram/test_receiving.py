"""What arrives from the real python-telegram-bot, over HTTP from a Bot API server on loopback."""

from __future__ import annotations

import pytest
from telegram import ChatPermissions

from bot.languages import NAMES
from bot.loopback.bot_api import refused
from bot.loopback.telegram_objects import membership, reaction
from bot.messages import Reaction
from tests.peers.taking import receiving
from tests.peers.telegram import ADA, GROUP, first, inbox, reply


class TestReceiving:
    async def test_a_text_arrives_with_its_key(self, api, telegram):
        async with inbox(telegram) as messages:
            sent = await api.say("I got the job!")
            message = await first(messages)
        assert (message.key, message.text) == (ADA, "I got the job!")
        assert message.message_id == str(sent["message"]["message_id"])
        assert message.private
        assert message.photo is None

    async def test_a_photo_with_a_caption_is_fetched_in_its_largest_size(self, api, telegram):
        async with inbox(telegram) as messages:
            await api.say(photo=api.photo(b"the largest"), caption="my new haircut")
            message = await first(messages)
            picture = await telegram.fetch(message.photo)
        assert (message.text, picture) == ("my new haircut", b"the largest")

    async def test_a_photo_alone_arrives_without_words(self, api, telegram):
        async with inbox(telegram) as messages:
            await api.say(photo=api.photo(b"me"))
            message = await first(messages)
            assert message.text == ""
            assert await telegram.fetch(message.photo) == b"me"

    async def test_an_image_sent_as_a_file_is_a_picture(self, api, telegram):
        document = {"file_id": api.store(b"png"), "file_unique_id": "u", "mime_type": "image/png"}
        async with inbox(telegram) as messages:
            await api.say(document=document)
            message = await first(messages)
            assert await telegram.fetch(message.photo) == b"png"

    async def test_only_the_message_that_names_the_bot_arrives_from_a_group(self, api, telegram):
        async with inbox(telegram) as messages:
            await api.say("hello everyone", chat=GROUP)
            mention = [{"type": "mention", "offset": 0, "length": 9}]
            await api.say("@emotibot I am tired", chat=GROUP, entities=mention)
            message = await first(messages)
        assert (message.text, message.private) == ("I am tired", False)

    async def test_an_album_is_one_message_with_the_caption(self, api, telegram):
        seen = []

        async def accept(message):
            seen.append(message)

        for caption in ({}, {"caption": "our trip"}, {}):
            await api.say(photo=api.photo(b"x"), media_group_id="9", **caption)
        async with receiving(telegram, accept):
            await api.until(lambda: not api.waiting)
        assert {message.message_id for message in seen} == {"album-9"}
        assert seen[0].text == "our trip"

    async def test_the_poll_asks_for_what_the_bot_can_read_and_no_more(self, api, telegram):
        async with inbox(telegram):
            await api.until(lambda: api.asked("getUpdates"))
        assert api.asked("getUpdates")[0]["allowed_updates"] == [
            "message",
            "edited_message",
            "callback_query",
            "my_chat_member",
            "message_reaction",
        ]

    async def test_the_menu_lists_the_commands_in_every_language(self, api, telegram):
        async with inbox(telegram):
            await api.until(lambda: len(api.asked("setMyCommands")) == len(NAMES) + 1)
        asked = {menu.get("language_code", "en"): menu for menu in api.asked("setMyCommands")}
        assert asked.keys() == NAMES.keys()
        names = [command["command"] for command in asked["de"]["commands"]]
        assert "mood" in names
        assert "here" not in names

    async def test_the_menu_of_a_groups_administrators_has_theirs_too(self, api, telegram):
        async with inbox(telegram):
            await api.until(lambda: len(api.asked("setMyCommands")) == len(NAMES) + 1)
        last = api.asked("setMyCommands")[-1]
        assert last["scope"] == {"type": "all_chat_administrators"}
        assert "here" in [command["command"] for command in last["commands"]]

    async def test_an_edited_message_arrives_as_a_correction(self, api, telegram):
        async with inbox(telegram) as messages:
            original = await api.say("I am fine")
            said = await first(messages)
            edited = {**original["message"], "text": "I am not fine", "edit_date": 1}
            await api.deliver({"edited_message": edited})
            corrected = await first(messages)
        assert (said.edited, corrected.edited) == (False, True)
        assert corrected.message_id == said.message_id
        assert corrected.text == "I am not fine"


class TestGroups:
    @pytest.mark.parametrize("status", ["left", "kicked"])
    async def test_when_the_bot_is_removed_that_is_told(self, api, telegram, status):
        async with inbox(telegram) as seen:
            await api.admit(GROUP, status, was="member")
            assert await first(seen) == ("left", "telegram", "-100200")

    @pytest.mark.parametrize("was", ["left", "kicked"])
    async def test_when_the_bot_is_added_that_is_told_with_the_adders_language(
        self, api, telegram, was
    ):
        async with inbox(telegram) as seen:
            await api.admit(GROUP, was=was)
            assert await first(seen) == ("joined", "telegram", "-100200", "-100200", "en")

    @pytest.mark.parametrize(
        ("group", "was", "status"),
        [
            (GROUP, "member", "member"),
            ({"id": 42, "type": "private"}, "member", "kicked"),
            ({"id": 42, "type": "private"}, "kicked", "member"),
            ({"id": -100300, "type": "channel", "title": "News"}, "left", "member"),
        ],
    )
    async def test_other_changes_are_left_alone(self, api, telegram, group, was, status):
        async with inbox(telegram) as seen:
            await api.admit(group, status, was=was)
            await api.say("hello")
            assert (await first(seen)).text == "hello"

    @pytest.mark.parametrize(
        ("rights", "told"),
        [({}, True), ({"can_send_messages": False}, False), ({"is_member": False}, False)],
        ids=["may speak", "may not speak", "not there"],
    )
    async def test_who_is_restricted_is_greeted_by_who_may_speak(self, api, telegram, rights, told):
        update = membership(GROUP, "left", "member")
        change = update["my_chat_member"]
        change["new_chat_member"] = restricted(change["new_chat_member"]["user"], **rights)
        async with inbox(telegram) as seen:
            await api.deliver(update)
            await api.say("hello")
            assert (await first(seen))[0] == "joined" if told else (await first(seen)).text

    async def test_a_group_that_becomes_a_supergroup_is_told_with_both_numbers(self, api, telegram):
        async with inbox(telegram) as seen:
            old = {"id": -7, "type": "group", "title": "Friends"}
            await api.say(chat=old, migrate_to_chat_id=-100200)
            assert await first(seen) == ("moved", "telegram", "-7", "-100200")

    @pytest.mark.parametrize("rank", [True, False])
    async def test_only_an_administrator_moderates(self, api, telegram, rank):
        api.administrators = {42} if rank else set()
        command = [{"type": "bot_command", "offset": 0, "length": 5}]
        async with inbox(telegram) as messages:
            await api.say("/here face on", chat=GROUP, entities=command)
            assert (await first(messages)).moderates is rank

    async def test_a_rank_that_cannot_be_asked_for_is_none(self, api, telegram):
        api.next("getChatMember", refused(400, "Bad Request: user not found"))
        api.administrators = {42}
        command = [{"type": "bot_command", "offset": 0, "length": 5}]
        async with inbox(telegram) as messages:
            await api.say("/here face on", chat=GROUP, entities=command)
            assert not (await first(messages)).moderates

    async def test_nobodys_rank_is_asked_for_without_need(self, api, telegram):
        async with inbox(telegram) as messages:
            await api.say(
                "/help", chat=GROUP, entities=[{"type": "bot_command", "offset": 0, "length": 5}]
            )
            await first(messages)
        assert api.asked("getChatMember") == []


def restricted(user, **rights):
    allowed = dict.fromkeys(ChatPermissions.__slots__, True)
    return {
        "status": "restricted",
        "user": user,
        "is_member": True,
        "until_date": 0,
        **allowed,
        **rights,
    }


class TestReactions:
    async def reacted(self, api, telegram, *changes):
        """What is told of Ada's changing reaction to a message of the bot's."""
        async with inbox(telegram) as seen:
            await telegram.send(reply())
            before = ""
            for emoji in changes:
                await api.react(emoji, on=api.sent[0], instead_of=before)
                before = emoji
            await api.say("done")
            told = [await first(seen)]
            while isinstance(told[-1], Reaction):
                told.append(await first(seen))
        return told[:-1], str(api.sent[0]["message_id"])

    @pytest.mark.parametrize(("thumb", "up"), [("👍", True), ("👎", False)])
    async def test_a_thumb_under_a_message_is_told(self, api, telegram, thumb, up):
        told, number = await self.reacted(api, telegram, thumb)
        assert told == [Reaction(key=ADA, message_id=number, up=up, given=True)]

    async def test_a_thumb_that_turns_and_goes_is_told_each_time(self, api, telegram):
        told, _ = await self.reacted(api, telegram, "👍", "👎", "")
        assert [(r.up, r.given) for r in told] == [(True, True), (False, True), (False, False)]

    async def test_a_thumb_that_gives_way_to_something_else_was_taken_back(self, api, telegram):
        told, _ = await self.reacted(api, telegram, "👍", "❤")
        assert [(r.up, r.given) for r in told] == [(True, True), (True, False)]

    async def test_other_reactions_and_those_in_a_channels_name_are_left_alone(self, api, telegram):
        update = reaction(api_message(GROUP), 42, "", "👍")
        update["message_reaction"].pop("user")
        update["message_reaction"]["actor_chat"] = GROUP
        await api.deliver(update)
        told, _ = await self.reacted(api, telegram, "❤", "🔥")
        assert told == []


def api_message(chat):
    return {"chat": chat, "message_id": 5, "date": 1}
