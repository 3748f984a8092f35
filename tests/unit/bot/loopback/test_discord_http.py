"""A request is understood as JSON or as a form with files."""

from __future__ import annotations

import json

import aiohttp
import pytest
from aiohttp import FormData, web

from bot.loopback import discord_http as http


@pytest.fixture
async def ask(unused_tcp_port):
    """Send a request; returns what was understood of it, and the headers of the answer."""
    heard = []

    async def take(request):
        heard.append((await http.said(request), await http.uploads(request)))
        return http.answer({"id": "1"}, status=201)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()

    async def send(**how):
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{unused_tcp_port}/", **how) as answer,
        ):
            assert (answer.status, await answer.json()) == (201, {"id": "1"})
            return *heard[-1], answer.headers

    yield send
    await runner.cleanup()


async def test_json_is_read_and_nothing_is_nothing(ask):
    assert (await ask(json={"content": "hi"}))[:2] == ({"content": "hi"}, [])
    assert (await ask())[:2] == (None, [])


async def test_files_of_a_form_are_named_beside_its_words(ask):
    form = FormData()
    form.add_field("payload_json", json.dumps({"content": "hi"}))
    form.add_field("files[0]", b"png", filename="mood.png")
    said, uploads, _ = await ask(data=form)
    assert said == {"content": "hi", "files[0]": "mood.png"}
    assert uploads == [("mood.png", b"png")]


async def test_the_type_of_an_answer_is_exactly_what_discord_py_looks_for(ask):
    *_, headers = await ask()
    assert headers["Content-Type"] == "application/json"
    assert "Via" in headers
