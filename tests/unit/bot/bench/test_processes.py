"""What a process weighs and does is read from the system."""

from __future__ import annotations

import os
import sys

import pytest

from bot.bench import processes
from bot.bench.processes import cpu_seconds, footprint, memory_mb
from bot.errors import ConfigError
from bot.faults.process import Process, Spec

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux'")


@LINUX
async def test_a_process_that_rests_weighs_something_and_does_nothing(tmp_path, monkeypatch):
    for name in ("SETTLING_S", "IDLE_S"):
        monkeypatch.setattr(processes, name, 0.05)
    process = Process("rest", Spec(settings={}, runs=""), tmp_path / "log")
    process._arguments = [sys.executable, "-c", "import signal; signal.pause()"]

    async def ready():
        return True

    found = (await footprint(process, ready)).to_dict()
    assert found["memory_mb"] > 1
    assert found["start_s"] >= 0
    assert process.pid is None


@LINUX
def test_this_process_has_worked_and_takes_room():
    assert cpu_seconds(os.getpid()) > 0
    assert memory_mb(os.getpid()) > 10


def test_without_proc_it_says_so():
    with pytest.raises(ConfigError, match="Linux"):
        cpu_seconds(-1)
