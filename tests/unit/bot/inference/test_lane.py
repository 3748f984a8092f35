from __future__ import annotations

import asyncio
import threading

import pytest

from bot.inference.lane import Lane


def where(_):
    return threading.current_thread()


async def test_those_who_share_a_lane_share_its_thread():
    lane = Lane()
    async with lane.open():
        first = await lane.run(where, None)
        async with lane.open():
            assert await lane.run(where, None) is first
        assert await lane.run(where, None) is first
    assert not first.is_alive()


async def test_a_lane_opens_anew_after_it_was_closed():
    lane = Lane()
    threads = []
    for _ in range(2):
        async with lane.open():
            threads.append(await lane.run(where, None))
    assert threads[0] is not threads[1]


async def test_turns_are_taken_in_the_order_of_asking():
    lane, order = Lane(), []

    async def takes(name):
        async with lane.turn():
            order.append(name)
            await asyncio.sleep(0)
            order.append(name)

    await asyncio.gather(*(takes(name) for name in "abc"))
    assert order == list("aabbcc")


async def test_what_the_work_raises_reaches_its_caller():
    def fails(_):
        raise ValueError("no")

    lane = Lane()
    async with lane.open():
        with pytest.raises(ValueError, match="no"):
            await lane.run(fails, None)


async def test_its_thread_is_prepared_before_any_work():
    prepared = []
    lane = Lane(lambda: prepared.append(threading.current_thread()))
    async with lane.open():
        ran_in = await lane.run(where, ())
    assert prepared == [ran_in]
