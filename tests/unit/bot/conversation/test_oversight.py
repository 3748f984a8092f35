"""What those who run the bot may ask and order."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot import texts
from bot.messages import ConversationKey
from bot.storage.schema import blocked, switch

OLGA = ConversationKey("fake", "chat", "olga")


@pytest.fixture
def order(ask):
    async def give(text):
        return (await ask(text, key=OLGA)).body

    return give


async def rows(store, table):
    async with store.transaction() as tx:
        return (await tx.connection.execute(select(table.c[1], table.c[0]))).all()


async def test_status_is_the_report(order):
    assert await order("/status") == "All is well."


async def test_reload_says_what_came_of_it(order):
    assert await order("/reload") == "Read again."


async def test_a_pause_lasts_until_it_is_ended(order, store):
    await order("/pause")
    await order("/pause")
    assert len(await rows(store, switch)) == 1
    assert await order("/resume") == texts.OWNER_RESUMED
    assert await rows(store, switch) == []


async def test_somebody_is_blocked_by_number_and_let_in_again(order, store):
    assert await order("/block 77") == texts.OWNER_BLOCKED
    assert await rows(store, blocked) == [("77", "fake")]
    assert await order("/unblock 77") == texts.OWNER_UNBLOCKED
    assert await rows(store, blocked) == []


@pytest.mark.parametrize("whom", ["", "ada", "7 8", "9" * 21])
@pytest.mark.parametrize("name", ["block", "unblock"])
async def test_who_is_not_named_by_a_number_is_asked_about(order, name, whom):
    assert await order(f"/{name} {whom}") == texts.OWNER_WHOM
