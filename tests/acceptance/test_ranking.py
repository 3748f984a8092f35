from __future__ import annotations

from pathlib import Path

import pytest

from emotibot_models.bank import load_bank
from emotibot_models.presets import resolve
from emotibot_models.types import NEUTRAL, Candidate, Intent, Line, ReplySource
from training.ranking import evaluate
from training.ranking.data import Rated

pytestmark = pytest.mark.slow

PASSED = "I passed my driving test today!"
HISTORY = (Line("person", "Hi"), Line("bot", "Hello"))
BANK = load_bank()
WRITTEN = max(BANK.fitting(NEUTRAL, BANK.situation(PASSED, HISTORY)), key=lambda fit: fit.closeness)
RATED = [
    Rated(
        text=PASSED,
        history=HISTORY,
        candidates=(
            Candidate("Bananas grow in bunches.", ReplySource.GENERATED, Intent.ASK),
            WRITTEN.candidate,
        ),
        ratings=(0, 3),
        human=2,
    ),
    Rated(
        text="Fhtagn!",
        history=(),
        candidates=(Candidate("Bananas grow in bunches.", ReplySource.GENERATED, Intent.ASK),),
        ratings=(0,),
        human=1,
    ),
]


def test_the_ranking_on_board_is_measured_on_rated_replies(monkeypatch):
    monkeypatch.setattr(evaluate, "read_ratings", lambda data: RATED)
    figures = evaluate.evaluate(resolve("starter").response, Path("unread"), "cpu")
    assert (figures["messages"], figures["candidates"]) == (2, 3)
    assert figures["person"]["mean"] == 1.5
    assert figures["ranking"]["mean"] == 3.0
    assert figures["fallbacks"] == 0.5
