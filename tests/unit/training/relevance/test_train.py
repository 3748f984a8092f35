from __future__ import annotations

import json

import pytest
import torch

from emotibot_models.relevance import RelevanceModel
from training.relevance.args import RelevanceArgs
from training.relevance.train import contrastive, run


def unit(*rows):
    return torch.nn.functional.normalize(torch.tensor(rows), dim=1)


@pytest.fixture(scope="module")
def weights(tmp_path_factory, data, tiny_bert):
    return run(
        RelevanceArgs(
            data=data,
            out=tmp_path_factory.mktemp("runs") / "run",
            base=str(tiny_bert),
            epochs=4,
            batch_size=12,
            body_lr=1e-2,
            head_lr=1e-2,
            train_embeddings=True,
            dev_pairs=120,
            device="cpu",
            mixed_precision=False,
        )
    )


def test_the_loss_is_low_where_each_reply_is_nearest_to_its_own_context():
    said = unit([1.0, 0.0], [0.0, 1.0])
    words = torch.tensor([0, 1])
    right, wrong = (contrastive(said, r, words, 0.1) for r in (said, said.flip(0)))
    assert right < 0.01 < 5 < wrong


def test_a_reply_of_the_same_words_is_no_negative():
    said = unit([1.0, 0.0], [0.9, 0.1], [0.0, 1.0])
    twins, strangers = torch.tensor([0, 0, 1]), torch.tensor([0, 1, 2])
    assert contrastive(said, said, twins, 0.1) < contrastive(said, said, strangers, 0.1)


def test_a_run_learns_and_serving_reads_what_it_wrote(weights):
    model = RelevanceModel.load(weights, "cpu")
    good, bad = model.score("i am happy", ["so good", "it was bad"])
    assert good > bad


def test_a_run_leaves_arguments_metrics_and_a_manifest(weights):
    lines = (weights.parent / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line).get("epoch") for line in lines] == [1, 2, 3, 4, None]
    assert json.loads((weights.parent / "args.json").read_text())["temperature"] == 0.05
    manifest = json.loads((weights / "manifest.json").read_text())
    assert 0.0 <= manifest["settings"]["specificity"] <= 1.0


def test_no_file_of_the_weights_names_the_machine_they_were_made_on(weights, tiny_bert):
    for name in ("manifest.json", "config.json", "tokenizer.json"):
        assert str(tiny_bert) not in (weights / name).read_text()
