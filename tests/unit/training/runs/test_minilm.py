from __future__ import annotations

from pathlib import Path

from training.runs.minilm import HUB_ID, minilm


def test_the_encoder_is_the_packaged_folder_or_its_hub_id():
    found = minilm()
    assert found == HUB_ID or (Path(found) / "model.safetensors").is_file()
