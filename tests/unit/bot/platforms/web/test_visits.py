from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.messages import Button, OutgoingMessage
from bot.platforms.web.visits import Visits

READING = {"has_image": False, "emotion_analysis": {"text_emotions": []}, "metadata": {}}


@pytest.fixture
async def visits():
    return Visits()


def answer(visit, exchange, text="an answer", reading=None):
    return OutgoingMessage(
        key=visit.key, text=text, reply_to=exchange.id, nonce="r1.0", reading=reading
    )


async def test_every_visit_has_a_name_of_its_own_that_nobody_can_guess(visits):
    people = {visits.open("en").key.person for _ in range(100)}
    assert len(people) == 100
    assert min(map(len, people)) >= 22  # 128 bits in base64


async def test_only_a_kept_visit_is_found_again(visits):
    visit = visits.open("en")
    assert visits.open("en", visit.key.person) is not visit
    visit.kept = True
    assert visits.open("en", visit.key.person) is visit


async def test_a_made_up_name_finds_nobody_and_is_not_taken_over(visits):
    assert visits.open("en", "made up").key.person != "made up"


async def test_messages_wait_in_the_order_in_which_they_came(visits):
    ada, ben = visits.open("en"), visits.open("en")
    first, second = visits.begin(ada, "one"), visits.begin(ben, "two")
    assert (visits.ahead(first), visits.ahead(second)) == (0, 1)
    visits.deliver(answer(ada, first))
    assert visits.ahead(second) == 0


async def test_an_answer_reaches_its_message_once(visits):
    visit = visits.open("en")
    exchange = visits.begin(visit, "hello")
    assert visits.deliver(answer(visit, exchange))
    assert not visits.deliver(answer(visit, exchange, "again"))
    assert (await exchange.arrives).text == "an answer"


async def test_what_buttons_would_say_stands_below_the_answer(visits):
    visit = visits.open("en")
    exchange = visits.begin(visit, "hello")
    question = answer(visit, exchange, "May I?")
    visits.deliver(replace(question, buttons=(Button("Yes", "/face yes"), Button("No", "/no"))))
    assert exchange.answer.text == "May I?\n\n/face yes: Yes\n/no: No"


async def test_a_picture_goes_with_one_message_and_is_let_go_of_when_fetched(visits):
    visit = visits.open("en")
    visit.picture = b"picture"
    exchange = visits.begin(visit, "look")
    assert (visit.picture, exchange.with_picture) == (None, True)
    assert visits.fetch(exchange.id) == b"picture"
    assert visits.fetch(exchange.id) is None
    assert visits.fetch("unknown") is None


async def test_what_is_given_up_ends_with_a_sentence_unless_an_answer_was_faster(visits):
    visit = visits.open("en")
    late, answered = visits.begin(visit, "one"), visits.begin(visit, "two")
    visits.deliver(answer(visit, answered))
    assert visits.give_up(late, "sorry").text == "sorry"
    assert visits.give_up(answered, "sorry").text == "an answer"


async def test_an_answer_that_comes_after_its_waiting_was_cancelled_harms_nobody(visits):
    visit = visits.open("en")
    exchange = visits.begin(visit, "hello")
    exchange.arrives.cancel()
    assert visits.deliver(answer(visit, exchange))


async def test_forgetting_a_visit_ends_what_waits_and_takes_every_choice_back(visits):
    visit = visits.open("en")
    visit.faces = visit.kept = True
    waiting = visits.begin(visit, "one")
    visit.exchanges.append(waiting)
    visits.forget(visit)
    assert waiting.arrives.done()
    assert (visit.exchanges, visit.faces, visit.kept) == ([], False, False)


async def test_a_result_has_the_shape_of_the_pipelines(visits):
    visit = visits.open("en")
    exchange = visits.begin(visit, "hello")
    assert exchange.result() is None
    visits.deliver(answer(visit, exchange, reading=READING))
    assert exchange.result() == {
        "user_input": {"text": "hello", "has_image": False},
        "emotion_analysis": {"text_emotions": []},
        "response": "an answer",
        "metadata": {},
    }


async def test_the_export_holds_what_was_answered(visits):
    visit = visits.open("en")
    for text in ("one", "two"):
        visit.exchanges.append(visits.begin(visit, text))
    visits.deliver(answer(visit, visit.exchanges[0]))
    assert visit.export() == [{"you": "one", "emotibot": "an answer", "result": None}]


async def test_nothing_said_is_in_a_repr(visits):
    visit = visits.open("en")
    exchange = visits.begin(visit, "my secret")
    visit.exchanges.append(exchange)
    visits.deliver(answer(visit, exchange, "my secret"))
    await asyncio.sleep(0)
    assert "secret" not in f"{visit!r} {exchange!r} {exchange.answer!r}"
