from __future__ import annotations

import gzip

import numpy as np
import pytest

from training.runs.errors import DataError
from training.text_emotion.data import Split, read_split, without


def write(folder, rows, name="train.tsv"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join("\t".join(row) + "\n" for row in rows))


def test_labels_become_a_table_and_neutral_is_their_absence(tmp_path):
    write(tmp_path, [("so happy", "17,2", "a"), ("it is a day", "27", "b")])
    split = read_split(tmp_path, "train")
    assert split.texts == ["so happy", "it is a day"]
    assert np.argwhere(split.labels).tolist() == [[0, 2], [0, 17]]


def test_quotes_are_literal_text_and_gzip_in_a_sub_folder_is_read(tmp_path):
    (tmp_path / "goemotions").mkdir()
    with gzip.open(tmp_path / "goemotions" / "dev.tsv.gz", "wt") as file:
        file.write('he said "no\t3\tx\n')
    assert read_split(tmp_path, "dev").texts == ['he said "no']


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("only text",), "expected 3 columns"),
        (("text", "joy", "a"), "not a list of numbers"),
        (("text", "28", "a"), "labels must be 0 to 27"),
    ],
)
def test_a_wrong_row_is_named_by_file_line_and_column(tmp_path, row, said):
    write(tmp_path, [("fine", "1", "a"), row])
    with pytest.raises(DataError, match=rf"train\.tsv, line 2: .*{said}"):
        read_split(tmp_path, "train")


def test_a_folder_without_goemotions_is_named(tmp_path):
    with pytest.raises(DataError, match=r"goemotions/test\.tsv"):
        read_split(tmp_path, "test")


def test_texts_that_stand_in_test_are_dropped_from_train():
    every = np.ones((3, 27), dtype=bool)
    train = Split(["Hello  there", "fine", "x"], np.eye(3, 27, dtype=bool), every)
    test = Split(["hello there"], np.zeros((1, 27), dtype=bool), every[:1])
    kept = without(train, test)
    assert kept.texts == ["fine", "x"]
    assert np.argwhere(kept.labels).tolist() == [[0, 1], [1, 2]]
