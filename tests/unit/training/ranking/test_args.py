from __future__ import annotations

import pytest

from training.ranking.args import RankingArgs


@pytest.mark.parametrize("name", ["ridge", "doubt"])
def test_without_restraint_nothing_is_fitted(tmp_path, name):
    with pytest.raises(ValueError, match="must be above 0"):
        RankingArgs(data=tmp_path, out=tmp_path / "out", **{name: 0.0})
