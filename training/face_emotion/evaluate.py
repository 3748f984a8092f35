"""What a face-emotion model is worth: FER2013's PrivateTest, as crops and in whole pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from emotibot_models.face_emotion import LABELS, FaceEmotionModel
from emotibot_models.presets import PRESETS
from emotibot_models.types import FaceMode
from training.face_detection.evaluate import measured
from training.face_detection.scenes import COUNTS
from training.face_emotion.calibration import calibration_error, reliability
from training.face_emotion.data import Faces, Floats, copies_of, read_faces
from training.runs.errors import DataError
from training.runs.scores import f1_per_label


def evaluate(
    source: Path | str,
    data: Path,
    device: str = "cpu",
    *,
    photographs: Mapping[str, int] = COUNTS,
) -> dict[str, Any]:
    """Figures on PrivateTest, with and without the pixel copies of training images.

    ``photographs`` counts the scenes by kind in which the starter's finder looks for the face
    first.

    Raises:
        ArtifactError: the weights cannot be used.
        DataError: the data folder holds no FER2013, or none with PrivateTest.
    """
    model = FaceEmotionModel.load(source, device, finder=PRESETS["starter"].finder)
    faces = read_faces(data)
    if not len(faces.test):
        raise DataError(f"{data} holds no face of PrivateTest, on which models are measured.")
    scores = model.scores([Image.fromarray(image) for image in faces.test.images]).numpy()
    return figures(scores, faces.test, floor=model.floor) | {
        "without_copies": _without_copies(scores, faces.test, faces.train),
        "photographs": _photographs(model, faces.test, photographs),
        "distribution": {
            "train": _counts(faces.train),
            "dev": _counts(faces.dev),
            "test": _counts(faces.test),
        },
    }


def _photographs(
    model: FaceEmotionModel, faces: Faces, counts: Mapping[str, int]
) -> dict[str, Any]:
    """How many faces are found in phone-like pictures, and milliseconds to find and read one."""
    told = measured(faces, lambda image: model.read([image], [FaceMode.DETECT])[0], counts)
    return {name: value for name, value in told.items() if not isinstance(value, dict)}


def figures(scores: Floats, faces: Faces, *, floor: float) -> dict[str, Any]:
    """Accuracy, F1, confusion, calibration, and what the confidence floor makes of them."""
    predicted = scores.argmax(1)
    right = predicted == faces.labels
    sure = scores.max(1) >= floor
    f1 = f1_per_label(_table(predicted), _table(faces.labels))
    confusion = np.zeros((len(LABELS), len(LABELS)), dtype=int)
    np.add.at(confusion, (faces.labels, predicted), 1)
    return {
        "faces": len(faces),
        "accuracy": round(float(right.mean()), 4),
        "macro_f1": round(float(f1.mean()), 4),
        **_by_label(confusion, f1),
        "calibration_error": round(calibration_error(scores, faces.labels), 4),
        "reliability": reliability(scores, faces.labels),
        "sure_share": round(float(sure.mean()), 4),
        "accuracy_when_sure": round(float(right[sure].mean()), 4) if sure.any() else None,
    }


def _by_label(confusion: npt.NDArray[Any], f1: Floats) -> dict[str, dict[str, Any]]:
    """F1, precision, recall, support and the row of the confusion table (predictions) by label."""
    hits, support, named = confusion.diagonal(), confusion.sum(1), confusion.sum(0)
    return {
        "f1": _named(f1),
        "precision": _named(hits / np.maximum(1, named)),
        "recall": _named(hits / np.maximum(1, support)),
        "support": dict(zip(LABELS, support.tolist(), strict=True)),
        "confusion": dict(zip(LABELS, confusion.tolist(), strict=True)),
    }


def _named(values: npt.NDArray[Any]) -> dict[str, float]:
    return {label: round(float(v), 4) for label, v in zip(LABELS, values, strict=True)}


def _counts(faces: Faces) -> dict[str, int]:
    return dict(zip(LABELS, np.bincount(faces.labels, minlength=len(LABELS)).tolist(), strict=True))


def _without_copies(scores: Floats, test: Faces, train: Faces) -> dict[str, Any]:
    fresh = ~copies_of(test, train)
    predicted, labels = scores[fresh].argmax(1), test.labels[fresh]
    return {
        "faces": int(fresh.sum()),
        "accuracy": round(float((predicted == labels).mean()), 4),
        "macro_f1": round(float(f1_per_label(_table(predicted), _table(labels)).mean()), 4),
    }


def _table(labels: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    table: npt.NDArray[np.bool_] = np.eye(len(LABELS), dtype=bool)[labels]
    return table
