"""All sources as one cleaned stream of examples, and examples as token ids."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from emotibot_models.persona import has_own_life
from emotibot_models.wording import sentences
from training.response.examples import Example
from training.response.filters import clean
from training.response.sources import (
    counsel_chat,
    daily_dialog,
    empathetic_dialogues,
    esconv,
    plain,
)
from training.runs.folder import RunFolder

log = logging.getLogger(__name__)

STOCK = 20
"""A sentence that a list of examples holds more often is a stock phrase."""

Reader = Callable[[Path], Iterator[Example]]

TRAIN: dict[str, Reader] = {
    "empathetic_dialogues": partial(empathetic_dialogues, split="train"),
    "esconv": partial(esconv, split="train"),
    "dailydialog": partial(daily_dialog, split="train"),
    "dream": plain("dream", "train.jsonl.gz"),
    "topical_chat": plain("topical_chat", "valid.jsonl.gz"),
    "simple_daily": plain("simple_daily", "train.jsonl.gz"),
    "self_dialogue": plain("self_dialogue", "train.jsonl.gz"),
    "cmu_dog": plain("cmu_dog", "train.jsonl.gz"),
    "counsel_chat": partial(counsel_chat, split="train"),
}
DEV: dict[str, Reader] = {
    "empathetic_dialogues": partial(empathetic_dialogues, split="valid"),
    "esconv": partial(esconv, split="dev"),
    "dailydialog": partial(daily_dialog, split="validation"),
}
OPEN_TRAIN = {name: TRAIN[name] for name in ("self_dialogue", "topical_chat", "counsel_chat")}
"""Those that may be used for anything (BSD-3-Clause, CDLA-Sharing-1.0, MIT)."""
OPEN_DEV: dict[str, Reader] = {"topical_chat": plain("topical_chat", "test.jsonl.gz")}
TEST: dict[str, Reader] = {"empathetic_dialogues": partial(empathetic_dialogues, split="test")}


def read(data: Path, readers: dict[str, Reader]) -> dict[str, list[Example]]:
    """The clean examples of each source; what fell and why is logged as counts."""
    fallen: Counter[str] = Counter()
    kept = {name: list(clean(reader(data), fallen)) for name, reader in readers.items()}
    for name, examples in kept.items():
        lost = {key.split(":")[1]: n for key, n in fallen.items() if key.startswith(f"{name}:")}
        log.info("%s: %d kept, fallen %s", name, len(examples), lost)
    return kept


def held_out(data: Path) -> list[Example]:
    """EmpatheticDialogues valid and test."""
    name = "empathetic_dialogues"
    return [e for part in (DEV, TEST) for e in read(data, {name: part[name]})[name]]


def tell_copies(folder: RunFolder, kept: dict[str, list[Example]], others: list[Example]) -> None:
    """Count the training pairs that ``others``, held out, have too; they are kept.

    Whole conversations stand in one split alone; what recurs is "Thank you!" and its like.
    """
    seen = {(e.text.lower(), e.reply.lower()) for e in others}
    count = sum((e.text.lower(), e.reply.lower()) in seen for part in kept.values() for e in part)
    folder.tell_copies({"pairs of message and reply that also stand in dev or test, kept": count})


def telling(examples: list[Example]) -> list[Example]:
    """The examples whose reply says something that few others of the list say.

    Learned from, "I'm sorry to hear that." alone is soon the answer to everything.
    """
    said = [sentences(example.reply.lower()) for example in examples]
    counts = Counter(sentence for reply in said for sentence in reply)
    return [
        example
        for example, reply in zip(examples, said, strict=True)
        if min(counts[sentence] for sentence in reply) <= STOCK
    ]


def strict(examples: list[Example]) -> list[Example]:
    """The examples whose reply could come from a bot, which has no life of its own."""
    return [example for example in examples if not has_own_life(example.reply)]
