from __future__ import annotations

import pytest

from training.ranking.args import RankingArgs


def test_a_ridge_of_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match="ridge must be above 0"):
        RankingArgs(data=tmp_path, out=tmp_path / "out", ridge=0.0)
