from __future__ import annotations

import pytest

from bot.loopback.bot_api import BotApi
from tests.peers.telegram import adapter


@pytest.fixture
async def api():
    async with BotApi().running() as server:
        yield server


@pytest.fixture
def waits():
    """How long the adapter would have waited, in seconds; it does not wait here."""
    return []


@pytest.fixture
def telegram(api, waits):
    return adapter(api, waits)
