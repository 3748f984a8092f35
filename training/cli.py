"""``emotibot train`` and ``emotibot evaluate``: the commands, without torch until one runs."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from emotibot_models.errors import ModelError

train = typer.Typer(help="Train a model on data you have.", no_args_is_help=True)
evaluate = typer.Typer(help="Measure a model on a test set.", no_args_is_help=True)

Data = Annotated[
    str, typer.Option(help="Folder with the data sets, or `hub:NAME,NAME` with [datasets].")
]
Out = Annotated[Path, typer.Option(help="Folder of the run; must not exist yet.")]
Base = Annotated[str, typer.Option(help="Folder or hub id to start from.")]
Recipe = Annotated[str, typer.Option(help="`starter` (the weights on board) or `reference`.")]
Config = Annotated[
    Path | None, typer.Option(help="TOML file with arguments of the run.", exists=True)
]
Device = Annotated[str, typer.Option(help="`cpu`, `cuda` or `cuda:N`; empty takes a GPU if any.")]
Resume = Annotated[bool, typer.Option("--resume", help="Continue the run in --out.")]
Preset = Annotated[str, typer.Option(help="`starter`, `reference`, or a weights folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="The figures as one JSON object.")]

Plots = Annotated[Path | None, typer.Option(help="Folder for the plots, as PNG files.")]
Logs = Annotated[Path | None, typer.Option(help="Folder for one JSON file a task.")]
Runs = Annotated[
    Path | None, typer.Option(help="Folder of training runs, whose histories are plotted too.")
]
Report = Annotated[
    Path | None, typer.Option(help="Folder for a page with every figure, JSON files and plots.")
]

TASKS = {
    "text-emotion": "27 emotions in words, on GoEmotions.",
    "face-detection": "Where faces are, on scenes made from FER2013.",
    "face-emotion": "7 expressions on faces, on FER2013.",
    "response": "Empathetic replies, on EmpatheticDialogues and more.",
    "relevance": "Which reply belongs to which message.",
    "ranking": "The choice among replies, on replies that were rated.",
    "toxicity": "What must not be said, for Detoxify.",
}
PARTS = {
    "text-emotion": "text",
    "face-detection": "finder",
    "face-emotion": "face",
    "response": "response",
    "relevance": "relevance",
    "toxicity": "toxicity",
    "ranking": "response",
}
"""What a preset calls the weights of a task; for the ranking those of the generator it judges."""


def _add_train(task: str, help_text: str) -> None:
    @train.command(task, help=help_text)
    def command(
        data: Data,
        out: Out,
        base: Base = "",
        recipe: Recipe = "starter",
        config: Config = None,
        device: Device = "",
        resume: Resume = False,
    ) -> None:
        changes = _given(base=base, device=device)
        folder = _guarded(_folder, data)
        _guarded(_train, task, recipe, config, data=folder, out=out, resume=resume, **changes)


def _add_evaluate(task: str, help_text: str) -> None:
    @evaluate.command(task, help=help_text)
    def command(
        data: Data,
        preset: Preset = "starter",
        device: str = "auto",
        as_json: AsJson = False,
        plots: Plots = None,
        logs: Logs = None,
        runs: Runs = None,
    ) -> None:
        folder = _guarded(_folder, data)
        figures = {task: _guarded(_evaluate, task, preset, folder, device)}
        _guarded(_leave, figures, plots, logs, runs)
        if task == "face-emotion" and logs is not None:
            _guarded(_gallery, preset, folder, logs, device)
        _show(figures, as_json)


@evaluate.command("all", help="Every model of a preset, one after the other.")
def evaluate_all(
    data: Data,
    preset: Preset = "starter",
    device: str = "auto",
    as_json: AsJson = False,
    plots: Plots = None,
    logs: Logs = None,
    runs: Runs = None,
    report: Report = None,
) -> None:
    """Evaluate each task of the preset."""
    folder = _guarded(_folder, data)
    figures = {}
    for task in TASKS:
        typer.echo(f"{task} ...", err=True)
        figures[task] = _guarded(_evaluate, task, preset, folder, device)
    _guarded(_leave, figures, plots, logs, runs)
    if report is not None:
        from training.runs.report import write_report

        sources = {task: _sources(task, preset) for task in TASKS}
        _guarded(write_report, figures, sources, report, runs)
    _show(figures, as_json)


@evaluate.command("conversations", help="Thirty conversations with the starter, as Markdown.")
def evaluate_conversations(
    out: Annotated[Path, typer.Option(help="Where the Markdown goes.")], device: str = "auto"
) -> None:
    """Hold the conversations that were written down beforehand."""
    _guarded(_converse, out, device)


@evaluate.command("blind", help="The bot's replies beside people's, to be judged blindly.")
def evaluate_blind(
    data: Data,
    out: Annotated[Path, typer.Option(help="Folder of sheet, rubric, key and verdicts.")],
    device: str = "auto",
    as_json: AsJson = False,
) -> None:
    """Draw a sheet; once `verdicts.jsonl` lies beside it, count them."""
    _guarded(_blind, data, out, device, as_json)


@train.command(
    "response-data",
    help="Read and encode the data of `train response`, which goes on with --resume, "
    "on a machine with a GPU and without the data.",
)
def response_data(data: Data, out: Out, recipe: Recipe = "gpu", config: Config = None) -> None:
    """Make the part of a run that needs the data and no GPU."""
    folder = _guarded(_folder, data)
    _guarded(_prepare_response, recipe, config, data=folder, out=out)


for _task, _help in TASKS.items():
    _add_train(_task, _help)
    _add_evaluate(_task, _help)


def _folder(data: str) -> Path:
    """The folder that ``--data`` names, fetched first where it names sets of the hub."""
    if data.startswith("hub:"):
        fetched: Path = import_module("training.hub.fetch").fetch(data)
        return fetched
    if not Path(data).is_dir():
        raise ValueError(f"--data: {data} is no folder.")
    return Path(data)


def _given(**options: str) -> dict[str, str]:
    """The options that were given; the others are the recipe's."""
    return {name: value for name, value in options.items() if value}


def _args(task: str, recipe: str, config: Path | None, **given: Any) -> Any:
    """The arguments of a run: the recipe's, changed by a file, changed by the command line."""
    module = import_module(f"training.{_package(task)}.args")
    if recipe not in module.RECIPES:
        raise ValueError(f"--recipe must be one of {', '.join(module.RECIPES)}, got {recipe!r}")
    return module.ARGS(**(module.RECIPES[recipe] | _changes(module.ARGS, config) | given))


def _prepare_response(recipe: str, config: Path | None, **given: Any) -> None:
    args = _args("response", recipe, config, **given)
    folder = import_module("training.response.train").prepare(args)
    Console(stderr=True).print(f"Prepared: {folder}", highlight=False)


def _train(task: str, recipe: str, config: Path | None, **given: Any) -> None:
    args = _args(task, recipe, config, **given)
    weights = import_module(f"training.{_package(task)}.train").run(args)
    card = import_module("training.runs.card").write_card(weights, args)
    Console(stderr=True).print(f"Weights: {weights}, told in {card}")


def _changes(kind: Any, config: Path | None) -> dict[str, Any]:
    """The arguments in a TOML file; a name that the run does not have is refused."""
    if config is None:
        return {}
    changes = tomllib.loads(config.read_text("utf-8"))
    known = {field.name for field in fields(kind)}
    if unknown := sorted(set(changes) - known):
        raise ValueError(f"{config}: no such argument: {', '.join(unknown)}")
    return changes


def _evaluate(task: str, preset: str, data: Path, device: str) -> dict[str, Any]:
    module = import_module(f"training.{_package(task)}.evaluate")
    figures: dict[str, Any] = module.evaluate(_source(task, preset), data, device)
    return figures


def _source(task: str, preset: str) -> str:
    """The weights that a preset names for a task; what is no preset is a source itself."""
    from emotibot_models.presets import PRESETS

    return str(getattr(PRESETS[preset], PARTS[task])) if preset in PRESETS else preset


def _sources(task: str, preset: str) -> list[str]:
    """All weights that the figures of a task depend on."""
    from emotibot_models.presets import STARTER

    beside = [str(STARTER / "ranking")] if task == "ranking" else []
    return [_source(task, preset), *beside]


def _gallery(preset: str, data: Path, logs: Path, device: str) -> None:
    """Faces with what was read in them, for the eyes of whoever asked for logs."""
    module = import_module("training.face_emotion.gallery")
    module.draw_gallery(_source("face-emotion", preset), data, logs, device)


def _leave(
    figures: dict[str, dict[str, Any]], plots: Path | None, logs: Path | None, runs: Path | None
) -> None:
    from training.runs.report import write_json, write_plots

    if logs is not None:
        write_json(figures, logs)
    if plots is not None:
        write_plots(figures, plots, runs)


def _converse(out: Path, device: str) -> None:
    from emotibot_models.pipeline import Pipeline
    from emotibot_models.presets import STARTER
    from training.response import conversations
    from training.runs.fingerprints import fingerprints
    from training.runs.revision import revision

    script = conversations.load()
    told = conversations.hold(Pipeline.load("starter", device), script)
    today = datetime.now(UTC).date()
    text = conversations.as_markdown(
        script, told, on=today, weights=fingerprints(STARTER), revision=revision(written=out)
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, "utf-8")


def _blind(data: str, out: Path, device: str, as_json: bool) -> None:
    from training.response import blind

    if (out / blind.VERDICTS).is_file():
        _show({"blind": blind.count(out).to_dict()}, as_json)
        return
    from emotibot_models.pipeline import Pipeline

    blind.draw(_folder(data), Pipeline.load("starter", device), out)
    Console(stderr=True).print(
        f"{out / blind.SHEET} is for the judge, with {out / blind.RUBRIC_FILE}; a line "
        f'{{"number": 1, "better": "A"}} for each goes to {out / blind.VERDICTS}.',
        highlight=False,
    )


def _package(task: str) -> str:
    return task.replace("-", "_")


def _guarded(call: Any, *args: Any, **kwargs: Any) -> Any:
    """Turn what the person can mend into one sentence and exit code 2."""
    try:
        return call(*args, **kwargs)
    except ModuleNotFoundError as exc:
        message = f"{exc.name} is not installed; install EmotiBot with its [train] extra."
    except (ValueError, ModelError) as exc:
        message = str(exc)
    except OSError as exc:  # a base that the hub does not give, a folder that cannot be written
        message = " ".join(str(exc).split())
    Console(stderr=True).print(message, style="red", highlight=False)
    raise typer.Exit(2)


def _show(figures: dict[str, dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures))
        return
    for task, values in figures.items():
        table = Table("measure", "value", title=task)
        for name, value in values.items():
            if not isinstance(value, dict):
                table.add_row(name, f"{value:.4f}" if isinstance(value, float) else str(value))
        Console().print(table)
        for name, value in values.items():
            if isinstance(value, dict):
                Console().print(_nested(name, value))


def _nested(name: str, values: dict[str, Any]) -> Table:
    table = Table("", name)
    for key, value in values.items():
        table.add_row(key, f"{value:.4f}" if isinstance(value, float) else str(value))
    return table
