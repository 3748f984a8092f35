from __future__ import annotations

import json

import pytest
import torch
from peft import LoraConfig, get_peft_model

from emotibot_models.artifacts import WEIGHTS, save_weights
from emotibot_models.errors import ArtifactError
from emotibot_models.t5 import TIED, merged, open_base, open_transformers, quiet_peft

IDS = torch.tensor([[5, 6, 1]])


@pytest.fixture
def base(tmp_path, tiny_t5, talk):
    """The base of a weights folder of ours."""
    state = {name: v for name, v in tiny_t5.state_dict().items() if name not in TIED}
    save_weights(tmp_path / WEIGHTS, state, storage="fp32")
    tiny_t5.config.to_json_file(tmp_path / "config.json")
    talk.backend_tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


@pytest.fixture
def adapter(tmp_path, tiny_t5):
    """A LoRA that changes the model's mind, in peft's own format."""
    with quiet_peft():
        model = get_peft_model(tiny_t5, LoraConfig(r=2, target_modules=["q", "v"]))
    for name, value in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(value)
    model.save_pretrained(str(tmp_path / "adapter"), save_embedding_layers=False)
    logits = model.eval()(input_ids=IDS, decoder_input_ids=IDS).logits
    model.unload()
    return tmp_path / "adapter", logits


def test_a_base_comes_back_as_it_was(base, tiny_t5):
    model, tokenizer = open_base(base)
    expected = tiny_t5(input_ids=IDS, decoder_input_ids=IDS).logits
    assert torch.allclose(model.eval()(input_ids=IDS, decoder_input_ids=IDS).logits, expected)
    assert tokenizer("Hello")["input_ids"] == [3, 1]


def test_weights_that_do_not_fit_are_refused(base, tiny_t5):
    save_weights(base / WEIGHTS, {"shared.weight": tiny_t5.shared.weight}, storage="fp32")
    with pytest.raises(ArtifactError, match="does not fit"):
        open_base(base)


def test_a_transformers_folder_is_opened(tmp_path, tiny_t5, talk):
    tiny_t5.save_pretrained(tmp_path)
    talk.save_pretrained(tmp_path)
    model, tokenizer = open_transformers(tmp_path)
    assert torch.equal(model.shared.weight, tiny_t5.shared.weight)
    assert len(tokenizer) == len(talk)


def test_a_pickle_is_refused(tmp_path, tiny_t5):
    tiny_t5.config.to_json_file(tmp_path / "config.json")
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ArtifactError, match="is a pickle"):
        open_transformers(tmp_path)


def test_another_architecture_is_refused(tiny_bert):
    with pytest.raises(ArtifactError, match="'bert' model; replies need a T5"):
        open_transformers(tiny_bert)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match="cannot be loaded as a T5"):
        open_transformers(tmp_path)


def test_an_adapter_is_merged_into_the_weights(tiny_t5, adapter):
    folder, expected = adapter
    model = merged(tiny_t5, folder).eval()
    found = model(input_ids=IDS, decoder_input_ids=IDS).logits
    assert torch.allclose(found, expected, atol=1e-5)
    assert not any("lora" in name for name, _ in model.named_parameters())


def test_an_adapter_that_is_not_plain_is_merged_by_peft(tiny_t5, adapter):
    folder, expected = adapter
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps({**config, "alpha_pattern": {"q": 8}}))
    found = merged(tiny_t5, folder).eval()(input_ids=IDS, decoder_input_ids=IDS).logits
    assert torch.allclose(found, expected, atol=1e-5)  # 8 is what the plain one has, too


def test_an_adapter_for_another_model_is_refused(tiny_t5, adapter):
    folder, _ = adapter
    tiny_t5.encoder.block[0].layer[0].SelfAttention.q = torch.nn.Linear(3, 3)
    with pytest.raises(ArtifactError, match="is no LoRA adapter for this model"):
        merged(tiny_t5, folder)


def test_a_folder_without_adapter_is_refused(tiny_t5, tmp_path):
    with pytest.raises(ArtifactError, match="is no LoRA adapter"):
        merged(tiny_t5, tmp_path)


def test_a_pickled_adapter_is_refused(tiny_t5, adapter):
    folder, _ = adapter
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    with pytest.raises(ArtifactError, match="is a pickle"):
        merged(tiny_t5, folder)
