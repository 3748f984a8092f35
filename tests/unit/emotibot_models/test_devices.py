from __future__ import annotations

import torch

from emotibot_models.devices import pick_device


def test_a_named_device_is_taken_as_it_is():
    assert pick_device("cpu") == torch.device("cpu")


def test_auto_is_the_gpu_where_there_is_one():
    assert pick_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
