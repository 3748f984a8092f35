"""The whole run: servers, processes, people, harm, and the verdict."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import select

from bot import bootstrap
from bot.config import EMBEDDED, Settings
from bot.faults.harm import KILLED, Harm
from bot.faults.people import Crowd, Person
from bot.faults.process import Process, Spec
from bot.lifecycle import beside
from bot.loopback.bot_api import BotApi
from bot.loopback.discord_wire import Wire
from bot.loopback.disk import Disk, mounted
from bot.loopback.postgres import Cluster, cluster
from bot.storage.outbox import OutboxState
from bot.storage.schema import inbox, outbox
from bot.storage.store import opened

PLATFORMS: Final = ("telegram", "discord")
PEOPLE: Final = 100
PER_S: Final = 25.0
"""Messages a second; Telegram takes thirty replies."""
PATIENCE_S: Final = 90.0
"""How long nothing may come before the run is over."""
START_S: Final = 300.0
"""How long a process may take to start: this machine may be busy with other things."""
SCRIPT_S: Final = 60.0
"""How long people talk while a script is followed."""
NEAR_S: Final = 10.0
"""How close a harm is to a message to be named beside it."""

Kind = Literal["local", "procrastinate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Something said that the service never stored."""

    platform: str
    person: int
    number: int
    """Of what this person said, from 0."""
    harms: Sequence[tuple[str, float]]
    """What was done to the service within ten seconds of it, and how many seconds before this was
    said; negative: after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of every message."""

    engine: str
    seed: int
    said: int
    accepted: int
    """Messages that the service stored."""
    lost: Sequence[Lost]
    """Those that it did not."""
    posted: int
    """Replies that people got."""
    missing: int
    """Accepted without a reply, though nothing says that one may have arrived."""
    doubled: int
    out_of_order: int
    unknown: int
    """Telegram replies given up because they might have arrived, and had not: the price of never
    sending twice to a platform without a key."""
    apologies: int
    model_runs: int
    recovery_s: float
    """After a kill: until everything said before it was answered; the longest."""
    longest_waits: Mapping[str, float]
    """For each thing that was done: seconds that somebody waited for an answer who waited at that
    moment or spoke within ten seconds of it."""
    harms: Mapping[str, int]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a run stands on."""

    folder: Path
    url: str
    server: Cluster | None
    disk: Disk | None
    """None: the database of this run is elsewhere, or nobody here may mount one."""


async def run(
    messages: int,
    kind: Kind,
    *,
    seed: int = 7,
    people: int = PEOPLE,
    script: bool = False,
    refusals: float = 0.0,
) -> Result:
    """Let ``people`` say ``messages`` things while everything dies at random; who got what?

    With ``script`` three things happen instead, and each time the recovery is waited for: a worker
    is killed, one is frozen for twenty seconds, the database is taken away for a while.
    ``refusals`` is the share of things said at which the platforms, too, fail; see ``Crowd``.

    Raises ``ConfigError`` where the distributed engine finds no PostgreSQL to start.
    """
    with (
        tempfile.TemporaryDirectory(prefix="emotibot-faults-") as made,
        _ground(kind, Path(made)) as ground,
    ):
        return await _run(messages, kind, seed, people, ground, script=script, refusals=refusals)


async def _run(
    messages: int,
    kind: Kind,
    seed: int,
    people: int,
    on: Ground,
    *,
    script: bool,
    refusals: float,
) -> Result:
    began, rng = time.monotonic(), random.Random(seed)  # noqa: S311 - no secret
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(BotApi().running())
        wire = await stack.enter_async_context(Wire().running())
        everybody = [Person(PLATFORMS[n % 2], n) for n in range(people)]
        crowd = Crowd(api, wire, everybody, rng, refusals)
        settings = _settings(kind, on.url, api, wire)
        await bootstrap.upgrade(Settings.model_validate(settings))
        processes = [
            Process(name, spec, on.folder / f"{name}.log")
            for name, spec in _specs(kind, settings, on.folder).items()
        ]
        await stack.enter_async_context(beside(crowd.keep_listening(), name="listening"))
        await stack.enter_async_context(beside(_keep_running(processes), name="processes"))
        await wire.until(lambda: wire.identified, within=START_S)
        await crowd.greet()
        await _settled(crowd, on.url)
        harm = Harm(processes, on.server, on.disk, rng)
        seconds = max(messages / PER_S, SCRIPT_S if script else 0.0)
        harming = (
            harm.follow_script(partial(_answered, crowd, on.url))
            if script
            else harm.keep_harming(seconds)
        )
        await asyncio.gather(crowd.talk(messages // people, seconds), harming)
        await _settled(crowd, on.url)
    return await _verdict(kind, seed, crowd, harm, on, time.monotonic() - began)


async def _keep_running(processes: Sequence[Process]) -> None:
    """All side by side, so that they are stopped side by side, too."""
    await asyncio.gather(*(process.keep_running() for process in processes))


@contextmanager
def _ground(kind: Kind, folder: Path) -> Iterator[Ground]:
    if kind == "local":
        with mounted(folder / "disk") as disk:
            url = f"{EMBEDDED}{folder / 'disk' / 'emotibot.db'}"
            yield Ground(folder=folder, url=url, server=None, disk=disk)
        return
    with cluster(quick=False) as server:
        url = server.url(server.create())
        yield Ground(folder=folder, url=url, server=server, disk=None)


def _settings(kind: Kind, url: str, api: BotApi, wire: Wire) -> dict[str, Any]:
    return {
        "storage": {"url": url},
        "engine": {"kind": kind, "waiting": 100_000, "longest_s": 1e6},
        "limits": {"burst": 10_000, "waiting": 10_000},
        "platforms": {
            "join_s": 0.0,  # each message is counted by its own reply
            "emotion_line": False,
            "telegram": {"api": api.address},
            "discord": {"api": wire.api},
        },
    }


def _specs(kind: Kind, settings: Mapping[str, Any], folder: Path) -> dict[str, Spec]:
    """The processes by name: everything in one, or two front ends and two workers."""
    runs = str(folder / "runs")
    if kind == "local":
        return {"all": Spec(settings=settings, platforms=PLATFORMS, thinks=True, runs=runs)}
    fronts = {name: Spec(settings=settings, platforms=(name,), runs=runs) for name in PLATFORMS}
    worker = Spec(settings=settings, thinks=True, runs=runs)
    return {**fronts, "worker-1": worker, "worker-2": worker}


async def _settled(crowd: Crowd, url: str) -> None:
    """Wait until everything is answered or given up, or nothing comes any more."""
    left, since = crowd.open(), time.monotonic()
    while left and time.monotonic() - since < PATIENCE_S:
        await asyncio.sleep(0.5)
        _, unknown = await _stored(url)
        if not crowd.open() - unknown:
            return
        if len(now := crowd.open()) < len(left):
            left, since = now, time.monotonic()


async def _answered(crowd: Crowd, url: str, at: float) -> None:
    """Wait until what was said before a moment is answered or given up, though not for ever."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while crowd.open(at) - (await _stored(url))[1]:  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0.1)


async def _verdict(
    kind: Kind, seed: int, crowd: Crowd, harm: Harm, on: Ground, seconds: float
) -> Result:
    accepted, unknown = await _stored(on.url)
    unanswered = crowd.open()
    lost = list(_lost(crowd, accepted, harm))
    heard = crowd.judge()
    kills = [at for what, at in harm.done if what.startswith(KILLED)]
    return Result(
        engine=kind,
        seed=seed,
        said=len(accepted) + len(lost),
        lost=lost,
        accepted=len(accepted),
        posted=heard.posted,
        missing=len(unanswered & accepted - unknown),
        doubled=heard.doubled,
        out_of_order=heard.out_of_order,
        unknown=len(unanswered & unknown),
        apologies=heard.apologies,
        model_runs=(on.folder / "runs").stat().st_size,
        recovery_s=round(max(map(crowd.recovery, kills), default=0.0), 2),
        longest_waits=dict(sorted(_longest_waits(crowd, harm).items())),
        harms=dict(sorted(Counter(what for what, _ in harm.done).items())),
        seconds=round(seconds, 1),
    )


def _longest_waits(crowd: Crowd, harm: Harm) -> dict[str, float]:
    waits: dict[str, float] = {}
    for what, at in harm.done:
        waits[what] = max(waits.get(what, 0.0), round(crowd.longest_wait(at, NEAR_S), 2))
    return waits


def _lost(crowd: Crowd, accepted: Container[tuple[str, str]], harm: Harm) -> Iterator[Lost]:
    for person in crowd.people:
        for number, (message_id, said_at) in person.said.items():
            if (person.platform, message_id) not in accepted:
                yield Lost(
                    platform=person.platform,
                    person=person.number,
                    number=number,
                    harms=[
                        (what, round(said_at - at, 2))
                        for what, at in harm.done
                        if abs(said_at - at) < NEAR_S
                    ],
                )


async def _stored(url: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """What was accepted, and of that what was given up as perhaps sent; by platform and its id."""
    names = select(inbox.c.platform, inbox.c.message_id)
    given_up = names.join(outbox, outbox.c.inbox_id == inbox.c.id).where(
        outbox.c.state == OutboxState.UNKNOWN.value
    )
    async with opened(url) as store, store.transaction() as tx:
        accepted = {(row[0], row[1]) for row in await tx.connection.execute(names)}
        return accepted, {(row[0], row[1]) for row in await tx.connection.execute(given_up)}
