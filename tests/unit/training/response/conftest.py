"""A data folder in miniature, in the original formats, and a tokenizer and a T5 to match."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from training.response.network import new_network
from training.response.tokenizer import train_tokenizer

FEELINGS = ("sad", "joyful", "afraid", "proud", "angry", "lonely", "excited", "hopeful")
LABELS = ("questioning", "acknowledging", "consoling", "wishing", "suggesting", "sympathizing")
REPLIES = (
    "What happened to you?",
    "That sounds really hard.",
    "It will get better soon.",
    "Congratulations to you!",
    "Maybe you can talk to a friend.",
    "I am so sorry to hear that.",
)


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_jsonl(path: Path, records: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)


def empathetic(conversations: int, offset: int = 0) -> list[dict[str, Any]]:
    rows = []
    for n in range(offset, offset + conversations):
        feeling = FEELINGS[n % len(FEELINGS)]
        said = (
            ("speaker", f"i feel {feeling} today", feeling),
            ("listener", REPLIES[n % 6], LABELS[n % 6]),
            ("speaker", "thank you for asking", "neutral"),
            ("listener", REPLIES[(n + 1) % 6], LABELS[(n + 1) % 6]),
        )
        rows += [
            {
                "conv_id": f"c{n}",
                "utterance_idx": place + 1,
                "context": feeling,
                "prompt": "something happened",
                "actor": actor,
                "utterance": text,
                "auto_label": label,
            }
            for place, (actor, text, label) in enumerate(said)
        ]
    return rows


def supported() -> list[dict[str, Any]]:
    return [
        {
            "emotion_type": "anxiety",
            "dialog": [
                {"text": f"hello, exam {n} is near", "speaker": "usr"},
                {"text": "What worries you most?", "speaker": "sys", "strategy": "Question"},
                {"text": "that i fail", "speaker": "usr"},
                {"text": "and that they laugh", "speaker": "usr"},
                {
                    "text": "You seem worried about others.",
                    "speaker": "sys",
                    "strategy": "Reflection of feelings",
                },
            ],
        }
        for n in range(11)
    ]


def chat(**more: Any) -> dict[str, Any]:
    turns = ("do you like rain?", "Yes, rain is nice.", "why is that?", "It makes the day quiet.")
    said = [{"speaker": "AB"[n % 2], "text": text} for n, text in enumerate(turns)]
    return {"id": "x", "turns": said, **more}


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    """Every source, a few lines each."""
    root = tmp_path_factory.mktemp("data")
    for split, count in (("train", 48), ("valid", 36), ("test", 12)):
        write_csv(root / "empathetic_dialogues" / f"{split}.csv.gz", empathetic(count))
    daily = {
        "dialog": [
            "I \N{RIGHT SINGLE QUOTATION MARK} m sad , you know .",
            "Why are you sad ?",
            "My cat left .",
            "Oh , poor cat .",
        ],
        "act": [1, 2, 1, 1],
        "emotion": [5, 0, 5, 5],
    }
    for split in ("train", "validation", "test"):
        copies = [daily, {**daily, "train_overlap": 0.9}]
        write_jsonl(root / "dailydialog" / f"{split}.jsonl.gz", copies)
    write_jsonl(root / "esconv" / "train.jsonl.gz", supported())
    extra = root / "dialogue_extra"
    for name in ("dream", "simple_daily", "self_dialogue", "cmu_dog"):
        write_jsonl(extra / name / "train.jsonl.gz", [chat(), chat(rating=1)])
    for split in ("valid", "test"):
        write_jsonl(extra / "topical_chat" / f"{split}.jsonl.gz", [chat()])
    answer = "It is normal to feel low. " + "There is much more to say about it. " * 9
    rows = [{"questionText": "Why am I sad?", "answerText": answer}]
    write_csv(extra / "counsel_chat" / "train.csv.gz", rows)
    return root


@pytest.fixture(scope="session")
def pieces() -> Any:
    """A tokenizer of a few hundred pieces."""
    return train_tokenizer(
        [*REPLIES, "i feel sad today thank you for asking", "so happy"] * 3, size=400
    )


@pytest.fixture
def tiny_t5(pieces) -> Any:
    """A random T5 of one layer that knows ``pieces``."""
    torch.set_num_threads(1)
    return new_network(pieces, width=64, layers=1, seed=0)
