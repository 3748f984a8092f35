"""A thousand messages from a hundred people while everything dies at random."""

from __future__ import annotations

import pytest

from bot.faults.run import run
from bot.loopback import postgres

ENGINES = [
    "local",
    pytest.param(
        "procrastinate",
        marks=pytest.mark.skipif(
            postgres.binaries() is None, reason="PostgreSQL is not installed here"
        ),
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
async def test_nothing_is_lost_nothing_is_doubled_and_the_order_is_kept(engine):
    result = await run(1000, engine)
    assert (result.missing, result.doubled, result.out_of_order) == (0, 0, 0), result
    assert (result.said, result.lost) == (1000, []), result
    assert result.posted + result.unknown == 1000
