"""Forgetting reaches every table; growing old does, too."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from structlog.testing import capture_logs

from bot.messages import ConversationKey, IncomingMessage, Ticket
from bot.storage import erasure, history, inbox, outbox, people
from bot.storage import store as store_module
from bot.storage.erasure import Erased
from bot.storage.feedback import Verdict, keep
from bot.storage.outbox import OutboxState
from bot.storage.people import Person
from bot.storage.schema import blocked, metadata, place, switch

ANN = ConversationKey("fake", "chat", "ann")
ANN_IN_GROUP = ConversationKey("fake", "group", "ann")
BEN = ConversationKey("fake", "group", "ben")


async def turn(tx, number, key, now, group=""):
    given = Ticket(token="secret", place="1", private=True, expires_at=9.0)
    message = IncomingMessage(
        key=key, message_id=str(number), text="words", ticket=given, place=group
    )
    return await inbox.insert(tx, message, now)


async def lived(store, key, *, now=1.0, sent=True, number=0, group=""):
    """Leave a trace of this person in every table, also by a thumb under a reply."""
    async with store.transaction() as tx:
        await people.set_face_consent(tx, key, True)
        done = await turn(tx, f"{key.person}{number}", key, now, group)
        conversation_id = await inbox.answered(tx, done)
        await outbox.write(tx, done.id, "reply", now=now)
        if sent:
            reply = await outbox.next_reply(tx, done.id)
            await outbox.finish(tx, reply, OutboxState.SENT, "m")
        await keep(tx, key, Verdict.BAD, about=done.id, now=now)
        lines = (("person", "words"), ("bot", "reply"))
        await history.append(tx, conversation_id, lines, reading=None, now=now)


async def waits(store, key, now=1.0):
    async with store.transaction() as tx:
        waiting = await turn(tx, f"waiting{key.person}{key.chat}", key, now)
        await inbox.attach(tx, waiting.id, b"jpeg", "")


OF_OPERATORS = {blocked, place, switch}
"""Tables that operators and moderators write; nothing that a person said stands there."""


KEPT = ("conversation", "inbox", "outbox", "history", "feedback")


async def counts(store):
    async with store.transaction() as tx:
        return {
            name: await tx.connection.scalar(select(func.count()).select_from(table))
            for name, table in metadata.tables.items()
            if table not in OF_OPERATORS
        }


@pytest.mark.parametrize("spoken_in", [ANN, ANN_IN_GROUP], ids=["private", "group"])
async def test_forgetting_leaves_no_row_of_a_person_in_any_table(store, spoken_in):
    await lived(store, ANN)
    await lived(store, ANN_IN_GROUP, number=1)
    await waits(store, ANN)
    assert 0 not in (await counts(store)).values()
    async with store.transaction() as tx:
        assert await erasure.forget(tx, spoken_in) == Erased(lines=4, waiting=1)
    assert set((await counts(store)).values()) == {0}


def on_disk(folder, words):
    """The files of the database in which these words can be found."""
    return {file.name for file in folder.glob("*.db*") if words in file.read_bytes()}


WAYS = {
    "forget": lambda tx: erasure.forget(tx, ANN_IN_GROUP),
    "forget in groups": lambda tx: erasure.forget_in_groups(tx, ANN_IN_GROUP),
    "purge": lambda tx: erasure.purge(tx, before=20.0),
}


@pytest.mark.parametrize("erase", WAYS.values(), ids=WAYS)
async def test_what_is_erased_leaves_every_file_of_an_embedded_database(
    sqlite_store, tmp_path, erase
):
    await lived(sqlite_store, ANN_IN_GROUP, group="group")
    assert on_disk(tmp_path, b"words")
    async with sqlite_store.transaction() as tx:
        await erase(tx)
    assert on_disk(tmp_path, b"words") == set()


async def test_a_log_that_another_process_still_reads_is_a_warning(sqlite_url, monkeypatch):
    impatient = [p for p in store_module.PRAGMAS if "busy_timeout" not in p]
    monkeypatch.setattr(store_module, "PRAGMAS", (*impatient, "PRAGMA busy_timeout = 0"))
    file = make_url(sqlite_url).database
    async with store_module.opened(sqlite_url) as store:
        await lived(store, ANN)
        with closing(sqlite3.connect(file, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM history").fetchall()
            with capture_logs() as logs:
                async with store.transaction() as tx:
                    await erasure.forget(tx, ANN)
    assert [entry["event"] for entry in logs] == ["storage.log_not_emptied"]


async def test_a_log_that_cannot_be_emptied_is_a_warning_and_the_rows_are_gone(
    sqlite_store, monkeypatch
):
    await lived(sqlite_store, ANN)
    monkeypatch.setattr(store_module, "EMPTY_LOG", "no statement")
    with capture_logs() as logs:
        async with sqlite_store.transaction() as tx:
            await erasure.forget(tx, ANN)
    assert [entry["event"] for entry in logs] == ["storage.log_not_emptied"]
    assert set((await counts(sqlite_store)).values()) == {0}


async def test_forgetting_one_leaves_another_whole(store):
    await lived(store, BEN)
    await waits(store, BEN)
    before = await counts(store)
    await lived(store, ANN_IN_GROUP)
    async with store.transaction() as tx:
        await erasure.forget(tx, ANN_IN_GROUP)
    assert await counts(store) == before


async def test_ids_do_not_come_back_after_forgetting(store):
    async with store.transaction() as tx:
        old = await turn(tx, 1, ANN, 1.0)
        await erasure.forget(tx, ANN)
        new = await turn(tx, 2, ANN, 1.0)
    assert new.id > old.id


async def test_what_is_old_goes_with_every_trace_and_what_is_new_stays(store):
    await lived(store, ANN, now=10.0)
    await lived(store, BEN, now=30.0)
    async with store.transaction() as tx:
        assert await erasure.purge(tx, before=20.0) == 2
    left = await counts(store)
    assert {name: left[name] for name in KEPT} == {
        "conversation": 1,
        "inbox": 1,
        "outbox": 1,
        "history": 2,
        "feedback": 1,
    }


async def test_growing_old_takes_nothing_that_is_still_to_be_answered_or_sent(store):
    await lived(store, ANN, now=1.0, sent=False)
    await waits(store, BEN, now=1.0)
    async with store.transaction() as tx:
        await erasure.purge(tx, before=20.0)
    left = await counts(store)
    assert (left["inbox"], left["outbox"], left["history"]) == (2, 1, 0)


async def test_that_somebody_wants_to_be_left_alone_is_all_that_outlives_forgetting(store):
    await lived(store, ANN)
    async with store.transaction() as tx:
        await people.set_opted_out(tx, ANN, True)
        await erasure.forget(tx, ANN)
        assert await people.recall(tx, ANN) == Person(opted_out=True)
        await people.set_opted_out(tx, ANN, False)
        await erasure.forget(tx, ANN)
    assert set((await counts(store)).values()) == {0}


async def test_what_was_said_in_groups_is_forgotten_apart(store):
    group = {"place": "group", "private": False}
    async with store.transaction() as tx:
        for number, (key, more) in enumerate([(ANN, {}), (ANN_IN_GROUP, group), (BEN, group)]):
            said = IncomingMessage(key=key, message_id=str(number), text="words", **more)
            await inbox.insert(tx, said, 1.0)
        await erasure.forget_in_groups(tx, ANN)
        left = [each.key for each in await inbox.unanswered(tx)]
    assert left == [ANN, BEN]
