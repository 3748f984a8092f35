from __future__ import annotations

import json

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import nn

from emotibot_models.lora import CONFIG, OF_NO_USE, add, is_plain


class Small(nn.Module):
    """Two layers, of which one gets an adapter."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.one, self.two = nn.Linear(6, 5, bias=False), nn.Linear(5, 4)

    def forward(self, x):
        return self.two(self.one(x))


@pytest.fixture
def folder(tmp_path):
    """A random adapter as peft writes it."""
    model = get_peft_model(Small(), LoraConfig(r=2, lora_alpha=3, target_modules=["one"]))
    for name, value in model.named_parameters():
        if "lora" in name:
            nn.init.normal_(value)
    model.save_pretrained(str(tmp_path))
    return tmp_path


def test_the_weights_are_those_that_peft_makes(folder):
    expected = PeftModel.from_pretrained(Small(), str(folder)).merge_and_unload()
    found = Small()
    assert is_plain(folder)
    add(found, folder)
    assert torch.allclose(found.one.weight, expected.one.weight, atol=1e-6)
    assert torch.equal(found.two.weight, expected.two.weight)
    assert not torch.allclose(found.one.weight, Small().one.weight)


@pytest.mark.parametrize("name", OF_NO_USE)
def test_what_would_need_more_than_a_product_is_not_plain(folder, name):
    config = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps({**config, name: {"any": 1}}))
    assert not is_plain(folder)


def test_a_folder_without_an_adapter_is_not_plain(tmp_path):
    assert not is_plain(tmp_path)
