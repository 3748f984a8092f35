from __future__ import annotations

import gzip

import pytest

from training.runs.errors import DataError
from training.toxicity.jigsaw import JIGSAW_NAMES, wiki, wiki_six

HEAD = ",".join(["id", "comment_text", *JIGSAW_NAMES]) + "\n"
TRAIN = HEAD + 'a1,"you ""bad"" one,\ntwice",1,0,1,0,0,0\na2,N/A,0,0,0,0,0,0\n'
TEST = "id,comment_text\nb1,nice\nb2,never scored\nb3,you fool\n"
LABELS = (
    ",".join(["id", *JIGSAW_NAMES])
    + "\nb3,1,0,0,0,1,0\nb1,0,0,0,0,0,0\nb2"
    + ",-1" * len(JIGSAW_NAMES)
    + "\n"
)


@pytest.fixture
def original(tmp_path):
    """The three files of the challenge."""
    folder = tmp_path / "jigsaw"
    folder.mkdir()
    for name, text in (("train", TRAIN), ("test", TEST), ("test_labels", LABELS)):
        (folder / f"{name}.csv").write_text(text)
    return tmp_path


def test_the_originals_six_labels_are_all_known(original):
    train = wiki(original, "train")
    assert train.texts == ['you "bad" one,\ntwice', "N/A"]
    assert train.labels.tolist() == [[1, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]]
    assert wiki_six(original).texts == []


def test_comments_that_were_not_scored_are_left_out_of_test(original):
    test = wiki(original / "jigsaw", "test")
    assert test.texts == ["nice", "you fool"]
    assert test.labels[:, 0].tolist() == [0, 1]


def test_our_copy_goes_before_the_original(original):
    path = original / "toxicity" / "jigsaw_wiki" / "train.csv.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(b"comment_text,toxic\nours,0\n"))
    assert wiki(original, "train").texts == ["ours"]


@pytest.mark.parametrize(
    ("name", "text", "split", "said"),
    [
        ("train", "id,text\na,b\n", "train", r"train\.csv has no column 'comment_text'; it has"),
        ("train", HEAD + "a,b,0,0,yes,0,0,0\n", "train", r"'obscene' holds 'yes', 0 and 1"),
        ("test_labels", "id,toxic\nb1,0\n", "test", r"test_labels\.csv has no column 'severe"),
        ("test_labels", HEAD.replace("comment_text,", ""), "test", r"labels for 0 of the 3"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_column(original, name, text, split, said):
    (original / "jigsaw" / f"{name}.csv").write_text(text)
    with pytest.raises(DataError, match=said):
        wiki(original, split)


def test_missing_files_are_a_sentence(original, tmp_path):
    with pytest.raises(DataError, match="has no Jigsaw comments"):
        wiki(tmp_path / "elsewhere", "train")
    (original / "jigsaw" / "test_labels.csv").unlink()
    with pytest.raises(DataError, match=r"test_labels\.csv is missing"):
        wiki(original, "test")
