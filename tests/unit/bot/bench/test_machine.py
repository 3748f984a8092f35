from __future__ import annotations

import pytest
import torch

from bot.bench import machine


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(machine, "BUFFER", 2**16)
    monkeypatch.setattr(machine, "SIDE", 16)


def test_memory_and_products_are_measured_in_every_format():
    found = machine.measure().to_dict()
    assert found["memory_gb_per_s"] > 0
    assert set(found["tflop_per_s"]) == {"float32", "bfloat16"}
    assert all(rate > 0 for rate in found["tflop_per_s"].values())
    assert [row["unit"] for row in found["rows"]] == ["GB/s", "TFLOP/s", "TFLOP/s"]


def test_an_accelerator_is_named_and_waited_for(monkeypatch):
    waited = []
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda place: f"card of {place}")
    place = torch.device("cuda:1")
    assert machine.name_of(place) == "card of cuda:1"
    assert machine._seconds(lambda: None, place) >= 0
    assert waited == [place, place]
