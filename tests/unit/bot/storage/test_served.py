"""PostgreSQL with fewer trips does what it does with many."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from bot.storage import served
from bot.storage.served import BEGIN
from bot.storage.store import conninfo

IDLE = TransactionStatus.IDLE


@pytest.fixture
async def connection(postgres_url):
    async with await served.connect(conninfo(postgres_url), "") as connection:
        await connection.execute("CREATE TEMPORARY TABLE t (a integer PRIMARY KEY)")
        yield connection


async def rows(connection):
    return [row[0] for row in await (await connection.execute("TABLE t")).fetchall()]


def hold(connection, *numbers):
    connection.held += [("INSERT INTO t VALUES (%s)", (number,)) for number in numbers]


async def test_what_is_held_goes_before_what_is_asked_next(connection):
    connection.held.append((BEGIN, ()))
    hold(connection, 1, 2)
    assert await rows(connection) == [1, 2]
    assert connection.info.transaction_status != IDLE
    await connection.rollback()
    assert await rows(connection) == []


async def test_what_is_held_goes_before_the_commit(connection):
    connection.held.append((BEGIN, ()))
    hold(connection, 1)
    await connection.commit()
    await connection.rollback()
    assert connection.info.transaction_status == IDLE
    assert await rows(connection) == [1]


async def test_without_a_begin_each_statement_stands_for_itself(connection):
    hold(connection, 1)
    await connection.commit()
    await connection.rollback()
    assert await rows(connection) == [1]


async def test_a_transaction_in_which_nothing_was_done_leaves_nothing_begun(connection):
    for end in (connection.commit, connection.rollback):
        connection.held.append((BEGIN, ()))
        await end()
        assert await rows(connection) == []
        assert connection.info.transaction_status == IDLE


async def test_a_cursor_holds_while_its_connection_is_told_to(connection):
    connection.holding = True
    await connection.cursor().execute("INSERT INTO t VALUES (1)")
    connection.holding = False
    assert connection.held
    await connection.cursor().executemany("INSERT INTO t VALUES (%s)", [(2,), (3,)])
    assert await rows(connection) == [1, 2, 3]


@pytest.mark.parametrize("by_commit", [True, False])
async def test_a_failure_of_what_is_held_undoes_the_whole(connection, by_commit):
    connection.held.append((BEGIN, ()))
    hold(connection, 1, 1, 2)
    with pytest.raises(psycopg.errors.UniqueViolation):
        await (connection.commit() if by_commit else rows(connection))
    await connection.rollback()
    assert await rows(connection) == []
