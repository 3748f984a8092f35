from __future__ import annotations

import json
import shutil

import pytest

from emotibot_models.artifacts import MANIFEST
from emotibot_models.responder import Responder
from training.response.args import RECIPES, ResponseArgs
from training.response.train import prepare, run
from training.runs.licences import NON_COMMERCIAL, OPEN

TINY = {"width": 64, "layers": 1, "vocabulary": 400, "base_steps": 2, "lora_minutes": 0.0}
TINY |= {"pretrained_words": "", "text_emotion": ""}
PROMPT = "[ask] [sadness] [person] I feel sad today."


@pytest.fixture(scope="module")
def starter(data, tmp_path_factory):
    args = {**RECIPES["starter"], **TINY, "epochs": 1}
    out = tmp_path_factory.mktemp("runs") / "starter"
    return run(ResponseArgs(data=data, out=out, **args))


def test_the_starter_recipe_makes_a_folder_that_serves(starter):
    assert Responder.load(starter, "cpu").generate([PROMPT], seed=1)
    manifest = json.loads((starter / MANIFEST).read_text())
    assert manifest["licence"] == NON_COMMERCIAL
    metrics = manifest["metrics"]
    assert {"base_dev_perplexity_fp32", "base_dev_perplexity_int8", "dev_perplexity"} <= set(
        metrics
    )
    assert 0 < metrics["trainable_share"] < 1


def test_a_prepared_run_needs_no_data(data, tmp_path):
    args = {**RECIPES["gpu"], **TINY, "tokenizer": "", "decoder_layers": 1, "epochs": 1}
    out = tmp_path / "run"
    assert prepare(ResponseArgs(data=data, out=out, **args)) == out
    nowhere = tmp_path / "nowhere"
    folder = run(ResponseArgs(data=nowhere, out=out, resume=True, **args))
    assert Responder.load(folder, "cpu").generate([PROMPT], seed=1)
    with pytest.raises(ValueError, match="a base of our own"):
        prepare(ResponseArgs(data=data, out=tmp_path / "other", base="google/flan-t5-base"))


def test_weights_that_serve_lie_there_from_the_first_checkpoint_on(data, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("training.response.train.export_base", interrupted)
    args = {**RECIPES["starter"], **TINY, "epochs": 1}
    with pytest.raises(KeyboardInterrupt):
        run(ResponseArgs(data=data, out=tmp_path / "run", **args))
    assert Responder.load(tmp_path / "run" / "weights", "cpu").generate([PROMPT], seed=1)


def test_a_new_adapter_can_be_trained_on_an_old_base(starter, data, tmp_path):
    args = {**RECIPES["starter"], **TINY, "epochs": 1, "base": str(starter)}
    again = run(ResponseArgs(data=data, out=tmp_path / "again", **args))
    names = [("base/model.safetensors", True), ("adapter/adapter_model.safetensors", False)]
    for name, same in names:
        assert ((starter / name).read_bytes() == (again / name).read_bytes()) is same


def test_the_base_recipe_stops_after_the_base(data, tmp_path):
    args = {**RECIPES["starter-base"], **TINY}
    folder = run(ResponseArgs(data=data, out=tmp_path / "base", **args))
    assert not (folder / "adapter").exists()
    assert Responder.load(folder, "cpu").generate([PROMPT], seed=1)


def test_the_open_recipe_needs_no_data_for_non_commercial_use(data, tmp_path):
    for name in ("self_dialogue", "topical_chat", "counsel_chat"):
        shutil.copytree(data / "dialogue_extra" / name, tmp_path / "open" / "dialogue_extra" / name)
    args = {**RECIPES["starter-open"], **TINY, "vocabulary": 330}
    folder = run(ResponseArgs(data=tmp_path / "open", out=tmp_path / "run", **args))
    assert Responder.load(folder, "cpu").generate([PROMPT], seed=1)
    assert json.loads((folder / MANIFEST).read_text())["licence"] == OPEN
    with pytest.raises(ValueError, match="adapter = false"):
        ResponseArgs(data=tmp_path, out=tmp_path / "other", open_data=True)


def test_the_reference_recipe_adapts_somebody_elses_t5(data, tmp_path, tiny_t5, pieces):
    tiny_t5.save_pretrained(tmp_path / "t5")
    pieces.save_pretrained(tmp_path / "t5")
    args = {**RECIPES["reference"], "base": str(tmp_path / "t5"), "epochs": 1, "accumulate": 8}
    adapter = run(ResponseArgs(data=data, out=tmp_path / "run", **args))
    config = json.loads((adapter / "adapter_config.json").read_text())
    assert (config["r"], config["lora_alpha"]) == (8, 32)
    assert str(tmp_path) not in json.dumps(config)
    served = Responder.load(tmp_path / "t5", "cpu", adapter=adapter)
    assert served.generate([PROMPT], seed=1)
