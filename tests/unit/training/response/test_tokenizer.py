from __future__ import annotations

import pytest
import torch

from emotibot_models.prompts import MARKS, build_prompt
from emotibot_models.types import FaceEmotion, Intent, Line
from training.response.tokenizer import borrowed_embeddings, surfaces


@pytest.mark.parametrize(
    "text", ["I am so sorry.", "Zoë laughs \N{GRINNING FACE}", "What?! 42"], ids=str
)
def test_any_text_comes_back_whole(pieces, text):
    ids = pieces(text)["input_ids"]
    assert pieces.unk_token_id not in ids
    assert pieces.decode(ids, skip_special_tokens=True).strip() == text


def test_every_mark_is_one_piece(pieces):
    prompt = build_prompt(
        "Hi.",
        emotion="joy",
        face=FaceEmotion.HAPPY,
        history=(Line("bot", "Hello."),),
        intent=Intent.ASK,
    )
    tokens = pieces.convert_ids_to_tokens(pieces(prompt)["input_ids"])
    assert [t for t in tokens if t in MARKS] == [
        "[ask]",
        "[joy]",
        "[face happy]",
        "[bot]",
        "[person]",
    ]
    assert tokens[-1] == "</s>"


def test_marks_are_no_part_of_a_reply(pieces):
    ids = pieces("[ask] [joy] [person] What happened?")["input_ids"]
    assert pieces.decode(ids, skip_special_tokens=True).strip() == "What happened?"


def test_a_surface_is_what_the_eye_sees(pieces):
    seen = surfaces(pieces)
    assert seen[pieces.convert_tokens_to_ids("[face happy]")] == "happy"
    assert seen[pieces.convert_tokens_to_ids("[grief]")] == "grief"
    assert seen[pieces("What happened?")["input_ids"][0]] == "what"


def test_borrowed_embeddings_keep_what_is_near(pieces, tiny_bert):
    mine = borrowed_embeddings(pieces, str(tiny_bert), width=8)
    near = torch.nn.functional.cosine_similarity
    word, mark = pieces("happy")["input_ids"][0], pieces.convert_tokens_to_ids("[face happy]")
    other = pieces.convert_tokens_to_ids("[face sad]")
    assert mine.shape == (len(pieces), 8)
    assert near(mine[word], mine[mark], dim=0) > 0.6
    assert near(mine[word], mine[mark], dim=0) > near(mine[word], mine[other], dim=0)
