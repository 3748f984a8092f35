"""Parts that run beside each other end together."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from bot.lifecycle import beside, cause, ended, signalled, stoppable


async def test_what_runs_beside_a_block_ends_with_it_and_ends_it():
    ended = asyncio.Event()

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fail():
        raise RuntimeError("dead")

    async with beside(work(), name="work"):
        await asyncio.sleep(0)
    assert ended.is_set()

    async def block():
        async with beside(fail(), name="fail"):
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup):
        await block()


async def test_a_signal_calls_once_and_the_old_handler_comes_back():
    before, stopped = signal.getsignal(signal.SIGTERM), asyncio.Event()
    with signalled(stopped.set) as came:
        os.kill(os.getpid(), signal.SIGTERM)
        await stopped.wait()
    assert came == [signal.SIGTERM]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_one_error_in_a_group_is_found_and_several_stay_a_group():
    error = ValueError()
    assert cause(ExceptionGroup("", [ExceptionGroup("", [error])])) is error
    several = ExceptionGroup("", [error, KeyError()])
    assert cause(several) is several


@pytest.mark.parametrize("deaf", [False, True])
def test_a_block_that_is_told_to_end_ends_as_with_ctrl_c_and_the_old_handler_comes_back(deaf):
    if deaf:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), stoppable():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


async def test_work_that_swallows_a_cancellation_is_ended_all_the_same():
    swallowed = []

    async def work():
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if swallowed:
                    raise
                swallowed.append(True)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await ended(task)
    assert task.cancelled()
