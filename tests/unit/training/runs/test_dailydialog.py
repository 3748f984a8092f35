from __future__ import annotations

import gzip
import json

import pytest

from training.runs.dailydialog import Dialogue, read_daily
from training.runs.errors import DataError

LONG = "I have been waiting here for an hour ."


def write_original(folder, said, ending="", *, acts=None, emotions=None):
    folder.mkdir(parents=True, exist_ok=True)
    name = f"dialogues{ending}.txt" if ending else "dialogues_text.txt"
    lines = "".join(" __eou__ ".join(turns) + " __eou__\n" for turns in said)
    (folder / name).write_text(lines, "utf-8")
    for what, given, number in (("act", acts, 2), ("emotion", emotions, 5)):
        labels = given or [[number] * len(turns) for turns in said]
        text = "".join(" ".join(map(str, row)) + " \n" for row in labels)
        (folder / f"dialogues_{what}{ending}.txt").write_text(text, "utf-8")


def test_the_three_files_of_a_split_become_dialogues(tmp_path):
    write_original(
        tmp_path / "ijcnlp_dailydialog" / "train", [["Hi .", "How \u2028 are you ?"]], "_train"
    )
    assert read_daily(tmp_path, "train") == [
        Dialogue(("Hi .", "How \u2028 are you ?"), (2, 2), (5, 5))
    ]


def test_copies_of_train_are_left_out_of_the_other_splits_unless_asked_for(tmp_path):
    write_original(tmp_path / "train", [[LONG, "Sorry ."]], "_train")
    write_original(tmp_path / "test", [[LONG, "Oh ."], ["New .", "Yes ."]], "_test")
    assert [talk.turns[0] for talk in read_daily(tmp_path, "test")] == ["New ."]
    assert len(read_daily(tmp_path, "test", copies=True)) == 2


def test_the_undivided_files_are_split_by_tenths(tmp_path):
    write_original(tmp_path, [[f"{n} ."] for n in range(20)])
    found = {split: read_daily(tmp_path, split) for split in ("train", "validation", "test")}
    firsts = {split: [talk.turns[0] for talk in talks] for split, talks in found.items()}
    assert firsts["validation"] == ["0 .", "10 ."]
    assert firsts["test"] == ["1 .", "11 ."]
    assert len(firsts["train"]) == 16


def test_our_copy_tells_its_own_overlap(tmp_path):
    (tmp_path / "dailydialog").mkdir()
    row = {"dialog": ["Hi ."], "act": [1], "emotion": [0]}
    with gzip.open(tmp_path / "dailydialog" / "test.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row | more) + "\n" for more in ({}, {"train_overlap": 0.5}))
    assert len(read_daily(tmp_path, "test")) == 1
    assert len(read_daily(tmp_path, "test", copies=True)) == 2


def test_a_last_turn_without_a_label_is_left_out(tmp_path):
    write_original(tmp_path, [["a .", "b ."]] * 3, emotions=[[0, 1], [0, 1], [0]])
    assert read_daily(tmp_path, "train") == [Dialogue(("a .",), (2,), (0,))]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"acts": [[1, 2, 1, 1]]}, r"line 1: 2 turns, but 4 acts and 2 emotions"),
        ({"emotions": [[0, 9]]}, r"dialogues_emotion\.txt, line 1: .* 0 to 6, found '9'"),
        ({"acts": [["x", 1]]}, r"dialogues_act\.txt, line 1: .* 0 to 4, found 'x'"),
        ({"emotions": [[0, 0], [1]]}, r"dialogues_text\.txt ends before line 2"),
    ],
)
def test_labels_that_do_not_fit_are_named_by_file_and_line(tmp_path, given, said):
    write_original(tmp_path, [["a .", "b ."]], **given)
    with pytest.raises(DataError, match=said):
        read_daily(tmp_path, "validation")


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(DataError, match="has no DailyDialog"):
        read_daily(tmp_path, "test")
    write_original(tmp_path, [["a ."]])
    (tmp_path / "dialogues_act.txt").unlink()
    with pytest.raises(DataError, match=r"dialogues_act\.txt is missing"):
        read_daily(tmp_path, "train")
