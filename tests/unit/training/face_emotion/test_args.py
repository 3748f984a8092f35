from __future__ import annotations

import pytest

from training.face_emotion.args import RECIPES, FaceEmotionArgs


def test_the_reference_recipe_is_two_stages_of_vit_base(tmp_path):
    args = FaceEmotionArgs(data=tmp_path, out=tmp_path / "run", **RECIPES["reference"])
    assert (args.head_epochs, args.head_lr, args.epochs, args.lr) == (2, 5e-4, 3, 2e-5)
    assert (args.base, args.batch_size) == ("google/vit-base-patch16-224-in21k", 16)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"vote_share": 1.0}, "vote_share must be in"),
        ({"plain_share": 1.0}, "plain_share must be in"),
        ({"teacher_share": 0.5}, "needs ema_decay"),
        ({"sure_accuracy": -0.1}, "sure_accuracy must be in"),
        ({"head_epochs": -1}, "must not be negative"),
        ({"head_epochs": 1}, "needs a base"),
        ({"epochs": 0}, "at least 1"),
        ({"minutes": -1.0}, "must not be negative"),
        ({"small_side": 30}, "multiple of 8"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path, changes, said):
    with pytest.raises(ValueError, match=said):
        FaceEmotionArgs(data=tmp_path, out=tmp_path / "run", **changes)
