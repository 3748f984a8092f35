"""How much a person or a group may send: a bucket of tokens each, refilled with time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

MANY: Final = 10_000
"""Buckets kept before the full ones, which say nothing, are dropped."""


class Verdict(Enum):
    """What becomes of a message."""

    ALLOWED = auto()
    REFUSED = auto()
    """The first one too many: worth a sentence."""
    IGNORED = auto()
    """One more after that sentence."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float
    told: bool = False


class Limits:
    """Allows ``burst`` messages at once and ``per_minute`` in the long run, to each who sends.

    ``clock`` returns seconds and never runs backwards.
    """

    def __init__(self, *, burst: int, per_minute: float, clock: Callable[[], float]) -> None:
        self._burst = float(burst)
        self._per_second = per_minute / 60
        self._clock = clock
        self._buckets: dict[Hashable, _Bucket] = {}

    def adopt(self, *, burst: int, per_minute: float) -> None:
        """Measure with other numbers from now on."""
        self._burst = float(burst)
        self._per_second = per_minute / 60

    def take(self, sender: Hashable) -> Verdict:
        """Count one message of this person or group."""
        now = self._clock()
        bucket = self._buckets.get(sender)
        if bucket is None:
            self._sweep(now)
            bucket = self._buckets[sender] = _Bucket(self._burst, now)
        bucket.tokens = self._level(bucket, now)
        bucket.at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            bucket.told = False
            return Verdict.ALLOWED
        if bucket.told:
            return Verdict.IGNORED
        bucket.told = True
        return Verdict.REFUSED

    def _level(self, bucket: _Bucket, now: float) -> float:
        return min(self._burst, bucket.tokens + (now - bucket.at) * self._per_second)

    def _sweep(self, now: float) -> None:
        if len(self._buckets) >= MANY:
            self._buckets = {
                sender: bucket
                for sender, bucket in self._buckets.items()
                if self._level(bucket, now) < self._burst
            }
