"""Replies are written once, sent in order, and let go of their words."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.messages import Button, ConversationKey, File, IncomingMessage
from bot.storage import inbox, outbox
from bot.storage.outbox import OutboxState
from bot.storage.schema import outbox as table

ANN = ConversationKey("fake", "chat", "ann")


async def run(store, function, *args, **more):
    async with store.transaction() as tx:
        return await function(tx, *args, **more)


async def accepted(store, number):
    message = IncomingMessage(key=ANN, message_id=str(number), text="hello")
    return await run(store, inbox.insert, message, 1.0)


async def answered(store, number, body="a reply", **more):
    turn = await accepted(store, number)
    await run(store, inbox.answered, turn)
    await run(store, outbox.write, turn.id, body, now=2.0, **more)
    return turn.id


async def test_a_second_answer_to_a_message_is_ignored(store):
    turn = await answered(store, 1)
    await run(store, outbox.write, turn, "another", now=3.0)
    reply = await run(store, outbox.next_reply, turn)
    assert (reply.body, reply.reply_to, reply.key) == ("a reply", "1", ANN)


async def test_whether_there_is_more_is_known_without_fetching_it(store):
    turn = await answered(store, 1)
    before = await run(store, outbox.is_more, turn)
    await run(store, outbox.finish, await run(store, outbox.next_reply, turn), OutboxState.SENT)
    assert [before, await run(store, outbox.is_more, turn)] == [True, False]


async def test_the_oldest_reply_goes_first_whichever_job_asks(store):
    first, second = await answered(store, 1), await answered(store, 2)
    assert (await run(store, outbox.next_reply, second)).turn_id == first


async def test_a_reply_waits_for_those_to_earlier_messages(store):
    await accepted(store, 1)
    later = await answered(store, 2)
    assert await run(store, outbox.next_reply, later) is None


async def test_an_urgent_reply_waits_for_nobody(store):
    await accepted(store, 1)
    later = await answered(store, 2, urgent=True)
    assert (await run(store, outbox.next_reply, later)).turn_id == later


async def test_a_whole_reply_is_cut_once_and_its_parts_keep_their_order(store):
    turn = await answered(store, 1, "one two three", reading={"a": 1})
    reply = await run(store, outbox.next_reply, turn)
    assert reply.whole
    await run(store, outbox.cut, reply, ["one", "two", "three"])
    seen = []
    while part := await run(store, outbox.next_reply, turn):
        seen.append((part.part, part.body, part.reading, part.whole))
        await run(store, outbox.mark_sending, part)
        await run(store, outbox.finish, part, OutboxState.SENT, f"m{part.part}")
    assert seen == [
        (0, "one", None, False),
        (1, "two", None, False),
        (2, "three", {"a": 1}, False),
    ]


async def test_a_part_that_did_not_arrive_is_offered_again(store):
    turn = await answered(store, 1)
    reply = await run(store, outbox.next_reply, turn)
    await run(store, outbox.mark_sending, reply)
    assert (await run(store, outbox.next_reply, turn)).state is OutboxState.SENDING
    await run(store, outbox.put_back, reply)
    again = await run(store, outbox.next_reply, turn)
    assert (again.state, again.attempts, again.whole) == (OutboxState.PENDING, 1, False)


@pytest.mark.parametrize("state", [OutboxState.SENT, OutboxState.UNKNOWN, OutboxState.FAILED])
async def test_a_finished_part_is_not_offered_and_keeps_no_words(store, state):
    turn = await answered(store, 1, reading={"a": 1})
    reply = await run(store, outbox.next_reply, turn)
    await run(store, outbox.finish, reply, state, "m1")
    assert await run(store, outbox.next_reply, turn) is None
    async with store.transaction() as tx:
        row = (await tx.connection.execute(select(table))).one()
    assert (row.body, row.reading, row.platform_message_id) == ("", None, "m1")


async def test_what_is_unsent_is_found_again_each_message_once(store):
    first, second = await answered(store, 1), await answered(store, 2)
    reply = await run(store, outbox.next_reply, first)
    await run(store, outbox.cut, reply, ["a", "b"])
    assert await run(store, outbox.unsent) == [(first, ANN), (second, ANN)]


async def test_looking_for_unsent_replies_uses_their_index(store, plan):
    query = select(table.c.inbox_id).where(outbox.UNSENT)
    words = str(query.compile(compile_kwargs={"literal_binds": True}))
    async with store.transaction() as tx:
        assert "ix_outbox_unsent" in await plan(tx, words)


async def test_looking_for_a_reply_by_its_platforms_name_uses_their_index(store, plan):
    words = "SELECT inbox_id FROM outbox WHERE platform_message_id = 'm1'"
    async with store.transaction() as tx:
        assert "ix_outbox_platform_message_id" in await plan(tx, words)


async def test_buttons_and_a_file_go_with_the_last_piece_and_are_let_go_once_sent(store):
    button, file = Button("Yes", "/face yes"), File("mine.json", b"{}")
    turn = await answered(store, 1, buttons=(button,), file=file)
    whole = await run(store, outbox.next_reply, turn)
    assert (whole.buttons, whole.file) == ((button,), file)
    await run(store, outbox.cut, whole, ["one", "two"])
    beside = []
    while piece := await run(store, outbox.next_reply, turn):
        beside.append((piece.body, piece.buttons, piece.file))
        await run(store, outbox.finish, piece, OutboxState.SENT)
    assert beside == [("one", (), None), ("two", (button,), file)]
    async with store.transaction() as tx:
        left = await tx.connection.execute(select(table.c.buttons, table.c.file, table.c.body))
    assert set(left.all()) == {(None, None, "")}
