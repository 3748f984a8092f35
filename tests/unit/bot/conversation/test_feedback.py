"""What people say about replies is kept, and teaches a little."""

from __future__ import annotations

import pytest

from bot import texts
from bot.conversation.feedback import BOUND, STEP, leaned
from bot.messages import ConversationKey
from bot.storage import feedback, people

ANN = ConversationKey("fake", "chat", "ann")


async def counted(store):
    async with store.transaction() as tx:
        return await feedback.figures(tx)


async def leanings(store):
    async with store.transaction() as tx:
        return (await people.recall(tx, ANN)).leanings


async def test_before_an_answer_there_is_nothing_to_speak_about(ask):
    assert (await ask("/feedback good")).body == texts.FEEDBACK_NOTHING


async def test_it_asks_with_buttons(ask, read):
    await read()
    said = await ask("/feedback")
    assert [b.says for b in said.buttons] == ["/feedback good", "/feedback bad", "/feedback felt"]


@pytest.mark.parametrize(
    ("word", "thanks"), [("good", texts.FEEDBACK_THANKS), ("bad", texts.FEEDBACK_BAD)]
)
async def test_a_verdict_is_kept(ask, read, store, word, thanks):
    await read()
    assert (await ask(f"/feedback {word}")).body == thanks
    assert (await counted(store))[word] == 1


@pytest.mark.parametrize("said", ["felt", "felt hungry"])
async def test_what_was_felt_is_asked_by_name(ask, read, said):
    await read()
    asked = await ask(f"/feedback {said}")
    assert "/feedback felt joy" in [button.says for button in asked.buttons]
    assert "nervousness" in asked.body


async def test_a_correction_is_kept_and_moves_this_persons_thresholds(ask, read, store):
    await read("sadness")
    said = (await ask("/feedback felt anger")).body
    assert "slower to read sadness" in said
    assert "quicker to read anger" in said
    assert (await counted(store))["felt"] == 1
    assert await leanings(store) == {"sadness": STEP, "anger": -STEP}


async def test_forgetting_takes_back_what_was_learnt(ask, read, store):
    await read("sadness")
    await ask("/feedback felt anger")
    await ask("/forget yes")
    assert await leanings(store) == {}
    assert (await counted(store))["felt"] == 0


async def test_where_nothing_was_read_only_the_felt_one_moves(ask, read, store):
    await read("neutral")
    await ask("/feedback felt joy")
    assert await leanings(store) == {"joy": -STEP}


def test_many_corrections_are_bounded():
    moved = {}
    for _ in range(50):
        moved = leaned(moved, "sadness", "anger")
    assert moved == {"sadness": BOUND, "anger": -BOUND}


def test_the_same_emotion_moves_nothing():
    assert leaned({}, "joy", "joy") == {}
