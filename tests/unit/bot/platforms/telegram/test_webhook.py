"""Only Telegram is listened to, and only what is stored is confirmed."""

from __future__ import annotations

import aiohttp
import pytest

from bot.errors import StorageError
from bot.platforms.telegram.webhook import HEADER, listening

SECRET = "open-sesame"
UPDATE = {
    "update_id": 1,
    "message": {
        "message_id": 7,
        "date": 1,
        "chat": {"id": 42, "type": "private"},
        "text": "hello",
    },
}


class Shelf:
    def __init__(self):
        self.taken = []
        self.error = None

    async def take(self, update):
        if self.error:
            raise self.error
        self.taken.append(update.message and update.message.text)


@pytest.fixture
async def call():
    """Post something to the route, as whoever holds this secret."""
    shelf = Shelf()
    where = {"path": "/telegram", "host": "127.0.0.1", "port": 0, "secret": SECRET}
    async with listening(None, shelf.take, **where) as port, aiohttp.ClientSession() as web:

        async def post(body=UPDATE, *, secret=SECRET, path="/telegram"):
            headers = {HEADER: secret} if secret is not None else {}
            url = f"http://127.0.0.1:{port}{path}"
            async with web.post(url, json=body, headers=headers) as answer:
                return answer.status

        post.shelf = shelf
        yield post


async def test_an_update_is_confirmed_once_it_is_stored(call):
    assert await call() == 200
    assert call.shelf.taken == ["hello"]


@pytest.mark.parametrize("secret", [None, "", "open-sesam", "Öffne-dich", SECRET + "x"])
async def test_whoever_lacks_the_secret_is_refused(call, secret):
    assert await call(secret=secret and secret.encode().decode("latin-1")) == 403
    assert call.shelf.taken == []


async def test_what_could_not_be_stored_is_to_be_sent_again(call):
    call.shelf.error = StorageError("locked")
    assert await call() == 503


@pytest.mark.parametrize("body", [[], "text", 7, {"message": {}}])
async def test_what_is_no_update_is_refused(call, body):
    assert await call(body) == 400


async def test_an_update_that_nobody_can_read_is_confirmed_or_it_would_come_for_ever(call):
    assert await call({"update_id": 2, "message": {"strange": 1}}) == 200
    assert call.shelf.taken == [None]


async def test_there_is_no_other_address(call):
    assert await call(path="/") == 404
