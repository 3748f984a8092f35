from __future__ import annotations

import gzip
import json

import pytest

from training.relevance.args import RelevanceArgs
from training.relevance.data import (
    Pair,
    daily_pairs,
    empathetic_pairs,
    sample,
    support_pairs,
    without_texts_of,
)
from training.relevance.train import dev_pairs, training_pairs
from training.runs.errors import DataError


def test_every_reply_of_a_listener_comes_with_the_turns_before_it(data):
    first, second = empathetic_pairs(data, "train", turns=4)[:2]
    assert first == Pair(("i am happy train 0",), "so good train 0")
    assert second.turns == (*first.turns, first.reply, "you")


def test_a_context_has_no_more_turns_than_asked_for(data):
    assert empathetic_pairs(data, "train", turns=2)[1].turns == ("so good train 0", "you")


def test_daily_dialog_is_put_back_together(data):
    assert daily_pairs(data, "train", turns=1) == [
        Pair(("I don't know, Tom.",), "Why not?"),
        Pair(("Why not?",), "It is late."),
    ]


def test_only_a_supporter_who_answers_the_seeker_makes_a_pair(data):
    assert support_pairs(data, turns=4) == [Pair(("i am sad", "today"), "why")]


def write_talk(folder, name, *said):
    turns = [{"speaker": "AB"[n % 2], "text": text} for n, text in enumerate(said)]
    path = folder / "dialogue_extra" / f"{name}.jsonl.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps({"turns": turns}).encode()))


def test_the_open_sets_take_the_place_of_the_others(tmp_path):
    write_talk(tmp_path, "self_dialogue/train", "do you like rain?", "yes", "me too")
    write_talk(tmp_path, "topical_chat/valid", "do you like rain?", "no")
    write_talk(tmp_path, "topical_chat/test", "do you like rain?", "yes")
    args = RelevanceArgs(data=tmp_path, out=tmp_path / "run", base="x", open_data=True)
    dev = dev_pairs(args)
    assert dev == [Pair(("do you like rain?",), "yes")]
    kept, copies = training_pairs(args, dev)
    assert [pair.reply for pair in kept] == ["me too", "no"]
    assert copies == 1


def test_a_sample_is_the_same_for_the_same_seed_and_keeps_the_order(data):
    pairs = empathetic_pairs(data, "train", turns=1)
    chosen = sample(pairs, 0.25, seed=3)
    assert chosen == sample(pairs, 0.25, seed=3)
    assert len(chosen) == 60
    assert sorted(chosen, key=pairs.index) == chosen


def test_what_dev_or_test_holds_is_not_trained_on():
    held_out = [Pair(("a", "Hello  there"), "Hi")]
    pairs = [Pair(("hello there",), "hi"), Pair(("hello there",), "bye")]
    assert without_texts_of(pairs, held_out) == pairs[1:]


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(DataError, match=r"train\.csv\.gz or train\.csv is missing"):
        empathetic_pairs(tmp_path, "train", turns=1)


def test_a_missing_column_is_named_with_what_is_there(tmp_path):
    folder = tmp_path / "empathetic_dialogues"
    folder.mkdir()
    (folder / "train.csv.gz").write_bytes(gzip.compress(b"conv_id,utterance\n1,a\n"))
    with pytest.raises(DataError, match="no column 'actor'; it has"):
        empathetic_pairs(tmp_path, "train", turns=1)


def test_a_line_without_its_dialogue_is_named(tmp_path):
    folder = tmp_path / "esconv"
    folder.mkdir()
    (folder / "train.jsonl.gz").write_bytes(gzip.compress(b'{"talk": []}\n'))
    with pytest.raises(DataError, match="line 1, has no 'dialog'"):
        support_pairs(tmp_path, turns=1)
