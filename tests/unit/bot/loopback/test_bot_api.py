"""The promises of the Bot API that the adapter depends on, seen over plain HTTP."""

from __future__ import annotations

import aiohttp
import pytest

from bot.loopback.bot_api import ANSWER_LOST, TOKEN, BotApi, refused


@pytest.fixture
async def api():
    async with BotApi().running() as server:
        yield server


async def call(api, method, token=TOKEN, **parameters):
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{api.address}/bot{token}/{method}", json=parameters) as answer,
    ):
        return await answer.json()


async def test_an_update_comes_again_until_a_later_offset_confirms_it(api):
    number = (await api.say("hello"))["update_id"]
    for _ in range(2):
        [update] = (await call(api, "getUpdates", timeout=1))["result"]
        assert update["message"]["text"] == "hello"
    assert (await call(api, "getUpdates", offset=number + 1))["result"] == []


async def test_a_lost_answer_has_taken_effect(api):
    api.next("sendMessage", ANSWER_LOST)
    with pytest.raises(aiohttp.ClientError):
        await call(api, "sendMessage", chat_id=42, text="hi")
    assert await api.replies(1) == ["hi"]


@pytest.mark.parametrize(
    ("text", "why"), [("x" * 4097, "too long"), (" ", "empty")], ids=["too long", "empty"]
)
async def test_a_text_that_telegram_would_not_take_is_refused(api, text, why):
    assert why in (await call(api, "sendMessage", chat_id=42, text=text))["description"]


@pytest.mark.parametrize(
    ("marks", "why"),
    [
        ({"parse_mode": "MarkdownV2"}, "must be escaped"),
        ({"entities": [{"type": "bold", "offset": 3, "length": 9}]}, "ENTITY_BOUNDS_INVALID"),
    ],
)
async def test_marks_that_telegram_could_not_read_are_refused(api, marks, why):
    refusal = await call(api, "sendMessage", chat_id=42, text="hello.", **marks)
    assert (refusal["error_code"], api.sent) == (400, [])
    assert why in refusal["description"]


async def test_marks_are_taken_out_before_the_length_is_measured(api):
    text = "*" + "x" * 4096 + "*"
    assert (await call(api, "sendMessage", chat_id=42, text=text, parse_mode="MarkdownV2"))["ok"]
    assert await api.replies(1) == ["x" * 4096]


async def test_an_error_on_order_and_a_wrong_token_do_nothing(api):
    api.next("sendMessage", refused(429, "Too Many Requests", retry_after=3))
    refusal = await call(api, "sendMessage", chat_id=42, text="hi")
    assert refusal["parameters"] == {"retry_after": 3}
    assert (await call(api, "sendMessage", token="1:x", chat_id=42, text="hi"))["ok"] is False
    assert api.sent == []


YES = {"inline_keyboard": [[{"text": "Yes", "callback_data": "/face yes"}]]}
NO = {"inline_keyboard": [[{"text": "No", "callback_data": "/face no"}]]}


async def test_buttons_are_replaced_or_taken_away_and_the_same_ones_again_are_refused(api):
    sent = (await call(api, "sendMessage", chat_id=42, text="hi", reply_markup=YES))["result"]
    where = {"chat_id": 42, "message_id": sent["message_id"]}
    replaced = await call(api, "editMessageReplyMarkup", **where, reply_markup=NO)
    assert replaced["result"]["reply_markup"] == NO
    taken = await call(api, "editMessageReplyMarkup", **where)
    assert "reply_markup" not in taken["result"]
    again = await call(api, "editMessageReplyMarkup", **where)
    assert "not modified" in again["description"]


async def test_nobody_polls_beside_a_webhook(api):
    await call(api, "setWebhook", url="https://bot.example/hook")
    assert (await call(api, "getUpdates"))["error_code"] == 409
    await call(api, "deleteWebhook")
    assert (await call(api, "getUpdates"))["ok"]


async def test_nobody_beyond_this_machine_is_called(api):
    await call(api, "setWebhook", url="http://bot.example:80/hook")
    await api.say("hello")
    await call(api, "getMe")
    assert (api.pushed, len(api.waiting)) == ([], 1)


async def test_a_webhook_that_nobody_serves_is_called_until_somebody_does(api, unused_tcp_port):
    await call(api, "setWebhook", url=f"http://127.0.0.1:{unused_tcp_port}/hook")
    await api.say("hello")
    await api.until(lambda: len(api.pushed) > 1)
    assert {status for _, status in api.pushed} == {0}
    assert len(api.waiting) == 1


@pytest.mark.parametrize(("kinds", "count"), [([], 1), (["message_reaction"], 1), (["poll"], 0)])
async def test_only_the_kinds_that_are_wanted_are_handed_out(api, kinds, count):
    said = await api.say("hello")
    await api.react("👍", on=said["message"])
    assert len((await call(api, "getUpdates", allowed_updates=kinds))["result"]) == count
