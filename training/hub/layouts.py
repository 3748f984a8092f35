"""A set of the hub, told by its columns, as the files in which its readers look for it."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from emotibot_models.face_labels import face_label
from emotibot_models.types import NEUTRAL
from training.face_emotion.data import FER_ORDER, SIDE
from training.runs.errors import DataError
from training.text_emotion.data import LABELS
from training.toxicity.jigsaw import JIGSAW_NAMES

Splits = Mapping[str, Any]
"""Tables of the ``datasets`` library, by the name of the split."""

VALIDATION: Final = ("validation", "valid", "dev", "val")
"""What the middle one of three splits is called."""
GO_EMOTIONS: Final = ("text", "labels")
EMPATHETIC: Final = ("conv_id", "utterance_idx", "context", "prompt", "speaker_idx", "utterance")
DAILY: Final = ("dialog", "act", "emotion")
JIGSAW: Final = ("comment_text", *JIGSAW_NAMES)
FACES: Final = ("image", "label")
ESCONV: Final = ("text",)


def leave(splits: Splits, name: str, folder: Path) -> None:
    """Write the set into ``folder``, each file whole or not at all.

    Raises:
        DataError: the columns are those of no set that we know, or a split is missing.
    """
    columns = list(next(iter(splits.values())).column_names)
    for wanted, write in LAYOUTS.items():
        if set(wanted) <= set(columns):
            write(splits, name, folder)
            return
    known = "; ".join(", ".join(wanted) for wanted in LAYOUTS)
    raise DataError(f"{name} has the columns {', '.join(columns)}; sets that we know have {known}.")


def _go_emotions(splits: Splits, name: str, folder: Path) -> None:
    for split in ("train", "dev", "test"):
        table = _split(splits, name, split)
        ids = _emotion_ids(table.features["labels"], name)
        rows = zip(table["text"], table["labels"], strict=True)
        lines = (
            f"{_line(text)}\t{','.join(str(ids[label]) for label in labels)}\t{number}"
            for number, (text, labels) in enumerate(rows, 1)
        )
        _write(folder / "goemotions" / f"{split}.tsv", lines)


def _emotion_ids(feature: Any, name: str) -> Sequence[int]:
    """GoEmotions' own number of each of the set's labels; plain numbers are taken as such."""
    official = [*LABELS, NEUTRAL]
    names = getattr(getattr(feature, "feature", None), "names", official)
    if strange := [label for label in names if label not in official]:
        raise DataError(f"{name}: column 'labels' has a class {strange[0]!r}, none of GoEmotions'.")
    return [official.index(label) for label in names]


def _empathetic(splits: Splits, name: str, folder: Path) -> None:
    for split in ("train", "valid", "test"):
        table = _split(splits, name, split)
        rows = zip(*(table[column] for column in EMPATHETIC), strict=True)
        lines = (",".join(_line(value).replace(",", "_comma_") for value in row) for row in rows)
        _write(folder / "empathetic_dialogues" / f"{split}.csv", [",".join(EMPATHETIC), *lines])


def _daily_dialog(splits: Splits, name: str, folder: Path) -> None:
    for split in ("train", "validation", "test"):
        table, place = _split(splits, name, split), folder / "dailydialog" / split
        talks = ("".join(f"{_line(turn)} __eou__ " for turn in talk) for talk in table["dialog"])
        _write(place / f"dialogues_{split}.txt", talks)
        for column in ("act", "emotion"):
            numbers = (" ".join(map(str, row)) for row in table[column])
            _write(place / f"dialogues_{column}_{split}.txt", numbers)


def _jigsaw(splits: Splits, name: str, folder: Path) -> None:
    labels = ["id", *JIGSAW_NAMES]
    for split, files in (
        ("train", {"train.csv": ["id", *JIGSAW]}),
        ("test", {"test.csv": ["id", "comment_text"], "test_labels.csv": labels}),
    ):
        frame = _split(splits, name, split).to_pandas()
        frame["id"] = range(len(frame))
        for file_name, columns in files.items():
            with _whole(folder / "jigsaw" / file_name) as file:
                frame[columns].to_csv(file, index=False, quoting=csv.QUOTE_NONNUMERIC)


def _faces(splits: Splits, name: str, folder: Path) -> None:
    """The form of the challenge; where there is no validation split, a tenth of train is one."""
    train, test = _split(splits, name, "train"), _split(splits, name, "test")
    numbers = _face_numbers(train.features["label"], name)
    if any(split in splits for split in VALIDATION):
        dev = _split(splits, name, "validation")
    else:
        train, dev = train.train_test_split(test_size=0.1, seed=7).values()
    with _whole(folder / "fer2013" / "fer2013.csv") as file:
        file.write("emotion,pixels,Usage\n")
        for usage, table in (("Training", train), ("PublicTest", dev), ("PrivateTest", test)):
            for row in table:
                grey = np.asarray(row["image"].convert("L").resize((SIDE, SIDE)))
                pixels = " ".join(map(str, grey.ravel().tolist()))
                file.write(f"{numbers[row['label']]},{pixels},{usage}\n")


def _face_numbers(feature: Any, name: str) -> Sequence[int]:
    """FER2013's own number of each of the set's labels, whose names alone tell what they mean."""
    found = [face_label(label) for label in getattr(feature, "names", ())]
    if len(found) != len(FER_ORDER) or None in found:
        raise DataError(
            f"{name}: column 'label' names {getattr(feature, 'names', 'no classes')}; expected "
            f"names for {', '.join(FER_ORDER)}."
        )
    return [FER_ORDER.index(str(label)) for label in found]


def _esconv(splits: Splits, name: str, folder: Path) -> None:
    """Each row is a dialogue written as JSON; our readers divide train themselves."""
    _write(folder / "esconv" / "train.jsonl.gz", map(_line, _split(splits, name, "train")["text"]))


LAYOUTS: Final[Mapping[tuple[str, ...], Callable[[Splits, str, Path], None]]] = {
    EMPATHETIC: _empathetic,
    JIGSAW: _jigsaw,
    DAILY: _daily_dialog,
    GO_EMOTIONS: _go_emotions,
    FACES: _faces,
    ESCONV: _esconv,
}
"""Who writes the set that has these columns; the more telling ones first."""


def _split(splits: Splits, name: str, split: str) -> Any:
    """A split by any of its names."""
    for other in VALIDATION if split in VALIDATION else (split,):
        if other in splits:
            return splits[other]
    raise DataError(f"{name} has no split {split!r}; it has {', '.join(splits)}.")


def _line(value: object) -> str:
    """A value on one line, without tabs."""
    return " ".join(str(value).split())


def _write(path: Path, lines: Iterable[str]) -> None:
    with _whole(path) as file:
        file.writelines(f"{line}\n" for line in lines)


@contextmanager
def _whole(path: Path) -> Iterator[IO[str]]:
    """A text file, gzipped where its name says so, that appears once it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(partial, "wt", encoding="utf-8", newline="") as file:
        yield file
    partial.replace(path)
