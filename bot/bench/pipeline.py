"""Answers a second and seconds an answer: the same weights the naive way and ours, in turn."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import torch

from bot.bench.machine import name_of
from bot.bench.messages import MESSAGES
from bot.bench.plot import Panel, Spread
from bot.bench.report import Cell, Latency, Report, describe_machine
from bot.inference.stages import OneStage, Staged, Stages
from emotibot_models.types import TurnInput, TurnResult

CALLERS: Final = (1, 8, 32, 128)
TURNS_A_CALLER: Final = 3
"""At least; one caller takes one turn for every message there is."""
MOST_CALLERS: Final = 10_000
DEADLINE_S: Final = 600.0
REPLY_TOKENS: Final = 32


Images: TypeAlias = Sequence[bytes | None]
"""What comes with the messages, one after the other: nothing, then a picture."""


class Runs(Protocol):
    """One side of the comparison, for one message at a time."""

    def run(self, turns: list[TurnInput]) -> list[TurnResult]:
        """One result a turn."""
        ...


@dataclass(frozen=True, slots=True)
class Took:
    """What some turns took."""

    seconds: list[float]
    """Of each answer."""
    began: float
    ended: float
    """By ``time.monotonic``, which is the same clock for all processes of a machine."""

    @property
    def wall(self) -> float:
        """Seconds of the whole."""
        return self.ended - self.began


class Talks(Protocol):
    """The other side, for many callers at a time while it runs."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """Take turns for as long as the block lasts."""
        ...

    async def together(self, image: bytes | None, callers: int) -> Took:
        """Let so many people talk at the same time."""
        ...


@dataclass
class Measured:
    """One case over all rounds."""

    seconds: list[float] = field(default_factory=list)
    """Of every answer."""
    p50s: list[float] = field(default_factory=list)
    """Milliseconds, one a round."""
    rates: list[float] = field(default_factory=list)
    """Answers a second, one a round."""

    def add(self, took: Took) -> None:
        """Note one round."""
        self.seconds += took.seconds
        self.p50s.append(1000 * statistics.median(took.seconds))
        self.rates.append(len(took.seconds) / took.wall)


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is measured: whose way, with or without a picture, for how many callers."""

    side: str
    picture: bool
    callers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Whose weights are measured, and how; can be sent to another process."""

    preset: str = "starter"
    """`starter`, or `reference` at full size with random weights."""
    device: str = "cpu"
    int8: bool = True
    """Whether ours computes in int8, on a processor."""
    tokens: int = REPLY_TOKENS
    """Of the longest reply; with random weights, of every reply."""
    processes: int = 1
    """Of ours, each with models of its own; the callers are shared among them."""

    def load(self, side: str) -> Any:
        """``naive``, as a notebook would have it, or ``ours``, as the service loads it."""
        from bot.bench import naive, reference
        from emotibot_models.pipeline import Pipeline

        if self.preset == "reference":
            return reference.load(side, torch.device(self.device), tokens=self.tokens)
        if side == "naive":
            return naive.load_naive()
        return Pipeline.load("starter", self.device, int8=self.int8)

    def to_dict(self) -> dict[str, Any]:
        """As a report tells it."""
        return {**asdict(self), "messages": len(MESSAGES), "candidates": 12}


def measure(
    setup: Setup,
    *,
    rounds: int = 5,
    callers: Sequence[int] = CALLERS,
    pictures: bool = True,
    memory: bool = True,
    alone: int = len(MESSAGES),
) -> Report:
    """Load both sides, warm them up, and measure them in turn, round after round.

    The naive way answers ``alone`` messages a round.
    """
    naive = setup.load("naive")
    ours = Here(_loaded(setup)) if setup.processes == 1 else Elsewhere(setup)
    images = (None, portrait()) if pictures else (None,)
    found = asyncio.run(_rounds(naive, ours, images, rounds, callers, alone))
    peaks = {side: peak_mib(setup, side) for side in ("naive", "ours")} if memory else {}
    return _report(setup, found, rounds=rounds, peaks=peaks)


def portrait() -> bytes:
    """A JPEG with one face: NASA's public-domain portrait of Eileen Collins."""
    from PIL import Image
    from skimage.data import astronaut

    out = BytesIO()
    Image.fromarray(astronaut()).save(out, "JPEG")
    return out.getvalue()


def peak_mib(setup: Setup, side: str) -> float:
    """The most memory that one side takes in a process of its own, in MiB: the GPU's on a GPU."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_peak, setup, side).result()


def high_water_mib() -> float:
    """The most memory that this process has held, in MiB."""
    import resource

    status = Path("/proc/self/status")
    if status.is_file():
        # ru_maxrss would tell of the parent: Linux carries it over to a new program.
        lines = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _peak(setup: Setup, side: str) -> float:
    pipeline = setup.load(side)
    pipeline.run(list(itertools.islice(_turns(None), 32 if side == "ours" else 1)))
    return high_water_mib() if setup.device == "cpu" else _held_mib(setup.device)


def _held_mib(device: str) -> float:
    """What is taken of a GPU: libraries keep what they once had, so this is the most as well."""
    free, total = torch.cuda.mem_get_info(device)
    return (total - free) / 2**20


async def _rounds(
    naive: Runs, ours: Talks, images: Images, rounds: int, callers: Sequence[int], alone: int
) -> dict[Case, Measured]:
    found: dict[Case, Measured] = {}
    async with ours.running():
        await _one_round(naive, ours, images, callers[:1], {}, 1)  # warms both up
        for _ in range(rounds):
            await _one_round(naive, ours, images, callers, found, alone)
    return found


async def _one_round(
    naive: Runs,
    ours: Talks,
    images: Images,
    callers: Sequence[int],
    found: dict[Case, Measured],
    alone: int,
) -> None:
    for image in images:
        case = Case(side="naive", picture=image is not None, callers=1)
        found.setdefault(case, Measured()).add(_alone(naive.run, image, alone))
        for many in callers:
            case = Case(side="ours", picture=image is not None, callers=many)
            found.setdefault(case, Measured()).add(await ours.together(image, many))


def _alone(run: Callable[[list[TurnInput]], Any], image: bytes | None, turns: int) -> Took:
    """So many messages, one after the other."""
    took = []
    began = time.monotonic()
    for turn in itertools.islice(_turns(image), turns):
        started = time.perf_counter()
        run([turn])
        took.append(time.perf_counter() - started)
    return Took(took, began, time.monotonic())


class Here:
    """Ours in this process, behind the service's queues."""

    def __init__(self, staged: Staged) -> None:
        self._queue = Stages(staged, batch=32, waiting=MOST_CALLERS, deadline_s=DEADLINE_S)

    def running(self) -> AbstractAsyncContextManager[None]:
        """As ``Talks``."""
        return self._queue.running()

    async def together(self, image: bytes | None, callers: int) -> Took:
        """As ``Talks``."""
        took: list[float] = []
        turns = itertools.islice(_turns(image), max(len(MESSAGES), TURNS_A_CALLER * callers))

        async def talks() -> None:
            for turn in turns:
                started = time.perf_counter()
                await self._queue.submit(turn)
                took.append(time.perf_counter() - started)

        began = time.monotonic()
        await asyncio.gather(*(talks() for _ in range(callers)))
        return Took(took, began, time.monotonic())


class Elsewhere:
    """Ours in several processes, among which the cores are shared."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._pools: list[ProcessPoolExecutor] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As ``Talks``."""
        with ExitStack() as stack:
            for _ in range(self._setup.processes):
                pool = ProcessPoolExecutor(
                    1,
                    mp_context=get_context("spawn"),
                    initializer=torch.set_num_threads,
                    initargs=(max(1, torch.get_num_threads() // self._setup.processes),),
                )
                self._pools.append(stack.enter_context(pool))
            await self.together(None, self._setup.processes)  # each loads its models
            yield
        self._pools.clear()

    async def together(self, image: bytes | None, callers: int) -> Took:
        """As ``Talks``; of fewer callers than processes some have none."""
        shares = [len(range(n, callers, len(self._pools))) for n in range(len(self._pools))]
        loop = asyncio.get_running_loop()
        parts = [
            loop.run_in_executor(pool, _talked, self._setup, image, share)
            for pool, share in zip(self._pools, shares, strict=True)
            if share
        ]
        took = await asyncio.gather(*parts)
        return Took(
            [seconds for one in took for seconds in one.seconds],
            min(one.began for one in took),
            max(one.ended for one in took),
        )


def _talked(setup: Setup, image: bytes | None, callers: int) -> Took:
    """In a process of ``Elsewhere``: what its callers' turns took."""

    async def talked() -> Took:
        here = Here(_kept(setup))
        async with here.running():
            return await here.together(image, callers)

    return asyncio.run(talked())


def _loaded(setup: Setup) -> Staged:
    ours = setup.load("ours")
    return ours if isinstance(ours, Staged) else OneStage(ours.run)


_kept = cache(_loaded)


def _turns(image: bytes | None) -> Iterator[TurnInput]:
    """The messages over and over."""
    return (TurnInput(text=text, image=image) for text in itertools.cycle(MESSAGES))


def _report(
    setup: Setup, found: dict[Case, Measured], *, rounds: int, peaks: dict[str, float]
) -> Report:
    figures: dict[str, Any] = {}
    for case, measured in found.items():
        if case.side == "ours":
            naive = found[Case(side="naive", picture=case.picture, callers=1)]
            figures[_name(case)] = _figures(case, measured, naive)
    return Report(
        name="pipeline",
        title=f"The {setup.preset}'s weights, the naive way and ours; {rounds} rounds",
        setup={**setup.to_dict(), "rounds": rounds},
        figures={**figures, "peak_memory_mib": peaks},
        rows=[_row(case, measured, figures) for case, measured in found.items()],
        panels=_panels(found),
        machine=describe_machine(name_of(torch.device(setup.device))),
    )


def _name(case: Case) -> str:
    start = "one_caller" if case.callers == 1 else f"callers_{case.callers}"
    return f"{start}_with_picture" if case.picture else start


def _figures(case: Case, ours: Measured, naive: Measured) -> dict[str, Any]:
    """Medians of the rounds, with the least and the most of them.

    One caller is compared by the time of an answer, several by answers a second, each with the
    naive way in the same round. The naive way answers one after the other, so its rate is the same
    for any number of callers.
    """
    times = [theirs / own for theirs, own in zip(naive.p50s, ours.p50s, strict=True)]
    rates = [own / theirs for theirs, own in zip(naive.rates, ours.rates, strict=True)]
    spreads = {
        "ratio": Spread.of(times if case.callers == 1 else rates),
        "ours_p50_ms": Spread.of(ours.p50s),
        "naive_p50_ms": Spread.of(naive.p50s),
        "ours_per_s": Spread.of(ours.rates),
        "naive_per_s": Spread.of(naive.rates),
    }
    return {
        **{name: round(spread.median, 2) for name, spread in spreads.items()},
        "spread": {
            name: [round(spread.low, 2), round(spread.high, 2)] for name, spread in spreads.items()
        },
    }


def _row(case: Case, measured: Measured, figures: dict[str, Any]) -> dict[str, Cell]:
    latency = Latency.of(measured.seconds)
    mine = figures[_name(case)] if case.side == "ours" else None
    low, high = mine["spread"]["ratio"] if mine else (None, None)
    return {
        "way": case.side,
        "message": "text + image" if case.picture else "text",
        "callers": case.callers,
        "p50 ms": str(Spread.of(measured.p50s)),
        "p95 ms": latency.p95,
        "p99 ms": latency.p99,
        "answers/s": str(Spread.of(measured.rates)),
        "ours : naive": f"{mine['ratio']:.3g} ({low:.3g} to {high:.3g})" if mine else "",
    }


def _panels(found: dict[Case, Measured]) -> list[Panel]:
    rates: dict[str, list[tuple[float | str, Spread]]] = {}
    waits: dict[str, list[tuple[float | str, Spread]]] = {}
    every = sorted({case.callers for case in found})
    for case, measured in found.items():
        name = f"{case.side}, text{' + image' if case.picture else ''}"
        for callers in every if case.side == "naive" else [case.callers]:
            rates.setdefault(name, []).append((callers, Spread.of(measured.rates)))
        if case.callers == 1:
            label = "text + image" if case.picture else "text"
            waits.setdefault(case.side, []).append((label, Spread.of(measured.p50s)))
    return [
        Panel(title="One caller", x="message", y="median ms an answer", series=waits),
        Panel(title="Many callers", x="callers", y="answers a second", series=rates),
    ]
