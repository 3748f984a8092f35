"""One look tells everything that was decided about a person and a place."""

from __future__ import annotations

from bot.messages import ConversationKey, IncomingMessage
from bot.storage import group_rules, operations, people
from bot.storage.group_rules import NO_RULES, GroupRules
from bot.storage.people import NOBODY
from bot.storage.standing import Standing, standing

ANN = ConversationKey("fake", "general", "ann")


async def look(tx, place="guild"):
    return await standing(tx, IncomingMessage(key=ANN, message_id="1", text="", place=place))


async def test_of_a_stranger_nothing_is_known(store):
    async with store.transaction() as tx:
        assert await look(tx) == Standing(NOBODY, NO_RULES, blocked=False, paused=False)


async def test_everything_that_was_decided_is_seen(store):
    async with store.transaction() as tx:
        await people.set_language(tx, ANN, "de")
        await group_rules.choose(tx, "fake", "guild", GroupRules(strict=True))
        await operations.block(tx, "fake", "ann", 1.0)
        await operations.pause(tx, 1.0)
        now = await look(tx)
        assert (now.person.language, now.rules.strict) == ("de", True)
        assert (now.blocked, now.paused) == (True, True)
        assert (await look(tx, place="")).rules == NO_RULES
