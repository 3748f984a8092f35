"""One form for every measurement: rows as a table or as JSON, and the machine named."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bot.bench.plot import Panel, draw, short
from emotibot_models.devices import cores

CPUINFO: Final = Path("/proc/cpuinfo")
TELLING: Final = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
"""Instructions that decide how fast a network runs."""
LIBRARIES: Final = ("torch", "transformers", "ctranslate2", "onnxruntime")

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Latency:
    """How long single requests took, in milliseconds."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Latency:
        """The percentiles of at least one duration in seconds."""
        return cls(*(round(1000 * percentile(seconds, p), 3) for p in (50, 95, 99)))


def describe_machine(device: str = "") -> dict[str, Any]:
    """Processor, memory and library versions; ``device`` names an accelerator that was used."""
    told = CPUINFO.read_text("utf-8") if CPUINFO.is_file() else ""
    facts = dict(line.split(":", 1) for line in told.splitlines() if ":" in line)
    facts = {key.strip(): value.strip() for key, value in facts.items()}
    flags = set(facts.get("flags", "").split())
    return {
        "processor": facts.get("model name") or platform.processor() or platform.machine(),
        "cores": cores(),
        "instructions": [name for name in TELLING if name in flags],
        "memory_gib": round(_memory() / 2**30, 1),
        "device": device or "cpu",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": {name: found for name in LIBRARIES if (found := _version(name))},
    }


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a benchmark found."""

    name: str
    title: str
    setup: Mapping[str, Any]
    """What was measured, and how often."""
    figures: Mapping[str, Any]
    """The numbers that others quote; they stand at the top of the JSON."""
    rows: Sequence[Mapping[str, Cell]]
    """One a measured case, at least one, all with the same columns."""
    panels: Sequence[Panel] = ()
    machine: Mapping[str, Any] = field(default_factory=describe_machine)

    def to_dict(self) -> dict[str, Any]:
        """The whole, ready for JSON."""
        return {
            "benchmark": self.name,
            "machine": dict(self.machine),
            "setup": dict(self.setup),
            **self.figures,
            "rows": [dict(row) for row in self.rows],
        }

    def table(self) -> Table:
        """The rows, for a terminal."""
        table = Table(title=self.title, title_justify="left", caption=_caption(self))
        for name in self.rows[0]:
            numeric = any(isinstance(row[name], int | float) for row in self.rows)
            table.add_column(name, justify="right" if numeric else "left")
        for row in self.rows:
            table.add_row(*(_shown(value) for value in row.values()))
        return table


def publish(report: Report, *, as_json: bool, plot: Path | None, logs: Path | None = None) -> None:
    """Print a report as JSON or as a table and, where a file or folder is named, draw or note it.

    Raises ``ConfigError`` when there is no library to draw with.
    """
    if logs is not None:
        logs.mkdir(parents=True, exist_ok=True)
        body = json.dumps(report.to_dict(), indent=2) + "\n"
        (logs / f"{report.name}_benchmark.json").write_text(body, "utf-8")
    if plot is not None:
        draw(report.panels, f"{report.title}\n{_caption(report)}", plot)
    if as_json:
        Console().print_json(data=report.to_dict())
    else:
        Console().print(report.table())


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which ``percent`` of them lie, between neighbours by their distance."""
    ordered = sorted(values)
    at = (len(ordered) - 1) * percent / 100
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def _caption(report: Report) -> str:
    machine = report.machine
    where = "" if machine["device"] == "cpu" else f", {machine['device']}"
    return f"{machine['processor']}, {machine['cores']} cores{where}"


def _shown(value: Cell) -> str:
    if isinstance(value, float):
        return short(value)
    return "" if value is None else str(value)


def _memory() -> int:
    if not hasattr(os, "sysconf"):
        return 0
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
