"""SQLite with fewer trips to its thread.

aiosqlite visits its thread four times for one statement: cursor, execute, fetch, close. Here
a statement is one visit, and what gives nothing back is held until there is one: it runs before
what is asked next, or before the commit. BEGIN is the first that is held.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, Final, Self, TypeVar

import aiosqlite

Found = TypeVar("Found")


BEGIN: Final = "BEGIN IMMEDIATE"
"""A reader that turns writer half-way cannot wait for the lock, it can only fail."""


class EmbeddedConnection(aiosqlite.Connection):
    """A connection whose cursors live in memory between two visits."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.held: list[tuple[str, Iterable[Any]]] = []
        """Statements and their parameters, to run before the next one."""
        self.holding = False
        """Whether a cursor's statements are held instead of executed."""

    def cursor(self) -> Any:
        """A cursor that is there at once."""
        return _Cursor(self)

    async def commit(self) -> None:
        """Run what is held and commit, if there is anything to commit."""
        if self.held and self.held[-1][0] == BEGIN:
            self.held.clear()
        if self.held or self.in_transaction:
            await self.visit(sqlite3.Connection.commit)

    async def rollback(self) -> None:
        """Forget what is held, and roll back if there is anything to roll back."""
        self.held.clear()
        if self.in_transaction:
            await super().rollback()

    async def visit(self, work: Callable[[sqlite3.Connection], Found]) -> Found:
        """Do this in the connection's thread, after what is held."""
        held, self.held = self.held, []

        def after(connection: sqlite3.Connection) -> Found:
            for statement, parameters in held:
                connection.execute(statement, tuple(parameters))
            return work(connection)

        found: Found = await self._execute(after, self._conn)  # type: ignore[no-untyped-call]
        return found


class _Cursor:
    """Executes and fetches in one visit, then holds the rows."""

    def __init__(self, connection: EmbeddedConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> None:
        """Run one statement and keep its rows, or hold it."""
        if self._connection.holding:
            self._connection.held.append((sql, parameters))
            return
        await self._run(lambda connection: connection.execute(sql, tuple(parameters)))

    async def executemany(self, sql: str, rows: Any) -> None:
        """Run one statement for each of these rows of parameters."""
        await self._run(lambda connection: connection.executemany(sql, rows))

    async def fetchall(self) -> list[Any]:
        """The rows of the last statement."""
        return self._rows

    async def close(self) -> None:
        """Nothing is open."""

    async def _run(self, statement: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> None:
        def work(connection: sqlite3.Connection) -> tuple[sqlite3.Cursor, list[Any]]:
            cursor = statement(connection)
            return cursor, cursor.fetchall()

        cursor, self._rows = await self._connection.visit(work)
        self.description = cursor.description
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid


def connector(path: str, pragmas: Iterable[str]) -> Callable[[], Any]:
    """A function that opens this file, each time in a thread of its own."""

    def opened() -> sqlite3.Connection:
        # The driver must not begin and commit on its own account: isolation_level=None.
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            for pragma in pragmas:
                connection.execute(pragma)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    async def connect() -> EmbeddedConnection:
        connection = EmbeddedConnection(opened, iter_chunk_size=64)
        thread = connection._thread  # noqa: SLF001 - a lost connection must not hold the exit
        thread.daemon = True
        try:
            await connection
        except BaseException:
            await asyncio.to_thread(thread.join)  # it still has a word to say to this loop
            raise
        return connection

    return connect
