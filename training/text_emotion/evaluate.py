"""Measure a text-emotion model on the GoEmotions test split, with thresholds it brought along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from emotibot_models.ctranslate import Runtime
from emotibot_models.emotion_groups import GROUP_OF
from emotibot_models.text_emotion import TextEmotionModel
from emotibot_models.types import NEUTRAL
from training.runs.errors import DataError
from training.runs.scores import Bools, bootstrap_macro_f1, f1_per_label
from training.text_emotion.data import LABELS, Split, read_split, without
from training.text_emotion.situations import read_situations


def evaluate(
    source: str | Path, data: Path, device: str = "auto", runtime: Runtime = Runtime.EXACT
) -> dict[str, Any]:
    """Macro-F1 (27 and 28 labels) with its 95 % interval, micro-F1 and per-label F1 on test.

    Raises:
        ArtifactError: the weights cannot be used.
        DataError: the data folder holds no GoEmotions.
    """
    test = read_split(data, "test")
    model = TextEmotionModel.load(source, device, runtime)
    train = read_split(data, "train")
    readings = model.read(test.texts)
    predicted = np.array(
        [[lab in {e.emotion for e in r.emotions} for lab in LABELS] for r in readings]
    )
    f1 = f1_per_label(predicted, test.labels)
    low, high = bootstrap_macro_f1(predicted, test.labels)
    all_predicted, all_true = _with_neutral(predicted), _with_neutral(test.labels)
    all_f1 = f1_per_label(all_predicted, all_true)
    all_low, all_high = bootstrap_macro_f1(all_predicted, all_true)
    return {
        **_situations(model, data),
        "examples": len(test.texts),
        "copies_in_train": len(test.texts) - len(without(test, train).texts),
        "distribution": {
            "train": _counts(train),
            "dev": _counts(read_split(data, "dev")),
            "test": _counts(test),
        },
        "macro_f1_27": float(f1.mean()),
        "macro_f1_27_low": low,
        "macro_f1_27_high": high,
        "macro_f1_28": float(all_f1.mean()),
        "macro_f1_28_low": all_low,
        "macro_f1_28_high": all_high,
        "micro_f1_27": _micro_f1(predicted, test.labels),
        "micro_f1_28": _micro_f1(all_predicted, all_true),
        "f1": {label: float(v) for label, v in zip((*LABELS, NEUTRAL), all_f1, strict=True)},
        "support": dict(zip((*LABELS, NEUTRAL), all_true.sum(0).tolist(), strict=True)),
    }


def _situations(model: TextEmotionModel, data: Path) -> dict[str, float]:
    """How often the openings of EmpatheticDialogues test are read at all, and in their group."""
    try:
        test = read_situations(data, "test")
    except DataError:  # an optional data set
        return {}
    read, right = 0, 0
    for reading, labels in zip(model.read(test.texts), test.labels, strict=True):
        told = GROUP_OF[LABELS[int(labels.argmax())]]
        read += bool(reading.emotions)
        right += bool(reading.emotions) and GROUP_OF[reading.emotions[0].emotion] is told
    return {"situations_read": read / len(test.texts), "situations_right": right / len(test.texts)}


def _counts(split: Split) -> dict[str, int]:
    """How many texts of a split carry each label."""
    return dict(zip((*LABELS, NEUTRAL), _with_neutral(split.labels).sum(0).tolist(), strict=True))


def _with_neutral(table: Bools) -> Bools:
    """The table with a 28th column: none of the others."""
    return np.column_stack([table, ~table.any(1)])


def _micro_f1(predicted: Bools, true: Bools) -> float:
    return float(2 * (predicted & true).sum() / max(1, predicted.sum() + true.sum()))
