from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from emotibot_models.interaction import Interaction
from emotibot_models.ranking import Features, Origin
from emotibot_models.worth import FACTS, Pool, Worth
from training.ranking.args import HowToFit
from training.ranking.fit import MAY_LOSE, chosen, cross_fitted, enough, fitted, lively, wanted
from training.ranking.views import View


def cross_validated(views, folds):
    others = cross_fitted(views, HOW, folds=folds)
    return [chosen(view, worth) for view, worth in zip(views, others, strict=True)]


HOW = HowToFit(epochs=40, batch_size=8, lr=0.02, hidden=8, dropout=0.0)


def test_what_was_rated_high_is_worth_more(views):
    worth = fitted(views, HOW)
    for view in views:
        assert view.ratings[worth.of(view.pool).argmax()] == 3


def test_estimates_come_close_to_the_ratings(views):
    estimates = fitted(views, HOW).of(views[0].pool)
    assert abs(estimates - wanted(views[0]).numpy()).max() < 0.7


def test_a_sentence_that_readers_never_liked_is_worth_less_than_another_like_it(views):
    features = [
        views[0].pool.features[2]._replace(origin=Origin("tea", sentence))
        for sentence in ("A cup?", "A mug?")
    ]
    view = View(Pool(features, torch.ones(2, 3), torch.ones(2, 3)), (2, 0))
    liked, disliked = fitted([view] * 40, HOW).of(view.pool)
    assert liked > disliked + 1


def test_of_sentences_that_fit_the_livelier_is_worth_more(views):
    features = [
        views[0].pool.features[2]._replace(exclaims=livelier, several=livelier, message_words=12)
        for livelier in (False, True, False, True)
    ]
    pool = Pool(features, torch.ones(2, 3), torch.ones(4, 3))
    worth = fitted([View(pool, (2, 2, 0, 0))] * 40, HOW)
    plain, livelier = worth.of(pool)[:2]
    assert livelier > plain
    nothing = View(pool, (0, 0, 0, 0))
    assert abs(np.ptp(fitted([nothing] * 40, HOW).of(pool))) < 0.05


def test_a_short_message_wants_few_words_and_a_long_one_may_have_a_second_sentence():
    short = Features(written=True, relevance=0.5, words=6, message_words=4)
    assert lively(short._replace(words=16)) < lively(short)
    assert lively(short._replace(several=True)) == lively(short)
    told = short._replace(message_words=20)
    assert lively(told._replace(several=True)) > lively(told)


def test_the_manner_of_generated_replies_counts_nothing():
    assert lively(Features(written=False, relevance=0.5, words=3, exclaims=True)) == 0.0


def test_words_count_where_facts_are_alike(views):
    features = views[0].pool.features[:1] * 2
    apart = Pool(features, torch.ones(2, 3), torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
    worth = fitted([View(apart, (0, 3))] * 40, HOW)
    assert worth.of(apart).argmax() == 1


def test_the_same_seed_fits_the_same(views):
    once, again = (fitted(views, HOW).of(views[0].pool) for _ in range(2))
    assert once.tolist() == again.tolist()


def test_messages_without_candidates_teach_nothing(views):
    nothing = View(Pool([], torch.ones(2, 3), torch.ones(0, 3)), ())
    assert cross_validated([*views, nothing], folds=2)[-1] is None


def test_the_best_is_chosen_for_messages_whose_ratings_were_not_seen(views):
    places = cross_validated(views, folds=2)
    assert [view.ratings[place] for view, place in zip(views, places, strict=True)] == [3] * 40


def test_ratings_of_a_message_do_not_choose_for_it(views):
    turned = replace(views[0], ratings=tuple(3 - rating for rating in views[0].ratings))
    places = cross_validated([turned, *views[1:]], folds=2)
    assert places[0] == cross_validated(views, folds=2)[0]


@pytest.mark.parametrize("some", [False, True], ids=["none", "all said before"])
def test_where_nothing_may_be_sent_a_fallback_would(views, some):
    said_before = [f._replace(repetition=1.0) for f in views[0].pool.features] if some else []
    pool = Pool(said_before, torch.ones(2, 3), torch.ones(len(said_before), 3))
    network = Interaction(width=3, facts=len(FACTS), hidden=1)
    assert chosen(View(pool, ()), Worth(dict.fromkeys(FACTS, 0.0), network)) is None


def beside_each_other(written: float, generated: float) -> View:
    features = [
        Features(written=own, relevance=worth, words=6)
        for own, worth in ((True, written), (False, generated))
    ]
    return View(Pool(features, torch.ones(2, 3), torch.ones(2, 3)), (0, 0))


def by_relevance() -> Worth:
    network = Interaction(width=3, facts=len(FACTS), hidden=1)
    torch.nn.init.zeros_(network.out.weight)
    return Worth(dict.fromkeys(FACTS, 0.0) | {"relevance": 1.0}, network)


def test_generating_is_spared_from_where_it_would_gain_next_to_nothing():
    seldom_beaten = [beside_each_other(0.9, 0.3)] * 99 + [beside_each_other(0.8, 0.8 + MAY_LOSE)]
    often_beaten = [beside_each_other(0.4, 0.7)] * 50
    views = [*seldom_beaten, *often_beaten]
    assert enough((view, by_relevance()) for view in views) == pytest.approx(0.8)


def test_where_nothing_was_generated_nothing_is_known_of_what_to_spare():
    written = beside_each_other(0.9, 0.3).pool.features[:1]
    views = [View(Pool(written, torch.ones(2, 3), torch.ones(1, 3)), (3,))]
    assert enough([(view, by_relevance()) for view in views]) == math.inf
