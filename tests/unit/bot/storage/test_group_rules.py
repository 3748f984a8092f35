"""What was chosen for a group holds there and nowhere else."""

from __future__ import annotations

from sqlalchemy import select

from bot.messages import ConversationKey, IncomingMessage
from bot.storage import group_rules, inbox
from bot.storage.group_rules import NO_RULES, GroupRules
from bot.storage.schema import conversation

CHOSEN = GroupRules(face=True, channels=("general",), strict=True)


async def known(store, name):
    async with store.transaction() as tx:
        return await group_rules.recall(tx, "fake", name)


async def run(store, function, *args):
    async with store.transaction() as tx:
        return await function(tx, *args)


async def test_what_was_chosen_is_recalled_there_alone(store):
    await run(store, group_rules.choose, "fake", "guild", GroupRules(face=False))
    await run(store, group_rules.choose, "fake", "guild", CHOSEN)
    assert await known(store, "guild") == CHOSEN
    assert await known(store, "elsewhere") == NO_RULES


async def test_when_the_bot_is_removed_the_choice_is_erased(store):
    await run(store, group_rules.choose, "fake", "guild", CHOSEN)
    await run(store, group_rules.leave, "fake", "guild")
    assert await known(store, "guild") == NO_RULES


async def test_a_group_with_a_new_number_keeps_settings_and_history(store):
    old = ConversationKey("fake", "-1", "ann")
    message = IncomingMessage(key=old, message_id="1", text="hi", place="-1", private=False)
    turn = await run(store, inbox.insert, message, 1.0)
    await run(store, group_rules.choose, "fake", "-1", CHOSEN)
    await run(store, group_rules.move, "fake", "-1", "-100")
    moved = await run(store, inbox.load, turn.id)
    assert moved.key == ConversationKey("fake", "-100", "ann")
    assert moved.rules == CHOSEN
    async with store.transaction() as tx:
        assert await tx.connection.scalar(select(conversation.c.place)) == "-100"


async def test_a_group_with_a_new_number_is_still_itself_and_its_people_are_theirs(store):
    async with store.transaction() as tx:
        for number, person in enumerate(["-1", "ann"]):
            key = ConversationKey("fake", "-1", person)
            said = IncomingMessage(
                key=key, message_id=str(number), text="", private=False, place="-1"
            )
            await inbox.insert(tx, said, 1.0)
        await group_rules.move(tx, "fake", "-1", "-1001")
        rows = await tx.connection.execute(
            select(conversation.c.chat, conversation.c.place, conversation.c.person)
        )
        assert sorted(map(tuple, rows)) == [
            ("-1001", "-1001", "-1001"),
            ("-1001", "-1001", "ann"),
        ]


async def test_a_group_that_was_greeted_under_its_new_number_already_moves_all_the_same(store):
    async with store.transaction() as tx:
        for number, name in enumerate(["-1", "-1001"]):
            key = ConversationKey("fake", name, name)
            said = IncomingMessage(key=key, message_id=str(number), text="", place=name)
            await inbox.insert(tx, said, 1.0)
        await group_rules.move(tx, "fake", "-1", "-1001")
        places = await tx.connection.scalars(select(conversation.c.place))
        assert sorted(places) == ["-1", "-1001"]
