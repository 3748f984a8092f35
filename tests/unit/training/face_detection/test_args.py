from __future__ import annotations

import pytest

from training.face_detection.args import FaceDetectionArgs


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"side": 300}, "multiple of 32"),
        ({"smallest": 4}, "in order"),
        ({"largest": 900}, "in order"),
        ({"dev_scenes": 0}, "at least 1"),
        ({"workers": 0}, "at least 1"),
    ],
)
def test_arguments_that_cannot_work_are_refused(tmp_path, change, said):
    with pytest.raises(ValueError, match=said):
        FaceDetectionArgs(data=tmp_path, out=tmp_path / "run", **change)
