"""Screen, recall, infer, review, remember: what each step gives the person."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot import texts
from bot.conversation.answers import Answers
from bot.conversation.handle import Handle, Manner
from bot.errors import InferenceFailed, InferenceOverloaded, InferenceStopped, InferenceTimeout
from bot.languages import say_in
from bot.messages import ConversationKey, IncomingMessage
from bot.safety.policy import WORRIED_S
from bot.storage import inbox, people
from bot.storage.schema import history, outbox
from emotibot_models.scripted import ScriptedPipeline

HOME = ConversationKey("console", "local", "ann")
FAKE = ConversationKey("fake", "chat", "ann")


class Engine:
    async def submit(self, tx, queue, key, number):
        pass


class Desk:
    """A handler over a scripted pipeline that may fail, with a clock that stands still."""

    def __init__(self, store, error=None):
        self.store = store
        self.error = error
        self.turns = []
        self.now = 1000.0
        self.number = 0
        answers = Answers(Engine(), days=30, clock=lambda: self.now)
        manner = Manner(turns=6, attempts=3, emotion_line=True)
        self.handle = Handle(store, self.infer, answers, manner, clock=lambda: self.now)

    async def infer(self, turn):
        if self.error:
            raise self.error
        self.turns.append(turn)
        return ScriptedPipeline().run([turn])[0]

    async def put(self, text, *, key=HOME, image=None, note=""):
        self.number += 1
        async with self.store.transaction() as tx:
            message = IncomingMessage(key=key, message_id=str(self.number), text=text)
            turn = await inbox.insert(tx, message, self.now)
            if image or note:
                await inbox.attach(tx, turn.id, image, note)
        return turn.id

    async def ask(self, text, **more):
        turn_id = await self.put(text, **more)
        await self.handle(turn_id)
        async with self.store.transaction() as tx:
            query = select(outbox.c.body).where(outbox.c.inbox_id == turn_id)
            return await tx.connection.scalar(query)


@pytest.fixture
def desk(store):
    return Desk(store)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (InferenceFailed("x"), texts.APOLOGY),
        (InferenceTimeout("x"), texts.APOLOGY),
        (InferenceOverloaded("x"), texts.BUSY),
    ],
)
async def test_what_the_models_did_not_manage_is_an_apology(desk, error, said):
    desk.error = error
    assert await desk.ask("hello") == said


async def test_when_the_models_stop_the_message_stays_unanswered(desk):
    desk.error = InferenceStopped("x")
    with pytest.raises(InferenceStopped):
        await desk.ask("hello")
    desk.error = None
    await desk.handle(1)
    assert [turn.text for turn in desk.turns] == ["hello"]


async def test_all_earlier_unanswered_messages_are_answered_first(desk):
    for text in ("one", "two"):
        await desk.put(text)
    await desk.ask("three")
    assert [turn.text for turn in desk.turns] == ["one", "two", "three"]


async def test_an_answered_message_is_not_answered_again(desk):
    await desk.ask("hello")
    await desk.handle(1)
    assert len(desk.turns) == 1


async def test_at_home_the_reading_is_drawn_elsewhere_it_is_said(desk):
    assert "read as" not in await desk.ask("so sad", key=HOME)
    assert "read as sadness" in await desk.ask("so sad", key=FAKE)


async def test_a_note_about_the_picture_goes_with_the_words(desk):
    assert (await desk.ask("hello", note="No picture.")).endswith("No picture.")
    assert await desk.ask("", note="No picture.") == "No picture."


async def test_a_picture_alone_is_answered_and_the_bots_line_remembered(desk, store):
    assert await desk.ask("", image=b"jpeg") == "I hear you: a picture"
    async with store.transaction() as tx:
        rows = list(await tx.connection.execute(select(history.c.speaker, history.c.text)))
    assert rows == [("bot", "I hear you: a picture")]


async def test_no_face_is_read_while_somebody_is_in_danger(desk):
    await desk.ask("I want to kill myself")
    await desk.ask("look at me", image=b"jpeg")
    assert [turn.image for turn in desk.turns] == [None]


async def test_the_worry_ends_after_a_day(desk):
    await desk.ask("I want to kill myself")
    desk.now += WORRIED_S
    await desk.ask("yes")
    assert [turn.text for turn in desk.turns] == ["yes"]


async def test_what_is_stored_beside_the_history_holds_no_words(desk, store):
    await desk.ask("my very own words")
    async with store.transaction() as tx:
        rows = list(await tx.connection.execute(select(history.c.reading)))
    assert "emotion_analysis" in rows[0].reading
    assert "very own" not in str(rows)


async def test_the_models_are_told_the_mood_and_what_a_person_taught(desk):
    async with desk.store.transaction() as tx:
        await people.set_leanings(tx, FAKE, {"joy": -0.05})
    for text in ("so sad", "well", "hm"):
        await desk.ask(text, key=FAKE)
    assert [turn.mood for turn in desk.turns] == ["", "sadness", ""]
    assert {turn.leanings["joy"] for turn in desk.turns} == {-0.05}


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Ich bin heute sehr traurig, weil mein Hund gestorben ist.", "de"),
        ("Сегодня мне очень грустно, потому что умерла моя собака.", "en"),
    ],
)
async def test_a_language_the_models_do_not_know_gets_an_honest_sentence(desk, text, spoken):
    assert await desk.ask(text) == say_in(spoken)(texts.LANGUAGE_UNKNOWN)
    assert desk.turns == []


async def test_a_picture_is_read_whatever_the_words_beside_it(desk):
    await desk.ask("Ich bin heute sehr traurig, weil mein Hund gestorben ist.", image=b"jpeg")
    assert len(desk.turns) == 1
