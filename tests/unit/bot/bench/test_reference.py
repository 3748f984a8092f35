from __future__ import annotations

from io import BytesIO

import pytest
import skimage.data
import torch
from PIL import Image

from bot.bench.reference import Sizes, load
from emotibot_models import responder
from emotibot_models.types import FaceOutcome, ReplySource, TurnInput

CPU = torch.device("cpu")
BERT = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
TINY = Sizes(
    text={"dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32},
    toxicity={**BERT, "intermediate_size": 32},
    face={**BERT, "intermediate_size": 32, "image_size": 32},
    response={**Sizes().response, "d_model": 16, "d_ff": 32, "num_layers": 1, "num_heads": 2},
)


@pytest.fixture(scope="module")
def portrait() -> bytes:
    out = BytesIO()
    Image.fromarray(skimage.data.astronaut()).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize("side", ["naive", "ours"])
def test_both_sides_read_words_and_face_and_answer(side, portrait):
    [result] = load(side, CPU, tokens=4, sizes=TINY).run(
        [TurnInput(text="I lost my keys today.", image=portrait)]
    )
    assert result.reply_source in (ReplySource.GENERATED, ReplySource.BANK)
    assert result.is_safe
    assert len(result.text_reading.scores) == 27
    assert result.face.outcome in (FaceOutcome.READ, FaceOutcome.NOT_SURE)


def test_both_sides_have_the_same_weights():
    [naive], [ours] = (
        load(side, CPU, tokens=4, sizes=TINY).run([TurnInput(text="Hello there", reply=False)])
        for side in ("naive", "ours")
    )
    assert naive.text_reading.scores == pytest.approx(ours.text_reading.scores, abs=1e-5)
    assert naive.user_toxicity == pytest.approx(ours.user_toxicity, abs=1e-5)


def test_transformers_generates_where_ctranslate2_cannot(monkeypatch):
    monkeypatch.setattr(responder, "available", lambda device: False)
    [result] = load("ours", CPU, tokens=4, sizes=TINY).run([TurnInput(text="Hello there")])
    assert result.response


def test_the_models_are_as_large_as_published():
    from transformers import T5Config, T5ForConditionalGeneration

    with torch.device("meta"):
        model = T5ForConditionalGeneration(T5Config(**Sizes().response))
    head = 768 * 32_128  # of its own, or as transformers 5 builds it, the embedding once more
    assert sum(p.numel() for p in model.parameters()) in (247_577_856, 247_577_856 - head)
