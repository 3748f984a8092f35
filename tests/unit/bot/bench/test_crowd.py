"""People who talk and hear, against the real service in this process."""

from __future__ import annotations

import pytest

from bot.bench.crowd import Crowd
from bot.bootstrap import service
from bot.config import Settings
from bot.errors import PlatformRejected
from emotibot_models.scripted import ScriptedPipeline


@pytest.fixture
def settings(sqlite_url):
    return Settings.model_validate({"storage": {"url": sqlite_url}})


async def test_every_answer_is_heard_and_timed(settings):
    crowd = Crowd()
    async with service(settings, ScriptedPipeline(), [crowd]) as live:
        await crowd.warm_up(live.accept, 3)
        took = await crowd.talk(live.accept, rate=200, seconds=0.05)
        assert crowd.waiting() == []
        await crowd.answered(["0", "12"])
    assert len(took) == 10
    assert all(0 < each < 60 for each in took)


async def test_nobody_shows_pictures():
    with pytest.raises(PlatformRejected):
        await Crowd().fetch("x")
