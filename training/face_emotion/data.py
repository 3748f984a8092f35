"""FER2013 from any of its three public forms, as one table of faces.

* ``fer2013.npz``: images, labels and usage in the row order of the original, lossless; with
  ``ferplus_votes.csv.gz`` beside it, the ten votes of FER+ (Barsoum et al., 2016).
* ``fer2013.csv``: the original of the challenge (Goodfellow et al., 2013).
* ``train/<label>/*`` and ``test/<label>/*``: the image-folder layout.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image, UnidentifiedImageError

from emotibot_models.face_labels import face_label
from emotibot_models.types import FaceEmotion
from training.runs.errors import DataError

SIDE = 48
FER_ORDER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The order of FER2013's own numbers, which is not that of ``FaceEmotion``."""
ARRAYS = ("images", "labels", "usage")
USAGES = ("Training", "PublicTest", "PrivateTest")
VOTE_COLUMNS = {
    "anger": FaceEmotion.ANGRY,
    "disgust": FaceEmotion.DISGUST,
    "fear": FaceEmotion.FEAR,
    "happiness": FaceEmotion.HAPPY,
    "neutral": FaceEmotion.NEUTRAL,
    "sadness": FaceEmotion.SAD,
    "surprise": FaceEmotion.SURPRISE,
}
"""FER+ names; contempt, unknown and NF (not a face) have no place among the seven."""
OURS = np.array([list(FaceEmotion).index(FaceEmotion(name)) for name in FER_ORDER])

Pixels = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Faces:
    """One part of the data set."""

    images: Pixels
    """Grey faces (N, 48, 48)."""
    labels: Numbers
    """Original labels (N,) in the order of ``FaceEmotion``."""
    votes: Floats
    """Shares of the FER+ votes (N, 7); a row of zeros where nobody voted for one of the seven."""
    not_a_face: npt.NDArray[np.bool_]
    """Where most of the FER+ annotators saw no face (N,)."""

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, chosen: npt.NDArray[Any]) -> Faces:
        """The rows that a mask or a list of indices chooses."""
        return Faces(
            self.images[chosen], self.labels[chosen], self.votes[chosen], self.not_a_face[chosen]
        )


@dataclass(frozen=True)
class FaceData:
    """The three official parts; a set without PrivateTest can be trained on, and not evaluated."""

    train: Faces
    dev: Faces
    """PublicTest; in the image-folder layout a tenth of ``train/``, the same at every reading."""
    test: Faces
    """PrivateTest, which may be empty; in the image-folder layout ``test/``."""

    def __post_init__(self) -> None:
        """Refuse what cannot be trained on.

        Raises:
            DataError: there is nothing to learn from, or nothing to choose weights by.
        """
        for part, faces in zip(USAGES, (self.train, self.dev), strict=False):
            if not len(faces):
                raise DataError(f"The set has no face of {part}: training needs some.")


def read_faces(folder: Path) -> FaceData:
    """FER2013 from ``folder`` or its ``fer2013`` folder, whichever form is there.

    Raises:
        DataError: no form is there, a file is not as it should be, or a part that training needs
            is empty.
    """
    for place in (folder, folder / "fer2013"):
        if (place / "fer2013.npz").is_file():
            return _from_npz(place)
        if (place / "fer2013.csv").is_file():
            return _from_csv(place / "fer2013.csv")
        if (place / "train").is_dir() and (place / "test").is_dir():
            return _from_folders(place)
    raise DataError(
        f"{folder} holds no FER2013: fer2013.npz, fer2013.csv or the folders train and test "
        "are looked for there and in its fer2013 folder."
    )


def copies_of(faces: Faces, others: Faces) -> npt.NDArray[np.bool_]:
    """Which of ``faces`` are exact pixel copies of one of ``others`` (N,)."""
    known = {image.tobytes() for image in others.images}
    return np.array([image.tobytes() in known for image in faces.images], dtype=bool)


def count_copies(data: FaceData) -> dict[str, int]:
    """How many faces of dev and of test are pixel copies of one of train, which keeps its own."""
    parts = {"dev": data.dev, "test": data.test}
    return {
        f"faces of {name} that also stand in train, kept there": int(
            copies_of(faces, data.train).sum()
        )
        for name, faces in parts.items()
        if len(faces)
    }


def _from_npz(folder: Path) -> FaceData:
    path = folder / "fer2013.npz"
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in ARRAYS if name in stored}
    except (OSError, ValueError, zipfile.BadZipFile) as exc:
        raise DataError(f"{path} cannot be read as numpy arrays.") from exc
    if missing := [name for name in ARRAYS if name not in arrays]:
        raise DataError(f"{path} has no array {missing[0]!r}.")
    images, labels, usage = (arrays[name] for name in ARRAYS)
    if images.shape[1:] != (SIDE, SIDE) or len(images) != len(labels) or len(images) != len(usage):
        raise DataError(f"{path}: images, labels and usage do not fit together.")
    votes, not_a_face = _votes(folder / "ferplus_votes.csv.gz", len(images))
    faces = Faces(images, OURS[labels], votes, not_a_face)
    return FaceData(*(faces.rows(usage == number) for number in range(len(USAGES))))


def _votes(path: Path, rows: int) -> tuple[Floats, npt.NDArray[np.bool_]]:
    if not path.is_file():
        return _no_votes(rows)
    table = pd.read_csv(path)
    missing = [name for name in (*VOTE_COLUMNS, "NF") if name not in table.columns]
    if missing:
        raise DataError(f"{path} has no column {missing[0]!r}.")
    if len(table) != rows:
        raise DataError(f"{path} has {len(table)} rows, the pictures are {rows}.")
    counts = np.zeros((rows, len(FaceEmotion)), dtype=np.float32)
    for name, label in VOTE_COLUMNS.items():
        counts[:, list(FaceEmotion).index(label)] = table[name].to_numpy(np.float32)
    shares: Floats = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    return shares, table["NF"].to_numpy() > 5


def _no_votes(rows: int) -> tuple[Floats, npt.NDArray[np.bool_]]:
    return np.zeros((rows, len(FaceEmotion)), dtype=np.float32), np.zeros(rows, dtype=bool)


def _from_csv(path: Path) -> FaceData:
    table = pd.read_csv(path, dtype={"pixels": str, "Usage": str}, skipinitialspace=True)
    for name in ("emotion", "pixels", "Usage"):
        if name not in table.columns:
            raise DataError(f"{path} has no column {name!r}.")
    strange = sorted(set(table["emotion"]) - set(range(len(FER_ORDER))), key=str)
    if strange:
        raise DataError(f"{path}: column 'emotion' holds {strange[0]!r}, 0 to 6 are known.")
    images = np.stack([_parse_pixels(path, row, text) for row, text in enumerate(table["pixels"])])
    labels = OURS[table["emotion"].to_numpy(np.int64)]
    faces = Faces(images, labels, *_no_votes(len(images)))
    usage = table["Usage"].to_numpy()
    return FaceData(*(faces.rows(usage == name) for name in USAGES))


def _parse_pixels(path: Path, row: int, text: str) -> Pixels:
    try:
        return np.array(text.split(), dtype=np.uint8).reshape(SIDE, SIDE)
    except (ValueError, OverflowError, AttributeError) as exc:
        raise DataError(
            f"{path}: column 'pixels' of data row {row + 1} is not "
            f"{SIDE * SIDE} numbers from 0 to 255."
        ) from exc


def _from_folders(folder: Path) -> FaceData:
    train, test = _read_labelled(folder / "train"), _read_labelled(folder / "test")
    order = np.random.default_rng(7).permutation(len(train))
    kept = len(train) // 10
    return FaceData(train.rows(order[kept:]), train.rows(order[:kept]), test)


def _read_labelled(folder: Path) -> Faces:
    images: list[Pixels] = []
    labels: list[int] = []
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        label = face_label(place.name)
        if label is None:
            raise DataError(f"{place} is named after none of {', '.join(FaceEmotion)}.")
        for path in sorted(place.iterdir()):
            images.append(_open_grey(path))
            labels.append(list(FaceEmotion).index(label))
    if not images:
        raise DataError(f"{folder} holds no folder with pictures in it.")
    return Faces(np.stack(images), np.array(labels, dtype=np.int64), *_no_votes(len(images)))


def _open_grey(path: Path) -> Pixels:
    try:
        with Image.open(path) as image:
            grey = image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    except (OSError, UnidentifiedImageError) as exc:
        raise DataError(f"{path} is no picture that can be opened.") from exc
    return np.asarray(grey, dtype=np.uint8)
