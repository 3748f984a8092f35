"""The promises of Discord that the adapter depends on, seen over plain HTTP."""

from __future__ import annotations

import json
import zlib

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


async def test_a_session_that_is_forgotten_cannot_be_resumed(wire, socket):
    await wire.forget()
    await socket.send_json({"op": 6, "d": {"seq": 1}})
    assert await socket.receive_json() == {"op": 9, "d": False}
    await socket.send_json({"op": 2, "d": {}})
    assert (await socket.receive_json())["t"] == "READY"


async def test_a_connection_is_one_compressed_stream_where_that_is_asked_for(wire):
    unpacker = zlib.decompressobj()
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"ws://{wire.address}/gateway/?compress=zlib-stream") as socket,
    ):

        async def told():
            return json.loads(unpacker.decompress(await socket.receive_bytes()))

        assert (await told())["op"] == 10
        await socket.send_json({"op": 2, "d": {}})
        assert (await told())["t"] == "READY"


async def get(wire, path):
    headers = {"Authorization": f"Bot {TOKEN}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{wire.api}{path}") as answer,
    ):
        return await answer.json()


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("limit=2", ["4", "3"]),
        ("limit=2&after=1000", ["2", "1"]),
        ("limit=2&before=1003", ["2", "1"]),
        ("before=1000", []),
    ],
)
async def test_a_page_of_history_lies_right_before_or_after_a_message(wire, asked, given):
    for text in "01234":
        await wire.say(text)
    page = await get(wire, f"/channels/{DM}/messages?{asked}")
    assert [message["content"] for message in page] == given


async def test_a_file_comes_back_as_an_attachment_beside_its_words(wire):
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps({"content": "yours"}))
    form.add_field("files[0]", b"{}", filename="mine.json")
    headers = {"Authorization": f"Bot {TOKEN}"}
    address = f"{wire.api}/channels/{DM}/messages"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(address, data=form) as answer,
    ):
        message = await answer.json()
    [file] = message["attachments"]
    assert (message["content"], file["filename"], file["size"]) == ("yours", "mine.json", 2)
    assert wire.answered[-1].said == {"content": "yours", "files[0]": "mine.json"}
