"""A bot is called with an update and a secret, and what it says is heard."""

from __future__ import annotations

import pytest
from aiohttp import web

from bot.loopback.webhook import SECRET, Hook, caller, post, wanted

UPDATE = {"update_id": 1, "message": {}}
THUMB = {"update_id": 2, "message_reaction": {}}


@pytest.fixture
async def called(unused_tcp_port):
    """What a bot at ``called.url`` heard; it says 200 to who knows the secret."""
    heard = []

    async def take(request):
        heard.append(await request.json())
        return web.Response(status=200 if request.headers.get(SECRET) == "s" else 403)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    yield f"http://127.0.0.1:{unused_tcp_port}/hook", heard
    await runner.cleanup()


@pytest.mark.parametrize(("secret", "status"), [("s", 200), ("x", 403), ("", 403)])
async def test_a_call_shows_the_secret_and_hears_the_answer(called, secret, status):
    url, heard = called
    async with caller() as http:
        assert await post(http, Hook(url, secret, []), UPDATE) == status
    assert heard == [UPDATE]


async def test_a_call_that_nobody_takes_has_no_status(unused_tcp_port):
    async with caller() as http:
        assert await post(http, Hook(f"http://127.0.0.1:{unused_tcp_port}/", "", []), UPDATE) == 0


@pytest.mark.parametrize(
    ("kinds", "found"),
    [([], [UPDATE]), (["message_reaction"], [THUMB]), (["message", "poll"], [UPDATE])],
)
def test_reactions_are_for_those_who_name_them(kinds, found):
    assert wanted([UPDATE, THUMB], kinds) == found
