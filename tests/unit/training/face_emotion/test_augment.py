from __future__ import annotations

import pytest
import torch

from training.face_emotion import augment as changes


@pytest.mark.parametrize("change", [changes.move, changes.relight, changes.erase, changes.augment])
def test_changed_faces_keep_their_shape_and_range(change):
    torch.manual_seed(3)
    faces = torch.rand(16, 1, 48, 48)
    changed = change(faces)
    assert changed.shape == faces.shape
    assert 0 <= changed.min() <= changed.max() <= 1
    assert not torch.equal(changed, faces)


def test_the_same_seed_gives_the_same_changes():
    faces = torch.rand(4, 1, 48, 48)
    torch.manual_seed(5)
    first = changes.augment(faces)
    torch.manual_seed(5)
    assert torch.equal(first, changes.augment(faces))


def test_a_face_is_mirrored_as_often_as_not():
    torch.manual_seed(0)
    dark_left = torch.zeros(400, 1, 48, 48)
    dark_left[..., 24:] = 1.0
    moved = changes.move(dark_left)
    mirrored = (moved[..., :24].mean((1, 2, 3)) > moved[..., 24:].mean((1, 2, 3))).float().mean()
    assert 0.4 < mirrored < 0.6


def test_erasing_hides_one_grey_rectangle_in_some_faces():
    torch.manual_seed(0)
    hidden = (changes.erase(torch.full((300, 1, 48, 48), 2.0)) < 2.0).flatten(1).float().mean(1)
    assert 0.3 < (hidden > 0).float().mean() < 0.5
    assert hidden.max() < 0.2


def test_mixup_blends_pictures_and_targets_alike():
    torch.manual_seed(0)
    faces = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 1, 2, 2)
    blended, targets = changes.mixup(faces, torch.arange(4.0).view(4, 1))
    assert torch.allclose(blended.mean((1, 2, 3)), targets[:, 0])
