"""A process is started again whenever it ends, and stopped when the harness is done."""

from __future__ import annotations

import asyncio
import json
import signal
import sys

import pytest

from bot.faults import process as module
from bot.faults.process import Counting, Process, Spec, main
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
    monkeypatch.setattr(sys, "argv", ["process", json.dumps(told)])
    main()
    assert seen == [("procrastinate", None, ["telegram", "discord"])]
