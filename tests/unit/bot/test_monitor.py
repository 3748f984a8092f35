"""What a service tells whoever watches it."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from bot import metrics
from bot.engine.base import Stats
from bot.errors import ConfigError, StorageError
from bot.messages import ConversationKey, IncomingMessage
from bot.monitor import Lag, watched
from bot.storage import inbox

ANN = ConversationKey("fake", "chat", "ann")


class Engine:
    fails = False

    async def stats(self):
        if self.fails:
            raise StorageError("away")
        return Stats(waiting={"gpu": 3}, doing={"post.fake": 2}, workers=4, silent_s=1.5)


async def told(port):
    where = f"http://127.0.0.1:{port}/metrics"
    async with aiohttp.ClientSession() as client, client.get(where) as answer:
        return answer.status, await answer.text()


async def test_what_waits_is_counted_when_somebody_looks(store):
    async with store.transaction() as tx:
        message = IncomingMessage(key=ANN, message_id="1", text="a secret of mine")
        await inbox.insert(tx, message, time.time() - 60)
    async with watched(store, Engine(), host="127.0.0.1", port=0) as port:
        status, text = await told(port)
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert status == 200
    assert lines['emotibot_waiting{queue="gpu"}'] == "3.0"
    assert lines['emotibot_doing{queue="post.fake"}'] == "2.0"
    assert lines["emotibot_workers"] == "4.0"
    assert lines["emotibot_worker_heartbeat_age_seconds"] == "1.5"
    assert lines["emotibot_unanswered"] == "1.0"
    assert 60 <= float(lines["emotibot_oldest_waiting_seconds"]) < 120
    assert lines['emotibot_outbox{state="pending"}'] == "0.0"
    assert "secret" not in text
    assert "ann" not in text


async def test_a_database_that_is_away_is_said(store):
    engine = Engine()
    engine.fails = True
    async with watched(store, engine, host="127.0.0.1", port=0) as port:
        assert await told(port) == (503, "the database cannot be asked\n")


async def test_a_port_that_is_taken_is_a_sentence(sqlite_store):
    async with watched(sqlite_store, Engine(), host="127.0.0.1", port=0) as port:
        with pytest.raises(ConfigError, match="choose another"):
            async with watched(sqlite_store, Engine(), host="127.0.0.1", port=port):
                pass


async def test_a_loop_that_stood_still_shows_once(monkeypatch):
    monkeypatch.setattr("bot.monitor.TICK_S", 0.01)
    lag = Lag()
    measuring = asyncio.create_task(lag.keep_measuring())
    await asyncio.sleep(0)
    time.sleep(0.2)  # noqa: ASYNC251 - it stands still
    await asyncio.sleep(0.05)
    assert lag.longest() > 0.1
    measuring.cancel()


def test_a_batch_is_counted_and_timed():
    def sample(name):
        return metrics.REGISTRY.get_sample_value(name, {"stage": "a test"})

    assert metrics.timed("a test", lambda items: items)([1, 2, 3]) == [1, 2, 3]
    assert sample("emotibot_batch_size_sum") == 3
    assert sample("emotibot_stage_seconds_count") == 1
