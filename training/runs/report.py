"""What an evaluation leaves behind: JSON for machines, a page of tables and plots for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from emotibot_models.artifacts import MANIFEST
from emotibot_models.errors import ArtifactError
from training.runs.plots import draw, draw_history
from training.runs.revision import revision

Figures = Mapping[str, Any]

HEADLINES: Final[Mapping[str, tuple[str, ...]]] = {
    "text-emotion": ("macro_f1_27", "macro_f1_27_low", "macro_f1_27_high", "macro_f1_28"),
    "face-detection": ("recall_upright", "recall", "false_finds", "milliseconds_median"),
    "face-emotion": ("accuracy", "macro_f1", "calibration_error", "accuracy_when_sure"),
    "response": ("perplexity",),
    "relevance": (),
    "ranking": (),
    "toxicity": ("roc_auc", "pr_auc", "false_alarms_kind_replies"),
}
"""The figures that stand first on the page."""
NOTES: Final[Mapping[str, str]] = {
    "response": "Messages whose human reply tells of a life of its own (family, work, past) are "
    "left out, for a bot has none; so that share is 0 for people by choice.\n\n",
    "face-detection": "Scenes of `PrivateTest` crops with 64 pixels and more, but for the tiny "
    "ones; milliseconds a picture on the machine that wrote this page.\n\n",
}
"""What has to be known to read a task's figures."""
WRITTEN: Final = (
    "Written by `make evaluation` on {now} at {revision}; not edited by hand. Thresholds and every "
    "other choice come from the development splits; these are the test splits."
)


def write_json(figures: Mapping[str, Figures], folder: Path) -> None:
    """``<task>_metrics.json`` for each task, in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for task, values in figures.items():
        path = folder / f"{task.replace('-', '_')}_metrics.json"
        path.write_text(json.dumps(values, indent=2) + "\n", "utf-8")


def write_plots(figures: Mapping[str, Figures], folder: Path, runs: Path | None) -> list[Path]:
    """The plots of each task and the history of each run; the files come back.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    drawn = [path for task, values in figures.items() for path in draw(task, values, folder)]
    if runs is not None and runs.is_dir():
        found = sorted(path.parent for path in runs.rglob("metrics.jsonl"))
        histories = (
            draw_history(run, folder, name=run.relative_to(runs).as_posix()) for run in found
        )
        drawn += [path for path in histories if path is not None]
    return drawn


def write_report(
    figures: Mapping[str, Figures],
    sources: Mapping[str, Sequence[str]],
    folder: Path,
    runs: Path | None,
) -> Path:
    """``README.md`` with every figure, the JSON files and the plots; the page comes back.

    ``sources`` names the weights that each task was measured with.
    """
    made_by = revision(written=folder)
    write_json(figures, folder)
    write_plots(figures, folder / "plots", runs)
    # A history stays when the run it shows is no longer at hand.
    plots = sorted((folder / "plots").glob("*.png"))
    page = folder / "README.md"
    names = [f"plots/{path.name}" for path in plots]
    page.write_text(_page(figures, sources, names, made_by), "utf-8")
    return page


def _page(
    figures: Mapping[str, Figures],
    sources: Mapping[str, Sequence[str]],
    plots: list[str],
    made_by: str,
) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    parts = [
        "# Evaluation\n",
        f"{WRITTEN.format(now=now, revision=made_by)}\n",
        _headlines(figures),
        "## Weights\n",
        *(f"- {task}: {', '.join(map(_weights, named))}" for task, named in sources.items()),
        *(
            f"\n## {task}\n\n{NOTES.get(task, '')}{_tables(values)}"
            for task, values in figures.items()
        ),
        "\n## Plots\n",
        *(f"![{Path(plot).stem.replace('_', ' ')}]({plot})\n" for plot in plots),
    ]
    return "\n".join(parts)


def _headlines(figures: Mapping[str, Figures]) -> str:
    rows = [
        f"| {task} | {name} | {_shown(values[name])} |"
        for task, values in figures.items()
        for name in HEADLINES.get(task, ())
        if name in values
    ]
    return "\n".join(["| task | measure | value |", "|---|---|---|", *rows, ""])


def _weights(source: str) -> str:
    """The hash of each weights file, or the name of what is no folder of ours."""
    manifest = Path(source) / MANIFEST
    if not manifest.is_file():
        return f"`{source}`"
    try:
        files = json.loads(manifest.read_text("utf-8"))["files"]
    except (ValueError, KeyError) as exc:
        raise ArtifactError(f"{manifest} is damaged.") from exc
    weights = [name for name in files if name.endswith((".safetensors", ".ckpt"))]
    return ", ".join(f"`{name}` `{files[name][:16]}`" for name in weights)


def _tables(values: Figures) -> str:
    """Single figures first, then a table for each group; groups alike become one table."""
    single = {name: value for name, value in values.items() if not isinstance(value, dict)}
    groups = {name: value for name, value in values.items() if isinstance(value, dict)}
    parts = [_two_columns("measure", single)]
    alike: dict[tuple[str, ...], dict[str, Figures]] = {}
    for name, group in groups.items():
        alike.setdefault(_alike(group), {})[name] = group
    parts += [_side_by_side(together) for together in alike.values()]
    return "\n".join(parts)


def _alike(group: Figures) -> tuple[str, ...]:
    """What groups must share to stand in one table: being replies, or their names."""
    return ("distinct_1",) if "distinct_1" in group else tuple(sorted(group))


def _two_columns(title: str, values: Figures) -> str:
    rows = [f"| {name} | {_shown(value)} |" for name, value in values.items()]
    return "\n".join([f"| {title} | value |", "|---|---|", *rows, ""])


def _side_by_side(groups: Mapping[str, Figures]) -> str:
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    rows = [
        f"| {name} | " + " | ".join(_shown(group.get(name, "")) for group in groups.values()) + " |"
        for name in names
    ]
    head = "| | " + " | ".join(groups) + " |"
    return "\n".join([head, "|---" * (len(groups) + 1) + "|", *rows, ""])


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(item)}" for name, item in value.items())
    if isinstance(value, list):
        return " ".join(map(_shown, value))
    return "" if value is None else str(value)
