from __future__ import annotations

import pytest

from emotibot_models.face_labels import column_order, face_label
from emotibot_models.types import FaceEmotion


def test_other_names_mean_the_same_expression():
    assert face_label(" Happiness ") is FaceEmotion.HAPPY
    assert face_label("pride") is None


def test_columns_in_another_order_are_put_into_ours():
    theirs = ["Happy", "sadness", "anger", "neutral", "fear", "surprised", "disgust"]
    order = column_order(theirs)
    assert [face_label(theirs[i]) for i in order] == list(FaceEmotion)


def test_labels_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="unknown 'contempt'; missing 'sad'; doubled 'happy'"):
        column_order(
            ["happy", "joy", "anger", "neutral", "fear", "surprise", "disgust", "contempt"]
        )
