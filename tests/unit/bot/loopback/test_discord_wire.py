"""The promises of Discord that the adapter depends on, seen over plain HTTP."""

from __future__ import annotations

import aiohttp
import pytest

from bot.loopback.discord_wire import ANSWER_LOST, DM, TOKEN, Wire, slow_down


@pytest.fixture
async def wire():
    async with Wire().running() as server:
        yield server


async def post(wire, body, token=TOKEN):
    headers = {"Authorization": f"Bot {token}"}
    address = f"{wire.api}/channels/{DM}/messages"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(address, json=body) as answer,
    ):
        return answer.status, await answer.json()


HELLO = {"content": "hello", "nonce": "r1.0", "enforce_nonce": True}


async def test_the_same_nonce_again_returns_the_first_message(wire):
    wire.next("/messages", ANSWER_LOST)
    with pytest.raises(aiohttp.ClientError):
        await post(wire, HELLO)
    _, repeated = await post(wire, HELLO)
    assert [message["id"] for message in wire.sent] == [repeated["id"]]


async def test_a_rate_limit_and_a_wrong_token_deliver_nothing(wire):
    wire.next("/messages", slow_down(3))
    assert (await post(wire, HELLO))[0] == 429
    assert (await post(wire, HELLO, token="x"))[0] == 401
    assert wire.sent == []


async def heard(socket, count):
    """The next so many events, by name, a message by what it says."""
    events = [await socket.receive_json() for _ in range(count)]
    return [event["d"].get("content", event["t"]) for event in events]


@pytest.fixture
async def socket(wire):
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"ws://{wire.address}/gateway/") as socket,
    ):
        assert (await socket.receive_json())["op"] == 10
        yield socket


async def test_nothing_is_told_before_ready_and_everything_after_it(wire, socket):
    await wire.say("before it said who it is")
    await socket.send_json({"op": 2, "d": {}})
    await wire.until(lambda: wire.identified)
    await wire.say("after")
    assert await heard(socket, 2) == ["READY", "after"]


async def test_a_resumed_session_is_told_what_it_missed_in_order_and_then_what_is_new(wire, socket):
    for text in ("known", "missed", "missed too"):
        await wire.say(text)
    await socket.send_json({"op": 6, "d": {"seq": 1}})
    await wire.until(lambda: wire.resumed)
    await wire.say("new")
    assert await heard(socket, 4) == ["missed", "missed too", "RESUMED", "new"]
