"""A thousand messages from a hundred people while everything dies at random."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
async def test_after_each_harm_of_the_script_everything_is_answered_once_and_in_order(engine):
    result = await run(1000, engine, script=True)
    assert (result.said, result.lost) == (1000, []), result
    assert (result.missing, result.doubled, result.out_of_order) == (0, 0, 0), result
    assert len(result.longest_waits) == 3, result


def wait_until(true, seconds=300.0):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.skipif(postgres.binaries() is None, reason="PostgreSQL is not installed here")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_leaves_nothing_behind(number):
    # Not pytest's own folder: the server runs as somebody who may not enter it.
    with tempfile.TemporaryDirectory(prefix="emotibot-stopped-") as made:
        folder = Path(made)
        folder.chmod(0o777)
        program = "from bot.cli import app; app(['faults', '--engine', 'procrastinate'])"
        child = subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "TMPDIR": made},
            # Whoever runs the tests in the background has Ctrl-C ignored, and that is inherited.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: list(folder.glob("*/worker-2.log")))
        child.send_signal(number)
        assert child.wait(120) == 130
        wait_until(lambda: not list(folder.iterdir()), seconds=60)
