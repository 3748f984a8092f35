from __future__ import annotations

import pytest

from training.relevance.args import RelevanceArgs


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"temperature": 0.0}, "temperature must be above 0"),
        ({"turns": 0}, "turns and dev_pairs"),
        ({"daily_share": 1.5}, "daily_share must be in"),
        ({"epochs": 0}, "at least 1"),
    ],
)
def test_arguments_that_cannot_work_are_refused(tmp_path, change, said):
    with pytest.raises(ValueError, match=said):
        RelevanceArgs(data=tmp_path, out=tmp_path / "run", base="x", **change)
