"""PostgreSQL with fewer trips to its server.

A trip wakes two processes and costs more than most statements. Here what gives nothing back is
held, and travels with what is asked next or with the commit; BEGIN is the first that is held.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, Self

import psycopg
from psycopg.pq import TransactionStatus

BEGIN: Final = "BEGIN"


class ServedConnection(psycopg.AsyncConnection[Any]):
    """A connection in autocommit mode, whose transactions are begun by whoever holds ``BEGIN``."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.held: list[tuple[Any, Any]] = []
        """Statements and their parameters, to go before the next one."""
        self.holding = False
        """Whether a cursor's statements are held instead of executed."""

    async def commit(self) -> None:
        """Send what is held and commit, if there is anything to commit."""
        held, self.held = self.held, []
        if not held:
            await super().commit()
        elif held[-1][0] != BEGIN:
            begun = held[0][0] == BEGIN or self.info.transaction_status != TransactionStatus.IDLE
            await self.send_held([*held, ("COMMIT", None)] if begun else held)

    async def rollback(self) -> None:
        """Forget what is held, and roll back if there is anything to roll back."""
        self.held.clear()
        await super().rollback()

    async def send_held(
        self, held: list[tuple[Any, Any]], last: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        """Execute these in one trip, and ``last`` with them."""
        async with self.pipeline():
            for statement, parameters in held:
                await psycopg.AsyncCursor(self).execute(statement, parameters)
            if last is not None:
                await last()


class ServedCursor(psycopg.AsyncCursor[Any]):
    """Executes in one trip together with what its connection holds."""

    _conn: ServedConnection

    async def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Run one statement, or hold it."""
        connection = self._conn
        if connection.holding:
            connection.held.append((query, params))
            return self
        run = super().execute
        if not connection.held:
            return await run(query, params, **options)
        held, connection.held = connection.held, []
        await connection.send_held(held, lambda: run(query, params, **options))
        return self

    async def executemany(self, query: Any, params_seq: Any, *, returning: bool = False) -> None:
        """Run one statement for each of these rows, after what is held."""
        held, self._conn.held = self._conn.held, []
        if held:
            await self._conn.send_held(held)
        await super().executemany(query, params_seq, returning=returning)


async def connect(conninfo: str, options: str) -> ServedConnection:
    """Open a connection with these server settings."""
    return await ServedConnection.connect(
        conninfo,
        autocommit=True,
        connect_timeout=10,
        options=options,
        cursor_factory=ServedCursor,
    )
