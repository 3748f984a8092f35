from __future__ import annotations

from dataclasses import replace

import pytest

from emotibot_models.worth import FACTS, Worth
from training.ranking.fit import chosen, cross_validated, fitted
from training.ranking.views import View


def test_what_was_rated_high_gets_weight(views):
    weights = fitted(views, ridge=1.0)
    assert set(weights) == set(FACTS)
    assert weights["opened"] > weights["anywhere"]
    assert weights["alone"] > 0.5


def test_much_ridge_draws_the_weights_together(views):
    loose, tight = (fitted(views, ridge=ridge)["opened"] for ridge in (1.0, 10_000.0))
    assert abs(tight) < abs(loose)


def test_the_best_is_chosen_for_messages_whose_ratings_were_not_seen(views):
    places = cross_validated(views, 1.0, folds=5, seed=1)
    assert [view.ratings[place] for view, place in zip(views, places, strict=True)] == [3] * 40


def test_ratings_of_a_message_do_not_choose_for_it(views):
    """Turned round for one message alone, they change what is chosen for others at most."""
    turned = View(views[0].features, tuple(3 - rating for rating in views[0].ratings))
    places = cross_validated([turned, *views[1:]], 1.0, folds=5, seed=1)
    assert places[0] == cross_validated(views, 1.0, folds=5, seed=1)[0]


@pytest.mark.parametrize("features", [(), "broken"], ids=["none", "all broken"])
def test_where_nothing_may_be_sent_a_fallback_would(views, features):
    if features:
        features = tuple(replace(f, repetition=1.0) for f in views[0].features)
    worth = Worth(dict.fromkeys(FACTS, 0.0))
    assert chosen(View(features, (0,) * len(features)), worth) is None
