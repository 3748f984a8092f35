"""Bringing a database to the tables of this version."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from bot.errors import StorageError
from bot.storage.store import connect, translated

if TYPE_CHECKING:  # it weighs 7 MB, and is needed only where there is something to do
    from alembic.config import Config

Command = Callable[["Config"], None]


async def is_current(url: str) -> bool:
    """Whether the database says that it is at the newest migration; its tables are not looked at.

    Raises ``StorageError`` when the database cannot be opened.
    """
    engine = connect(url)
    try:
        with translated():
            async with engine.connect() as connection:
                there = await connection.run_sync(
                    lambda sync: sync.dialect.has_table(sync, "alembic_version")
                )
                number = text("SELECT version_num FROM alembic_version")
                return there and await connection.scalar(number) == _newest()
    finally:
        await engine.dispose()


def _newest() -> str:
    """The number in the name of the last migration's file, ``date_time-number_words.py``."""
    last = max((_scripts() / "versions").glob("*-*_*.py"))
    return last.name.split("-", 1)[1].split("_", 1)[0]


async def upgrade(url: str, revision: str = "head") -> None:
    """Build or change the tables; does nothing where they are new already.

    Raises ``StorageError`` when the database cannot be opened or is newer than this version.
    """
    from alembic import command

    await _run(url, lambda config: command.upgrade(config, revision))


async def downgrade(url: str, revision: str) -> None:
    """Undo migrations down to this one; ``base`` undoes all."""
    from alembic import command

    await _run(url, lambda config: command.downgrade(config, revision))


async def check(url: str) -> None:
    """Raise ``StorageError`` unless the database is at the newest migration and has its tables."""
    await _run(url, _check)


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file."""
    from alembic.config import Config

    config = Config(stdout=StringIO())  # it would print what it found
    config.set_main_option("script_location", str(_scripts()))
    config.set_main_option("path_separator", "os")
    stamp = "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d-%%(rev)s_%%(slug)s"
    config.set_main_option("file_template", stamp)
    config.attributes["connection"] = connection
    return config


def _scripts() -> Path:
    spec = find_spec("migrations")
    if spec is None or not spec.submodule_search_locations:
        raise StorageError("the migrations are missing from this installation")
    return Path(next(iter(spec.submodule_search_locations)))


async def _run(url: str, order: Command) -> None:
    from alembic.util import CommandError

    engine = connect(url)
    try:
        with translated():
            async with engine.begin() as connection:
                await connection.run_sync(lambda sync: order(configuration(sync)))
    except CommandError as exc:
        raise StorageError(f"{exc}") from None
    finally:
        await engine.dispose()


def _check(config: Config) -> None:
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    found = MigrationContext.configure(config.attributes["connection"]).get_current_revision()
    wanted = ScriptDirectory.from_config(config).get_current_head()
    if found != wanted:
        raise StorageError(
            f"the database is at migration {found or 'none'}, this version needs {wanted}: "
            "run `emotibot db upgrade`"
        )
    command.check(config)
