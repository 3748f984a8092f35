"""One reader a data set: its own file format in, examples out."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from emotibot_models.types import NEUTRAL, Emotion, Intent
from emotibot_models.wording import QUOTES
from training.response.examples import Example, from_turns
from training.runs.dailydialog import read_daily
from training.runs.empathetic import read_empathetic
from training.runs.errors import DataError
from training.runs.lines import read_records

SITUATIONS: Mapping[str, str] = {
    "afraid": Emotion.FEAR,
    "angry": Emotion.ANGER,
    "annoyed": Emotion.ANNOYANCE,
    "anticipating": Emotion.EXCITEMENT,
    "anxious": Emotion.NERVOUSNESS,
    "apprehensive": Emotion.NERVOUSNESS,
    "ashamed": Emotion.EMBARRASSMENT,
    "caring": Emotion.CARING,
    "confident": Emotion.OPTIMISM,
    "content": Emotion.JOY,
    "devastated": Emotion.GRIEF,
    "disappointed": Emotion.DISAPPOINTMENT,
    "disgusted": Emotion.DISGUST,
    "embarrassed": Emotion.EMBARRASSMENT,
    "excited": Emotion.EXCITEMENT,
    "faithful": Emotion.LOVE,
    "furious": Emotion.ANGER,
    "grateful": Emotion.GRATITUDE,
    "guilty": Emotion.REMORSE,
    "hopeful": Emotion.OPTIMISM,
    "impressed": Emotion.ADMIRATION,
    "jealous": Emotion.DESIRE,
    "joyful": Emotion.JOY,
    "lonely": Emotion.SADNESS,
    "nostalgic": NEUTRAL,
    "prepared": Emotion.OPTIMISM,
    "proud": Emotion.PRIDE,
    "sad": Emotion.SADNESS,
    "sentimental": Emotion.LOVE,
    "surprised": Emotion.SURPRISE,
    "terrified": Emotion.FEAR,
    "trusting": Emotion.APPROVAL,
}
"""EmpatheticDialogues' 32 situations as labels of ours."""

TROUBLES: Mapping[str, str] = {
    "anger": Emotion.ANGER,
    "anxiety": Emotion.NERVOUSNESS,
    "depression": Emotion.SADNESS,
    "disgust": Emotion.DISGUST,
    "fear": Emotion.FEAR,
    "guilt": Emotion.REMORSE,
    "jealousy": Emotion.DESIRE,
    "nervousness": Emotion.NERVOUSNESS,
    "pain": Emotion.GRIEF,
    "sadness": Emotion.SADNESS,
    "shame": Emotion.EMBARRASSMENT,
}
"""ESConv's emotion types as labels of ours."""

DAILY_EMOTIONS = (
    NEUTRAL,
    Emotion.ANGER,
    Emotion.DISGUST,
    Emotion.FEAR,
    Emotion.JOY,
    Emotion.SADNESS,
    Emotion.SURPRISE,
)
DAILY_QUESTION = 2
POSITIVE = frozenset(
    {
        *("admiration", "amusement", "approval", "caring", "excitement", "gratitude", "joy"),
        *("love", "optimism", "pride", "relief"),
    }
)
_CHEER = re.compile(
    r"!|\b(great|awesome|amazing|wonderful|congrat\w*|fantastic|glad|nice|cool|exciting|good)\b",
    re.IGNORECASE,
)
STRATEGIES: Mapping[str, Intent] = {
    "Question": Intent.ASK,
    "Restatement or Paraphrasing": Intent.REFLECT,
    "Reflection of feelings": Intent.REFLECT,
    "Affirmation and Reassurance": Intent.REASSURE,
    "Providing Suggestions": Intent.SUGGEST,
}
COUNSEL_LIMIT = 140


def empathetic_dialogues(data: Path, split: str) -> Iterator[Example]:
    """Listener replies of EmpatheticDialogues (Rashkin et al., 2019): train, valid or test."""
    for row, example in _empathetic(data, split, "empathetic_dialogues"):
        if row["actor"] == "listener":
            emotion = SITUATIONS.get(row["context"], NEUTRAL)
            intent = listener_intent(row["auto_label"], emotion, example.reply)
            yield replace(example, emotion=emotion, intent=intent)


def empathetic_speakers(data: Path, split: str) -> Iterator[Example]:
    """What the speakers answer to their listeners: no empathy, and the same language."""
    for row, example in _empathetic(data, split, "empathetic_speakers"):
        if row["actor"] != "listener":
            yield example


def _empathetic(data: Path, split: str, source: str) -> Iterator[tuple[Mapping[Any, Any], Example]]:
    """Every answer of a split, with the row of its first turn."""
    columns = ("conv_id", "context", "actor", "utterance", "auto_label")
    table = read_empathetic(data, split, columns)
    for _, group in groupby(table.to_dict("records"), key=lambda row: row["conv_id"]):
        rows = list(group)
        turns = [(row["actor"], row["utterance"]) for row in rows]
        for place, example in from_turns(turns, source=source):
            yield rows[place], example


def listener_intent(label: str, emotion: str, reply: str) -> Intent | None:
    """What a listener's turn sets out to do, from its label and the mood of the situation."""
    if label == "acknowledging" and emotion in POSITIVE and _CHEER.search(reply):
        return Intent.CELEBRATE
    plain = {
        "questioning": Intent.ASK,
        "acknowledging": Intent.REFLECT,
        "sympathizing": Intent.REFLECT,
        "consoling": Intent.REASSURE,
        "encouraging": Intent.REASSURE,
        "suggesting": Intent.SUGGEST,
    }
    if label in plain:
        return plain[label]
    if emotion in POSITIVE and _CHEER.search(reply):
        return Intent.CELEBRATE
    return {"agreeing": Intent.REFLECT, "wishing": Intent.REASSURE}.get(label)


def daily_dialog(data: Path, split: str) -> Iterator[Example]:
    """DailyDialog (Li et al., 2017), detokenised, split train, validation or test."""
    for dialogue in read_daily(data, split):
        turns = [(str(n % 2), detokenised(text)) for n, text in enumerate(dialogue.turns)]
        for place, example in from_turns(turns, source="dailydialog"):
            emotion = DAILY_EMOTIONS[dialogue.emotions[place - 1]]
            asks = dialogue.acts[place] == DAILY_QUESTION and example.reply.endswith("?")
            yield replace(example, emotion=emotion, intent=Intent.ASK if asks else None)


def detokenised(text: str) -> str:
    """DailyDialog's text without the blanks that its tokenizer left."""
    line = text.translate(QUOTES)
    line = re.sub(r"(\w)\s*'\s*(s|t|m|d|re|ve|ll)\b", r"\1'\2", line, flags=re.IGNORECASE)
    line = re.sub(r"\s+([,.!?;:%)])", r"\1", line)
    line = re.sub(r"([$(])\s+", r"\1", line)
    return re.sub(r"([.!?])(?=[A-Za-z])", r"\1 ", line).strip()


def esconv(data: Path, split: str) -> Iterator[Example]:
    """Supporter replies of ESConv (Liu et al., 2021); ``dev`` is every tenth dialogue of train."""
    path = data / "esconv" / "train.jsonl.gz"
    for number, record in enumerate(read_records(path, ("dialog", "emotion_type"))):
        if (number % 10 == 0) != (split != "train"):
            continue
        turns = [(turn["speaker"], turn["text"]) for turn in record["dialog"]]
        emotion = TROUBLES.get(record["emotion_type"].lower(), NEUTRAL)
        for place, example in from_turns(turns, source="esconv"):
            turn = record["dialog"][place]
            if turn["speaker"] == "sys":
                intent = STRATEGIES.get(turn.get("strategy", ""))
                yield replace(example, emotion=emotion, intent=intent)


def plain(folder: str, file: str) -> Callable[[Path], Iterator[Example]]:
    """A reader for one of the ``turns`` files under ``dialogue_extra``."""

    def read(data: Path) -> Iterator[Example]:
        path = data / "dialogue_extra" / folder / file
        for record in read_records(path, ("turns",)):
            if record.get("rating") == 1:
                continue
            turns = [(turn["speaker"], turn["text"]) for turn in record["turns"]]
            for _, example in from_turns(turns, source=folder):
                asks = example.reply.endswith("?")
                yield replace(example, intent=Intent.ASK if asks else None)

    return read


def counsel_chat(data: Path, split: str) -> Iterator[Example]:
    """The first sentences of counsellors' answers (Bertagnolli, 2020), split train, val or test."""
    path = data / "dialogue_extra" / "counsel_chat" / f"{split}.csv.gz"
    for row in _rows(path, ("questionText", "answerText")):
        turns = [("person", row["questionText"]), ("counsellor", row["answerText"])]
        for _, example in from_turns(turns, source="counsel_chat", reply_limit=COUNSEL_LIMIT):
            yield example


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    with _open(path) as file:
        reader = csv.DictReader(file)
        _require(path, columns, reader.fieldnames or ())
        yield from reader


def _require(path: Path, wanted: tuple[str, ...], found: Any) -> None:
    for name in wanted:
        if name not in found:
            raise DataError(f"{path} has no column {name!r}; it has {', '.join(map(str, found))}.")


def _open(path: Path) -> Any:
    if not path.is_file():
        raise DataError(f"{path} is missing; see the README of the data folder.")
    return gzip.open(path, "rt", encoding="utf-8", newline="")
