from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from training.ranking import evaluate as module
from training.ranking.args import HowToFit
from training.ranking.fit import fitted
from training.ranking.views import View

HOW = HowToFit(epochs=40, batch_size=8, lr=0.02, hidden=8, dropout=0.0)


@dataclass
class Row:
    """A rated message that knows what is to be seen of it."""

    view: View
    human: int

    @property
    def ratings(self):
        return self.view.ratings

    @property
    def candidates(self):
        return self.view.pool.features


class Seen:
    """Stands for the models' eyes."""

    def __init__(self, *_):
        pass

    def look(self, row):
        return row.view


@pytest.fixture
def told(views, monkeypatch):
    monkeypatch.setattr(module, "Eyes", Seen)
    monkeypatch.setattr(module, "read_ratings", lambda _: [Row(view, 2) for view in views])
    monkeypatch.setattr(module, "HowToFit", lambda: HOW)
    monkeypatch.setattr(module.Worth, "load", lambda _: fitted(views, HOW))
    return module.evaluate("any", Path("unread"), "cpu")


def test_the_ranking_stands_between_the_best_choice_and_a_blind_one(told):
    assert (told["messages"], told["candidates"]) == (40, 240)
    assert told["person"]["mean"] == 2.0
    assert told["best"]["mean"] == 3.0
    assert told["blind"]["mean"] == pytest.approx(4 / 3)
    assert told["blind"]["mean"] < told["ranking"]["mean"] <= told["best"]["mean"]


def test_what_was_fitted_without_a_messages_ratings_is_told_apart_with_its_sources(told):
    assert told["cross_validated"]["mean"] == 3.0
    assert told["sources"] == {"about_it_share": 1.0, "about_it_mean": 3.0}
    assert told["fallbacks"] == 0.0
