from __future__ import annotations

import pytest

from training.toxicity.args import ToxicityArgs


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"false_alarms": 0.0}, "false_alarms must be in"),
        ({"layers": 0}, "layers must be at least 1"),
        ({"max_length": 4}, "max_length at least 8"),
        ({"wiki_toxic_repeats": 0}, "wiki_toxic_repeats must be at least 1"),
        ({"teacher_share": 1.0}, "teacher_share must be in"),
        ({"batch_size": 0}, "at least 1"),
    ],
)
def test_arguments_that_cannot_work_are_refused(tmp_path, change, said):
    with pytest.raises(ValueError, match=said):
        ToxicityArgs(data=tmp_path, out=tmp_path / "run", base="x", **change)
