from __future__ import annotations

import asyncio
import threading

from bot import texts
from bot.errors import StorageError
from bot.platforms.web.desk import Desk
from bot.platforms.web.visits import Visits
from emotibot_models.scripted import ScriptedPipeline

LONG_S = 60


class Watched(ScriptedPipeline):
    """Waits until it is let go, and remembers its batches."""

    def __init__(self):
        super().__init__()
        self.go = threading.Event()
        self.batches = []

    def run(self, turns):
        assert self.go.wait(LONG_S)
        self.batches.append([turn.text for turn in turns])
        return super().run(turns)


async def said(desk, visit, text):
    exchange = await desk.say(visit, text)
    assert await desk.answered(exchange, within_s=LONG_S)
    return exchange.answer


async def test_a_message_is_answered_and_stays_in_the_conversation(desk):
    visit = await desk.open("en")
    answer = await said(desk, visit, "I am happy")
    assert answer.text == "I hear you: I am happy"
    assert answer.reading["emotion_analysis"]["fused_emotion"]["primary_emotion"] == "joy"
    assert [exchange.text for exchange in visit.exchanges] == ["I am happy"]


async def test_no_note_of_the_first_contact_and_no_line_about_the_reading_is_added(desk):
    assert (await said(desk, await desk.open("en"), "I am sad")).text == "I hear you: I am sad"


async def test_two_messages_in_a_row_each_get_their_answer(desk):
    visit = await desk.open("en")
    first, second = await desk.say(visit, "one"), await desk.say(visit, "two")
    assert await desk.answered(first, within_s=LONG_S)
    assert await desk.answered(second, within_s=LONG_S)
    assert (first.answer.text, second.answer.text) == ("I hear you: one", "I hear you: two")


async def test_a_picture_is_read_once_that_is_allowed(desk, picture):
    visit = await desk.open("en")
    assert (await desk.allow_faces(visit, True)).text == texts.FACE_YES
    assert await desk.choose(visit, picture) == ""
    answer = await said(desk, visit, "look")
    assert answer.reading["emotion_analysis"]["image_emotion"]["emotion"] == "happy"


async def test_a_picture_that_came_around_the_page_is_not_looked_at(desk, picture):
    visit = await desk.open("en")
    await desk.choose(visit, picture)
    answer = await said(desk, visit, "look")
    assert texts.FACE_ASK in answer.text
    assert answer.reading["has_image"] is False
    assert visit.exchanges[0].picture is None


async def test_taking_the_consent_back_lets_go_of_a_chosen_picture(desk, picture):
    visit = await desk.open("en")
    await desk.allow_faces(visit, True)
    await desk.choose(visit, picture)
    assert (await desk.allow_faces(visit, False)).text == texts.FACE_NO
    assert (visit.picture, visit.faces) == (None, False)


async def test_a_typed_consent_counts_like_the_tick(desk):
    visit = await desk.open("en")
    await said(desk, visit, "/face yes")
    assert visit.faces
    await said(desk, visit, "/face")
    assert visit.faces


async def test_a_file_that_is_no_picture_gets_a_sentence(desk):
    visit = await desk.open("en")
    assert "cannot open" in await desk.choose(visit, b"nonsense")
    assert visit.picture is None


async def test_forgetting_empties_the_page_and_the_tables(desk):
    visit = await desk.open("en")
    await said(desk, visit, "my secret")
    answer = await desk.forget(visit)
    assert answer.text.startswith("Erased: 2 lines")
    assert visit.exchanges == []


async def test_a_typed_forget_leaves_its_own_answer(desk):
    visit = await desk.open("en")
    await said(desk, visit, "my secret")
    question = await said(desk, visit, "/forget")
    assert "/forget yes" in question.text
    answer = await said(desk, visit, "/forget yes")
    assert answer.text.startswith("Erased: 2 lines")
    assert [exchange.text for exchange in visit.exchanges] == ["/forget yes"]


async def test_leaving_forgets_unless_the_visitor_asked_for_the_opposite(desk):
    kept, other = await desk.open("en"), await desk.open("en")
    kept.kept = True
    for visit in (kept, other):
        await said(desk, visit, "hello")
        await desk.leave(visit)
    assert [len(visit.exchanges) for visit in (kept, other)] == [1, 0]
    assert await desk.open("en", kept.key.person) is kept


async def test_the_way_back_is_told_in_the_privacy_note(desk):
    visit = await desk.open("en")
    assert "Closing the page erases it" in (await said(desk, visit, "/privacy")).text


async def test_everything_that_is_held_comes_as_a_file(desk):
    visit = await desk.open("en")
    await said(desk, visit, "my secret")
    assert b"my secret" in (await said(desk, visit, "/mydata")).file.data


async def test_help_in_danger_is_that_of_the_visitors_country(desk):
    assert "116 123" in (await said(desk, await desk.open("en-GB"), "I want to kill myself")).text


async def test_each_message_beyond_the_limit_gets_the_same_sentence(open_desk):
    async with open_desk(limits={"burst": 1, "per_minute": 0.01}) as desk:
        visit = await desk.open("en")
        answers = [(await said(desk, visit, text)).text for text in ("one", "two", "three")]
    assert answers == ["I hear you: one", texts.SLOW_DOWN, texts.SLOW_DOWN]


async def test_who_waits_learns_how_many_are_before_them(open_desk):
    pipeline = Watched()
    async with open_desk(pipeline) as desk:
        first = await desk.say(await desk.open("en"), "one")
        second = await desk.say(await desk.open("en"), "two")
        assert not await desk.answered(second, within_s=0.01)
        assert second.ahead == 1
        pipeline.go.set()
        assert await desk.answered(first, within_s=LONG_S)
        assert await desk.answered(second, within_s=LONG_S)


async def test_twenty_at_once_share_the_models_batches_and_each_gets_their_own_answer(open_desk):
    pipeline = Watched()
    async with open_desk(pipeline, engine={"batch": 16}) as desk:
        visits = [await desk.open("en") for _ in range(20)]
        waiting = [await desk.say(visit, f"I am {i}") for i, visit in enumerate(visits)]
        assert not await desk.answered(waiting[-1], within_s=0.5)  # meanwhile they queue up
        pipeline.go.set()
        await asyncio.gather(*(desk.answered(one, within_s=LONG_S) for one in waiting))
    assert [one.answer.text for one in waiting] == [f"I hear you: I am {i}" for i in range(20)]
    assert len(pipeline.batches) <= 10
    assert sum(map(len, pipeline.batches)) == 20


async def test_a_message_that_cannot_be_stored_gets_a_sentence():
    async def accept(message):
        raise StorageError("disk full")

    desk = Desk(accept, Visits())
    assert (await said(desk, await desk.open("en"), "hello")).text == texts.APOLOGY


async def test_a_message_without_an_answer_gets_a_sentence_in_the_end():
    async def accept(message):
        pass

    desk = Desk(accept, Visits(), patience_s=0.01)
    assert (await said(desk, await desk.open("en"), "hello")).text == texts.APOLOGY
