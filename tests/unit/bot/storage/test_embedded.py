"""The driver with fewer trips does what any driver does."""

from __future__ import annotations

from bot.storage.embedded import BEGIN, connector


async def connected(tmp_path):
    return await connector(str(tmp_path / "x.db"), ["PRAGMA foreign_keys = ON"])()


async def test_a_statement_is_executed_and_fetched_in_one_visit(tmp_path):
    connection = await connected(tmp_path)
    cursor = await connection.cursor().__aenter__()
    await cursor.execute("CREATE TABLE t (a)")
    assert await cursor.fetchall() == []
    assert cursor.description is None
    await cursor.executemany("INSERT INTO t VALUES (?)", [(1,), (2,)])
    assert cursor.rowcount == 2
    await cursor.execute("SELECT a FROM t WHERE a > ?", (1,))
    assert await cursor.fetchall() == [(2,)]
    assert cursor.description[0][0] == "a"
    await cursor.close()
    await connection.close()


async def test_a_rollback_undoes_and_without_a_transaction_does_nothing(tmp_path):
    connection = await connected(tmp_path)
    cursor = connection.cursor()
    await cursor.execute("CREATE TABLE t (a)")
    await connection.rollback()
    await cursor.execute("BEGIN IMMEDIATE")
    await cursor.execute("INSERT INTO t VALUES (1)")
    await connection.rollback()
    await cursor.execute("SELECT count(*) FROM t")
    assert await cursor.fetchall() == [(0,)]
    await connection.close()


async def test_a_transaction_begins_with_its_first_statement(tmp_path):
    connection = await connected(tmp_path)
    cursor = connection.cursor()
    connection.held.append((BEGIN, ()))
    assert not connection.in_transaction
    await cursor.execute("CREATE TABLE t (a)")
    assert connection.in_transaction
    await connection.commit()
    assert not connection.in_transaction
    await connection.close()


async def test_a_transaction_without_a_statement_leaves_nothing_begun(tmp_path):
    connection = await connected(tmp_path)
    cursor = connection.cursor()
    for end in (connection.commit, connection.rollback):
        connection.held.append((BEGIN, ()))
        await end()
        await cursor.execute("SELECT 1")
        assert not connection.in_transaction
    await connection.close()


async def test_what_is_held_runs_before_what_is_asked_next_and_before_the_commit(tmp_path):
    connection = await connected(tmp_path)
    cursor = connection.cursor()
    await cursor.execute("CREATE TABLE t (a)")
    connection.held.append((BEGIN, ()))
    connection.holding = True
    await cursor.execute("INSERT INTO t VALUES (?)", (1,))
    connection.holding = False
    await cursor.execute("SELECT a FROM t")
    assert await cursor.fetchall() == [(1,)]
    connection.held.append(("INSERT INTO t VALUES (2)", ()))
    await connection.commit()
    await connection.rollback()
    await cursor.execute("SELECT a FROM t")
    assert await cursor.fetchall() == [(1,), (2,)]
    await connection.close()


async def test_the_pragmas_are_set_on_every_connection(tmp_path):
    for _ in range(2):
        connection = await connected(tmp_path)
        assert await connection.visit(lambda it: it.execute("PRAGMA foreign_keys").fetchone()) == (
            1,
        )
        await connection.close()
