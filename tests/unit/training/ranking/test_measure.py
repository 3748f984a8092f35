from __future__ import annotations

import pytest

from training.ranking.measure import by_source, figures, sent


def test_figures_tell_the_mean_the_good_and_the_bad():
    told = figures([0, 1, 2, 3])
    assert told["mean"] == 1.5
    assert (told["good"], told["bad"]) == (0.5, 0.25)
    assert told["standard_error"] == pytest.approx(0.559, abs=1e-3)


def test_a_fallback_has_no_rating(views):
    assert sent(views[:2], [None, 0]) == [views[1].ratings[0]]


def test_the_sources_of_what_is_sent_are_told_apart(views):
    told = by_source(views[:4], [0, 2, 4, None])
    assert {name: told[name] for name in told if name.endswith("share")} == {
        "about_it_share": 0.25,
        "anywhere_share": 0.25,
        "generated_share": 0.25,
    }
    assert told["about_it_mean"] == views[1].ratings[2]
