from __future__ import annotations

import gzip

import pytest

from training.runs.empathetic import read_empathetic
from training.runs.errors import DataError

ORIGINAL = """conv_id,utterance_idx,context,prompt,speaker_idx,utterance,selfeval,tags
c1,1,sad,My cat left_comma_ alone,7,She left_comma_ "just so,5|5|5_2|2|5,
c1,2,sad,My cat left_comma_ alone,8,Oh no_comma_ why?,5|5|5_2|2|5,
"""
OURS = """conv_id,utterance_idx,context,prompt,actor,utterance,auto_label
c1,1,sad,"My cat left, alone",speaker,"She left, just so",sad
"""
WANTED = ("conv_id", "actor", "utterance", "auto_label")


def test_the_original_has_its_commas_back_and_says_who_speaks(tmp_path):
    (tmp_path / "valid.csv").write_text(ORIGINAL)
    table = read_empathetic(tmp_path, "valid", WANTED)
    assert list(table["utterance"]) == ['She left, "just so', "Oh no, why?"]
    assert list(table["actor"]) == ["speaker", "listener"]
    assert set(table["auto_label"]) == {""}


def test_our_copy_is_read_as_it_is(tmp_path):
    (tmp_path / "empathetic_dialogues").mkdir()
    path = tmp_path / "empathetic_dialogues" / "train.csv.gz"
    path.write_bytes(gzip.compress(OURS.encode()))
    table = read_empathetic(tmp_path, "train", WANTED)
    assert table.iloc[0].to_dict()["prompt"] == "My cat left, alone"
    assert table.iloc[0]["utterance_idx"] == "1"


def test_a_missing_file_and_a_missing_column_are_a_sentence(tmp_path):
    with pytest.raises(DataError, match="has no EmpatheticDialogues"):
        read_empathetic(tmp_path, "test", WANTED)
    (tmp_path / "test.csv").write_text("conv_id,utterance\nc1,hi\n")
    with pytest.raises(DataError, match=r"no column 'actor'; it has \['conv_id', 'utterance'\]"):
        read_empathetic(tmp_path, "test", WANTED)
    (tmp_path / "train.csv").write_text("conv_id,speaker_idx\nc1,3\n")
    with pytest.raises(DataError, match="no column 'utterance_idx'"):
        read_empathetic(tmp_path, "train", WANTED)
