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
