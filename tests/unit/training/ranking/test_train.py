from __future__ import annotations

import json

import pytest

from emotibot_models.worth import Worth
from training.ranking import train
from training.ranking.args import RankingArgs


class Seen:
    """Stands for the models' eyes: knows what is to be seen."""

    def __init__(self, *_):
        pass

    def look(self, row):
        return row


@pytest.fixture
def weights(views, tmp_path, monkeypatch):
    monkeypatch.setattr(train, "Eyes", Seen)
    monkeypatch.setattr(train, "read_ratings", lambda data: views)
    return train.run(
        RankingArgs(data=tmp_path, out=tmp_path / "run", epochs=40, batch_size=8, lr=0.02, hidden=8)
    )


def test_a_run_leaves_weights_that_serving_opens(weights, views):
    estimates = Worth.load(weights).of(views[0].pool)
    assert views[0].ratings[estimates.argmax()] == 3


def test_what_is_enough_is_told_where_something_was_generated(weights, views):
    with_both = any(len({one.written for one in view.pool.features}) > 1 for view in views)
    settings = json.loads((weights / "manifest.json").read_text())["settings"]
    assert ("enough" in settings) is with_both


def test_what_cross_validation_says_is_told(weights):
    assert json.loads((weights / "manifest.json").read_text())["metrics"]["mean"] == 3.0
    assert json.loads((weights.parent / "metrics.jsonl").read_text())["mean"] == 3.0
