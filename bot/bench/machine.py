"""The limits of a machine, measured: how fast it reads memory and how fast it multiplies.

What a model could do at best follows from them: a batch of one is bound by the bytes of weights
that every token reads, a large batch by operations.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

import torch

from bot.bench.plot import Panel, Spread
from bot.bench.report import Cell, Report, describe_machine
from emotibot_models.devices import cores

ROUNDS: Final = 5
BUFFER: Final = 256 * 2**20
"""Bytes that are read: far more than a cache holds."""
SIDE: Final = 2048
"""Of the square matrices that are multiplied."""
KINDS: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def measure(device: str = "cpu") -> Report:
    """Read memory and multiply matrices on all cores; the median of several rounds counts."""
    place = torch.device(device)
    reading = _rate(_reader(place), BUFFER / 1e9, place)
    rates = {
        name: _rate(_multiplier(kind, place), 2 * SIDE**3 / 1e12, place)
        for name, kind in KINDS.items()
    }
    rows = [_row("memory read", reading, "GB/s")]
    rows += [_row(f"matrix product, {name}", rate, "TFLOP/s") for name, rate in rates.items()]
    return Report(
        name="machine",
        title="Limits of this machine",
        setup={"rounds": ROUNDS, "threads": torch.get_num_threads()},
        figures={
            "memory_gb_per_s": reading.median,
            "tflop_per_s": {name: rate.median for name, rate in rates.items()},
        },
        rows=rows,
        panels=[
            Panel(
                title="Matrix product",
                x="number format",
                y="TFLOP/s",
                series={f"{cores()} cores": list(rates.items())},
            )
        ],
        machine=describe_machine(name_of(place)),
    )


def _row(limit: str, rate: Spread, unit: str) -> Mapping[str, Cell]:
    return {"limit": limit, "rate": rate.median, "unit": unit, "spread": str(rate)}


def name_of(device: torch.device) -> str:
    """What a device is called: ``cpu``, or the accelerator's own name."""
    return "cpu" if device.type == "cpu" else torch.cuda.get_device_name(device)


def _reader(place: torch.device) -> Callable[[], object]:
    buffer = torch.ones(BUFFER // 8, dtype=torch.int64, device=place)
    return buffer.sum


def _multiplier(kind: torch.dtype, place: torch.device) -> Callable[[], object]:
    left = torch.ones(SIDE, SIDE, dtype=kind, device=place)
    right = torch.ones(SIDE, SIDE, dtype=kind, device=place)
    return lambda: left @ right


def _rate(work: Callable[[], object], amount: float, place: torch.device) -> Spread:
    """``amount`` a second, over several rounds after one to warm up."""
    work()
    return Spread.of([amount / _seconds(work, place) for _ in range(ROUNDS)])


def _seconds(work: Callable[[], object], place: torch.device) -> float:
    _wait(place)
    started = time.perf_counter()
    work()
    _wait(place)
    return time.perf_counter() - started


def _wait(place: torch.device) -> None:
    if place.type == "cuda":
        torch.cuda.synchronize(place)
