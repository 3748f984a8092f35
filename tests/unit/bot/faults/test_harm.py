"""What is done to processes, seen from a process of no consequence."""

from __future__ import annotations

import asyncio
import random
import resource
import signal
import sys
from collections import Counter

import pytest

from bot.faults import harm as module
from bot.faults.harm import Harm


class Victim:
    """Remembers what it was sent; its number is that of a real process that sleeps."""

    def __init__(self, name, pid=None):
        self.name, self.pid, self.sent = name, pid, []

    def send(self, number):
        self.sent.append(number)


class Server:
    def __init__(self):
        self.done = []

    def stop(self):
        self.done.append("stop")

    def start(self):
        self.done.append("start")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    for name in ("FREEZE_S", "LONG_FREEZE_S", "CALM_S", "FULL_S", "AWAY_S"):
        monkeypatch.setattr(module, name, 0.01)


async def test_every_process_is_killed_and_frozen_and_the_database_restarts():
    victims, server = [Victim("a"), Victim("b")], Server()
    harm = Harm(victims, server, None, random.Random(1))
    await harm.keep_harming(0.05)
    for victim in victims:
        assert victim.sent.count(signal.SIGKILL) == 3
        assert victim.sent.count(signal.SIGSTOP) == victim.sent.count(signal.SIGCONT) == 1
    assert server.done == ["stop", "start"]
    counts = Counter(what for what, _ in harm.done)
    assert counts["killed a"] == counts["killed b"] == 3
    assert counts["stopped the database"] == 1


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
async def test_without_a_disk_of_its_own_its_files_are_limited_and_freed_again():
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=-1)
    seen, prlimit = [], resource.prlimit
    harm = Harm([Victim("a", process.pid)], None, None, random.Random(1))
    filling = asyncio.create_task(harm.keep_harming(0.05))
    while not filling.done():
        seen.append(prlimit(process.pid, resource.RLIMIT_FSIZE)[0])
        await asyncio.sleep(0)
    process.kill()
    await process.communicate()
    assert set(seen) == {module._FULL_BYTES, resource.RLIM_INFINITY}
    assert seen[-1] == resource.RLIM_INFINITY
    assert [what for what, _ in harm.done].count("limited the files") == 2


class Tmpfs:
    def __init__(self):
        self.done = []

    def fill(self):
        self.done.append("fill")

    def free(self):
        self.done.append("free")


async def test_a_script_does_one_thing_after_the_other_and_waits_for_the_recovery_from_each():
    front, one, other = victims = [Victim("front"), Victim("one"), Victim("other")]
    harm, server, seen = Harm(victims, Server(), None, random.Random(1)), Server(), []
    harm.cluster = server

    async def answered(at):
        seen.append((harm.done[-1].what, at <= harm.done[-1].at))

    await harm.follow_script(answered)
    assert front.sent == []
    assert (one.sent, other.sent) == ([signal.SIGKILL], [signal.SIGSTOP, signal.SIGCONT])
    assert server.done == ["stop", "start"]
    wanted = ["killed one", "froze other", "stopped the database"]
    assert seen == [(what, True) for what in wanted]


async def test_one_process_with_a_disk_is_killed_frozen_and_gets_no_more_room():
    [only], disk = victims, _ = [Victim("all")], Tmpfs()
    harm = Harm(victims, None, disk, random.Random(1))

    async def answered(_):
        await asyncio.sleep(0)

    await harm.follow_script(answered)
    assert only.sent == [signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT]
    assert disk.done == ["fill", "free"]
