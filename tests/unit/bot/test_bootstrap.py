"""The service starts, stops and dies as a whole."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot import bootstrap
from bot.bootstrap import serve, service
from bot.config import MetricsSettings, Settings
from bot.conversation.ports import Repeat
from bot.errors import ConfigError, EmotiBotError, PlatformRejected, StorageError
from bot.messages import ConversationKey, IncomingMessage
from emotibot_models.scripted import ScriptedPipeline

ANN = ConversationKey("fake", "chat", "ann")


class Platform:
    name = "fake"
    repeat = Repeat.NEVER

    def __init__(self, *, opens=None, ends=None):
        self.opens = opens
        self.ends = ends
        self.log = []
        self.receiving = asyncio.Event()
        self.changed = asyncio.Event()

    async def until(self, event):
        async with asyncio.timeout(60):
            while event not in self.log:
                self.changed.clear()
                await self.changed.wait()

    @asynccontextmanager
    async def opened(self):
        if self.opens:
            raise self.opens
        self.log.append("opened")
        try:
            yield
        finally:
            self.log.append("closed")

    async def receive(self, accept):
        await accept(IncomingMessage(key=ANN, message_id="1", text="hello"))
        self.receiving.set()
        if self.ends == "quietly":
            return
        if self.ends:
            raise self.ends
        await asyncio.Event().wait()

    def split(self, text):
        return [text]

    async def send(self, message, leaving):
        await leaving()
        self.log.append("sent")
        self.changed.set()
        return "m"

    async def typing(self, key):
        pass


@pytest.fixture
def settings(database_url):
    at_once = {"join_s": 0.0}  # what may still be typed would be left to the next start
    return Settings.model_validate({"storage": {"url": database_url}, "platforms": at_once})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
async def test_a_signal_finishes_the_turn_in_hand_and_stops(settings, number):
    platform = Platform()
    before = signal.getsignal(number)
    serving = asyncio.create_task(serve(settings, ScriptedPipeline(), [platform]))
    await platform.receiving.wait()
    os.kill(os.getpid(), number)
    await serving
    assert platform.log == ["opened", "sent", "closed"]
    assert signal.getsignal(number) is before


async def test_being_cancelled_is_not_a_clean_stop(settings):
    platform = Platform()
    serving = asyncio.create_task(serve(settings, ScriptedPipeline(), [platform]))
    await platform.receiving.wait()
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert platform.log[-1] == "closed"


async def test_a_platform_that_ends_by_itself_ends_the_service(settings):
    with pytest.raises(EmotiBotError, match="fake stopped"):
        await serve(settings, ScriptedPipeline(), [Platform(ends="quietly")])


async def test_a_platform_that_dies_ends_the_service_with_its_error(settings):
    platform = Platform(ends=PlatformRejected("token revoked"))
    with pytest.raises(PlatformRejected, match="token revoked"):
        await serve(settings, ScriptedPipeline(), [platform])
    assert platform.log[-1] == "closed"


async def test_a_wrong_token_is_told_before_anything_runs(settings):
    with pytest.raises(PlatformRejected, match="wrong token"):
        await serve(settings, ScriptedPipeline(), [Platform(opens=PlatformRejected("wrong token"))])


async def test_the_embedded_database_is_built_by_itself(tmp_path):
    async with service(Settings(home=tmp_path), ScriptedPipeline(), []):
        assert (tmp_path / "emotibot.db").exists()


async def test_a_database_that_is_none_is_told(tmp_path):
    (tmp_path / "emotibot.db").write_text("not a database, but as long as one" * 200)
    with pytest.raises(StorageError, match="not a database"):
        await serve(Settings(home=tmp_path), ScriptedPipeline(), [])


async def test_an_address_that_is_no_database_is_told():
    settings = Settings.model_validate({"storage": {"url": "nonsense"}})
    with pytest.raises(ConfigError, match=r"storage\.url"):
        await serve(settings, ScriptedPipeline(), [])


async def test_what_people_said_long_ago_is_purged_at_the_start(settings, monkeypatch):
    purged = asyncio.Event()

    async def purge(tx, before):
        purged.set()
        raise StorageError("locked")

    monkeypatch.setattr(bootstrap.erasure, "purge", purge)
    async with service(settings, ScriptedPipeline(), []):
        await purged.wait()


@pytest.fixture
async def distributed(postgres_url):
    settings = Settings.model_validate(
        {"storage": {"url": postgres_url}, "engine": {"kind": "procrastinate"}}
    )
    await bootstrap.upgrade(settings)
    return settings


async def test_a_front_end_and_a_worker_share_a_turn(distributed):
    platform = Platform()
    pipeline = ScriptedPipeline()
    async with service(distributed, pipeline, []), service(distributed, None, [platform]) as live:
        receiving = asyncio.create_task(platform.receive(live.accept))
        await platform.until("sent")
        receiving.cancel()


async def test_a_worker_stops_on_a_signal(distributed):
    serving = asyncio.create_task(serve(distributed, ScriptedPipeline(), []))
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    await serving


async def test_without_the_engines_tables_it_says_what_to_do(postgres_url):
    settings = Settings.model_validate(
        {"storage": {"url": postgres_url}, "engine": {"kind": "procrastinate"}}
    )
    with pytest.raises(StorageError, match="emotibot db upgrade"):
        await serve(settings, ScriptedPipeline(), [])


FRONT_END = """
import asyncio, sys
from bot.bootstrap import service
from bot.config import MetricsSettings, Settings
from bot.platforms.discord import DiscordPlatform
from bot.platforms.telegram import TelegramPlatform

nowhere = {"api": "http://127.0.0.1:1"}
settings = Settings.model_validate({
    "storage": {"url": sys.argv[1]},
    "engine": {"kind": "procrastinate"},
    "platforms": {"telegram": nowhere, "discord": nowhere},
})
platforms = [
    TelegramPlatform("1:x", settings.platforms.telegram),
    DiscordPlatform("x", settings.platforms.discord),
]

async def main():
    async with service(settings, None, platforms):
        heavy = {"torch", "transformers", "detoxify", "cv2"} & set(sys.modules)
        sys.exit(f"loaded: {heavy}" if heavy else 0)

asyncio.run(main())
"""


async def test_a_front_end_never_loads_torch(distributed):
    url = distributed.database_url()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", FRONT_END, url)
    assert await asyncio.wait_for(process.wait(), 60) == 0


async def test_whoever_watches_finds_the_figures_where_the_settings_say(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    watched = settings.model_copy(update={"metrics": MetricsSettings(port=port)})
    where = f"http://127.0.0.1:{port}/metrics"
    async with (
        service(watched, ScriptedPipeline(), []),
        aiohttp.ClientSession() as client,
        client.get(where) as answer,
    ):
        assert "emotibot_batcher_waiting" in await answer.text()
