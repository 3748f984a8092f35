"""What a reply is worth, and which one is sent."""

from __future__ import annotations

import math
from random import Random

import pytest
import torch

from emotibot_models.artifacts import WEIGHTS, Manifest, save_weights, seal
from emotibot_models.emotion_groups import EmotionGroup
from emotibot_models.errors import ArtifactError
from emotibot_models.interaction import Interaction
from emotibot_models.presets import resolve
from emotibot_models.ranking import Features, Gates
from emotibot_models.standing import Standing
from emotibot_models.types import Intent
from emotibot_models.worth import (
    ARCHITECTURE,
    FACTS,
    PLAIN,
    TASK,
    Pool,
    Worth,
    best,
    facts,
    rank,
    table,
)

GENERATED = Features(written=False, relevance=0.5, log_likelihood=-0.8, words=8)
ANYWHERE = Features(written=True, relevance=0.5, words=8, intent=Intent.ASK)
OPENED = ANYWHERE._replace(closeness=1.2)
HELD_OPEN = ANYWHERE._replace(closeness=0.5)


WIDTH = 4


def network() -> Interaction:
    return Interaction(width=WIDTH, facts=len(FACTS), hidden=3)


def deaf() -> Interaction:
    """One that adds nothing, whatever the words."""
    network_ = network()
    torch.nn.init.zeros_(network_.out.weight)
    return network_


def worth(**weights) -> Worth:
    return Worth(dict.fromkeys(FACTS, 0.0) | weights, deaf())


def pool(features) -> Pool:
    return Pool(features, torch.ones(2, WIDTH), torch.ones(len(features), WIDTH))


def order(features, worth, dice=None) -> list[int]:
    return rank(features, worth.of(pool(features)), Gates(), dice)


@pytest.mark.parametrize(
    ("features", "is_so"),
    [
        (GENERATED, {"relevance", "log_likelihood"}),
        (ANYWHERE, {"anywhere", "ask"}),
        (OPENED, {"opened", "ask"}),
        (HELD_OPEN, {"held_open", "ask"}),
        (OPENED._replace(asked=True), {"opened_by_question"}),
        (GENERATED._replace(words=1), {"too_few_words"}),
        (OPENED._replace(exclaims=True, several=True), {"exclaims", "several"}),
        (ANYWHERE._replace(group=EmotionGroup.POSITIVE), {"ask_when_glad"}),
    ],
)
def test_facts_tell_where_words_come_from_and_when_they_are_said(features, is_so):
    known = dict(zip(PLAIN, facts(features), strict=True))
    assert {name for name in is_so if not known[name]} == set()


def test_what_is_not_so_counts_nothing():
    known = dict(zip(PLAIN, facts(GENERATED), strict=True))
    for name in ("opened", "held_open", "anywhere", "ask", "too_few_words"):
        assert known[name] == 0


def test_an_estimate_is_the_weighted_sum_and_what_the_words_add():
    weights = dict.fromkeys(FACTS, 0.0) | {"relevance": 2.0, "ask": 0.5}
    plain = worth(**weights).of(pool([GENERATED, ANYWHERE]))
    assert plain.tolist() == pytest.approx([1.0, 1.5])
    hears = network()
    facts_of_both = torch.from_numpy(worth().known(pool([GENERATED, ANYWHERE]))).float()
    added = hears(torch.ones(2, 5 * WIDTH), facts_of_both).tolist()
    heard = Worth(weights, hears).of(pool([GENERATED, ANYWHERE]))
    assert heard.tolist() == pytest.approx([1.0 + added[0], 1.5 + added[1]], abs=1e-5)


def test_the_best_comes_first_and_equals_keep_their_order():
    features = [GENERATED._replace(relevance=r) for r in (0.5, 0.9, 0.5)]
    assert order(features, worth(relevance=1.0)) == [1, 0, 2]


def test_dice_decide_among_those_that_are_about_as_good_and_nowhere_else():
    features = [GENERATED._replace(relevance=r) for r in (0.5, 0.51, 0.9)]
    orders = {tuple(order(features, worth(relevance=1.0), Random(seed))) for seed in range(20)}
    assert orders == {(2, 0, 1), (2, 1, 0)}


def test_what_may_not_be_sent_is_left_out():
    assert order([GENERATED._replace(fluent=False), ANYWHERE], worth()) == [1]


def test_where_nothing_may_be_sent_there_is_no_best():
    assert order([GENERATED._replace(fluent=False)], worth()) == []
    assert order([], worth()) == []


def test_no_candidates_have_no_facts():
    assert table([]).shape == (0, len(PLAIN))


@pytest.mark.parametrize("weights", [{}, dict.fromkeys(FACTS, 0.0) | {"charm": 1.0}], ids=len)
def test_weights_for_other_facts_are_refused(weights):
    with pytest.raises(ArtifactError, match="emotibot train ranking"):
        Worth(weights, deaf())


def sealed(folder, weights, state, architecture=ARCHITECTURE, **more):
    save_weights(folder / WEIGHTS, Standing.blank().state() | state, storage="fp16")
    settings = {"weights": weights, **more}
    manifest = Manifest(task=TASK, architecture=architecture, settings=settings)
    seal(folder, manifest, [WEIGHTS])
    return folder


def test_a_folder_with_another_architecture_is_refused(tmp_path):
    folder = sealed(tmp_path, {}, network().state_dict(), "oracle")
    with pytest.raises(ArtifactError, match=f"'oracle', not '{ARCHITECTURE}'"):
        Worth.load(folder)


def test_a_folder_of_another_version_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match="Fit it again"):
        Worth.load(sealed(tmp_path, {"charm": 1.0}, network().state_dict()))


@pytest.mark.parametrize("state", [{}, {"words.weight": torch.ones(3, 20)}], ids=len)
def test_a_folder_with_another_network_is_refused(tmp_path, state):
    with pytest.raises(ArtifactError, match="no network of the ranking"):
        Worth.load(sealed(tmp_path, dict.fromkeys(FACTS, 0.0), state))


def test_a_folder_gives_the_estimates_that_were_saved(tmp_path):
    weights = dict.fromkeys(FACTS, 0.25)
    saved = Worth(weights, network())
    loaded = Worth.load(sealed(tmp_path, weights, saved.network.state_dict()))
    both = pool([GENERATED, ANYWHERE])
    assert loaded.of(both).tolist() == pytest.approx(saved.of(both).tolist(), abs=0.01)


def test_a_folder_says_what_is_enough_or_nothing_is(tmp_path):
    weights, state = dict.fromkeys(FACTS, 0.0), network().state_dict()
    for folder in ("with", "without"):
        (tmp_path / folder).mkdir()
    assert Worth.load(sealed(tmp_path / "with", weights, state, enough=0.75)).enough == 0.75
    assert Worth.load(sealed(tmp_path / "without", weights, state)).enough == math.inf


def test_what_is_enough_has_to_be_a_number(tmp_path):
    folder = sealed(tmp_path, dict.fromkeys(FACTS, 0.0), network().state_dict(), enough="much")
    with pytest.raises(ArtifactError, match="'much' and no number"):
        Worth.load(folder)


def test_the_best_of_those_that_may_be_sent_counts():
    features = [GENERATED._replace(fluent=False), ANYWHERE]
    assert best(features, [2.0, 1.0], Gates()) == 1.0
    assert best(features[:1], [2.0], Gates()) == -math.inf


def test_the_weights_on_board_are_for_the_facts_and_vectors_of_this_version():
    network_ = Worth.load(resolve("starter").ranking).network
    assert network_.words.in_features == 5 * 384
