"""What is counted while the service runs: numbers under fixed names, never a word of anybody.

The names are the same whatever the engine. Gauges are set when somebody looks; see ``bot.monitor``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

Item = TypeVar("Item")
Answer = TypeVar("Answer")

REGISTRY: Final = CollectorRegistry()
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64)


def _counter(name: str, told: str, *labels: str) -> Counter:
    return Counter(f"emotibot_{name}", told, labels, registry=REGISTRY)


def _gauge(name: str, told: str, *labels: str) -> Gauge:
    return Gauge(f"emotibot_{name}", told, labels, registry=REGISTRY)


def _histogram(name: str, told: str, buckets: Sequence[float], *labels: str) -> Histogram:
    return Histogram(f"emotibot_{name}", told, labels, registry=REGISTRY, buckets=buckets)


ACCEPTED: Final = _counter("accepted", "Messages that were stored.", "platform")
DUPLICATES: Final = _counter("duplicate_updates", "Messages delivered once more.", "platform")
ATTEMPTS: Final = _counter("attempts", "Jobs begun, each try.", "queue")
STALLED: Final = _counter("stalled_requeued", "Jobs taken back from workers that went silent.")
SUPPRESSED: Final = _counter("duplicate_replies_suppressed", "Answers that came second.")
HEALED: Final = _counter("messages_healed", "Messages and replies that had lost their job.")
ENDED: Final = _counter("outbox_ended", "Parts of replies, by how they ended.", "platform", "state")
UNKNOWN: Final = _counter("posts_unknown", "Parts that may or may not have arrived.", "platform")
INVALID: Final = _counter(
    "invalid_requests", "Refusals that a platform holds against us.", "platform"
)
END_TO_END: Final = _histogram(
    "end_to_end_seconds", "From a message's acceptance to its sent reply.", _SECONDS, "platform"
)
BATCH_SIZE: Final = _histogram("batch_size", "Turns that shared a batch.", _SIZES, "stage")
STAGE_SECONDS: Final = _histogram("stage_seconds", "What a batch took.", _SECONDS, "stage")
BATCHER_WAITING: Final = _gauge("batcher_waiting", "Turns that wait for a stage.", "stage")

WAITING: Final = _gauge("waiting", "Jobs that nobody has begun.", "queue")
DOING: Final = _gauge("doing", "Jobs in hand.", "queue")
OLDEST: Final = _gauge("oldest_waiting_seconds", "Age of the oldest message without an answer.")
UNANSWERED: Final = _gauge("unanswered", "Messages without an answer.")
OUTBOX: Final = _gauge("outbox", "Parts of replies that are not out.", "state")
WORKERS: Final = _gauge("workers", "Processes that do jobs on this database.")
HEARTBEAT_AGE: Final = _gauge("worker_heartbeat_age_seconds", "Silence of the quietest of them.")
LOOP_LAG: Final = _gauge(
    "event_loop_lag_seconds", "The longest that this process was late since the last look."
)


def timed(
    stage: str, run: Callable[[list[Item]], Sequence[Answer]]
) -> Callable[[list[Item]], Sequence[Answer]]:
    """The same work, with its batches counted and timed."""
    sizes, seconds = BATCH_SIZE.labels(stage), STAGE_SECONDS.labels(stage)

    def measured(items: list[Item]) -> Sequence[Answer]:
        sizes.observe(len(items))
        began = time.perf_counter()
        try:
            return run(items)
        finally:
            seconds.observe(time.perf_counter() - began)

    return measured
