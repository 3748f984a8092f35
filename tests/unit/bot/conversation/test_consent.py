"""Whose picture may be looked at, and what is said when not."""

from __future__ import annotations

import pytest

from bot import texts
from bot.conversation import consent
from bot.messages import ConversationKey, IncomingMessage
from bot.storage import people

ANN = ConversationKey("fake", "chat", "ann")


async def refusal(store, *, key=ANN, text="", private=True, in_groups=False):
    message = IncomingMessage(key=key, message_id="1", text=text, photo="p", private=private)
    async with store.transaction() as tx:
        return await consent.refusal(tx, message, in_groups=in_groups, now=1.0)


async def choose(store, allowed):
    async with store.transaction() as tx:
        await people.set_face_consent(tx, ANN, allowed)


async def test_who_said_yes_is_looked_at(store):
    await choose(store, True)
    assert await refusal(store) is None


async def test_who_said_no_is_reminded(store):
    await choose(store, False)
    assert await refusal(store) == texts.FACE_DECLINED


async def test_who_said_nothing_is_asked_once_and_again_when_there_is_nothing_else(store):
    asked = [await refusal(store, text=text) for text in ("hi", "hi", "")]
    assert asked == [texts.FACE_ASK, "", texts.FACE_ASK]


@pytest.mark.parametrize(("in_groups", "said"), [(False, texts.FACE_NOT_HERE), (True, None)])
async def test_groups_need_the_operators_word_beside_the_persons(store, in_groups, said):
    await choose(store, True)
    assert await refusal(store, private=False, in_groups=in_groups) == said


async def test_at_ones_own_machine_naming_a_picture_is_consent(store):
    assert await refusal(store, key=ConversationKey("console", "local", "ann")) is None
