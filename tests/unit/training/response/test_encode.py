from __future__ import annotations

import random

import numpy as np

from emotibot_models.types import Intent
from training.response.encode import (
    Hints,
    encode,
    encode_pairs,
    joined,
    load,
    mending,
    prompt_of,
    save,
)
from training.response.examples import Example

SAD = Example(
    text="I feel sad today.",
    history=(),
    reply="What happened to you?",
    source="test",
    emotion="sadness",
    intent=Intent.ASK,
)
LIMITS = {"prompt_tokens": 20, "reply_tokens": 12}


def test_a_prompt_with_every_hint_carries_intent_and_emotion():
    prompt = prompt_of(SAD, Hints.all_known(), random.Random(0))
    assert prompt == "[ask] [sadness] [person] I feel sad today."


def test_hints_are_left_out_by_chance():
    dice = random.Random(0)
    prompts = [prompt_of(SAD, Hints(), dice) for _ in range(400)]
    assert 0.8 < sum("[ask]" in p for p in prompts) / 400 < 0.9
    assert 0.8 < sum("[sadness]" in p for p in prompts) / 400 < 0.9
    assert 0.1 < sum("[face sad]" in p for p in prompts) / 400 < 0.25
    assert any("[face neutral]" in p for p in prompts)


def test_pairs_come_back_as_they_went_in(pieces):
    encoded = encode(pieces, [SAD] * 3, hints=Hints.all_known(), seed=0, **LIMITS)
    prompt, reply = encoded.pair(2)
    assert len(encoded) == 3
    assert pieces.decode(reply, skip_special_tokens=True).strip() == SAD.reply
    assert pieces.convert_ids_to_tokens(prompt[:3]) == ["[ask]", "[sadness]", "[person]"]
    assert prompt[-1] == reply[-1] == pieces.eos_token_id


def test_a_long_prompt_keeps_its_header_and_its_end(pieces):
    long = f"[ask] [sadness] [person] {'today ' * 40}"
    encoded = encode_pairs(pieces, [(long, "Oh no.")], **LIMITS)
    prompt, _ = encoded.pair(0)
    assert len(prompt) == 20
    assert pieces.convert_ids_to_tokens(prompt[:2]) == ["[ask]", "[sadness]"]
    assert prompt[-1] == pieces.eos_token_id


def test_a_long_reply_is_left_out(pieces):
    pairs = [("[person] Hi.", "today " * 40), ("[person] Hi.", "Oh no.")]
    assert len(encode_pairs(pieces, pairs, **LIMITS)) == 1


def test_lists_are_joined_end_to_end(pieces):
    lists = [
        encode_pairs(pieces, [(f"[person] {word}", "Oh no.")] * count, **LIMITS)
        for word, count in (("Hi.", 2), ("sad today", 3))
    ]
    whole = joined(lists)
    pairs = [part.pair(n) for part in lists for n in range(len(part))]
    assert [whole.pair(n) for n in range(5)] == pairs
    assert whole.asked.tolist() == [len(prompt) for prompt, _ in pairs]
    assert whole.said.tolist() == [len(reply) for _, reply in pairs]


def test_arrays_survive_the_disk(pieces, tmp_path):
    encoded = encode(pieces, [SAD] * 3, hints=Hints(), seed=0, **LIMITS)
    save(tmp_path / "pool.npz", encoded)
    again = load(tmp_path / "pool.npz")
    assert encoded.prompts.dtype == np.uint16
    assert [again.pair(n) for n in range(3)] == [encoded.pair(n) for n in range(3)]


def test_mending_asks_for_the_words_that_are_gone():
    text = "I lost my keys on the way to work."
    [(prompt, whole)] = mending([text, text, "Too short."], seed=3)
    assert whole == text
    assert prompt.startswith("[person] ")
    assert set(prompt.split()[1:]) < set(text.split())
