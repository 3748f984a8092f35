"""Plots of what an evaluation found and of how runs went, as PNG files; no face is drawn here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Figures = Mapping[str, Any]
Painter = Callable[["Axes", Figures], None]

WIDE: Final = (10.0, 5.5)
SQUARE: Final = (6.5, 6.0)
FLAT: Final = (10.0, 4.0)


def draw(task: str, figures: Figures, folder: Path) -> list[Path]:
    """Draw every plot of a task; the files come back.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    name = task.replace("-", "_")
    return [
        _save(folder / f"{name}_{what}.png", size, painter, figures)
        for what, size, painter in PLOTS.get(task, ())
    ]


def draw_history(run: Path, folder: Path, *, name: str = "") -> Path | None:
    """Draw the losses and scores of a run, from its ``metrics.jsonl``; None where it has none.

    ``name`` is what the run is called; without one it is its folder's name.
    """
    path = run / "metrics.jsonl"
    if not path.is_file():
        return None
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    told = [line for line in lines if "epoch" in line or "step" in line]
    if not any("loss" in line for line in told):
        return None
    title = name or run.name
    picture = folder / f"history_{title.replace('/', '_')}.png"
    return _save(picture, WIDE, _history, {"title": title, "lines": told})


def _save(path: Path, size: tuple[float, float], painter: Painter, figures: Figures) -> Path:
    import matplotlib as mpl
    from cycler import cycler
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(
        {
            "axes.prop_cycle": cycler(color=mpl.color_sequences["petroff10"]),  # told by anybody
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "legend.frameon": False,
        }
    ):
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
        painter(figure.add_subplot(), figures)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without the version of matplotlib in the file, the same figures give the same bytes.
        figure.savefig(path, dpi=110, metadata={"Software": None})
    return path


def _distribution(axes: Axes, figures: Figures) -> None:
    """The share of each label in each part of the data set, the most frequent first."""
    parts = figures["distribution"]
    first = next(iter(parts.values()))
    labels = sorted(first, key=lambda label: -first[label])
    width = 0.8 / len(parts)
    for n, (part, counts) in enumerate(parts.items()):
        total = max(1, sum(counts.values()))
        places = np.arange(len(labels)) + (n - (len(parts) - 1) / 2) * width
        axes.bar(places, [counts[label] / total for label in labels], width, label=part)
    _name_columns(axes, labels)
    axes.set(title="How often each label occurs", ylabel="share of all labels")
    axes.grid(axis="y", alpha=0.3)
    axes.legend()


def _f1(axes: Axes, figures: Figures) -> None:
    """F1 a label, the best first, with the number of test examples on the bar."""
    f1, support = figures["f1"], figures["support"]
    labels = sorted(f1, key=lambda label: -f1[label])
    bars = axes.bar(range(len(labels)), [f1[label] for label in labels])
    above_the_line = {"facecolor": "white", "edgecolor": "none", "pad": 0.3}
    numbers = [str(support[label]) for label in labels]
    axes.bar_label(bars, numbers, fontsize=7, padding=2, bbox=above_the_line)
    mean = sum(f1.values()) / len(f1)
    axes.axhline(mean, color="black", linewidth=1, zorder=0, label=f"mean {mean:.3f}")
    _name_columns(axes, labels)
    axes.set(title="F1 by label (on the bars: test examples)", ylabel="F1", ylim=(0, 1))
    axes.grid(axis="y", alpha=0.3)
    axes.legend()


def _confusion(axes: Axes, figures: Figures, *, shares: bool = False) -> None:
    """Rows are the labels, columns what was named."""
    labels = list(figures["confusion"])
    counts = np.array(list(figures["confusion"].values()), dtype=float)
    table = counts / np.maximum(1, counts.sum(1, keepdims=True)) if shares else counts
    image = axes.imshow(table, cmap="Blues", vmin=0, vmax=1 if shares else None)
    for row, column in np.ndindex(table.shape):
        value = table[row, column]
        dark = value > table.max() * 0.6
        text = f"{value:.2f}" if shares else f"{value:.0f}"
        axes.text(column, row, text, ha="center", va="center", color="white" if dark else "black")
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    title = "Confusion, shares of each row" if shares else "Confusion, faces"
    axes.set(title=title, xlabel="named", ylabel="label")
    axes.figure.colorbar(image, ax=axes, shrink=0.8)


def _confusion_rows(axes: Axes, figures: Figures) -> None:
    _confusion(axes, figures, shares=True)


def _reliability(axes: Axes, figures: Figures) -> None:
    """Accuracy over confidence; on the diagonal a confidence is worth what it says."""
    bins = figures["reliability"]
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", label="as it should be")
    axes.plot(bins["confidence"], bins["accuracy"], marker="o", label="measured")
    for x, y, n in zip(bins["confidence"], bins["accuracy"], bins["faces"], strict=True):
        axes.annotate(str(n), (x, y), textcoords="offset points", xytext=(7, -11), fontsize=8)
    error = figures["calibration_error"]
    axes.set(
        title=f"Reliability (expected calibration error {error:.3f}; numbers: faces)",
        xlabel="confidence",
        ylabel="accuracy",
        xlim=(0, 1.05),
        ylim=(0, 1),
    )
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left")


def _scores(axes: Axes, figures: Figures) -> None:
    """Where harmless and toxic comments lie on the scale, and the threshold."""
    sides = figures["histogram"]
    for name, counts in sides.items():
        edges = np.linspace(0, 1, len(counts) + 1)
        [colour] = {line.get_color() for line in axes.plot([], [], linewidth=2, label=name)}
        axes.stairs(counts, edges, fill=True, alpha=0.25, color=colour)
        axes.stairs(counts, edges, linewidth=2, color=colour)
    limit = figures["thresholds"]["toxicity"]
    axes.axvline(limit, color="black", linestyle="--", label=f"threshold {limit:.2f}")
    axes.set(title="Scores of the Jigsaw test", xlabel="toxicity", ylabel="comments", yscale="log")
    axes.yaxis.set_major_formatter("{x:,g}")
    axes.legend()


def _outcomes(axes: Axes, figures: Figures) -> None:
    """What became of the scenes of each kind."""
    kinds = figures["outcomes"]
    names = sorted({name for counts in kinds.values() for name in counts})
    shares = {
        name: [counts.get(name, 0) / sum(counts.values()) for counts in kinds.values()]
        for name in names
    }
    _stacked(axes, list(kinds), shares)
    axes.set(title="What became of the scenes", xlabel="share of the scenes of a kind")


def _sources(axes: Axes, figures: Figures) -> None:
    """Whose words were sent, by those ways to answer that have a choice."""
    systems = {name: v for name, v in figures.items() if isinstance(v, dict) and "bank" in v}
    names = ("generated", "bank", "fallback", "crisis")
    shares = {name: [values[name] for values in systems.values()] for name in names}
    shares = {name: values for name, values in shares.items() if any(values)}
    _stacked(axes, list(systems), shares)
    axes.set(title="Whose words were sent", xlabel="share of the replies")


SYSTEM_MEASURES: Final = ("distinct_2", "emotion_fit", "generic", "repeated", "rouge_l", "own_life")


def _systems(axes: Axes, figures: Figures) -> None:
    """The ways to answer side by side, a group of bars a measure."""
    systems = {name: v for name, v in figures.items() if isinstance(v, dict) and "generic" in v}
    width = 0.8 / max(1, len(systems))
    for n, (name, values) in enumerate(systems.items()):
        places = np.arange(len(SYSTEM_MEASURES)) + (n - (len(systems) - 1) / 2) * width
        heights = [values.get(measure, np.nan) for measure in SYSTEM_MEASURES]
        axes.bar(places, heights, width, label=name)
    names = [measure.replace("_", " ") for measure in SYSTEM_MEASURES]
    axes.set_xticks(range(len(SYSTEM_MEASURES)), names)
    axes.set(title="Ways to answer, side by side", ylim=(0, 1))
    axes.grid(axis="y", alpha=0.3)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=6)


def _history(axes: Axes, figures: Figures) -> None:
    """The loss on the left scale, every score of dev on the right one."""
    from matplotlib.ticker import MaxNLocator

    lines = figures["lines"]
    along = "epoch" if all("epoch" in line for line in lines) else "step"
    axes.plot(*_points(lines, along, "loss"), "k.-", label="loss")
    axes.set(title=f"Run {figures['title']}", xlabel=along, ylabel="training loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    scores = axes.twinx()
    scores.spines["right"].set_visible(True)
    names = dict.fromkeys(name for line in lines for name in line if name.startswith("dev_"))
    for n, name in enumerate(names):
        scores.plot(*_points(lines, along, name), marker="o", color=f"C{n}", label=name)
    scores.set_ylabel("dev")
    curves = [*axes.get_lines(), *scores.get_lines()]
    labels = [str(curve.get_label()).replace("_", " ") for curve in curves]
    axes.legend(curves, labels, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=6)


def _points(lines: Sequence[Figures], along: str, name: str) -> tuple[list[float], list[float]]:
    """Where a measure was taken, and what it was."""
    told = [line for line in lines if name in line]
    return [line[along] for line in told], [line[name] for line in told]


def _stacked(axes: Axes, rows: Sequence[str], shares: Mapping[str, Sequence[float]]) -> None:
    """One bar a row, cut into shares."""
    left = np.zeros(len(rows))
    for name, values in shares.items():
        axes.barh(range(len(rows)), values, left=left, label=name.replace("_", " "))
        left += np.array(values)
    axes.set_yticks(range(len(rows)), rows)
    axes.invert_yaxis()
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=6)


def _name_columns(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_xticks(range(len(labels)), labels, rotation=60, ha="right")
    axes.margins(x=0.01)


PLOTS: Final[Mapping[str, Sequence[tuple[str, tuple[float, float], Painter]]]] = {
    "text-emotion": (("distribution", WIDE, _distribution), ("f1", WIDE, _f1)),
    "face-emotion": (
        ("distribution", WIDE, _distribution),
        ("confusion", SQUARE, _confusion),
        ("confusion_rows", SQUARE, _confusion_rows),
        ("reliability", SQUARE, _reliability),
    ),
    "face-detection": (("outcomes", FLAT, _outcomes),),
    "toxicity": (("scores", WIDE, _scores),),
    "response": (("systems", WIDE, _systems), ("sources", FLAT, _sources)),
}
"""A name for the file, the size in inches, and who paints it, by task."""
