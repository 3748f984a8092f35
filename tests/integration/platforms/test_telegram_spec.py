"""Telegram's own description agrees with what our bot asks and with what our server answers."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from bot.config import TelegramSettings
from bot.loopback.bot_api import TOKEN, BotApi
from bot.messages import Button, ConversationKey, File, OutgoingMessage
from bot.platforms.telegram import TelegramPlatform
from tests.peers import specs
from tests.peers.taking import Taking

ADA = ConversationKey("telegram", "42", "42")
FRIENDS = {"id": -100200, "type": "supergroup", "title": "Friends"}
TOPIC = ConversationKey("telegram", "-100200", "42", "5")
HELLO = OutgoingMessage(key=ADA, text="hello", reply_to="7", nonce="r1.0")
COMMAND = [{"type": "bot_command", "offset": 0, "length": 5}]


@pytest.fixture(scope="module")
def spec():
    return specs.TelegramSpec(specs.read("telegram-bot-api.json"))


@pytest.fixture(scope="module")
def talked():
    """A server after a visit to every corner of the adapter, by polling and by webhook."""
    return asyncio.run(talk())


async def talk():
    async with BotApi().running() as api:
        messages = asyncio.Queue()
        platform = TelegramPlatform(TOKEN, TelegramSettings(api=api.address))
        async with platform.opened():
            receiving = asyncio.create_task(platform.receive(Taking(messages.put)))
            await use(api, platform, messages)
            receiving.cancel()
            await asyncio.wait([receiving])
        settings = TelegramSettings(api=api.address, webhook="https://bot.example/hook", port=0)
        called = TelegramPlatform(TOKEN, settings)
        async with called.opened():
            receiving = asyncio.create_task(called.receive(Taking(messages.put)))
            await api.until(lambda: api.asked("setWebhook"))
            receiving.cancel()
            await asyncio.wait([receiving])
        return api


async def use(api, platform, messages):
    await api.say("hello")
    await api.say(photo=api.photo(b"jpeg"), caption="me")
    await api.say("/here face on", chat=FRIENDS, entities=COMMAND)
    for _ in range(3):
        await asyncio.wait_for(messages.get(), 30)
    await platform.fetch(api.updates[1]["message"]["photo"][-1]["file_id"])
    await platform.typing(ADA)
    for answer in (
        HELLO,
        replace(HELLO, key=TOPIC),
        replace(HELLO, buttons=(Button("Yes", "/face yes"), Button("No", "/face no"))),
        replace(HELLO, file=File("mood.png", b"png")),
        replace(HELLO, file=File("mine.json", b"{}")),
    ):
        await platform.send(answer)
    await api.admit(FRIENDS)
    await api.admit(FRIENDS, "kicked", was="member")
    await api.react("👎", on=api.sent[0], instead_of="👍")
    for _ in range(3):
        await asyncio.wait_for(messages.get(), 30)
    await api.press("Yes")
    await asyncio.wait_for(messages.get(), 30)
    with suppress(TimeoutError):
        await api.until(lambda: api.asked("editMessageReplyMarkup"), within=30)


def test_every_call_is_one_that_telegram_describes(spec, talked):
    wrong = [fault for method, given in talked.calls for fault in spec.of_call(method, given)]
    assert wrong == []


def test_the_visit_reached_every_method_that_the_adapter_uses(talked):
    assert {method for method, _ in talked.calls} == {
        "answerCallbackQuery",
        "deleteWebhook",
        "editMessageReplyMarkup",
        "getChatMember",
        "getFile",
        "getMe",
        "getUpdates",
        "sendChatAction",
        "sendDocument",
        "sendMessage",
        "sendPhoto",
        "setMyCommands",
        "setWebhook",
    }


def test_every_answer_of_our_server_is_one_that_telegram_describes(spec, talked):
    wrong = [f for method, result in talked.answers for f in spec.of_answer(method, result)]
    assert wrong == []


def test_every_update_of_our_server_is_one_that_telegram_describes(spec, talked):
    assert [fault for update in talked.updates for fault in spec.of_update(update)] == []


@pytest.mark.parametrize(
    ("method", "given", "said"),
    [
        ("sendMessage", {"chat_id": "42"}, "sendMessage.text: missing"),
        ("sendMessage", {"chat_id": "x", "text": "a", "colour": "red"}, "unknown"),
        ("sendChatAction", {"chat_id": 1, "action": 5}, "wanted String"),
        ("sendMassage", {}, "no such method"),
    ],
)
def test_the_description_notices_what_is_wrong(spec, method, given, said):
    assert said in " ".join(spec.of_call(method, given))
