"""The emotions that the bot itself reads in messages: read once a run, kept in its folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from emotibot_models.types import NEUTRAL, TextReading
from training.response.examples import Example


class ReadsEmotion(Protocol):
    """What labels the messages: the text-emotion model, as it does in serving."""

    def read(self, texts: list[str]) -> list[TextReading]:
        """One reading a text."""
        ...


class Readings:
    """Labels examples by what a model reads; without a model the gold labels stay."""

    def __init__(self, path: Path, reader: Callable[[], ReadsEmotion] | None) -> None:
        self._path, self._reader = path, reader

    def relabelled(self, examples: Sequence[Example]) -> list[Example]:
        """The examples under the strongest emotion that is read in their messages."""
        if self._reader is None:
            return list(examples)
        known = self._known
        texts = list(dict.fromkeys(e.text for e in examples if e.text not in known))
        if texts:
            found = self._reader().read(texts)
            known |= {text: _strongest(one) for text, one in zip(texts, found, strict=True)}
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(known, ensure_ascii=False), "utf-8")
        return [replace(e, emotion=known[e.text]) for e in examples]

    @cached_property
    def _known(self) -> dict[str, str]:
        """By text: what an earlier start of the run has read."""
        if not self._path.exists():
            return {}
        kept: dict[str, str] = json.loads(self._path.read_text("utf-8"))
        return kept


def _strongest(reading: TextReading) -> str:
    return reading.emotions[0].emotion if reading.emotions else NEUTRAL
