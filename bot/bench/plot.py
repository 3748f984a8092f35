"""Measurements as a picture: lines over numbers, or a row for each name."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from bot.errors import ConfigError

MARKS: Final = ("o-", "s--", "D-.", "^:", "v-", "P--")
"""Marker and dash of each series; where lines meet, both can still be told."""
WIDE: Final = 5.6
HIGH: Final = 4.2
"""Of a panel, in inches."""
LONG_NAME: Final = 24
"""A series' name of more characters than this has a line of the legend for itself."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Several runs of one measurement: their median, and how far apart they lay."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.low:.3g} to {self.high:.3g})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One set of axes; what is measured goes up over numbers, and to the right beside names."""

    title: str
    x: str
    """What the numbers or names are."""
    y: str
    """What is measured, with its unit."""
    series: Mapping[str, Sequence[tuple[float | str, Spread]]]
    """The values of one series stand at numbers, or at names that all series share."""
    log: bool = False
    """Whether what is measured spans powers of ten."""


def short(value: float) -> str:
    """A number as tables and pictures show it."""
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def draw(panels: Sequence[Panel], title: str, path: Path) -> None:
    """Draw at least one panel side by side into a picture file.

    Raises ``ConfigError`` when there is no library to draw with.
    """
    try:
        import matplotlib as mpl
        from cycler import cycler
    except ModuleNotFoundError:
        raise ConfigError(
            "Plots need matplotlib; install EmotiBot with its [bench] extra, or leave --plot out."
        ) from None
    from matplotlib.figure import Figure

    with mpl.rc_context(
        {
            "axes.prop_cycle": cycler(color=mpl.color_sequences["petroff10"]),  # told by anybody
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
        }
    ):
        figure = Figure(figsize=(WIDE * len(panels), HIGH), layout="constrained")
        figure.suptitle(title, fontsize=9)
        parts = figure.subfigures(1, len(panels), squeeze=False)[0]
        for part, panel in zip(parts, panels, strict=True):
            _draw(part, panel)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=110)


def _draw(part: Any, panel: Panel) -> None:
    axes = part.subplots()
    named = any(isinstance(x, str) for points in panel.series.values() for x, _ in points)
    (_rows if named else _lines)(axes, panel)
    axes.set_title(panel.title, fontsize=11)
    axes.grid(axis="x" if named else "y", alpha=0.3)
    if panel.log:
        (axes.set_xscale if named else axes.set_yscale)("log")
        (axes.xaxis if named else axes.yaxis).set_major_formatter("{x:,g}")
    if len(panel.series) > 1:
        columns = 2 if max(map(len, panel.series)) <= LONG_NAME else 1
        part.legend(loc="outside lower center", ncols=columns, frameon=False)


def _lines(axes: Any, panel: Panel) -> None:
    for (name, points), mark in zip(panel.series.items(), cycle(MARKS), strict=False):
        xs = [x for x, _ in points]
        middle = [spread.median for _, spread in points]
        axes.errorbar(xs, middle, yerr=_reach(points), label=name, fmt=mark, capsize=3)
    places = sorted({x for points in panel.series.values() for x, _ in points})
    axes.set_xscale("log", base=2)
    axes.set_xticks(places, [f"{x:,g}" for x in places])
    axes.minorticks_off()
    axes.set(xlabel=panel.x, ylabel=panel.y)
    if not panel.log:
        axes.set_ylim(0, None)


def _rows(axes: Any, panel: Panel) -> None:
    """Bars; dots where the scale has no zero that a bar could begin at."""
    thick = 0.8 / len(panel.series)
    names: list[float | str] = []
    for place, ((name, points), mark) in enumerate(
        zip(panel.series.items(), cycle(MARKS), strict=False)
    ):
        names = [row for row, _ in points]
        middle = [spread.median for _, spread in points]
        at = [row + (place + 0.5) * thick - 0.4 for row in range(len(points))]
        if panel.log:
            axes.errorbar(middle, at, xerr=_reach(points), label=name, fmt=mark[0])
        else:
            axes.barh(at, middle, 0.9 * thick, xerr=_reach(points), label=name)
        for height, (_, spread) in zip(at, points, strict=True):
            axes.annotate(
                short(spread.median),
                (spread.high, height),
                xytext=(7, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set(xlabel=panel.y, ylabel=panel.x)


def _reach(points: Sequence[tuple[float | str, Spread]]) -> list[list[float]] | None:
    """How far the whiskers go down and up; None where there was one run."""
    if all(spread.low == spread.high for _, spread in points):
        return None
    return [[s.median - s.low for _, s in points], [s.high - s.median for _, s in points]]
