"""A secret is kept for an answer and erased with it; that the answer is private is remembered."""

from __future__ import annotations

import dataclasses

from sqlalchemy import select

from bot.messages import ConversationKey, IncomingMessage, Ticket
from bot.storage import inbox, outbox, tickets
from bot.storage.outbox import OutboxState
from bot.storage.schema import ticket

ANN = ConversationKey("fake", "chat", "ann")
GIVEN = Ticket(token="secret", place="5", private=True, expires_at=900.0)
USED = dataclasses.replace(GIVEN, token="")


async def answered(store, given=GIVEN):
    """A command that was answered; the answer is not out."""
    message = IncomingMessage(key=ANN, message_id="command-1", text="hello", ticket=given)
    async with store.transaction() as tx:
        turn = await inbox.insert(tx, message, 1.0)
        await inbox.answered(tx, turn)
        await outbox.write(tx, turn.id, "a reply", now=2.0)
    return turn.id


async def reply(store, turn_id):
    async with store.transaction() as tx:
        return await outbox.next_reply(tx, turn_id)


async def tokens(store):
    async with store.transaction() as tx:
        return list(await tx.connection.scalars(select(ticket.c.token)))


async def test_whoever_sends_the_answer_finds_what_the_command_came_with(store):
    assert (await reply(store, await answered(store))).ticket == GIVEN
    assert "secret" not in repr(await reply(store, 1))


async def test_a_message_without_one_has_none(store):
    assert (await reply(store, await answered(store, None))).ticket is None


async def test_the_token_goes_with_the_last_part_and_not_before(store):
    turn_id = await answered(store)
    async with store.transaction() as tx:
        await outbox.cut(tx, await outbox.next_reply(tx, turn_id), ["one", "two"])
    for left in (["secret"], [""]):
        async with store.transaction() as tx:
            part = await outbox.next_reply(tx, turn_id)
            await outbox.finish(tx, part, OutboxState.SENT, "m")
        assert await tokens(store) == left


async def test_a_token_nobody_can_use_any_more_is_erased_and_that_it_was_private_is_known(store):
    turn_id = await answered(store)
    async with store.transaction() as tx:
        await tickets.expire(tx, 899.0)
    assert (await reply(store, turn_id)).ticket == GIVEN
    async with store.transaction() as tx:
        await tickets.expire(tx, 901.0)
    assert (await reply(store, turn_id)).ticket == USED


async def test_what_a_platform_waits_for_is_found_in_groups_alone_or_everywhere(store):
    here = ConversationKey("fake", "group", "ann")
    said = [
        IncomingMessage(key=ANN, message_id="1", text="hello", ticket=GIVEN),
        IncomingMessage(key=here, message_id="2", text="hello", place="g", ticket=GIVEN),
        IncomingMessage(key=here, message_id="3", text="hello", place="g"),
        IncomingMessage(key=here, message_id="4", text="hello", place="g", ticket=USED),
    ]
    async with store.transaction() as tx:
        for message in said:
            await inbox.insert(tx, message, 1.0)
        private, group = (dataclasses.replace(message, text="") for message in said[:2])
        assert await tickets.open_for(tx, ANN, 2.0, in_groups=False) == (private, group)
        assert await tickets.open_for(tx, ANN, 2.0, in_groups=True) == (group,)
        assert await tickets.open_for(tx, ANN, 901.0, in_groups=False) == ()
