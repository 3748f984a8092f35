"""Replies that were composed for this project to messages of the data sets, two to a message.

``composed.jsonl`` holds the replies and what they set out to do; the messages stay in the training
splits of EmpatheticDialogues and DailyDialog, and are found there by a fingerprint. The writers,
language models and no persons, saw up to two earlier turns and were told to name what happened in
plain words, to invent no life of the bot's own, and to leave advice and wisdom alone.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Final

from emotibot_models.types import Intent
from training.relevance.data import Pair, daily_pairs, empathetic_pairs
from training.response.examples import Example

log = logging.getLogger(__name__)

SOURCE: Final = "composed"
COMPOSED: Final = Path(__file__).with_name("composed.jsonl")
TURNS: Final = 4
"""Of a conversation that is told by its fingerprint: the message and three before it."""
HELD_OUT: Final = "00", "01", "02", "03", "04"
"""Fingerprints that begin so, one in fifty, are for measuring."""


def composed(data: Path, *, held_out: bool = False, path: Path = COMPOSED) -> Iterator[Example]:
    """The composed replies, each with its message; those to messages not in ``data`` are left out.

    Raises:
        DataError: a data set is missing or is not as its README says.
    """
    pairs = chain(
        empathetic_pairs(data, "train", turns=TURNS), daily_pairs(data, "train", turns=TURNS)
    )
    known = {fingerprint(pair.turns): pair for pair in pairs}
    lost = 0
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["message"].startswith(HELD_OUT) != held_out:
            continue
        pair = known.get(row["message"])
        if pair is None:
            lost += 1
            continue
        for intent, text in row["replies"]:
            yield _example(pair, text, Intent(intent))
    log.info("%s: %d messages are not in these data", SOURCE, lost)


def fingerprint(turns: Sequence[str]) -> str:
    """What tells a conversation from others, without its words."""
    return sha256("\n".join(turns).encode()).hexdigest()[:16]


def _example(pair: Pair, reply: str, intent: Intent) -> Example:
    return Example(text=pair.text, history=pair.history, reply=reply, source=SOURCE, intent=intent)
