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
        await people.set_face_asked(tx, ANN, "p", 2.0)
        await people.set_face_consent(tx, ANN, True)
        await people.set_face_consent(tx, ANN, False)
    assert await known(store, ANN) == Person(face_consent=False, face_asked=True, noticed_at=1.0)


async def test_the_picture_they_were_asked_about_is_kept_until_they_chose(store):
    async with store.transaction() as tx:
        await people.set_face_asked(tx, ANN, "p", 2.0)
    assert (await known(store, ANN)).asked_photo == "p"
    async with store.transaction() as tx:
        await people.ask_again(tx, ANN)
    assert await known(store, ANN) == Person()


async def test_what_they_chose_is_remembered(store):
    async with store.transaction() as tx:
        await people.set_language(tx, ANN, "de")
        await people.set_emotion_line(tx, ANN, False)
        await people.set_turns(tx, ANN, 2)
        await people.set_leanings(tx, ANN, {"joy": -0.05})
    chosen = Person(language="de", emotion_line=False, turns=2, leanings={"joy": -0.05})
    assert await known(store, ANN_ELSEWHERE) == chosen
