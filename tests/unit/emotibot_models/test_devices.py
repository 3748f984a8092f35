from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from emotibot_models.ctranslate import Runtime
from emotibot_models.devices import adds_bytes_exactly, on_one_core, pick_device


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


@pytest.mark.parametrize(
    ("processor", "exact"),
    [
        ({"architecture": "x86_64", "avx512_vnni": True, "amx_int8": False}, True),
        ({"architecture": "x86_64", "avx512_vnni": False, "amx_int8": False}, False),
        ({"architecture": "aarch64"}, True),
        ({}, False),
    ],
    ids=["VNNI", "AVX2 alone", "not x86", "unknown"],
)
def test_int8_is_served_where_the_processor_is_exact_with_bytes(monkeypatch, processor, exact):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: processor)
    assert adds_bytes_exactly() is exact
    assert Runtime.served() is (Runtime.INT8 if exact else Runtime.EXACT)
    assert Runtime.served(int8=False) is Runtime.EXACT


def test_where_torch_cannot_tell_float32_is_served(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert Runtime.served() is Runtime.EXACT


def test_without_torch_there_is_nothing_to_keep(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch")
    on_one_core()
