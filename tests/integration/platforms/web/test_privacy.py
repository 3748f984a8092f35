"""What becomes of what was said at the demo page."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing

import pytest
from playwright.async_api import expect

from tests.peers.browser import needs_chromium
from tests.peers.demo_server import thought

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]


def rows(folder, query, *values):
    with closing(sqlite3.connect(folder / "emotibot.db")) as connection:
        return connection.execute(query, values).fetchall()


async def eventually(true):
    """Wait until the condition holds, at most a minute."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - the condition has no event of its own
            await asyncio.sleep(0.05)


async def eventually_stored(visitor):
    """Wait until the browser has noted whose conversation it is to find again."""
    await visitor.page.wait_for_function("Object.keys(localStorage).includes('emotibot')")


async def test_two_people_never_see_each_other(ada, ben):
    await ada.say("my secret")
    await ada.hears("I hear you: my secret")
    await ben.say("hello")
    await ben.hears("I hear you: hello")
    assert "secret" not in await ben.page.locator("body").inner_text()


async def test_one_persons_history_is_not_recalled_for_another(ada, ben, folder):
    await ada.say("my secret")
    await ada.hears("I hear you: my secret")
    await ben.say("hello ben")
    await ben.hears("I hear you: hello ben")
    assert thought(folder, "hello ben") == [(0, 1)]


async def test_closing_the_page_erases_the_conversation(ada, folder):
    await ada.say("this must go")
    await ada.hears("I hear you: this must go")
    held = "SELECT 1 FROM history WHERE text LIKE '%this must go%'"
    assert rows(folder, held)
    await ada.page.close()
    await eventually(lambda: not rows(folder, held))
    files = [file for file in folder.glob("emotibot.db*") if b"this must go" in file.read_bytes()]
    assert files == []


async def test_opening_it_again_begins_afresh(ada, address):
    await ada.say("hello")
    await ada.hears("I hear you: hello")
    await ada.open(address)
    assert "hello" not in await ada.page.locator("#eb-chat").inner_text()


async def test_who_asks_for_it_finds_the_conversation_again(fresh, address):
    ada = await fresh()
    await ada.say("keep this")
    await ada.hears("I hear you: keep this")
    await ada.page.get_by_label("Keep it for when I come back").check()
    await eventually_stored(ada)
    await ada.open(address)
    await ada.hears("I hear you: keep this")
    await expect(ada.page.get_by_label("Keep it for when I come back")).to_be_checked()


async def test_the_conversation_can_be_saved(ada):
    await ada.say("I am sad")
    await ada.hears("I hear you: I am sad")
    async with ada.page.expect_download() as download:
        await ada.page.get_by_role("button", name="Save it as a file").click()
    path = await (await download.value).path()
    [exchange] = json.loads(path.read_text("utf-8"))
    assert exchange["you"] == "I am sad"
    assert exchange["emotibot"] == "I hear you: I am sad"
    assert exchange["result"]["emotion_analysis"]["text_emotions"]


async def test_the_conversation_can_be_forgotten(ada):
    await ada.allow_faces()
    await ada.say("my secret")
    await ada.hears("I hear you: my secret")
    await ada.page.get_by_role("button", name="Forget it now").click()
    await ada.hears("Erased: 2 lines")
    assert "secret" not in await ada.page.locator("body").inner_text()
    await expect(ada.page.get_by_label("You may also read")).not_to_be_checked()
