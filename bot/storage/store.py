"""One database: opened once, written in transactions, errors told in our words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Executable, Insert, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    NoSuchModuleError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import ConfigError, StorageError
from bot.storage.embedded import BEGIN, connector

log = structlog.get_logger(__name__)

BUSY_MS: Final = 5_000
PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    f"PRAGMA busy_timeout = {BUSY_MS}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is forgotten leaves the file, too; see ``_empty_log``
)
EMPTY_LOG: Final = "PRAGMA wal_checkpoint(TRUNCATE)"
SYNC: Final = {
    True: "PRAGMA synchronous = FULL",  # an acknowledged message survives a power cut
    False: "PRAGMA synchronous = NORMAL",
}
POSTGRES: Final = "postgresql+psycopg"
CONNECTIONS: Final = 8
"""To PostgreSQL, for the durable transactions of a process, and as many for the quick ones."""


class Driver(Protocol):
    """A connection below SQLAlchemy: ``EmbeddedConnection`` or ``ServedConnection``."""

    held: list[tuple[Any, Any]]
    holding: bool


class Transaction:
    """An open transaction, and what is to be done once it is committed."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.erases = False
        """Whether something is deleted that must not stay on the disk either."""
        self._afterwards: list[Callable[[], None]] = []

    @property
    def driver(self) -> Any:
        """The connection below SQLAlchemy, a ``Driver``."""
        return driver(self.connection.sync_connection)

    async def write(self, statement: Executable, values: Mapping[str, Any] | None = None) -> None:
        """Execute what gives nothing back: it travels with the next statement or the commit.

        There is where its failure shows.
        """
        below: Driver = self.driver
        below.holding = True
        try:
            await self.connection.execute(statement, values)
        finally:
            below.holding = False

    @property
    def dialect(self) -> str:
        """``postgresql`` or ``sqlite``."""
        return self.connection.dialect.name

    def after_commit(self, call: Callable[[], None]) -> None:
        """Do this when the rows are there for everybody; never if they are not."""
        self._afterwards.append(call)

    def committed(self) -> None:
        """Do what was waiting for the commit."""
        for call in self._afterwards:
            call()

    def insert(self, table: Table) -> Any:
        """An INSERT of this dialect, which knows ``on_conflict_do_nothing``."""
        return insert_for(self.dialect, table)


def driver(connection: Any) -> Any:
    """What lies below a connection of SQLAlchemy."""
    return connection.connection.driver_connection


def in_both(make: Callable[[Callable[[Table], Any]], Executable]) -> Mapping[str, Executable]:
    """One INSERT for each dialect, put together once, by ``make(insert)``."""
    dialects = ("postgresql", "sqlite")
    return {dialect: make(partial(insert_for, dialect)) for dialect in dialects}


def insert_for(dialect: str, table: Table) -> Insert:
    """An INSERT that knows about conflicts: both dialects spell it alike, in two classes."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


class Store:
    """The database of one process."""

    def __init__(self, durable: AsyncEngine, quick: AsyncEngine) -> None:
        self._durable = durable
        self._quick = quick
        # SQLite has one writer at a time: waiting here is cheaper than polling its lock.
        self._writer = asyncio.Lock() if durable.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def transaction(
        self, *, durable: bool = True, whole: bool = True
    ) -> AsyncIterator[Transaction]:
        """Everything in the block, or nothing; raises ``StorageError`` when the database fails.

        What is not durable survives the death of the process, yet may be lost with the machine's
        power, until a durable transaction follows: enough where doing it again harms nobody.
        Without ``whole`` each statement stands for itself and is committed with its own trip: for
        one statement, or where nothing depends on their being together.
        """
        engine = self._durable if durable else self._quick
        async with self._writer or nullcontext():
            with translated():
                async with engine.begin() as connection:
                    tx = Transaction(connection)
                    if not whole:
                        tx.driver.held.clear()  # no BEGIN
                    yield tx
            if tx.erases and engine.dialect.name == "sqlite":
                await _empty_log(engine)
        tx.committed()


async def _empty_log(engine: AsyncEngine) -> None:
    """Let go of what was deleted in SQLite's log, too, where it would stay until overwritten."""
    try:
        async with engine.begin() as connection:
            driver(connection.sync_connection).held.clear()  # no BEGIN
            emptied = (await connection.exec_driver_sql(EMPTY_LOG)).one()
    except SQLAlchemyError:  # the rows are gone; the next erasure tries again
        log.warning("storage.log_not_emptied", exc_info=True)
        return
    if emptied[0]:  # another process still reads what it holds
        log.warning("storage.log_not_emptied")


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """A store over this database for as long as the block lasts."""
    durable = connect(url)
    quick = connect(url, durable=False)
    try:
        yield Store(durable, quick)
    finally:
        await quick.dispose()
        await durable.dispose()


def connect(url: str, *, durable: bool = True) -> AsyncEngine:
    """Prepare an engine for this URL; raises ``ConfigError`` when it cannot be understood.

    Parameters never appear in its errors: they are what people said.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _embedded(parsed, durable=durable)
        if parsed.get_backend_name() == "postgresql":
            return _postgres(parsed, durable=durable)
    except (ArgumentError, NoSuchModuleError):
        pass
    except ImportError:
        raise ConfigError(
            "storage.url: PostgreSQL needs EmotiBot with its [postgres] extra"
        ) from None
    raise ConfigError("storage.url: not a database we know; sqlite and postgresql are")


def conninfo(url: str) -> str:
    """The address as PostgreSQL's own library reads it; ``ConfigError`` for another database's."""
    if not url.startswith("postgresql"):
        raise ConfigError(
            "engine.kind: procrastinate needs PostgreSQL; set storage.url or "
            "EMOTIBOT_DATABASE_URL to postgresql://…"
        )
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _postgres(url: URL, *, durable: bool) -> AsyncEngine:
    from bot.storage import served

    settings = {
        "synchronous_commit": "on" if durable else "off",
        # A frozen or vanished machine must not hold on to rows that others wait for.
        "idle_in_transaction_session_timeout": "10s",
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    where = conninfo(url.render_as_string(hide_password=False))
    engine = create_async_engine(
        url.set(drivername=POSTGRES),
        async_creator=partial(served.connect, where, options),
        hide_parameters=True,
        pool_size=CONNECTIONS,
        max_overflow=0,
    )
    event.listen(engine.sync_engine, "begin", partial(_hold, served.BEGIN))
    return engine


def _embedded(url: URL, *, durable: bool) -> AsyncEngine:
    if not url.database or url.database == ":memory:":
        raise ConfigError("storage.url: SQLite needs a file")
    path = Path(url.database).expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # what people said is for nobody else on this machine
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        async_creator=connector(str(path), (*PRAGMAS, SYNC[durable])),
        hide_parameters=True,
        pool_size=1,  # one writer at a time; see ``Store``
    )
    event.listen(engine.sync_engine, "begin", partial(_hold, BEGIN))
    return engine


class translated:  # noqa: N801 - reads as a statement at its use
    """Raise ``StorageError`` instead of the library's errors, without SQL or parameters."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, exc: BaseException | None, trace: object) -> None:
        if isinstance(exc, DBAPIError):
            raise StorageError(f"{type(exc.orig).__name__}: {_said(exc)}") from None
        if isinstance(exc, SQLAlchemyError):
            raise StorageError(type(exc).__name__) from exc


def _said(exc: DBAPIError) -> str:
    """What the database says, as far as it repeats no value."""
    diagnosis = getattr(exc.orig, "diag", None)
    if diagnosis is None or diagnosis.message_primary is None:
        return str(exc.orig)  # SQLite, or PostgreSQL before it was reached
    return "a value was refused" if isinstance(exc, DataError) else diagnosis.message_primary


def _hold(begin: str, connection: Any) -> None:
    """A transaction begins with its first statement, in the same trip."""
    driver(connection).held.append((begin, ()))
