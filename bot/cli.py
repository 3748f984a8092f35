"""The ``emotibot`` command: its table of contents, and nothing loaded before it is needed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer
from rich.console import Console as Screen

from bot.bench.commands import bench
from bot.config import Settings, load
from bot.errors import ConfigError, EmotiBotError
from bot.lifecycle import stoppable

if TYPE_CHECKING:
    from bot.bootstrap import Pipeline
    from bot.platforms.base import Platform

app = typer.Typer(
    help="EmotiBot reads the emotion in words and faces, and answers with empathy.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # they hold what people said
    context_settings={"help_option_names": ["-h", "--help"]},
)
db = typer.Typer(help="The database that keeps people's history.", no_args_is_help=True)
app.add_typer(db, name="db")
discord = typer.Typer(help="What Discord knows of the bot.", no_args_is_help=True)
app.add_typer(discord, name="discord")
app.add_typer(bench, name="bench")

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="TOML file; see config.example.toml.")
]
Seed = Annotated[int | None, typer.Option(help="Makes the replies reproducible.")]
DEFAULT_CONFIG = Path("config.toml")
MISTAKE = 2
"""Exit code for what the person at the keyboard can mend."""


@app.command()
def chat(config: ConfigFile = None) -> None:
    """Talk to EmotiBot here; reads piped lines when standard input is no terminal."""
    from bot.bootstrap import service
    from bot.platforms.console import Console

    settings = _settings(config, level="error")

    async def talk() -> None:
        console = Console()
        async with service(settings, pipeline, [console]) as live:
            await console.receive(live.accept)

    pipeline = _pipeline(settings)
    _run(talk)


@app.command()
def demo(
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 for every network.")] = (
        "127.0.0.1"
    ),
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Default: the first free from 7860 on.")
    ] = None,
    share: Annotated[bool, typer.Option("--share", help="Make a public link (internet).")] = False,
    auth: Annotated[
        str, typer.Option(metavar="USER", help="Ask for USER and EMOTIBOT_DEMO_PASSWORD.")
    ] = "",
    config: ConfigFile = None,
) -> None:
    """Talk to EmotiBot in a browser, on a page that shows what it reads; needs no network."""
    from bot.bootstrap import serve

    settings = _settings(config, level="error")
    login = _login(auth, settings)
    try:
        from bot.platforms.web import Serving, WebPlatform, passing_folder
    except ModuleNotFoundError as exc:
        _stop(f"{exc.name} is not installed; install EmotiBot with its [demo] extra.")
    pipeline = _pipeline(settings)
    with passing_folder() as folder:
        page = WebPlatform(
            Serving(folder=folder, host=host, port=port, share=share, login=login, tell=typer.echo)
        )
        _run(lambda: serve(settings.for_demo(folder), pipeline, [page]))


@app.command()
def analyze(
    text: Annotated[str, typer.Argument(help="The message.")] = "",
    image: Annotated[Path | None, typer.Option(help="A picture to go with it.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON lines in, JSON lines out.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The whole result as JSON.")] = False,
    no_reply: Annotated[bool, typer.Option("--no-reply", help="Read only, answer not.")] = False,
    face: Annotated[str, typer.Option(help="`detect` a face, or the picture is its `crop`.")] = (
        "detect"
    ),
    seed: Seed = None,
    config: ConfigFile = None,
) -> None:
    """Read one message, or with --jsonl one a line, and answer it."""
    from bot.analysis import Options, analyze_lines
    from emotibot_models.types import FaceMode

    if face not in tuple(FaceMode):
        _stop(f"--face must be one of {', '.join(FaceMode)}, got {face!r}")
    if not jsonl and not text and image is None:
        _stop("Nothing to read: give a text, an --image, or --jsonl with lines on standard input.")
    if image is not None and not image.is_file():
        _stop(f"There is no file {image}.")
    options = Options(reply=not no_reply, face_mode=FaceMode(face), seed=seed)
    pipeline = _pipeline(_settings(config, level="error"))
    if jsonl:
        for answer in analyze_lines(pipeline, sys.stdin, options):
            typer.echo(answer)
        return
    line = json.dumps({"text": text, "image": str(image) if image else None})
    [answer] = analyze_lines(pipeline, [line], options)
    _show(json.loads(answer), as_json=as_json)


@app.command()
def run(
    platform: Annotated[
        str, typer.Option(help="Serve only this one: `telegram` or `discord`.")
    ] = "",
    shard_ids: Annotated[
        str, typer.Option(help="The Discord shards of this process, as in `0,1`.")
    ] = "",
    config: ConfigFile = None,
) -> None:
    """Serve every platform that has a token, until SIGINT or SIGTERM.

    With the distributed engine this is a front end: `emotibot worker` does the thinking.
    """
    from bot.bootstrap import serve

    settings = _settings(config)
    try:
        platforms = _platforms(settings, only=platform, shard_ids=_numbers(shard_ids))
    except ConfigError as exc:
        _stop(str(exc))
    pipeline = _pipeline(settings) if settings.engine.kind == "local" else None
    _run(lambda: serve(settings, pipeline, platforms, lambda: load(_file(config), os.environ)))


@app.command()
def worker(
    device: Annotated[str, typer.Option(help="Where the models run, as in `cuda:0`.")] = "",
    config: ConfigFile = None,
) -> None:
    """Think for the front ends of the distributed engine, until SIGINT or SIGTERM."""
    from bot.bootstrap import serve

    settings = _settings(config)
    if settings.engine.kind == "local":
        _stop(
            'A worker needs engine.kind = "procrastinate"; with the local engine '
            "`emotibot run` does the thinking itself."
        )
    if device:
        models = settings.models.model_copy(update={"device": device})
        settings = settings.model_copy(update={"models": models})
    pipeline = _pipeline(settings)
    _run(lambda: serve(settings, pipeline, []))


@app.command()
def faults(
    messages: Annotated[int, typer.Option(min=100, help="How many are said.")] = 1000,
    minutes: Annotated[
        float | None, typer.Option(min=0.1, help="Talk for so long instead, 25 messages a second.")
    ] = None,
    people: Annotated[int, typer.Option(min=2, help="How many talk.")] = 100,
    engine: Annotated[str, typer.Option(help="`local` or `procrastinate`.")] = "local",
    seed: Annotated[int, typer.Option(help="Decides who talks and what dies when.")] = 7,
    script: Annotated[
        bool, typer.Option("--script", help="One harm after the other, and how long each costs.")
    ] = False,
    refusals: Annotated[
        float, typer.Option(min=0, max=1, help="Share of messages at which a platform fails.")
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Kill, freeze and starve a service of one's own while people talk, and count their replies."""
    from bot.faults import run as harness

    if engine not in ("local", "procrastinate"):
        _stop(f"--engine must be local or procrastinate, got {engine!r}")
    count = messages if minutes is None else round(minutes * 60 * harness.PER_S)
    if count < people:
        _stop(f"{people} people cannot say {count} messages; everybody says one or more")

    async def hurt() -> None:
        ran = await harness.run(
            count,
            engine,  # type: ignore[arg-type]
            seed=seed,
            people=people,
            script=script,
            refusals=refusals,
        )
        result = ran.to_dict()
        if as_json:
            typer.echo(json.dumps(result))
        else:
            for key, value in result.items():
                typer.echo(f"{key:13} {value}")
        if any(result[bad] for bad in ("lost", "missing", "doubled", "out_of_order")):
            raise typer.Exit(1)

    with stoppable():
        _run(hurt)


@db.command()
def upgrade(config: ConfigFile = None) -> None:
    """Bring the database to the tables of this version."""
    from bot import bootstrap

    settings = _settings(config)
    _run(lambda: bootstrap.upgrade(settings))
    typer.echo("The database is up to date.")


@db.command()
def check(config: ConfigFile = None) -> None:
    """Say whether the database has the tables of this version."""
    from bot import bootstrap

    settings = _settings(config)
    _run(lambda: bootstrap.check(settings))
    typer.echo("The database fits this version.")


@discord.command()
def sync(config: ConfigFile = None) -> None:
    """Register the slash commands anew; `emotibot run` does so by itself when they changed."""
    settings = _settings(config)
    token = settings.secrets.discord_token
    if token is None:
        _stop("Set EMOTIBOT_DISCORD_TOKEN; the README says where to get one.")

    async def register() -> None:
        from bot.platforms.discord import DiscordPlatform

        platform = DiscordPlatform(token.get_secret_value(), settings.platforms.discord)
        async with platform.opened():
            typer.echo(f"Discord knows {await platform.sync()} commands.")

    _run(register)


@app.callback(invoke_without_command=True)
def _version(
    show: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
) -> None:
    if show:
        typer.echo(f"emotibot {version('emotibot')}")
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    for point in entry_points(group="emotibot.commands"):
        app.add_typer(point.load(), name=point.name)
    app()


def _settings(config: Path | None, *, level: str = "") -> Settings:
    """Read the settings and set logging up; ``level`` overrides theirs for a quiet terminal."""
    from bot import logs

    try:
        settings = load(_file(config), os.environ)
    except ConfigError as exc:
        _stop(str(exc))
    logs.configure(level or settings.logs.level, settings.logs.format)
    return settings


def _file(config: Path | None) -> Path | None:
    """The settings file that was named, or the one that lies here."""
    return config or (DEFAULT_CONFIG if DEFAULT_CONFIG.is_file() else None)


def _pipeline(settings: Settings) -> Pipeline:
    """Load the models, once a process."""
    screen = Screen(stderr=True)
    models = settings.models
    try:
        with screen.status("Waking up the models …"):
            from emotibot_models import Pipeline as Models
            from emotibot_models.errors import ModelError

            return Models.load(**models.model_dump())
    except ModuleNotFoundError as exc:
        _stop(f"{exc.name} is not installed; install EmotiBot with its [models] extra.")
    except ModelError as exc:
        _stop(str(exc))


def _login(user: str, settings: Settings) -> tuple[str, str] | None:
    """The user and the password that the page asks for; None where it asks for none."""
    password = settings.secrets.demo_password
    if not user:
        return None
    if ":" in user:
        _stop(
            "--auth takes the user alone: a command line can be read by others on this machine, "
            "so the password goes into EMOTIBOT_DEMO_PASSWORD."
        )
    if password is None:
        _stop(f"--auth {user} needs a password in EMOTIBOT_DEMO_PASSWORD.")
    return user, password.get_secret_value()


PLATFORMS: Final = ("telegram", "discord")


def _platforms(settings: Settings, *, only: str, shard_ids: Sequence[int]) -> list[Platform]:
    """An adapter for each token in the environment, or for the one platform that is wanted."""
    if only and only not in PLATFORMS:
        _stop(f"--platform must be one of {', '.join(PLATFORMS)}, got {only!r}")
    if shard_ids and only != "discord":
        _stop("--shard-ids belongs to --platform discord.")
    wanted = [only] if only else PLATFORMS
    secrets = settings.secrets
    found: list[Platform] = []
    if secrets.telegram_token is not None and "telegram" in wanted:
        from bot.platforms.telegram import TelegramPlatform

        secret = secrets.telegram_secret
        found.append(
            TelegramPlatform(
                secrets.telegram_token.get_secret_value(),
                settings.platforms.telegram,
                secret=secret.get_secret_value() if secret else "",
            )
        )
    if secrets.discord_token is not None and "discord" in wanted:
        from bot.platforms.discord import DiscordPlatform

        found.append(
            DiscordPlatform(
                secrets.discord_token.get_secret_value(),
                settings.platforms.discord,
                shard_ids=shard_ids,
            )
        )
    if not found:
        names = " or ".join(f"EMOTIBOT_{name.upper()}_TOKEN" for name in wanted)
        _stop(
            f"No platform has a token. Set {names}; the README says where to get one. "
            "Without a token, `emotibot chat` talks here."
        )
    return found


def _numbers(said: str) -> list[int]:
    try:
        return [int(number) for number in said.split(",")] if said else []
    except ValueError:
        _stop(f"--shard-ids takes numbers with commas between them, got {said!r}")


def _run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    try:
        asyncio.run(work())
    except EmotiBotError as exc:
        _stop(str(exc), code=MISTAKE if isinstance(exc, ConfigError) else 1)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _show(result: dict[str, Any], *, as_json: bool) -> None:
    if error := result.get("error"):
        _stop(error)
    if as_json:
        typer.echo(json.dumps(result, indent=2, ensure_ascii=False))
        return
    from bot.platforms.console import bars

    screen = Screen(highlight=False)
    screen.print(bars(result))
    if face := result["metadata"].get("face"):
        screen.print(face["note"], style="dim")
    screen.print(result["response"], markup=False)


def _stop(message: str, code: int = MISTAKE) -> NoReturn:
    Screen(stderr=True, highlight=False).print(message, style="red", markup=False)
    raise typer.Exit(code)
