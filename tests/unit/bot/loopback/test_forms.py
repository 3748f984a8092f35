"""A call is understood however a library writes it."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import FormData, web

from bot.loopback.forms import parameters_of


@pytest.fixture
async def said(unused_tcp_port):
    """What is understood of a request."""
    heard = []

    async def take(request):
        heard.append(await parameters_of(request))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()

    async def send(**how):
        async with aiohttp.ClientSession() as http:
            await http.post(f"http://127.0.0.1:{unused_tcp_port}/", **how)
        return heard[-1]

    yield send
    await runner.cleanup()


async def test_json_is_taken_as_it_is(said):
    assert await said(json={"chat_id": 42, "text": "hi"}) == {"chat_id": 42, "text": "hi"}


async def test_what_looks_like_json_in_a_form_is_read(said):
    form = {"chat_id": "42", "text": "[brackets", "allowed_updates": '["message"]', "x": "true"}
    assert await said(data=form) == {
        "chat_id": "42",
        "text": "[brackets",
        "allowed_updates": ["message"],
        "x": True,
    }


async def test_an_upload_stands_where_it_is_named(said):
    form = FormData()
    form.add_field("photo", "attach://one")
    form.add_field("one", b"png", filename="mood.png")
    assert (await said(data=form))["photo"] == ("mood.png", b"png")
