"""EmpatheticDialogues, DailyDialog and ESConv in miniature."""

from __future__ import annotations

import csv
import gzip
import json

import pytest

ANSWERS = {"happy": "so good", "sad": "it was bad", "rain": "about the day"}


def write_lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def write_talks(path, talks):
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["conv_id", "actor", "utterance"])
        for number, talk in enumerate(talks):
            for place, text in enumerate(talk):
                writer.writerow([f"c{number}", ("speaker", "listener")[place % 2], text])


@pytest.fixture(scope="module")
def talks(tmp_path_factory):
    """The right reply to a feeling is always the same one, with a number that tells talks apart."""
    folder = tmp_path_factory.mktemp("data")
    for split, size in (("train", 120), ("valid", 120), ("test", 120)):
        talks = []
        for number in range(size):
            feeling = list(ANSWERS)[number % 3]
            first = [f"i am {feeling} {split} {number}", f"{ANSWERS[feeling]} {split} {number}"]
            talks.append([*first, "you", f"{ANSWERS[feeling]} too {split} {number}"])
        write_talks(folder / "empathetic_dialogues" / f"{split}.csv.gz", talks)
    said = ["I don \u2019 t know , Tom .", "Why not ?", "It is late ."]
    daily = [{"dialog": said, "act": [1, 2, 1], "emotion": [0, 0, 0]}]
    write_lines(folder / "dailydialog" / "train.jsonl.gz", daily)
    said = [("usr", "i am sad"), ("usr", "today"), ("sys", "why"), ("sys", "tell me")]
    support = [{"dialog": [{"speaker": who, "text": text} for who, text in said]}]
    write_lines(folder / "esconv" / "train.jsonl.gz", support)
    return folder
