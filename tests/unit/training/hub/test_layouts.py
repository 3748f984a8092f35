"""The real ``datasets`` library, on folders that hold what the hub holds."""

from __future__ import annotations

import datasets
import pytest
from datasets import ClassLabel, Dataset, Features, Image, List, Value
from PIL import Image as Picture

from emotibot_models.types import NEUTRAL, Emotion, FaceEmotion
from training.face_emotion.data import FER_ORDER, read_faces
from training.hub.fetch import fetch
from training.response.sources import esconv
from training.runs.dailydialog import read_daily
from training.runs.empathetic import read_empathetic
from training.runs.errors import DataError
from training.text_emotion.data import LABELS, read_split
from training.toxicity.jigsaw import JIGSAW_NAMES, wiki

TEXT, NUMBER = Value("string"), Value("int32")
SPLITS = ("train", "validation", "test")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))


def folder_of(tmp_path, name, rows, features, splits=SPLITS):
    """What a repository of the hub is: one Parquet file a split."""
    for split in splits:
        table = Dataset.from_list(rows, features=Features(features))
        table.to_parquet(tmp_path / name / f"{split}.parquet")
    return f"hub:{tmp_path / name}"


def test_go_emotions_is_read_by_the_names_of_its_labels(tmp_path):
    names = [NEUTRAL, *(emotion.value for emotion in Emotion)]  # not the official order
    features = {"text": TEXT, "labels": List(ClassLabel(names=names)), "id": TEXT}
    rows = [{"text": "so\thappy", "labels": [names.index("joy")], "id": "x"}]
    rows += [{"text": "a day", "labels": [0], "id": "y"}]
    data = fetch(folder_of(tmp_path, "go", rows, features))
    split = read_split(data, "dev")
    assert split.texts == ["so happy", "a day"]
    assert [LABELS[j] for j in split.labels[0].nonzero()[0]] == ["joy"]
    assert not split.labels[1].any()


def test_empathetic_dialogues_keeps_its_commas(tmp_path):
    features = {
        "conv_id": TEXT,
        "utterance_idx": NUMBER,
        "context": TEXT,
        "prompt": TEXT,
        "speaker_idx": NUMBER,
        "utterance": TEXT,
        "selfeval": TEXT,
        "tags": TEXT,
    }
    said = ['My cat_comma_ "Tom", left', "Oh no"]
    rows = [
        {
            "conv_id": "c1",
            "utterance_idx": n,
            "context": "sad",
            "prompt": "p",
            "speaker_idx": n,
            "utterance": text,
            "selfeval": "5|5",
            "tags": "",
        }
        for n, text in enumerate(said, 1)
    ]
    data = fetch(folder_of(tmp_path, "ed", rows, features))
    table = read_empathetic(data, "valid", ("actor", "utterance"))
    assert list(table["utterance"]) == ['My cat, "Tom", left', "Oh no"]
    assert list(table["actor"]) == ["speaker", "listener"]


def test_daily_dialog_and_esconv_come_into_one_folder(tmp_path):
    feelings = ClassLabel(names=["no emotion", *"abcdef"])
    features = {
        "dialog": List(TEXT),
        "act": List(ClassLabel(names=["__dummy__", "inform", "question", "d", "c"])),
        "emotion": List(feelings),
    }
    rows = [{"dialog": ["Hi .", "Why ?"], "act": [1, 2], "emotion": [0, 5]}]
    daily = folder_of(tmp_path, "daily", rows, features)
    talk = (
        '{"emotion_type": "anger", "dialog": [{"speaker": "usr", "text": "He lied."},'
        ' {"speaker": "sys", "text": "Why did he?", "strategy": "Question"}]}'
    )
    support = folder_of(tmp_path, "esconv", [{"text": talk}] * 2, {"text": TEXT})
    data = fetch(f"{daily},{support.removeprefix('hub:')}")
    [dialogue] = read_daily(data, "validation", copies=True)
    assert (dialogue.turns, dialogue.acts, dialogue.emotions) == (("Hi .", "Why ?"), (1, 2), (0, 5))
    [example] = esconv(data, "train")
    assert example.reply == "Why did he?"


def test_jigsaw_has_all_six_labels(tmp_path):
    six = dict.fromkeys(JIGSAW_NAMES, ClassLabel(names=["false", "true"]))
    rows = [{"comment_text": 'a "b",\nc', **dict.fromkeys(JIGSAW_NAMES, 0), "insult": 1}]
    asked = folder_of(tmp_path, "jigsaw", rows, {"comment_text": TEXT, **six}, ("train", "test"))
    data = fetch(asked)
    for split in ("train", "test"):
        found = wiki(data, split)
        assert found.texts == ['a "b",\nc']
        assert found.labels.tolist() == [[0, 0, 0, 0, 1, 0]]


@pytest.mark.parametrize("splits", [("train", "valid", "test"), ("train", "test")], ids=str)
def test_faces_are_read_by_the_names_of_their_labels(tmp_path, splits):
    names = sorted(FER_ORDER)
    features = {"image": Image(), "label": ClassLabel(names=names)}
    rows = [
        {"image": Picture.new("L", (48, 48), 10 * n), "label": n}
        for n in (*range(len(names)), 0, 0, 0)
    ]
    data = fetch(folder_of(tmp_path, "fer", rows, features, splits))
    faces = read_faces(data)
    assert len(faces.train) == (10 if "valid" in splits else 9)
    assert faces.dev.images.shape[1:] == (48, 48)
    shown = {
        int(image[0, 0]): list(FaceEmotion)[label].value
        for image, label in zip(faces.test.images[:7], faces.test.labels[:7], strict=True)
    }
    assert shown == {10 * n: name for n, name in enumerate(names)}


def test_faces_whose_labels_have_no_names_are_refused(tmp_path):
    rows = [{"image": Picture.new("L", (48, 48)), "label": 0}]
    asked = folder_of(tmp_path, "fer", rows, {"image": Image(), "label": NUMBER})
    with pytest.raises(DataError, match="column 'label' names no classes"):
        fetch(asked)


@pytest.mark.parametrize(
    ("rows", "features", "splits", "said"),
    [
        ([{"a": "x"}], {"a": TEXT}, SPLITS, "has the columns a; sets that we know have conv_id"),
        ([{"text": "{"}], {"text": TEXT}, ("test",), "has no split 'train'; it has test"),
        (
            [{"text": "x", "labels": [0]}],
            {"text": TEXT, "labels": List(ClassLabel(names=["rage"]))},
            SPLITS,
            "column 'labels' has a class 'rage'",
        ),
    ],
)
def test_another_layout_is_one_sentence(tmp_path, rows, features, splits, said):
    with pytest.raises(DataError, match=said):
        fetch(folder_of(tmp_path, "other", rows, features, splits))
