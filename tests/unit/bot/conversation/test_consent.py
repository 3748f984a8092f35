"""Whose picture may be looked at, and what is said when not."""

from __future__ import annotations

import pytest

from bot import texts
from bot.conversation import consent
from bot.messages import ConversationKey, IncomingMessage
from bot.storage import group_rules, people
from bot.storage.group_rules import GroupRules
from bot.storage.standing import standing

ANN = ConversationKey("fake", "chat", "ann")


async def refusal(store, *, key=ANN, text="", private=True, in_groups=False, place=""):
    message = IncomingMessage(
        key=key, message_id="1", text=text, photo="p", private=private, place=place
    )
    async with store.transaction() as tx:
        now = await standing(tx, message)
        return await consent.refusal(
            tx, message, now, in_groups=in_groups, say=texts.english, now=1.0
        )


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


@pytest.mark.parametrize("on", [True, False])
async def test_the_moderators_word_goes_before_the_operators(store, on):
    await choose(store, True)
    async with store.transaction() as tx:
        await group_rules.choose(tx, "fake", "guild", GroupRules(face=on))
    said = await refusal(store, private=False, place="guild", in_groups=not on)
    assert said == (None if on else texts.FACE_NOT_HERE)


def test_only_the_question_has_buttons():
    says = [button.says for button in consent.buttons(texts.FACE_ASK, texts.english)]
    assert says == ["/face yes", "/face later", "/face never"]
    assert consent.buttons(texts.FACE_DECLINED, texts.english) == ()


async def test_a_yes_looks_at_the_picture_that_was_asked_about_once(store, ask):
    await refusal(store)
    assert (await ask("/face yes")).look_at == "p"
    assert (await ask("/face yes")).look_at == ""


async def test_not_this_one_forgets_the_picture_and_asks_again_with_the_next(store, ask):
    await refusal(store, text="hi")
    assert (await ask("/face later")).body == texts.FACE_NOT_THIS_ONE
    assert await refusal(store, text="hi") == texts.FACE_ASK


async def test_never_is_remembered_and_can_be_taken_back(store, ask):
    await ask("/face never")
    assert await refusal(store) == texts.FACE_DECLINED
    await ask("/face yes")
    assert await refusal(store) is None


async def test_face_says_how_it_stands(ask):
    states = [(await ask("/face")).body]
    for choice in ("yes", "no"):
        await ask(f"/face {choice}")
        states.append((await ask("/face perhaps")).body)
    assert [texts.FACE_USAGE_YES in state for state in states] == [False, True, False]
