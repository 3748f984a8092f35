"""What the moderators of a group choose for it."""

from __future__ import annotations

import pytest

from bot import texts
from bot.messages import ConversationKey
from bot.storage import group_rules
from bot.storage.group_rules import GroupRules

GENERAL = ConversationKey("fake", "general", "mo")


@pytest.fixture
def order(ask):
    async def give(text, key=GENERAL):
        said = await ask(text, key=key, place="guild", private=False, moderates=True)
        return said.body

    return give


async def chosen(store):
    async with store.transaction() as tx:
        return await group_rules.recall(tx, "fake", "guild")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("face on", GroupRules(face=True)),
        ("face off", GroupRules(face=False)),
        ("strict on", GroupRules(strict=True)),
        ("channel on", GroupRules(channels=("general",))),
        ("channel off", GroupRules()),
        ("nonsense on", GroupRules()),
        ("", GroupRules()),
    ],
)
async def test_a_choice_is_kept_for_the_whole_group(order, store, said, kept):
    await order(f"/here {said}")
    assert await chosen(store) == kept


async def test_channels_are_listed_one_by_one(order, store):
    await order("/here channel on")
    await order("/here channel on", ConversationKey("fake", "help", "mo"))
    await order("/here channel on")
    assert sorted((await chosen(store)).channels) == ["general", "help"]
    assert "2 listed channels" in await order("/here")
    await order("/here channel off")
    assert (await chosen(store)).channels == ("help",)


async def test_in_private_there_is_no_place(ask):
    olga = ConversationKey("fake", "chat", "olga")
    assert (await ask("/here", key=olga)).body == texts.HERE_IN_GROUPS
