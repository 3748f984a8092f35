from __future__ import annotations

import json

import pytest
import torch

from emotibot_models.artifacts import MANIFEST
from emotibot_models.prompts import PROMPT_VERSION
from emotibot_models.responder import Responder
from emotibot_models.t5 import open_base
from training.response.adapter import with_lora
from training.response.args import ResponseArgs
from training.response.export import (
    copy_base,
    export_base,
    is_ours,
    seal_weights,
    write_adapter,
    write_base,
)

ROW = torch.tensor([[5, 6, 1]])


def answer(model):
    return model.eval()(input_ids=ROW, decoder_input_ids=ROW).logits


@pytest.mark.parametrize(("storage", "near"), [("fp32", 1e-6), ("fp16", 2e-2), ("int8", 5e-1)])
def test_a_base_survives_the_disk(tiny_t5, pieces, tmp_path, storage, near):
    write_base(tiny_t5, pieces, tmp_path, storage=storage)
    model, tokenizer = open_base(tmp_path / "base")
    assert torch.allclose(answer(model), answer(tiny_t5), atol=near)
    assert tokenizer("What happened?")["input_ids"] == pieces("What happened?")["input_ids"]


def test_int8_is_kept_where_it_costs_little(tiny_t5, pieces, tmp_path):
    found = export_base(tiny_t5, pieces, tmp_path, measure=lambda _: 20.0)
    assert found == {"fp32": 20.0, "int8": 20.0}


def test_fp16_is_kept_where_int8_costs_too_much(tiny_t5, pieces, tmp_path):
    figures = iter([20.0, 20.3, 20.01])
    found = export_base(tiny_t5, pieces, tmp_path, measure=lambda _: next(figures))
    assert found == {"fp32": 20.0, "int8": 20.3, "fp16": 20.01}


def test_a_sealed_folder_is_what_serving_loads(tiny_t5, pieces, tmp_path):
    write_base(tiny_t5, pieces, tmp_path, storage="fp16")
    args = ResponseArgs(data=tmp_path, out=tmp_path / "run")
    folder = write_adapter(with_lora(tiny_t5, args), tmp_path, base="base")
    seal_weights(tmp_path, metrics={"dev_perplexity": 1.23456}, settings={"prompt_tokens": 56})
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    assert set(manifest["files"]) == {
        "base/config.json",
        "base/model.safetensors",
        "base/tokenizer.json",
        "adapter/adapter_config.json",
        "adapter/adapter_model.safetensors",
    }
    assert manifest["prompt_version"] == PROMPT_VERSION
    assert manifest["metrics"] == {"dev_perplexity": 1.2346}
    assert json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"] == (
        "base"
    )
    assert Responder.load(tmp_path, "cpu").generate(["[joy] [person] Hi."], seed=1)


def test_a_base_can_be_taken_over(tiny_t5, pieces, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    write_base(tiny_t5, pieces, first, storage="fp32")
    assert not is_ours(str(first))
    seal_weights(first, metrics={}, settings={})
    assert is_ours(str(first))
    copy_base(first, second)
    assert torch.equal(answer(open_base(second / "base")[0]), answer(open_base(first / "base")[0]))
