from __future__ import annotations

from dataclasses import replace

import pytest

from emotibot_models.worth import FACTS, Worth
from training.ranking.fit import chosen, cross_validated, fitted
from training.ranking.views import View

DOUBT = 5.0


def test_what_was_rated_high_gets_weight(views):
    weights = fitted(views, 1.0, DOUBT).settings["weights"]
    assert set(weights) == set(FACTS)
    assert weights["opened"] > weights["anywhere"]
    assert weights["relevance"] > 0.5


def test_much_ridge_draws_the_weights_together(views):
    loose, tight = (fitted(views, ridge, DOUBT).settings["weights"] for ridge in (1.0, 10_000.0))
    assert abs(tight["opened"]) < abs(loose["opened"])


def test_words_that_did_better_than_their_facts_have_a_standing(views):
    better = [replace_first(view, "Lovely.", 3) for view in views[:3]]
    often = fitted([*better, *views[3:]], 1.0, DOUBT).settings["standing"]
    assert set(often) == {"Lovely."}
    assert often["Lovely."] > 0.2
    doubted = fitted([*better, *views[3:]], 1.0, 500.0).settings["standing"]
    assert 0 < doubted["Lovely."] < often["Lovely."]


def test_words_that_were_rated_twice_have_none(views):
    better = [replace_first(view, "Lovely.", 3) for view in views[:2]]
    assert fitted([*better, *views[2:]], 1.0, DOUBT).settings["standing"] == {}


def test_the_best_is_chosen_for_messages_whose_ratings_were_not_seen(views):
    places = cross_validated(views, 1.0, DOUBT, folds=5, seed=1)
    assert [view.ratings[place] for view, place in zip(views, places, strict=True)] == [3] * 40


def test_ratings_of_a_message_do_not_choose_for_it(views):
    turned = replace(views[0], ratings=tuple(3 - rating for rating in views[0].ratings))
    places = cross_validated([turned, *views[1:]], 1.0, DOUBT, folds=5, seed=1)
    assert places[0] == cross_validated(views, 1.0, DOUBT, folds=5, seed=1)[0]


@pytest.mark.parametrize("some", [False, True], ids=["none", "all said before"])
def test_where_nothing_may_be_sent_a_fallback_would(views, some):
    pool = tuple(replace(f, repetition=1.0) for f in views[0].features) if some else ()
    view = View(("Oh.",) * len(pool), pool, (0,) * len(pool))
    assert chosen(view, Worth(dict.fromkeys(FACTS, 0.0))) is None


def replace_first(view, text, rating):
    return replace(view, texts=(text, *view.texts[1:]), ratings=(rating, *view.ratings[1:]))
