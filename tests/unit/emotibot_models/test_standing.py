"""How topics and sentences have fared is kept, and told for the message at hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from emotibot_models.ranking import Origin
from emotibot_models.standing import FARED, Standing, key_of, middle

EAST = torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
WEST = -EAST
TEA = Origin("tea", "A cup?")


@pytest.fixture
def standing():
    """One topic, rated seven times, higher under messages in the east."""
    return Standing(
        basis=torch.eye(3)[:, :2],
        topics={key_of("tea"): 1},
        fared=np.array([[0, 0, 0, 0], [0.5, math.log1p(7), 1.5, 0.0]], np.float32),
        sentences={key_of("A cup?"): 0.25},
    )


def test_a_topic_is_worth_more_under_messages_like_those_where_it_was_rated_high(standing):
    assert standing.of(EAST, [TEA])[0].tolist() == pytest.approx([0.5, 0.25, 1.5, math.log(8)])
    assert standing.of(WEST, [TEA])[0].tolist() == pytest.approx([0.5, 0.25, -1.5, math.log(8)])


@pytest.mark.parametrize("origin", [None, Origin("coffee", "Black?")], ids=["none", "unrated"])
def test_of_what_was_never_rated_nothing_is_known(standing, origin):
    assert standing.of(EAST, [origin]).tolist() == [[0.0] * len(FARED)]


def test_a_new_sentence_of_a_rated_topic_has_the_standing_of_the_topic(standing):
    [known] = standing.of(EAST, [Origin("tea", "A mug?")])
    assert known.tolist() == pytest.approx([0.5, 0.0, 1.5, math.log(8)])


def test_where_nothing_was_rated_nothing_is_known_of_any():
    assert Standing.blank().of(EAST, [TEA, None]).tolist() == [[0.0] * len(FARED)] * 2


def test_it_is_the_same_after_it_was_saved(standing):
    again = Standing.from_state(standing.state())
    assert again.of(EAST, [TEA]).tolist() == standing.of(EAST, [TEA]).tolist()
    assert Standing.from_state(Standing.blank().state()).of(EAST, [TEA]).tolist() == [[0.0] * 4]


def test_what_was_said_is_one_unit_vector():
    assert middle(torch.tensor([[3.0, 0.0], [0.0, 3.0]])).tolist() == pytest.approx([0.5**0.5] * 2)


def test_a_key_is_the_same_in_every_process_and_fits_64_bits():
    assert key_of("tea") == -5015453343862700912
    assert all(-(2**63) <= key_of(str(n)) < 2**63 for n in range(100))
