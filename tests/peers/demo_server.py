"""The demo page around a scripted pipeline, as a process of its own: folder, port, settings.

Gradio and a browser run in their own time; a process keeps their loose ends out of the tests.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from bot.bootstrap import serve
from bot.config import Settings
from bot.logs import configure
from bot.platforms.web import Serving, WebPlatform
from emotibot_models.scripted import ScriptedPipeline
from emotibot_models.types import Box, FaceOutcome, FaceReading, TurnInput, TurnResult

NO_FACE = "I could not make out a face in the picture."


class Mind(ScriptedPipeline):
    """Draws a box; what it is told makes it wait for a file, break, or see no face.

    Each batch is noted as a line of JSON.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(seconds=0.05)
        self._go = folder / "go"
        self._batches = folder / "batches.jsonl"

    def run(self, turns: list[TurnInput]) -> list[TurnResult]:
        """One result a turn, in order."""
        seen = [{"text": turn.text, "history": len(turn.history)} for turn in turns]
        with self._batches.open("a", encoding="utf-8") as out:
            out.write(json.dumps(seen) + "\n")
        while any("wait" in turn.text for turn in turns) and not self._go.exists():
            time.sleep(0.01)
        if any("break" in turn.text for turn in turns):
            raise RuntimeError("a broken model")
        return [
            with_box(turn, result) for turn, result in zip(turns, super().run(turns), strict=True)
        ]


def thought(folder: Path, text: str) -> list[tuple[int, int]]:
    """How the pipeline was asked about this message: lines of history, and others beside it."""
    lines = (folder / "batches.jsonl").read_text("utf-8").splitlines()
    batches = [json.loads(line) for line in lines]
    return [
        (turn["history"], len(batch)) for batch in batches for turn in batch if turn["text"] == text
    ]


def with_box(turn: TurnInput, result: TurnResult) -> TurnResult:
    """A picture's reading gets a box, or no face where the words ask for that."""
    if result.face is None:
        return result
    if "hide" in turn.text:
        return replace(result, face=FaceReading(FaceOutcome.NO_FACE, note=NO_FACE))
    return replace(result, face=replace(result.face, box=Box(8, 8, 32, 32)))


def main(folder: Path, port: int, settings: Settings) -> None:
    """Serve until SIGTERM."""
    configure("warning", "console")
    web = WebPlatform(Serving(folder=folder, port=port, tell=lambda _: None))
    asyncio.run(serve(settings.for_demo(folder), Mind(folder), [web]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Settings.model_validate_json(sys.argv[3]))
