from __future__ import annotations

import io
from contextlib import asynccontextmanager

import pytest
from PIL import Image

from bot.bootstrap import service
from bot.config import Settings
from bot.platforms.web.desk import Desk
from bot.platforms.web.platform import WebPlatform
from bot.platforms.web.server import Serving
from emotibot_models.scripted import ScriptedPipeline


@pytest.fixture
def picture():
    data = io.BytesIO()
    Image.new("RGB", (64, 48), "orange").save(data, "JPEG")
    return data.getvalue()


@pytest.fixture
def open_desk(tmp_path):
    """The desk over the whole service."""

    @asynccontextmanager
    async def opened(pipeline=None, **settings):
        web = WebPlatform(Serving(folder=tmp_path))
        chosen = Settings.model_validate(settings).for_demo(tmp_path)
        async with service(chosen, pipeline or ScriptedPipeline(), [web]) as live:
            yield Desk(live.accept, web._visits)

    return opened


@pytest.fixture
async def desk(open_desk):
    async with open_desk() as desk:
        yield desk
