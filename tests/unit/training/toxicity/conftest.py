"""The toxicity sets and the two dialogue sets in miniature, in their original columns."""

from __future__ import annotations

import csv
import gzip
import json

import pytest

SIX = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")


def write(path, header, rows, delimiter=","):
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """``bad`` marks what is toxic; every text is another one."""
    folder = tmp_path_factory.mktemp("data")
    wiki = folder / "toxicity" / "jigsaw_wiki"
    for split, size in (("train", 80), ("test_balanced", 40)):
        rows = [(f"you {'bad' if i % 2 else 'good'} {split} {i}", i % 2) for i in range(size)]
        write(wiki / f"{split}.csv.gz", ["comment_text", "toxic"], rows)
    six = [("you bad idiot", 1, 0, 0, 0, 1, 0), ("a good day", 0, 0, 0, 0, 0, 0)]
    write(wiki / "sample_6labels.csv.gz", ["comment_text", *SIX], six)
    tweets = [
        ("@USER you bad one", "OFF", "IND"),
        ("@USER good day URL", "NOT", "NULL"),
        ("they are bad", "OFF", "GRP"),
    ]
    write(
        folder / "toxicity" / "olid" / "train.tsv.gz",
        ["tweet", "subtask_a", "subtask_c"],
        tweets,
        "\t",
    )
    hate = [(0, "RT @x: bad them"), (1, "bad bitch"), (2, "a good rain &amp; day")]
    path = folder / "toxicity" / "davidson_hate_offensive" / "train.csv.gz"
    write(path, ["class", "tweet"], hate)
    abuse = [("bad bot", 1, 2, 0), ("maybe bad", 1, 0, 0), ("good bot", 0, 0, 0)]
    path = folder / "toxicity" / "convabuse" / "train.csv.gz"
    write(path, ["user", "abusive", "votes_-2", "votes_-3"], abuse)
    for split in ("train", "valid", "test"):
        talk = [
            *[("listener", f"so good {split} {i}") for i in range(20)],
            ("speaker", "they called me a bitch"),
        ]
        path = folder / "empathetic_dialogues" / f"{split}.csv.gz"
        write(path, ["actor", "utterance"], talk)
    path = folder / "dailydialog" / "train.jsonl.gz"
    path.parent.mkdir()
    with gzip.open(path, "wt", encoding="utf-8") as file:
        said = ["it was a good day ", "you idiot", "that sucks, i was an idiot"]
        file.write(json.dumps({"dialog": said, "act": [1] * 3, "emotion": [0] * 3}) + "\n")
    return folder
