from __future__ import annotations

import gzip
import shutil

import pytest

from emotibot_models.types import Emotion, Intent
from training.response.sources import (
    SITUATIONS,
    counsel_chat,
    daily_dialog,
    detokenised,
    empathetic_dialogues,
    empathetic_speakers,
    esconv,
    listener_intent,
    plain,
)
from training.runs.errors import DataError


def test_only_the_listener_is_learned_from(data):
    examples = list(empathetic_dialogues(data, "train"))
    assert len(examples) == 96
    assert examples[0].text == "i feel sad today"
    assert examples[0].reply == "What happened to you?"
    assert examples[0].emotion == Emotion.SADNESS
    assert examples[0].intent is Intent.ASK
    assert [line.speaker for line in examples[1].history] == ["person", "bot"]


def test_a_speakers_answers_are_language_alone(data):
    examples = list(empathetic_speakers(data, "train"))
    assert {e.reply for e in examples} == {"Thank you for asking."}
    assert all(e.intent is None and e.emotion == "neutral" for e in examples)


def test_every_situation_has_a_label_of_ours():
    assert len(SITUATIONS) == 32
    assert set(SITUATIONS.values()) <= {*Emotion, "neutral"}


@pytest.mark.parametrize(
    ("label", "emotion", "reply", "intent"),
    [
        ("questioning", "joy", "Really?", Intent.ASK),
        ("acknowledging", "joy", "That's great!", Intent.CELEBRATE),
        ("acknowledging", "grief", "That's awful!", Intent.REFLECT),
        ("consoling", "grief", "It will pass.", Intent.REASSURE),
        ("wishing", "joy", "Congratulations!", Intent.CELEBRATE),
        ("wishing", "grief", "I hope it gets better.", Intent.REASSURE),
        ("suggesting", "anger", "Talk to him.", Intent.SUGGEST),
        ("neutral", "anger", "Oh well.", None),
    ],
)
def test_a_listener_label_becomes_an_intent(label, emotion, reply, intent):
    assert listener_intent(label, emotion, reply) is intent


def test_daily_dialog_is_detokenised_and_labelled(data):
    first, second, third = daily_dialog(data, "validation")
    assert (first.text, first.reply) == ("I'm sad, you know.", "Why are you sad?")
    assert first.emotion == Emotion.SADNESS
    assert first.intent is Intent.ASK
    assert second.intent is None
    assert third.reply == "Oh, poor cat."


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("don \N{RIGHT SINGLE QUOTATION MARK} t you know ?", "don't you know?"),
        ("It costs $ 5 .Good .", "It costs $5. Good."),
        ("( yes )", "(yes)"),
    ],
)
def test_blanks_of_the_tokenizer_are_removed(tokens, text):
    assert detokenised(tokens) == text


def test_esconv_is_split_by_dialogue(data):
    train, dev = list(esconv(data, "train")), list(esconv(data, "dev"))
    assert (len(train), len(dev)) == (18, 4)
    assert train[0].intent is Intent.ASK
    assert train[1].intent is Intent.REFLECT
    assert train[1].text == "that i fail and that they laugh"
    assert train[0].emotion == Emotion.NERVOUSNESS


def test_plain_dialogues_leave_poor_ones_out(data):
    examples = list(plain("cmu_dog", "train.jsonl.gz")(data))
    assert [e.reply for e in examples] == [
        "Yes, rain is nice.",
        "Why is that?",
        "It makes the day quiet.",
    ]
    assert examples[1].intent is Intent.ASK


def test_a_counsellors_answer_is_shortened(data):
    [example] = counsel_chat(data, "train")
    assert example.reply.startswith("It is normal to feel low.")
    assert len(example.reply) <= 140


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"train\.csv\.gz or train\.csv is missing"):
        list(empathetic_dialogues(tmp_path, "train"))


def test_a_missing_column_is_named_with_what_was_found(data, tmp_path):
    path = tmp_path / "empathetic_dialogues" / "train.csv.gz"
    path.parent.mkdir()
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("conv_id,situation,actor,utterance,auto_label\n1,sad,speaker,Hi.,neutral\n")
    with pytest.raises(DataError, match=r"no column 'context'; it has \['conv_id', 'situation'"):
        list(empathetic_dialogues(tmp_path, "train"))


def test_a_damaged_line_is_named(data, tmp_path):
    shutil.copytree(data / "dailydialog", tmp_path / "dailydialog")
    path = tmp_path / "dailydialog" / "train.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write('{"dialog": [\n')
    with pytest.raises(DataError, match=r"train\.jsonl\.gz, line 1, is no JSON"):
        list(daily_dialog(tmp_path, "train"))
