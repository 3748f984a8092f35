"""Bringing a database to the tables of this version."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from io import StringIO

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from bot.errors import StorageError
from bot.storage.store import connect, translated

Command = Callable[[Config], None]


async def upgrade(url: str, revision: str = "head") -> None:
    """Build or change the tables; does nothing where they are new already.

    Raises ``StorageError`` when the database cannot be opened or is newer than this version.
    """
    await _run(url, lambda config: command.upgrade(config, revision))


async def downgrade(url: str, revision: str) -> None:
    """Undo migrations down to this one; ``base`` undoes all."""
    await _run(url, lambda config: command.downgrade(config, revision))


async def check(url: str) -> None:
    """Raise ``StorageError`` unless the database is at the newest migration and has its tables."""
    await _run(url, _check)


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file."""
    spec = find_spec("migrations")
    if spec is None or not spec.submodule_search_locations:
        raise StorageError("the migrations are missing from this installation")
    config = Config(stdout=StringIO())  # it would print what it found
    config.set_main_option("script_location", next(iter(spec.submodule_search_locations)))
    config.set_main_option("path_separator", "os")
    stamp = "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d-%%(rev)s_%%(slug)s"
    config.set_main_option("file_template", stamp)
    config.attributes["connection"] = connection
    return config


async def _run(url: str, order: Command) -> None:
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
    found = MigrationContext.configure(config.attributes["connection"]).get_current_revision()
    wanted = ScriptDirectory.from_config(config).get_current_head()
    if found != wanted:
        raise StorageError(
            f"the database is at migration {found or 'none'}, this version needs {wanted}: "
            "run `emotibot db upgrade`"
        )
    command.check(config)
