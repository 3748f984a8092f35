"""Bulk analysis: JSON lines in, one result or one error a line out, in the same order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from emotibot_models.types import FaceMode, Line, TurnInput, TurnResult

BATCH = 32
SPEAKERS = ("person", "bot")


class Runs(Protocol):
    """A pipeline, with or without weights."""

    def run(self, turns: list[TurnInput]) -> list[TurnResult]:
        """One result a turn, in order."""
        ...


@dataclass(frozen=True, kw_only=True)
class Options:
    """What holds for every line."""

    reply: bool = True
    face_mode: FaceMode = FaceMode.DETECT
    seed: int | None = None


class LineError(Exception):
    """A line cannot be understood; the message says what is wrong with it."""


def analyze_lines(pipeline: Runs, lines: Iterable[str], options: Options) -> Iterator[str]:
    """One JSON object a line: the result, or ``{"error": …}`` where the line was bad."""
    numbered = enumerate((line for line in lines if line.strip()), 1)
    while chunk := list(islice(numbered, BATCH)):
        yield from _answer(pipeline, [_parse(number, line, options) for number, line in chunk])


def _answer(pipeline: Runs, parsed: list[TurnInput | str]) -> Iterator[str]:
    turns = [turn for turn in parsed if isinstance(turn, TurnInput)]
    results = iter(pipeline.run(turns) if turns else [])
    for item in parsed:
        answer = {"error": item} if isinstance(item, str) else next(results).to_dict()
        yield json.dumps(answer, ensure_ascii=False)


def _parse(number: int, line: str, options: Options) -> TurnInput | str:
    try:
        return _turn(json.loads(line), options)
    except json.JSONDecodeError as exc:
        return f"line {number}: not JSON ({exc.msg} at column {exc.colno})"
    except LineError as exc:
        return f"line {number}: {exc}"


def _turn(body: Any, options: Options) -> TurnInput:
    if not isinstance(body, dict):
        raise LineError('expected an object such as {"text": "…", "image": null}')
    text, image = body.get("text", ""), body.get("image")
    if not isinstance(text, str):
        raise LineError("text must be a string")
    if not isinstance(image, str | None):
        raise LineError("image must be a path or null")
    if "text" not in body and image is None:
        raise LineError("text is missing, and there is no image")
    return TurnInput(
        text=text,
        image=_read_image(image) if image is not None else None,
        history=_history(body.get("history") or []),
        face_mode=options.face_mode,
        reply=options.reply,
        seed=options.seed,
    )


def _read_image(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as exc:
        raise LineError(f"image cannot be read ({type(exc).__name__})") from exc


def _history(items: Any) -> tuple[Line, ...]:
    """Earlier lines, oldest first: objects with speaker and text, or strings by turns.

    Strings alternate and the last one is the bot's.
    """
    if not isinstance(items, list):
        raise LineError("history must be a list")
    lines = []
    for left, item in zip(range(len(items), 0, -1), items, strict=True):
        if isinstance(item, str):
            lines.append(Line("bot" if left % 2 else "person", item))
        elif isinstance(item, dict) and item.get("speaker") in SPEAKERS and _has_text(item):
            lines.append(Line(item["speaker"], item["text"]))
        else:
            raise LineError('history holds strings or {"speaker": "person"|"bot", "text": "…"}')
    return tuple(lines)


def _has_text(item: dict[str, Any]) -> bool:
    return isinstance(item.get("text"), str)
