"""Ratings become standings, and a message's own are kept from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from emotibot_models.ranking import Features, Origin
from emotibot_models.worth import Pool
from training.ranking.standing import OF_SENTENCE, OF_TOPIC, basis_of, out_of_fold, standing
from training.ranking.views import View

EAST, WEST = torch.tensor([[1.0, 0.0]] * 2), torch.tensor([[-1.0, 0.0]] * 2)
GOOD, BAD = Origin("tea", "A cup?"), Origin("ink", "A pen?")


def view(said=EAST, ratings=(3, 0), origins=(GOOD, BAD)):
    features = [Features(written=True, relevance=0.5, words=2, origin=one) for one in origins]
    return View(Pool(features, said, torch.ones(len(features), 2)), tuple(ratings))


def test_what_is_rated_above_its_message_fares_well_and_the_other_badly():
    views = [view()] * 4
    good, bad = standing(views, basis_of(views)).of(EAST, [GOOD, BAD])
    assert good[0] == pytest.approx(4 * 1.5 / (4 + OF_TOPIC))
    assert good[1] == pytest.approx(4 * 1.5 / (4 + OF_SENTENCE))
    assert bad[:2].tolist() == pytest.approx((-good[:2]).tolist())


def test_a_topic_that_is_right_in_the_east_and_wrong_in_the_west_is_told_apart():
    views = [view(EAST, (3, 0)), view(WEST, (0, 3))] * 10
    known = standing(views, basis_of(views))
    assert known.of(EAST, [GOOD])[0][2] > 0.5
    assert known.of(WEST, [GOOD])[0][2] < -0.5
    assert known.of(EAST, [GOOD])[0][0] == pytest.approx(0.0)


def test_generated_replies_and_messages_without_ratings_leave_no_standing():
    views = [view(origins=(None, None)), view(ratings=(), origins=())]
    assert standing(views, basis_of(views)).topics == {}


def test_what_a_message_was_rated_is_not_told_to_itself():
    views = [view() for _ in range(20)]
    turned = [*views[:-1], replace(views[-1], ratings=(0, 3))]
    for one, other in zip(
        out_of_fold(views, basis_of(views), 7)[-1:],
        out_of_fold(turned, basis_of(turned), 7)[-1:],
        strict=True,
    ):
        assert one.tolist() == other.tolist()


def test_there_are_no_more_directions_than_the_vectors_have():
    assert basis_of([view()] * 3).shape == (2, 2)
