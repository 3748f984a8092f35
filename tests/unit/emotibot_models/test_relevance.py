from __future__ import annotations

import json
import shutil

import pytest
import torch

from emotibot_models.artifacts import Manifest, save_weights, seal
from emotibot_models.encoder import MeanPooledEncoder, read_config
from emotibot_models.errors import ArtifactError
from emotibot_models.relevance import (
    BiEncoder,
    RelevanceModel,
    as_context,
    context_ids,
    reply_ids,
)

SETTINGS = {"context_tokens": 16, "reply_tokens": 8, "specificity": 0.5}
FILES = ["model.safetensors", "config.json", "tokenizer.json"]


def write(folder, tiny_bert, **changes):
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(tiny_bert / name, folder / name)
    torch.manual_seed(1)
    model = BiEncoder(MeanPooledEncoder.from_config(read_config(folder)))
    torch.nn.init.normal_(model.reply_head.weight)
    model.centre.fill_(0.1)
    save_weights(folder / "model.safetensors", model.state_dict(), storage="fp32")
    given = {"task": "relevance", "architecture": "mean-pooled-bi-encoder", "settings": SETTINGS}
    seal(folder, Manifest(**(given | changes)), FILES)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tiny_bert):
    return write(tmp_path_factory.mktemp("relevance"), tiny_bert)


@pytest.fixture(scope="module")
def model(folder):
    return RelevanceModel.load(folder, "cpu")


def test_vectors_have_length_one_on_both_sides(model):
    said = model.embed_contexts(["i am sad", "good day </s> i am so happy today"])
    replies = model.embed_replies(["good", "it was a bad day"])
    for vectors in (said, replies):
        assert vectors.norm(dim=1).tolist() == pytest.approx([1.0, 1.0])


def test_a_text_has_the_same_vector_alone_and_among_longer_ones(model):
    texts = ["sad", "i am so happy sad about the rain", "you today"] * 30
    together = model.embed_replies(texts)
    assert torch.allclose(together[2], model.embed_replies(["you today"])[0], atol=1e-6)


def test_the_two_sides_read_a_text_differently(model):
    said, answered = model.embed_contexts(["i am sad"]), model.embed_replies(["i am sad"])
    assert not torch.allclose(said, answered, atol=1e-3)


def test_each_reply_gets_one_score_less_its_likeness_to_the_average_context(model):
    replies = ["good day", "you was bad", "rain"]
    cosines = (model.embed_contexts(["i am sad"]) @ model.embed_replies(replies).T)[0]
    taken_off = 0.5 * 0.1 * model.embed_replies(replies).sum(1)
    assert model.score("i am sad", replies) == pytest.approx(
        (cosines - taken_off).tolist(), abs=1e-5
    )


def test_no_replies_have_no_scores(model):
    assert model.score("i am sad", []) == []


@pytest.mark.parametrize("text", ["", "   ", "🙂", "</s>", "sad " * 5000])
def test_any_text_has_a_finite_score(model, text):
    [score] = model.score(text, [text])
    assert abs(score) < 3


def test_turns_are_joined_oldest_first():
    assert as_context(["sad", "why", "rain"]) == "sad </s> why </s> rain"


def test_of_a_long_context_the_message_is_kept_and_of_a_long_reply_the_beginning(words):
    sad, rain = words.convert_tokens_to_ids(["sad", "rain"])
    assert context_ids(words, "sad " * 50 + "</s> rain", 6) == [2, sad, sad, 3, rain, 3]
    assert reply_ids(words, "sad " + "rain " * 50, 5) == [2, sad, rain, rain, 3]


def test_weights_for_another_task_are_refused(tmp_path, tiny_bert):
    folder = write(tmp_path, tiny_bert, task="text-emotion")
    with pytest.raises(ArtifactError, match="not for 'relevance'"):
        RelevanceModel.load(folder)


def test_another_architecture_is_refused(tmp_path, tiny_bert):
    folder = write(tmp_path, tiny_bert, architecture="cross-encoder")
    with pytest.raises(ArtifactError, match="holds a 'cross-encoder'"):
        RelevanceModel.load(folder)


def test_altered_weights_are_refused(tmp_path, tiny_bert):
    folder = write(tmp_path, tiny_bert)
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(ArtifactError, match="was altered"):
        RelevanceModel.load(folder)


def test_weights_that_do_not_fit_the_config_are_refused(tmp_path, tiny_bert):
    folder = write(tmp_path, tiny_bert)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 64}))
    manifest = Manifest(task="relevance", architecture="mean-pooled-bi-encoder", settings=SETTINGS)
    seal(folder, manifest, FILES)
    with pytest.raises(ArtifactError, match="does not fit config"):
        RelevanceModel.load(folder)
