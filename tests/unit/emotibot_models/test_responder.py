from __future__ import annotations

import json

import pytest
import torch
from peft import LoraConfig, get_peft_model

from emotibot_models.artifacts import MANIFEST, WEIGHTS, Manifest, save_weights, seal
from emotibot_models.errors import ArtifactError
from emotibot_models.prompts import PROMPT_VERSION
from emotibot_models.responder import Responder
from emotibot_models.t5 import TIED, open_base, quiet_peft
from emotibot_models.types import Intent, ReplySource

PROMPTS = ["[ask] [joy] [person] Hello there", "[grief] [person] it sounds hard today"]


@pytest.fixture
def folder(tmp_path, tiny_t5, talk):
    """A weights folder with a base and an adapter."""
    base = tmp_path / "base"
    base.mkdir()
    state = {name: v for name, v in tiny_t5.state_dict().items() if name not in TIED}
    save_weights(base / WEIGHTS, state, storage="fp32")
    tiny_t5.config.to_json_file(base / "config.json")
    talk.backend_tokenizer.save(str(base / "tokenizer.json"))
    with quiet_peft():
        model = get_peft_model(tiny_t5, LoraConfig(r=2, target_modules=["q", "v"]))
    model.save_pretrained(str(tmp_path / "adapter"), save_embedding_layers=False)
    manifest = Manifest(task="response", architecture="t5", prompt_version=PROMPT_VERSION)
    files = [f.relative_to(tmp_path).as_posix() for f in tmp_path.rglob("*") if f.is_file()]
    seal(tmp_path, manifest, files)
    return tmp_path


@pytest.fixture
def responder(tiny_t5, talk):
    return Responder(tiny_t5, talk, device=torch.device("cpu"))


def test_replies_are_clean_different_and_sorted(responder):
    for candidates in responder.generate(PROMPTS, seed=1, samples=8):
        texts = [c.text for c in candidates]
        likelihoods = [c.log_likelihood for c in candidates]
        assert len(set(texts)) == len(texts)
        assert likelihoods == sorted(likelihoods, reverse=True)
        for text in texts:
            assert text[0].isupper()
            assert text[-1] in ".!?"
            assert "[" not in text


def test_candidates_say_what_they_were_made_for(responder):
    asked, free = responder.generate(PROMPTS, seed=1)
    assert {c.intent for c in asked} == {Intent.ASK}
    assert {c.intent for c in free} == {None}
    assert {c.source for c in asked} == {ReplySource.GENERATED}


def test_a_seed_makes_replies_reproducible(responder):
    assert responder.generate(PROMPTS, seed=1) == responder.generate(PROMPTS, seed=1)
    assert responder.generate(PROMPTS, seed=1) != responder.generate(PROMPTS, seed=2)


def test_company_in_the_batch_does_not_change_a_reply(responder):
    together = responder.generate([*PROMPTS, "[joy] [person] " + "kind " * 20], seed=[4, 5, 6])
    alone = responder.generate(PROMPTS[1:], seed=[5])
    assert [c.text for c in together[1]] == [c.text for c in alone[0]]


def test_a_long_prompt_keeps_its_end(tiny_t5, talk):
    short = Responder(tiny_t5, talk, device=torch.device("cpu"), prompt_tokens=6)
    first, second = (
        f"[ask] [joy] [person] {word} Hello there you" for word in ("kind " * 9, "hard " * 9)
    )
    assert short.log_likelihood([first], ["Hello"]) == short.log_likelihood([second], ["Hello"])


def test_no_prompts_give_no_replies(responder):
    assert responder.generate([]) == []
    assert responder.log_likelihood([], []) == []


def test_likelihood_agrees_with_the_loss(responder, tiny_t5, talk):
    replies = ["What happened ?", "Hello there you are kind"]
    found = responder.log_likelihood(PROMPTS, replies)
    for prompt, reply, likelihood in zip(PROMPTS, replies, found, strict=True):
        ids = talk(prompt, return_tensors="pt")["input_ids"]
        labels = talk(reply, return_tensors="pt")["input_ids"]
        loss = tiny_t5(input_ids=ids, labels=labels).loss.item()
        assert likelihood == pytest.approx(-loss, abs=1e-4)


def test_a_weights_folder_is_loaded_with_its_adapter(folder, responder):
    loaded = Responder.load(folder, "cpu")
    assert loaded.generate(PROMPTS, seed=1) == responder.generate(PROMPTS, seed=1)


def test_a_base_alone_is_loaded_too(folder):
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"] = {k: v for k, v in manifest["files"].items() if k.startswith("base")}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    for file in (folder / "adapter").iterdir():
        file.unlink()
    (folder / "adapter").rmdir()
    assert Responder.load(folder, "cpu").generate(PROMPTS, seed=1)


def test_a_transformers_t5_is_loaded_with_an_adapter(folder, tmp_path, talk, responder):
    model, _ = open_base(folder / "base")
    model.save_pretrained(tmp_path / "t5")
    talk.save_pretrained(tmp_path / "t5")
    loaded = Responder.load(tmp_path / "t5", "cpu", adapter=folder / "adapter")
    found, expected = loaded.generate(PROMPTS, seed=1), responder.generate(PROMPTS, seed=1)
    assert [[c.text for c in row] for row in found] == [[c.text for c in row] for row in expected]


def test_weights_for_other_prompts_are_refused(folder):
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | {"prompt_version": 999}))
    with pytest.raises(ArtifactError, match="prompt version 999"):
        Responder.load(folder, "cpu")


def test_altered_weights_are_refused(folder):
    (folder / "base" / "config.json").write_text("{}")
    with pytest.raises(ArtifactError, match="was altered"):
        Responder.load(folder, "cpu")


def test_where_ctranslate2_cannot_transformers_samples(monkeypatch, tiny_t5, talk):
    monkeypatch.setattr("emotibot_models.responder.available", lambda device: False)
    plain = Responder(tiny_t5, talk, device=torch.device("cpu"))
    found = plain.generate(PROMPTS, samples=4)
    assert [c.intent for c in found[0]] == [Intent.ASK] * len(found[0])
    for prompt, candidates in zip(PROMPTS, found, strict=True):
        assert 0 < len(candidates) <= 4
        assert all(c.log_likelihood < 0 for c in candidates)
        assert prompt
    assert plain.greedy(PROMPTS) == plain.greedy(PROMPTS, reference=True)


def test_candidates_of_all_prompts_are_one_batch_and_share_the_pass_of_the_encoder(responder):
    calls = []
    real = responder._fast

    class Counts:
        num_translators = 1

        def translate_batch(self, rows, **how):
            calls.append((len(rows), how["num_hypotheses"], how["max_batch_size"]))
            return real.translate_batch(rows, **how)

    responder._fast = Counts()
    responder.generate(PROMPTS, samples=5)
    assert calls == [(2, 5, 2)]
