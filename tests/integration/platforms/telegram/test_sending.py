"""What leaves through the real python-telegram-bot, over HTTP to a Bot API server on loopback."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot import texts
from bot.errors import (
    PlatformRateLimited,
    PlatformRejected,
    PlatformUnavailable,
    PlatformUncertain,
)
from bot.loopback.bot_api import ANSWER_LOST, BotApi, refused
from bot.messages import Button, ConversationKey, File
from bot.platforms.telegram.incoming import LARGEST_FILE
from tests.peers.telegram import adapter, first, inbox, reply


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
