from __future__ import annotations

from pathlib import Path

import pytest

from emotibot_models.bank import load_bank
from emotibot_models.presets import resolve
from emotibot_models.types import Candidate, Intent, Line, ReplySource
from training.ranking import evaluate
from training.ranking.data import Rated

pytestmark = pytest.mark.slow

SENTENCES = {sentence.topic: sentence.text for sentence in load_bank().sentences}
RATED = [
    Rated(
        text="I passed my driving test today!",
        history=(Line("person", "Hi"), Line("bot", "Hello")),
        candidates=(
            Candidate("Bananas grow in bunches.", ReplySource.GENERATED, Intent.ASK),
            Candidate(SENTENCES["exam passed"], ReplySource.BANK, Intent.CELEBRATE),
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
