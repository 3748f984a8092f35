"""A bucket for each person, refilled by the clock that is passed in."""

from __future__ import annotations

from bot.conversation import limits
from bot.conversation.limits import Limits, Verdict


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def made(clock, burst=2, per_minute=60):
    return Limits(burst=burst, per_minute=per_minute, clock=clock)


def test_a_burst_is_allowed_then_one_refusal_then_silence():
    bucket = made(Clock())
    assert [bucket.take("ann") for _ in range(5)] == [
        Verdict.ALLOWED,
        Verdict.ALLOWED,
        Verdict.REFUSED,
        Verdict.IGNORED,
        Verdict.IGNORED,
    ]


def test_time_refills_the_bucket_and_the_sentence():
    clock = Clock()
    bucket = made(clock, burst=1)
    assert [bucket.take("ann") for _ in range(2)] == [Verdict.ALLOWED, Verdict.REFUSED]
    clock.now = 1.0
    assert [bucket.take("ann") for _ in range(2)] == [Verdict.ALLOWED, Verdict.REFUSED]


def test_the_bucket_does_not_overflow():
    clock = Clock()
    bucket = made(clock)
    bucket.take("ann")
    clock.now = 3600.0
    assert [bucket.take("ann") for _ in range(3)][-1] is Verdict.REFUSED


def test_one_person_does_not_use_up_anothers():
    bucket = made(Clock(), burst=1)
    assert [bucket.take("ann"), bucket.take("ben")] == [Verdict.ALLOWED, Verdict.ALLOWED]


def test_full_buckets_are_dropped_before_there_are_too_many(monkeypatch):
    monkeypatch.setattr(limits, "MANY", 3)
    clock = Clock()
    bucket = made(clock, burst=1)
    for person in range(3):
        bucket.take(person)
    clock.now = 0.5
    bucket.take("empty")
    clock.now = 1.0
    bucket.take("one more")
    assert set(bucket._buckets) == {"empty", "one more"}
    assert bucket.take("empty") is Verdict.REFUSED
