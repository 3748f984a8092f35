from __future__ import annotations

import pytest

from training.runs.schedule import cosine


def test_the_rate_climbs_to_its_peak_and_falls_to_nothing():
    rates = [cosine(step, total=100, warmup_fraction=0.1) for step in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[10] == pytest.approx(1.0)
    assert rates[55] == pytest.approx(0.5)
    assert rates[100] == pytest.approx(0.0)
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_without_a_warm_up_it_starts_at_its_peak():
    assert cosine(0, total=10, warmup_fraction=0.0) == 1.0
