from __future__ import annotations

import pytest

from emotibot_models.artifacts import Manifest, seal
from training.runs.args import RunArgs
from training.runs.card import write_card
from training.runs.folder import RunFolder


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


def test_a_card_tells_what_stands_in_two_splits(weights, tmp_path, capsys):
    args = RunArgs(data=tmp_path, out=tmp_path / "run")
    RunFolder(args).tell_copies({"texts of test in train, left out": 1111})
    assert "| texts of test in train, left out | 1111 |" in write_card(weights, args).read_text()
    assert "Copies: 1,111 texts of test in train, left out." in capsys.readouterr().err


def test_a_card_that_somebody_wrote_stays(weights, tmp_path):
    (weights / "MODEL_CARD.md").write_text("mine")
    assert write_card(weights, RunArgs(data=tmp_path, out=tmp_path / "run")).read_text() == "mine"
