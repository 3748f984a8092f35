"""What a reply is worth, and which one is sent."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from emotibot_models.artifacts import Manifest, seal
from emotibot_models.emotion_groups import EmotionGroup
from emotibot_models.errors import ArtifactError
from emotibot_models.presets import resolve
from emotibot_models.ranking import Features, Gates
from emotibot_models.types import Intent
from emotibot_models.worth import ARCHITECTURE, FACTS, TASK, Worth, facts, rank, table

GENERATED = Features(written=False, relevance=0.5, log_likelihood=-0.8, words=8)
ANYWHERE = Features(written=True, relevance=0.5, words=8, intent=Intent.ASK)
OPENED = replace(ANYWHERE, closeness=1.2)
HELD_OPEN = replace(ANYWHERE, closeness=0.5)


def worth(**weights) -> Worth:
    return Worth(dict.fromkeys(FACTS, 0.0) | weights, {"Lovely.": 0.4})


def order(pool, worth) -> list[int]:
    return rank(["What now?"] * len(pool), pool, worth, Gates())


@pytest.mark.parametrize(
    ("features", "is_so"),
    [
        (GENERATED, {"relevance", "log_likelihood"}),
        (ANYWHERE, {"anywhere", "ask"}),
        (OPENED, {"opened", "ask"}),
        (HELD_OPEN, {"held_open", "ask"}),
        (replace(OPENED, asked=True), {"opened_by_question"}),
        (replace(GENERATED, words=1), {"too_few_words"}),
        (replace(ANYWHERE, group=EmotionGroup.POSITIVE), {"ask_when_glad"}),
    ],
)
def test_facts_tell_where_words_come_from_and_when_they_are_said(features, is_so):
    known = dict(zip(FACTS, facts(features), strict=True))
    assert {name for name in is_so if not known[name]} == set()


def test_what_is_not_so_counts_nothing():
    known = dict(zip(FACTS, facts(GENERATED), strict=True))
    for name in ("opened", "held_open", "anywhere", "ask", "too_few_words"):
        assert known[name] == 0


def test_an_estimate_is_the_weighted_sum():
    estimates = worth(relevance=2.0, ask=0.5).of(["Oh.", "Oh?"], [GENERATED, ANYWHERE])
    assert estimates.tolist() == pytest.approx([1.0, 1.5])


def test_words_that_did_well_stand_higher_than_their_facts():
    assert worth().of(["Lovely.", "Fine."], [GENERATED] * 2).tolist() == [0.4, 0.0]
    assert rank(["Fine.", "Lovely."], [GENERATED] * 2, worth(), Gates()) == [1, 0]


def test_the_best_comes_first_and_equals_keep_their_order():
    pool = [replace(GENERATED, relevance=r) for r in (0.5, 0.9, 0.5)]
    assert order(pool, worth(relevance=1.0)) == [1, 0, 2]


def test_dice_decide_among_those_that_are_about_as_good_and_nowhere_else():
    pool = [replace(GENERATED, relevance=r) for r in (0.5, 0.51, 0.9)]
    orders = {
        tuple(rank(["Oh."] * 3, pool, worth(relevance=1.0), Gates(), Random(seed)))
        for seed in range(20)
    }
    assert orders == {(2, 0, 1), (2, 1, 0)}


def test_what_may_not_be_sent_is_left_out():
    assert order([replace(GENERATED, fluent=False), ANYWHERE], worth()) == [1]


def test_where_nothing_may_be_sent_there_is_no_best():
    assert order([replace(GENERATED, fluent=False)], worth()) == []
    assert order([], worth()) == []


def test_no_candidates_have_no_facts():
    assert table([]).shape == (0, len(FACTS))


@pytest.mark.parametrize("weights", [{}, dict.fromkeys(FACTS, 0.0) | {"charm": 1.0}], ids=len)
def test_weights_for_other_facts_are_refused(weights):
    with pytest.raises(ArtifactError, match="emotibot train ranking"):
        Worth(weights)


def test_a_folder_with_another_architecture_is_refused(tmp_path):
    seal(tmp_path, Manifest(task=TASK, architecture="oracle"), ())
    with pytest.raises(ArtifactError, match=f"'oracle', not '{ARCHITECTURE}'"):
        Worth.load(tmp_path)


def test_a_folder_of_another_version_is_refused(tmp_path):
    manifest = Manifest(task=TASK, architecture=ARCHITECTURE, settings={"matrix": {}})
    seal(tmp_path, manifest, ())
    with pytest.raises(ArtifactError, match="Fit it again"):
        Worth.load(tmp_path)


def test_on_board_what_was_written_for_the_message_is_worth_more_than_what_fits_anywhere():
    opened, held, anywhere = Worth.load(resolve("starter").ranking).of(
        ["Oh?"] * 3, [OPENED, HELD_OPEN, ANYWHERE]
    )
    assert opened > held > anywhere
