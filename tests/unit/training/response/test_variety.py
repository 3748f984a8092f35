from __future__ import annotations

import pytest

from training.response.variety import variety


def test_variety_counts_words_and_repetition():
    found = variety(["Oh no.", "Oh no.", "That is good.", ""])
    assert found["distinct_1"] == pytest.approx(5 / 7)
    assert found["distinct_2"] == pytest.approx(3 / 4)
    assert found["words"] == pytest.approx(7 / 3)
    assert found["repeated"] == pytest.approx(2 / 3)
    assert found["missing"] == pytest.approx(1 / 4)


def test_silence_has_no_variety():
    assert variety([]) == {
        "distinct_1": 0.0,
        "distinct_2": 0.0,
        "words": 0.0,
        "repeated": 0.0,
        "missing": 1.0,
    }
