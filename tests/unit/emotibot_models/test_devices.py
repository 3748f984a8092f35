from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import torch

from emotibot_models.devices import on_one_core, pick_device


def test_a_named_device_is_taken_as_it_is():
    assert pick_device("cpu") == torch.device("cpu")


def test_auto_is_the_gpu_where_there_is_one():
    assert pick_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_a_thread_is_kept_to_one_core_and_the_others_are_not():
    def threads() -> int:
        on_one_core()
        return torch.get_num_threads()

    before = torch.get_num_threads()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(threads).result() == 1
    assert torch.get_num_threads() == before


def test_without_torch_there_is_nothing_to_keep(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch")
    on_one_core()
