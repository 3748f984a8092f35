"""``emotibot bench``: its commands, and nothing loaded before one of them runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.errors import ConfigError
from bot.lifecycle import stoppable

if TYPE_CHECKING:
    from bot.bench.report import Report

bench = typer.Typer(help="Measure EmotiBot on this machine.", no_args_is_help=True)

Rounds = Annotated[int, typer.Option(min=1, help="Measured in turn; the median counts.")]
AsJson = Annotated[bool, typer.Option("--json", help="The figures as one JSON object.")]
Plot = Annotated[Path | None, typer.Option(help="Draw the figures into this picture file.")]
Logs = Annotated[Path | None, typer.Option(help="Folder for `<name>_benchmark.json`.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:1.")]


@bench.command()
def machine(device: Device = "cpu", as_json: AsJson = False, plot: Plot = None) -> None:
    """How fast this machine reads memory and multiplies: what any model could reach at best."""
    from bot.bench.machine import measure

    published(lambda: measure(device), as_json=as_json, plot=plot)


@bench.command()
def service(
    seconds: Annotated[float, typer.Option(help="How long each case lasts.")] = 15.0,
    as_json: AsJson = False,
    plot: Plot = None,
) -> None:
    """What the service costs a message, in one process and over many; its weight at rest."""
    from bot import logs
    from bot.bench.service import measure

    logs.configure("error", "json")
    published(lambda: measure(seconds), as_json=as_json, plot=plot)


@bench.command()
def engine(
    waiting: Annotated[
        list[int] | None, typer.Option(min=1_000, help="Instead of 1,000, 10,000 and 100,000.")
    ] = None,
    as_json: AsJson = False,
    plot: Plot = None,
) -> None:
    """What a job costs each engine while thousands of others wait."""
    from bot import logs
    from bot.bench.engine import WAITING, measure

    logs.configure("error", "json")
    published(lambda: measure(sorted(waiting or WAITING)), as_json=as_json, plot=plot)


@bench.command()
def pipeline(
    preset: Annotated[
        str, typer.Option(help="`starter`: the weights on board; `reference`: the large ones.")
    ] = "starter",
    random_weights: Annotated[
        bool, typer.Option("--random-weights", help="For `reference`: built without a hub.")
    ] = False,
    tokens: Annotated[int, typer.Option(min=1, help="For `reference`: of every reply.")] = 32,
    device: Annotated[str, typer.Option(help="For `reference`: cpu, cuda, cuda:1.")] = "auto",
    rounds: Rounds = 5,
    callers: Annotated[list[int] | None, typer.Option(help="Instead of 1, 8, 32, 128.")] = None,
    int8: Annotated[
        bool, typer.Option(help="Ours in int8, as it is served, or in float32.")
    ] = True,
    pictures: Annotated[bool, typer.Option(help="Messages with a picture, too.")] = True,
    alone: Annotated[int, typer.Option(min=1, help="Messages a round for the naive way.")] = 16,
    processes: Annotated[
        int, typer.Option(min=1, help="Of ours, each with its own models; they share the callers.")
    ] = 1,
    memory: Annotated[bool, typer.Option(help="Measure peak memory, each side alone.")] = True,
    as_json: AsJson = False,
    plot: Plot = None,
    logs: Logs = None,
) -> None:
    """The same weights the naive way and ours: time of an answer, answers a second, memory."""
    from bot.bench.pipeline import CALLERS, Setup, measure
    from emotibot_models.devices import pick_device

    if preset not in ("starter", "reference"):
        _refuse(f"--preset must be starter or reference, got {preset!r}")
    if random_weights != (preset == "reference"):
        _refuse("--random-weights belongs to --preset reference, which is measured with them alone")
    place = str(pick_device(device)) if preset == "reference" else "cpu"
    setup = Setup(preset=preset, device=place, int8=int8, tokens=tokens, processes=processes)
    published(
        lambda: measure(
            setup,
            rounds=rounds,
            callers=callers or CALLERS,
            pictures=pictures,
            memory=memory,
            alone=alone,
        ),
        as_json=as_json,
        plot=plot,
        logs=logs,
    )


@bench.command()
def runtimes(
    rounds: Rounds = 5,
    compiled: Annotated[
        bool, typer.Option("--compile", help="torch.compile, too; needs a C++ compiler.")
    ] = False,
    as_json: AsJson = False,
    plot: Plot = None,
    logs: Logs = None,
) -> None:
    """What computes a text network fastest, and how far its scores move: winner and losers."""
    from bot.bench.runtimes import measure

    published(
        lambda: measure(rounds=rounds, compiled=compiled), as_json=as_json, plot=plot, logs=logs
    )


@bench.command()
def candidates(
    rounds: Rounds = 5,
    as_json: AsJson = False,
    plot: Plot = None,
    logs: Logs = None,
) -> None:
    """What an answer costs by the number of replies that are sampled for it."""
    from bot.bench.candidates import measure

    published(lambda: measure(rounds=rounds), as_json=as_json, plot=plot, logs=logs)


@bench.command()
def turns(
    rounds: Rounds = 5,
    as_json: AsJson = False,
    plot: Plot = None,
    logs: Logs = None,
) -> None:
    """What a turn costs beside its networks: processor time where their answers are known."""
    from bot.bench.turns import measure

    published(lambda: measure(rounds=rounds), as_json=as_json, plot=plot, logs=logs)


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(2)


def published(
    measured: Callable[[], Report], *, as_json: bool, plot: Path | None, logs: Path | None = None
) -> None:
    """Measure, then print, draw and note; a mistake that can be mended is one sentence."""
    from bot.bench.report import publish

    try:
        with stoppable():
            publish(measured(), as_json=as_json, plot=plot, logs=logs)
    except ConfigError as exc:
        typer.echo(str(exc), err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
