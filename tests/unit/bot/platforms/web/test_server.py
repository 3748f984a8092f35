from __future__ import annotations

import asyncio
import os
import socket

import gradio.networking
import httpx
import pytest

from bot.errors import ConfigError
from bot.platforms.web import server
from bot.platforms.web.server import NO_LINK, UPLOADS, Serving, serving


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def told():
    return []


@pytest.fixture
def where(tmp_path, free_port, told):
    def somewhere(**more):
        return Serving(**({"folder": tmp_path, "port": free_port, "tell": told.append} | more))

    return somewhere


async def fetched(port, path="/"):
    async with httpx.AsyncClient() as client:
        return await client.get(f"http://127.0.0.1:{port}{path}")


async def test_the_page_is_there_for_as_long_as_the_block_lasts(desk, where, free_port, told):
    async with serving(where(), desk):
        assert "EmotiBot" in (await fetched(free_port)).text
        assert told == [f"EmotiBot is on http://127.0.0.1:{free_port}/  (Ctrl-C ends it)"]
    with pytest.raises(httpx.ConnectError):
        await fetched(free_port)


async def test_work_crosses_from_the_pages_loop_to_the_services():
    here = asyncio.get_running_loop()

    async def work():
        return asyncio.get_running_loop() is here

    assert await asyncio.to_thread(asyncio.run, server._across(here)(work()))


async def test_uploads_lie_in_the_given_folder_and_the_environment_is_put_back(
    desk, where, tmp_path, monkeypatch
):
    monkeypatch.setenv(UPLOADS, "before")
    async with serving(where(), desk):
        assert os.environ[UPLOADS] == str(tmp_path)
    assert os.environ[UPLOADS] == "before"
    monkeypatch.delenv(UPLOADS)


async def test_a_taken_port_is_told(desk, where, free_port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        with pytest.raises(ConfigError, match=f"port {free_port} of 127.0.0.1; choose another"):
            async with serving(where(), desk):
                raise AssertionError("it was served")
    assert UPLOADS not in os.environ


async def test_without_a_wish_the_first_free_port_is_taken(where, free_port, monkeypatch):
    with socket.create_server(("127.0.0.1", free_port)):
        ports = range(free_port, free_port + 2)
        monkeypatch.setattr(server, "PORTS", ports)
        assert server._free_port(where(port=None)) == free_port + 1
        monkeypatch.setattr(server, "PORTS", ports[:1])
        with pytest.raises(ConfigError, match=f"ports {free_port} to {free_port} of"):
            server._free_port(where(port=None))


async def test_a_place_that_is_not_here_is_told(where):
    with pytest.raises(ConfigError, match="Nothing can listen"):
        server._free_port(where(host="198.51.100.1"))


async def test_a_login_is_asked_for(desk, where, free_port):
    async with serving(where(login=("ada", "secret")), desk):
        assert (await fetched(free_port, "/config")).status_code == 401


async def test_a_login_is_not_in_a_repr(where):
    assert "secret" not in repr(where(login=("ada", "secret")))


async def test_no_api_and_no_figures_are_offered(desk, where, free_port):
    async with serving(where(), desk):
        info = (await fetched(free_port, "/gradio_api/info")).json()
        assert (await fetched(free_port, "/monitoring")).status_code != 200
    assert info["named_endpoints"] == info["unnamed_endpoints"] == {}


async def test_a_public_link_is_told(desk, where, told, monkeypatch):
    monkeypatch.setattr(gradio.networking, "setup_tunnel", lambda **_: "https://somewhere.example")
    async with serving(where(share=True), desk):
        assert told[1] == "and, for anyone with the link, on https://somewhere.example"


async def test_a_public_link_that_cannot_be_had_is_told(desk, where, told, monkeypatch):
    def no_internet(**_):
        raise OSError

    monkeypatch.setattr(gradio.networking, "setup_tunnel", no_internet)
    async with serving(where(share=True), desk):
        assert told[1] == NO_LINK
