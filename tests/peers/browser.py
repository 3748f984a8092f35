"""A person at the demo page: a headless Chromium that can reach nothing but this machine."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

ROOT = Path(__file__).parents[2]
PATIENCE_MS = 60_000
"""Two busy cores make a page slow; a condition that holds ends the wait at once."""
START_S = 400.0
"""For a server to listen; the weights take their time."""
PASSWORD = "correct horse"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium here; `apt-get install chromium` brings one"
)
ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing else can be reached
    "--no-sandbox",  # Chromium will not start as root with it
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SEEING = "document.querySelector('#eb-camera video')?.videoWidth > 0"
"""True in a page once its camera shows something."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def demo(folder: Path, **settings: Any) -> AsyncIterator[str]:
    """The page around a scripted pipeline, in a process of its own; yields its address."""
    port = free_port()
    arguments = ["tests.peers.demo_server", str(folder), str(port), json.dumps(settings)]
    async with _python("-m", *arguments, port=port) as address:
        yield address


@asynccontextmanager
async def real_demo(folder: Path, *options: str) -> AsyncIterator[str]:
    """``emotibot demo`` as people start it, with the weights on board; yields its address."""
    port = free_port()
    command = "from bot.cli import main; main()"
    environment = {**os.environ, "TMPDIR": str(folder), "EMOTIBOT_DEMO_PASSWORD": PASSWORD}
    arguments = ["-c", command, "demo", "--port", str(port), *options]
    async with _python(*arguments, port=port, environment=environment) as address:
        yield address


@asynccontextmanager
async def _python(
    *arguments: str, port: int, environment: dict[str, str] | None = None
) -> AsyncIterator[str]:
    server = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, env=environment
    )
    try:
        await _listens(port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        assert await server.wait() == 0


async def _listens(port: int) -> None:
    async with asyncio.timeout(START_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Visitor:
    """One person at one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.outside: list[str] = []
        """Addresses outside this machine that the page asked for."""
        page.on("request", lambda request: self._note(request.url))

    @classmethod
    async def at(cls, context: BrowserContext, address: str) -> Visitor:
        """Open the page in a tab of this browser and wait until it can be used."""
        context.set_default_timeout(PATIENCE_MS)
        visitor = cls(await context.new_page())
        await visitor.open(address)
        return visitor

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.hostname != "127.0.0.1" and parts.scheme not in {"data", "blob"}:
            self.outside.append(url)

    async def open(self, address: str) -> None:
        """Go to the page (again)."""
        await self.page.goto(address)
        await expect(self.page.get_by_label("Your message")).to_be_enabled()

    async def say(self, text: str) -> None:
        """Type and press Enter."""
        box = self.page.get_by_label("Your message")
        await box.fill(text)
        await box.press("Enter")

    async def hears(self, words: str) -> None:
        """Wait until the bot says this."""
        await expect(self.page.locator("#eb-chat")).to_contain_text(words)

    async def allow_faces(self) -> None:
        """Tick that the face may be read, and wait for the tray."""
        await self.page.get_by_label("You may also read").check()
        await expect(self.page.get_by_role("button", name="Choose a picture")).to_be_visible()

    async def choose(self, data: bytes, name: str = "me.jpg", kind: str = "image/jpeg") -> None:
        """Upload a file."""
        files = {"name": name, "mimeType": kind, "buffer": data}
        await self.page.locator("input[type=file]").first.set_input_files(files)

    async def panel(self) -> str:
        """What the reading's panel says."""
        return await self.page.locator(".eb-panel").inner_text()
