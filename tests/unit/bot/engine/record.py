"""A handler that remembers what it did, waits at a gate, and fails by script."""

from __future__ import annotations

import asyncio


class Record:
    """``Record(_1=[ValueError()])`` fails job 1 once."""

    def __init__(self, **failures):
        self.begun = []
        self.done = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failures = {int(key[1:]): list(faults) for key, faults in failures.items()}
        self.changed = asyncio.Event()

    async def __call__(self, job):
        self.begun.append(job)
        self.changed.set()
        await self.gate.wait()
        if faults := self.failures.get(job):
            raise faults.pop(0)
        self.done.append(job)
        self.changed.set()

    async def until(self, true):
        async with asyncio.timeout(60):
            while not true():
                self.changed.clear()
                await self.changed.wait()
