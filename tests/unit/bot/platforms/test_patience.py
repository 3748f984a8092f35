"""Passing trouble is waited out."""

from __future__ import annotations

import pytest

from bot.errors import (
    PlatformRateLimited,
    PlatformRejected,
    PlatformUnavailable,
    StorageError,
)
from bot.platforms.patience import until_it_works


class Attempts:
    """Fails as it is told, then answers."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.waits = []

    async def __call__(self):
        if self.failures:
            raise self.failures.pop(0)
        return "done"

    async def wait(self, seconds):
        self.waits.append(seconds)

    async def run(self):
        return await until_it_works(self, platform="test", sleep=self.wait)


async def test_what_works_at_once_is_not_waited_for():
    attempts = Attempts()
    assert (await attempts.run(), attempts.waits) == ("done", [])


@pytest.mark.parametrize("error", [PlatformUnavailable("away"), StorageError("locked")])
async def test_passing_trouble_is_tried_again(error):
    assert await Attempts(error).run() == "done"


async def test_the_waits_grow_to_half_a_minute_and_no_further():
    attempts = Attempts(*[PlatformUnavailable("away")] * 7)
    await attempts.run()
    assert attempts.waits == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


async def test_the_platform_says_how_long_to_wait():
    attempts = Attempts(PlatformRateLimited(13938))
    await attempts.run()
    assert attempts.waits == [13938]


async def test_what_will_never_work_is_not_tried_again():
    with pytest.raises(PlatformRejected):
        await Attempts(PlatformRejected("token")).run()
