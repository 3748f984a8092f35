"""All sources as one cleaned stream of examples, and examples as token ids."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from training.response.examples import Example
from training.response.filters import clean
from training.response.sources import (
    counsel_chat,
    daily_dialog,
    empathetic_dialogues,
    empathetic_speakers,
    esconv,
    plain,
)
from training.runs.folder import RunFolder

log = logging.getLogger(__name__)

Reader = Callable[[Path], Iterator[Example]]

TRAIN: dict[str, Reader] = {
    "empathetic_dialogues": partial(empathetic_dialogues, split="train"),
    "empathetic_speakers": partial(empathetic_speakers, split="train"),
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
