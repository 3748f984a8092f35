from __future__ import annotations

import pytest

from emotibot_models.artifacts import Manifest, seal
from training.runs.args import RunArgs
from training.runs.card import write_card


@pytest.fixture
def weights(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    manifest = Manifest(
        task="relevance", architecture="bi-encoder", metrics={"dev_recall": 0.4}, licence="MIT"
    )
    seal(tmp_path, manifest, ["model.safetensors"])
    return tmp_path


def test_a_card_tells_arguments_metrics_and_hashes_and_asks_for_the_rest(weights, tmp_path):
    args = RunArgs(data=tmp_path / "private", out=tmp_path / "run", epochs=9)
    card = write_card(weights, args).read_text()
    for told in ("# relevance", "| epochs | 9 |", "| dev_recall | 0.4 |", "licence: MIT"):
        assert told in card
    assert "| model.safetensors | " in card
    assert "Known biases" in card
    assert "private" not in card


def test_a_card_that_somebody_wrote_stays(weights, tmp_path):
    (weights / "MODEL_CARD.md").write_text("mine")
    assert write_card(weights, RunArgs(data=tmp_path, out=tmp_path / "run")).read_text() == "mine"
