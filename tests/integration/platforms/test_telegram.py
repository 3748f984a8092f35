"""The real python-telegram-bot, over real HTTP, against a Bot API server on loopback."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest
from telegram import ChatPermissions

from bot import texts
from bot.config import TelegramSettings
from bot.errors import (
    PlatformRateLimited,
    PlatformRejected,
    PlatformUnavailable,
    PlatformUncertain,
    StorageError,
)
from bot.languages import NAMES
from bot.loopback.bot_api import ANSWER_LOST, PUSH, TOKEN, BotApi, refused
from bot.loopback.telegram_objects import membership, reaction
from bot.messages import (
    Button,
    ConversationKey,
    File,
    IncomingMessage,
    OutgoingMessage,
    Reaction,
)
from bot.platforms.base import Accept
from bot.platforms.telegram import TelegramPlatform
from bot.platforms.telegram.incoming import LARGEST_FILE, to_incoming
from tests.peers.taking import Taking

ADA = ConversationKey(platform="telegram", chat="42", person="42")
GROUP = {"id": -100200, "type": "supergroup", "title": "Friends"}


def reply(text="Hello Ada", *, key=ADA, reply_to="7"):
    return OutgoingMessage(key=key, text=text, reply_to=reply_to, nonce="r1.0")


@pytest.fixture
async def api():
    async with BotApi().running() as server:
        yield server


@pytest.fixture
def waits():
    """How long the adapter would have waited, in seconds; it does not wait here."""
    return []


@pytest.fixture
def telegram(api, waits):
    return adapter(api, waits)


def adapter(api, waits, *, token=TOKEN, **settings):
    async def wait(seconds):
        waits.append(seconds)
        await asyncio.sleep(0)

    settings = TelegramSettings(api=api.address, **settings)
    return TelegramPlatform(token, settings, poll_s=20, sleep=wait)


@asynccontextmanager
async def receiving(platform: TelegramPlatform, accept: Accept) -> AsyncIterator[asyncio.Task]:
    async with platform.opened():
        task = asyncio.create_task(platform.receive(accept))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])


@asynccontextmanager
async def inbox(platform: TelegramPlatform) -> AsyncIterator[asyncio.Queue[IncomingMessage]]:
    messages: asyncio.Queue[IncomingMessage] = asyncio.Queue()
    async with receiving(platform, Taking(messages.put)):
        yield messages


async def first(messages):
    return await asyncio.wait_for(messages.get(), 30)


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


class TestWebhook:
    async def test_telegram_calls_instead_of_being_asked(self, api, waits, caplog):
        caplog.set_level(logging.INFO)
        url = "https://bot.example/telegram/hook"
        platform = adapter(api, waits, webhook=url, port=0)
        async with inbox(platform):
            await api.until(lambda: api.asked("setWebhook"))
        [asked] = api.asked("setWebhook")
        assert asked["url"] == url
        assert len(asked["secret_token"]) > 30
        assert asked["max_connections"] == "1"
        assert api.asked("getUpdates") == []
        assert asked["secret_token"] not in caplog.text

    @pytest.fixture
    def hook(self, unused_tcp_port):
        return {
            "webhook": f"http://127.0.0.1:{unused_tcp_port}/hook",
            "port": unused_tcp_port,
        }

    async def test_what_telegram_pushes_is_taken_in_order(self, api, waits, hook):
        await api.say("before the start")
        async with inbox(adapter(api, waits, **hook)) as messages:
            for words in ("hello", "again"):
                await api.say(words)
            said = [(await first(messages)).text for _ in range(3)]
            await api.until(lambda: not api.waiting)
        assert said == ["before the start", "hello", "again"]
        assert [status for _, status in api.pushed] == [200] * 3

    async def test_who_calls_without_the_secret_is_turned_away(self, api, waits, hook):
        async with inbox(adapter(api, waits, **hook)) as messages, aiohttp.ClientSession() as web:
            await api.until(lambda: api.asked("setWebhook"))
            stranger = {"update_id": 1, "message": {"text": "I am Telegram"}}
            async with web.post(hook["webhook"], json=stranger) as answer:
                assert answer.status == 403
            assert messages.empty()

    async def test_what_could_not_be_stored_is_pushed_again(self, api, waits, hook):
        attempts = []

        async def accept(message):
            attempts.append(message.text)
            if len(attempts) < 3:
                raise StorageError("database is locked")

        async with receiving(adapter(api, waits, **hook), accept):
            await api.say("keep me")
            await api.until(lambda: api.pushed and not api.waiting)
        assert attempts == ["keep me"] * 3
        assert [status for _, status in api.pushed] == [503, 503, 200]

    async def test_a_confirmation_that_was_lost_brings_the_same_message(self, api, waits, hook):
        api.next(PUSH, ANSWER_LOST)
        async with inbox(adapter(api, waits, **hook)) as messages:
            await api.say("hello")
            ids = [(await first(messages)).message_id for _ in range(2)]
        assert ids[0] == ids[1]

    async def test_after_a_webhook_polling_begins_by_ending_it(self, api, waits, hook):
        async with inbox(adapter(api, waits, **hook)):
            await api.until(lambda: api.asked("setWebhook"))
        async with inbox(adapter(api, waits)) as messages:
            await api.say("hello")
            assert (await first(messages)).text == "hello"

    async def test_two_receivers_with_one_token_show_in_the_status(self, api, telegram):
        api.next("getUpdates", refused(409, "Conflict: terminated by other getUpdates request"))
        troubles = []
        telegram._troubled, told = troubles.append, telegram._troubled
        async with inbox(telegram) as messages:
            await api.say("hello")
            await first(messages)
        told(troubles[1])
        assert "another process receives" in telegram.trouble
        assert troubles[-1] == ""


class TestConfirming:
    async def test_a_message_is_confirmed_only_once_it_is_stored(self, api, telegram):
        stored, may_store = asyncio.Event(), asyncio.Event()

        async def accept(message):
            stored.set()
            await may_store.wait()

        await api.say("hello")
        async with receiving(telegram, accept):
            await asyncio.wait_for(stored.wait(), 30)
            assert len(api.waiting) == 1
            may_store.set()
            await api.until(lambda: not api.waiting)

    async def test_a_crash_before_the_message_is_stored_brings_it_again(self, api, waits):
        await api.say("do not lose me")

        async def die(message):
            raise RuntimeError("power cut")

        async with receiving(adapter(api, waits), die) as task:
            await asyncio.wait([task])
            assert isinstance(task.exception(), RuntimeError)
        async with inbox(adapter(api, waits)) as messages:
            assert (await first(messages)).text == "do not lose me"

    async def test_a_database_in_trouble_is_waited_for(self, api, telegram, waits):
        attempts = []

        async def accept(message):
            attempts.append(message.text)
            if len(attempts) < 3:
                raise StorageError("database is locked")

        await api.say("keep me")
        async with receiving(telegram, accept):
            await api.until(lambda: not api.waiting)
        assert attempts == ["keep me"] * 3
        assert waits == [1.0, 2.0]

    async def test_an_update_nobody_can_read_holds_nothing_up(self, api, telegram, monkeypatch):
        def broken(update, me):
            if update.message.text == "strange":
                raise KeyError("strange")
            return to_incoming(update, me)

        monkeypatch.setattr("bot.platforms.telegram.platform.to_incoming", broken)
        async with inbox(telegram) as messages:
            await api.say("strange")
            await api.say("plain")
            assert (await first(messages)).text == "plain"

    async def test_an_update_that_the_library_cannot_read_holds_nothing_up_and_shows_nowhere(
        self, api, telegram, caplog
    ):
        await api.deliver({"message": {"text": "a private thing"}})
        await api.say("plain")
        async with inbox(telegram) as messages:
            assert (await first(messages)).text == "plain"
            await api.until(lambda: not api.waiting)
        assert "private" not in caplog.text


class TestTrouble:
    async def test_two_pollers_are_waited_out(self, api, telegram, waits):
        api.next("getUpdates", refused(409, "Conflict: terminated by other getUpdates request"))
        async with inbox(telegram) as messages:
            await api.say("still there?")
            assert (await first(messages)).text == "still there?"
        assert waits == [1.0]

    async def test_a_poll_waits_as_long_as_it_is_told(self, api, telegram, waits):
        api.next("getUpdates", refused(429, "Too Many Requests: retry after 30", retry_after=30))
        async with inbox(telegram) as messages:
            await api.say("hello")
            await first(messages)
        assert waits == [30.0]

    async def test_polling_goes_on_after_a_bad_gateway_and_a_lost_answer(self, api, telegram):
        api.next("getUpdates", refused(502, "Bad Gateway"), ANSWER_LOST)
        async with inbox(telegram) as messages:
            await api.say("hello")
            assert (await first(messages)).text == "hello"

    async def test_a_server_that_is_down_at_the_start_is_waited_for(self, api, telegram):
        api.next("getMe", refused(502, "Bad Gateway"), refused(502, "Bad Gateway"))
        async with inbox(telegram) as messages:
            await api.say("hello")
            assert (await first(messages)).text == "hello"

    async def test_a_menu_that_cannot_be_written_holds_nothing_up(self, api, telegram, waits):
        api.next("setMyCommands", refused(429, "Too Many Requests", retry_after=1000))
        async with inbox(telegram) as messages:
            await api.say("hello")
            await first(messages)
        assert waits == []

    async def test_a_wrong_token_is_said_without_repeating_it(self, api, waits):
        wrong = adapter(api, waits, token="999:a-secret-that-must-not-show")
        with pytest.raises(PlatformRejected) as caught:
            async with wrong.opened():
                pass
        assert "a-secret" not in "".join(traceback.format_exception(caught.value))

    async def test_nothing_is_logged_that_carries_the_token_or_a_message(
        self, api, telegram, caplog
    ):
        caplog.set_level(logging.INFO)
        async with inbox(telegram) as messages:
            await api.say("a private thing")
            await first(messages)
            await telegram.send(reply("a private answer"))
        assert TOKEN not in caplog.text
        assert "private" not in caplog.text


class TestSending:
    async def test_a_reply_arrives_as_plain_text(self, api, telegram):
        async with telegram.opened():
            sent = await telegram.send(reply("*not* _markdown_ [at all"))
        assert [message["text"] for message in api.sent] == ["*not* _markdown_ [at all"]
        assert sent == str(api.sent[0]["message_id"])
        assert "parse_mode" not in api.asked("sendMessage")[0]

    async def test_in_a_private_chat_nothing_is_quoted(self, api, telegram):
        async with telegram.opened():
            await telegram.send(reply())
        assert "reply_parameters" not in api.asked("sendMessage")[0]

    async def test_in_a_group_the_answer_points_at_the_question(self, api, telegram):
        key = ConversationKey("telegram", "-100200", "42")
        async with telegram.opened():
            await telegram.send(reply(key=key, reply_to="77"))
        quoted = api.asked("sendMessage")[0]["reply_parameters"]
        assert quoted == {"message_id": 77, "allow_sending_without_reply": True}

    async def test_an_answer_goes_into_the_topic_it_was_asked_in(self, api, telegram):
        key = ConversationKey("telegram", "-100200", "42", thread="5")
        async with telegram.opened():
            await telegram.send(reply(key=key, reply_to="album-3"))
            await telegram.typing(key)
        assert api.asked("sendMessage")[0]["message_thread_id"] == "5"
        assert api.asked("sendChatAction")[0]["message_thread_id"] == "5"

    async def test_a_long_reply_with_emoji_at_the_cut_arrives_whole(self, api, telegram):
        text = "x" * 4095 + "\N{GRINNING FACE}" * 10
        async with telegram.opened():
            for part in telegram.split(text):
                await telegram.send(reply(part))
        assert "".join(message["text"] for message in api.sent) == text

    async def test_an_answer_lost_on_the_way_leaves_it_uncertain(self, api, telegram):
        api.next("sendMessage", ANSWER_LOST)
        async with telegram.opened():
            with pytest.raises(PlatformUncertain):
                await telegram.send(reply())
        assert len(api.sent) == 1

    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            (refused(429, "Too Many Requests: retry after 7", retry_after=7), PlatformRateLimited),
            (refused(403, "Forbidden: bot was blocked by the user"), PlatformRejected),
            (refused(400, "Bad Request: chat not found"), PlatformRejected),
            (refused(401, "Unauthorized"), PlatformRejected),
            (refused(502, "Bad Gateway"), PlatformUnavailable),
            (refused(500, "Internal Server Error"), PlatformUncertain),
        ],
        ids=["slow down", "blocked", "malformed", "token revoked", "gateway", "broken inside"],
    )
    async def test_a_refusal_says_what_to_do_about_it(self, api, telegram, fault, expected):
        async with telegram.opened():
            api.next("sendMessage", fault)
            with pytest.raises(expected):
                await telegram.send(reply())
        assert api.sent == []

    async def test_the_wait_that_telegram_asks_for_is_passed_on(self, api, telegram):
        api.next("sendMessage", refused(429, "Too Many Requests", retry_after=7))
        async with telegram.opened():
            with pytest.raises(PlatformRateLimited) as caught:
                await telegram.send(reply())
        assert caught.value.retry_after == 7.0

    async def test_a_server_out_of_reach_surely_got_nothing(self, waits):
        async with BotApi().running() as gone:
            pass
        telegram = adapter(gone, waits)
        async with telegram.opened():
            with pytest.raises(PlatformUnavailable):
                await telegram.send(reply())

    async def test_fetching_a_file_that_is_gone_is_refused(self, telegram):
        async with telegram.opened():
            with pytest.raises(PlatformRejected):
                await telegram.fetch("no-such-file")

    @pytest.mark.parametrize("largest", [LARGEST_FILE, 10 * LARGEST_FILE])
    async def test_a_file_too_large_is_refused_whoever_serves_it(self, api, telegram, largest):
        api.largest = largest
        async with telegram.opened():
            with pytest.raises(PlatformRejected):
                await telegram.fetch(api.store(bytes(LARGEST_FILE + 1)))

    async def test_typing_is_shown_beside_the_limit_on_messages(self, api, telegram):
        key = ConversationKey("telegram", "-100200", "42")
        async with telegram.opened(), asyncio.timeout(5):
            for _ in range(25):  # a group may get twenty messages a minute
                await telegram.typing(key)
        assert len(api.asked("sendChatAction")) == 25


ASK = (Button("Yes", "/face yes"), Button("Never", "/face no"))


class TestButtonsAndFiles:
    async def test_a_pressed_button_arrives_as_its_words_and_the_buttons_go(self, api, telegram):
        async with inbox(telegram) as messages:
            await telegram.send(replace(reply(), buttons=ASK))
            await api.press("Yes")
            assert (await first(messages)).text == "/face yes"
            await api.until(lambda: api.asked("editMessageReplyMarkup"))
            await api.until(lambda: "reply_markup" not in api.sent[0])
        assert len(api.asked("answerCallbackQuery")) == 1

    async def test_somebody_elses_button_is_refused_and_stays(self, api, telegram):
        async with inbox(telegram) as messages:
            await telegram.send(replace(reply(), buttons=ASK))
            await api.press("Yes", person=43)
            await api.say("next")
            assert (await first(messages)).text == "next"
        [told] = api.asked("answerCallbackQuery")
        assert told["text"] == texts.NOT_YOURS
        assert "reply_markup" in api.sent[0]

    async def test_a_press_that_cannot_be_acknowledged_arrives_all_the_same(self, api, telegram):
        api.next("answerCallbackQuery", refused(400, "Bad Request: query is too old"))
        async with inbox(telegram) as messages:
            await telegram.send(replace(reply(), buttons=ASK))
            await api.press("Never")
            assert (await first(messages)).text == "/face no"

    @pytest.mark.parametrize(("name", "kind"), [("mine.json", "document"), ("mood.png", "photo")])
    async def test_a_file_arrives_with_the_words_as_its_caption(self, api, telegram, name, kind):
        async with telegram.opened():
            await telegram.send(replace(reply("Here it is"), file=File(name, b"data")))
        [sent] = api.sent
        assert sent["caption"] == "Here it is"
        where = sent[kind][-1] if kind == "photo" else sent[kind]
        assert api.stored(where["file_id"]) == b"data"
