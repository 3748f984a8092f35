"""A process is started again whenever it ends, and stopped when the harness is done."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from bot.faults import process as module
from bot.faults.process import Counting, Process, Spec, end_with, main
from emotibot_models.types import TurnInput


def spec(tmp_path, **more):
    return Spec(settings={"home": str(tmp_path)}, runs=str(tmp_path / "runs"), **more)


async def until(true):
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - another process has no event here
            await asyncio.sleep(0.01)


async def test_what_is_killed_comes_back_until_it_is_stopped(tmp_path, monkeypatch):
    process = Process("all", spec(tmp_path), tmp_path / "log")
    process._arguments = [sys.executable, "-c", "import signal; signal.pause()"]
    running = asyncio.create_task(process.keep_running(pause_s=0))
    await until(lambda: process.pid)
    process.send(signal.SIGKILL)
    await until(lambda: process.starts == 2 and process.pid)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert process.pid is None
    process.send(signal.SIGKILL)


def test_every_turn_that_goes_through_the_model_is_counted(tmp_path):
    counting = Counting(spec(tmp_path, seconds=0.0))
    counting.run([TurnInput(text="a"), TurnInput(text="b")])
    counting.run([TurnInput(text="c")])
    assert (tmp_path / "runs").read_text() == "..."


def test_it_serves_what_its_spec_says(tmp_path, monkeypatch):
    seen = []

    async def serve(settings, pipeline, platforms):
        seen.append((settings.engine.kind, pipeline, [platform.name for platform in platforms]))

    told = {
        "settings": {"engine": {"kind": "procrastinate"}},
        "platforms": ["telegram", "discord"],
        "runs": str(tmp_path / "runs"),
    }
    monkeypatch.setattr(module, "serve", serve)
    monkeypatch.setattr(module.logs, "configure", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["process", json.dumps(told), "7"])
    monkeypatch.setattr(module, "end_with", seen.append)
    main()
    assert seen == [7, ("procrastinate", None, ["telegram", "discord"])]


PARENT = """
import os, signal, subprocess, sys
program = "import os, signal, sys\\nfrom bot.faults.process import end_with\\n"
program += "end_with(int(sys.argv[1]))\\nprint(os.getpid(), flush=True)\\nsignal.pause()"
child = subprocess.Popen([sys.executable, "-c", program, str(os.getpid())], stdout=-1)
os.kill(int(child.stdout.readline()), signal.SIGSTOP)
print(child.pid, flush=True)
signal.pause()
"""


def is_alive(pid):
    where = Path(f"/proc/{pid}/stat")
    return where.exists() and ") Z " not in where.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of a death")
async def test_what_is_frozen_when_its_parent_is_killed_dies_with_it():
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, stdout=-1)
    child = int(await parent.stdout.readline())
    assert is_alive(child)
    parent.kill()
    await parent.communicate()
    await until(lambda: not is_alive(child))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of a death")
def test_who_starts_after_the_death_of_its_parent_ends_at_once(monkeypatch):
    monkeypatch.setattr(module.ctypes, "CDLL", Mock())
    with pytest.raises(SystemExit):
        end_with(os.getppid() + 1)
