"""What a turn costs beside its networks: processor time where their answers are known already.

Of many callers' turns the networks' work is shared, this is not; where a GPU does that work, one
process of Python ends first, and so this is what a service grows by.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from bot.bench.messages import MESSAGES
from bot.bench.plot import Panel, Spread
from bot.bench.report import Report
from bot.inference.stages import Staged, Stages
from emotibot_models.flow import Ask, Models
from emotibot_models.pipeline import Pipeline
from emotibot_models.types import Line, TurnInput, TurnResult

CALLERS: Final = (1, 32, 128)
TURNS: Final = 256
"""Of a case in a round."""
BEFORE: Final = 3
"""Messages that went before one in the middle of a conversation, each with an answer."""
ANSWER: Final = "That is a lot to carry at once. What weighs on you the most right now?"
DEADLINE_S: Final = 600.0

Work = Callable[[list[Any]], Sequence[Any]]


class Known:
    """A pipeline whose networks answer from memory what they were asked before."""

    def __init__(self, pipeline: Staged) -> None:
        self.models: Models = {stage: remembered(work) for stage, work in pipeline.models.items()}
        self.on_gpu = True  # a thread for all is enough where nothing is computed
        self._pipeline = pipeline

    async def turn(self, turn: TurnInput, ask: Ask) -> TurnResult:
        """As the pipeline's."""
        return await self._pipeline.turn(turn, ask)


def remembered(work: Work) -> Work:
    """The same work, done once for each item."""
    known: dict[Any, Any] = {}

    def run(items: list[Any]) -> list[Any]:
        if new := [item for item in dict.fromkeys(items) if item not in known]:
            known.update(zip(new, work(new), strict=True))
        return [known[item] for item in items]

    return run


def measure(*, rounds: int = 5, callers: Sequence[int] = CALLERS, turns: int = TURNS) -> Report:
    """First messages and later ones, as they are served and where each is generated for, in turn.

    A first round, which is not counted, is the one in which the networks work.
    """
    sides = {
        "as served": Known(Pipeline.load("starter", "cpu")),
        "all generated": Known(Pipeline.load("starter", "cpu", sparing=False)),
    }
    cases = list(itertools.product(sides, (0, BEFORE), callers))
    found: dict[tuple[str, int, int], list[float]] = {case: [] for case in cases}
    for number in range(rounds + 1):
        for side, before, many in cases:
            took = asyncio.run(_milliseconds(sides[side], _turns(turns, before), many))
            if number:
                found[side, before, many].append(took / turns)
    spreads = {case: Spread.of(took) for case, took in found.items()}
    return Report(
        name="turns",
        title=f"Processor time of a turn beside its networks; {rounds} rounds",
        setup={"preset": "starter", "rounds": rounds, "turns": turns, "lines_before": 2 * BEFORE},
        figures={
            "processor_ms": {
                f"{side}, {_message(before)}, {many} callers": spread.median
                for (side, before, many), spread in spreads.items()
            }
        },
        rows=[
            {
                "turns": side,
                "message": _message(before),
                "callers": many,
                "processor ms": str(spread),
            }
            for (side, before, many), spread in spreads.items()
        ],
        panels=[
            Panel(
                title=side,
                x="callers",
                y="processor ms a turn",
                series={
                    _message(before): [(many, spreads[side, before, many]) for many in callers]
                    for before in (0, BEFORE)
                },
            )
            for side in sides
        ],
    )


def _message(before: int) -> str:
    return "in a conversation" if before else "first"


def _turns(number: int, before: int) -> Iterator[TurnInput]:
    """So many turns, each after the same number of earlier messages; what is drawn is settled."""
    for place in range(number):
        earlier = [MESSAGES[(place - back) % len(MESSAGES)] for back in range(before, 0, -1)]
        lines = [(Line("person", text), Line("bot", ANSWER)) for text in earlier]
        history = tuple(itertools.chain.from_iterable(lines))
        yield TurnInput(text=MESSAGES[place % len(MESSAGES)], history=history, seed=0)


async def _milliseconds(side: Known, turns: Iterator[TurnInput], callers: int) -> float:
    """Processor time of all turns together."""
    queue = Stages(side, batch=32, waiting=callers, deadline_s=DEADLINE_S)

    async def talks() -> None:
        for turn in turns:
            await queue.submit(turn)

    async with queue.running():
        began = time.process_time()
        await asyncio.gather(*(talks() for _ in range(callers)))
        return 1000 * (time.process_time() - began)
