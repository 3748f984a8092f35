"""The verdict of the crowd can fail: what is doubled, late or lost is counted."""

from __future__ import annotations

import asyncio
import random
import time

import pytest

from bot.faults.people import Crowd, Heard, Person
from bot.loopback.bot_api import BotApi
from bot.loopback.discord_wire import Wire

ANN = Person("telegram", 1)


@pytest.fixture
def crowd():
    ann = Person("telegram", 1, said={n: (str(n), float(n)) for n in range(3)})
    return Crowd(BotApi(), Wire(), [ann], random.Random(1))


def hear(crowd, *answers):
    for n in answers:
        crowd._hear("telegram", ANN.chat, "sorry" if n is None else f"message {n} of person 1")


def test_replies_in_order_are_all_there_is_to_want(crowd):
    hear(crowd, 0, 1, 2)
    assert crowd.judge() == Heard(posted=3, apologies=0, doubled=0, out_of_order=0)
    assert crowd.open() == set()


def test_a_double_and_a_swap_are_counted(crowd):
    hear(crowd, 1, 0, 2, 2)
    assert crowd.judge() == Heard(posted=4, apologies=0, doubled=1, out_of_order=1)


def test_what_nobody_answered_is_open_and_an_apology_answers_the_first(crowd):
    hear(crowd, 0)
    assert crowd.open() == {("telegram", "1"), ("telegram", "2")}
    hear(crowd, None)
    assert crowd.open() == {("telegram", "2")}
    assert crowd.open(said_before=2.0) == set()
    assert crowd.judge().apologies == 1


def test_a_recovery_lasts_until_what_was_said_before_it_is_answered(crowd):
    began = time.monotonic()
    crowd.people[0].said = {0: ("0", began - 9), 1: ("1", began + 9)}
    hear(crowd, 0)
    assert 0 < crowd.recovery(began) < 9
    assert crowd.recovery(began - 10) == 0


def test_the_longest_wait_is_that_of_who_waits_then_or_speaks_soon_after(crowd):
    began = time.monotonic()
    crowd.people[0].said = {n: (str(n), began + at) for n, at in enumerate((-30, -9, -2))}
    hear(crowd, 0, 1, 2)
    waits = [crowd.longest_wait(began - at, within) for at, within in ((20, 0), (5, 1), (5, 9))]
    assert [round(wait) for wait in waits] == [30, 30, 30]
    assert crowd.longest_wait(time.monotonic() + 1, 9) == 0.0
    crowd.people[0].said = {n: (str(n), began + at) for n, at in enumerate((-3, -9, -2))}
    assert round(crowd.longest_wait(began - 20, 0)) == 0
    assert round(crowd.longest_wait(began - 5, 0)) == 9


async def test_everybody_greets_talks_and_is_heard():
    async with BotApi().running() as api, Wire().running() as wire:
        people = [Person("telegram", 1), Person("discord", 2)]
        crowd = Crowd(api, wire, people, random.Random(1))
        listening = asyncio.create_task(crowd.keep_listening())
        await crowd.greet()
        await crowd.talk(5, 0.05)
        assert [len(person.said) for person in people] == [5, 5]
        assert {update["message"]["chat"]["id"] for update in api.waiting} == {10_001}
        assert {message["channel_id"] for message in wire.written} == {"10002"}
        wire.sent.append({"channel_id": "10002", "content": "I hear you: message 0 of person 2"})
        async with asyncio.timeout(30):
            while not crowd.heard:  # noqa: ASYNC110 - what people hear has no event
                await asyncio.sleep(0)
        listening.cancel()
    assert len(crowd.open()) == 9


async def test_platforms_that_refuse_slow_down_the_bot_or_hang_up():
    async with BotApi().running() as api, Wire().running() as wire:
        hung_up = []

        async def hang_up():
            hung_up.append(1)

        wire.hang_up = hang_up
        people = [Person("telegram", 0), *(Person("discord", n) for n in range(1, 20))]
        await Crowd(api, wire, people, random.Random(1), refusals=1.0).greet()
    limits = [fault for fault in wire._faults["/messages"] if fault.status == 429]
    assert [fault.error.status for fault in api._faults["sendMessage"] if fault.error] == [429]
    assert len(hung_up) + len(limits) == 19
    assert min(len(hung_up), len(limits)) > 2
