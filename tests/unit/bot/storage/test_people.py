"""What is remembered of a person holds in all their conversations, and for nobody else."""

from __future__ import annotations

import pytest

from bot.messages import ConversationKey
from bot.storage import people
from bot.storage.people import Person

ANN = ConversationKey("fake", "chat", "ann")
ANN_ELSEWHERE = ConversationKey("fake", "group", "ann", "topic")
BEN = ConversationKey("fake", "chat", "ben")


async def known(store, key):
    async with store.transaction() as tx:
        return await people.recall(tx, key)


async def test_a_stranger_has_said_nothing(store):
    assert await known(store, ANN) == Person()


@pytest.mark.parametrize("allowed", [True, False])
async def test_consent_holds_everywhere_for_one_person(store, allowed):
    async with store.transaction() as tx:
        await people.set_face_consent(tx, ANN, allowed)
    assert (await known(store, ANN_ELSEWHERE)).face_consent is allowed
    assert (await known(store, BEN)).face_consent is None


async def test_consent_can_be_taken_back_and_leaves_the_rest(store):
    async with store.transaction() as tx:
        await people.set_noticed(tx, ANN, 1.0)
        await people.set_face_asked(tx, ANN, 2.0)
        await people.set_face_consent(tx, ANN, True)
        await people.set_face_consent(tx, ANN, False)
    assert await known(store, ANN) == Person(face_consent=False, face_asked=True, noticed=True)
