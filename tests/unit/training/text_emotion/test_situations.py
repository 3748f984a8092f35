from __future__ import annotations

import pytest

from emotibot_models.types import Emotion
from training.runs.errors import DataError
from training.text_emotion.data import LABELS
from training.text_emotion.situations import LABEL_OF, read_situations

HEADER = "conv_id,utterance_idx,context,prompt,actor,utterance,auto_label\n"


def column(emotion: Emotion) -> int:
    return LABELS.index(emotion)


def test_only_openings_of_situations_with_a_label_are_read(tmp_path):
    (tmp_path / "train.csv").write_text(
        HEADER
        + "a,1,proud,p,speaker,I passed my test,x\n"
        + "a,2,proud,p,listener,Well done,x\n"
        + "b,1,nostalgic,p,speaker,Those were the days,x\n"
    )
    split = read_situations(tmp_path, "train")
    assert split.texts == ["I passed my test"]
    assert split.labels[0].nonzero()[0].tolist() == [column(Emotion.PRIDE)]


def test_the_opposite_sign_is_known_to_be_absent_and_the_rest_is_unknown(tmp_path):
    (tmp_path / "train.csv").write_text(HEADER + "a,1,lonely,p,speaker,Nobody came,x\n")
    known = read_situations(tmp_path, "train").known[0]
    assert known[column(Emotion.SADNESS)]
    assert known[column(Emotion.JOY)]
    assert not known[column(Emotion.DISAPPOINTMENT)]
    assert not known[column(Emotion.SURPRISE)]


def test_a_missing_column_is_named_with_what_was_found(tmp_path):
    (tmp_path / "train.csv").write_text("text,label\na,b\n")
    with pytest.raises(DataError, match=r"no column 'utterance_idx'; it has \['text', 'label'\]"):
        read_situations(tmp_path, "train")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"empathetic_dialogues/valid\.csv"):
        read_situations(tmp_path, "valid")


def test_twenty_six_of_the_thirty_two_situations_have_a_label():
    assert len(LABEL_OF) == 26
