from __future__ import annotations

import pytest

from training.ranking.evaluate import _figures


def test_figures_tell_the_mean_the_good_and_the_bad():
    figures = _figures([0, 1, 2, 3])
    assert figures["mean"] == 1.5
    assert (figures["good"], figures["bad"]) == (0.5, 0.25)
    assert figures["standard_error"] == pytest.approx(0.559, abs=1e-3)
