from __future__ import annotations

import pytest

from training.ranking.args import RankingArgs


@pytest.mark.parametrize(
    "wrong", [{"lr": 0.0}, {"hidden": 0}, {"order": -0.1}, {"dropout": 1.0}], ids=str
)
def test_what_cannot_be_fitted_is_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match="must be"):
        RankingArgs(data=tmp_path, out=tmp_path / "out", **wrong)
