from __future__ import annotations

import json

import pytest

from emotibot_models.persona import has_own_life
from emotibot_models.types import Intent
from training.relevance.data import empathetic_pairs
from training.response.composed import COMPOSED, HELD_OUT, TURNS, composed, fingerprint
from training.response.filters import SAME_REPLY


def written(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def pair(talks):
    """A training pair with something said before it."""
    pairs = empathetic_pairs(talks, "train", turns=TURNS)
    return next(pair for pair in pairs if pair.history)


def test_composed_replies_come_with_the_message_they_answer(tmp_path, talks, pair):
    row = {"message": fingerprint(pair.turns), "replies": [["ask", "What did she say?"]]}
    held = row["message"].startswith(HELD_OUT)
    [example] = composed(talks, held_out=held, path=written(tmp_path / "c.jsonl", row))
    assert (example.text, example.history) == (pair.text, pair.history)
    assert (example.reply, example.intent) == ("What did she say?", Intent.ASK)
    assert list(composed(talks, held_out=not held, path=tmp_path / "c.jsonl")) == []


def test_replies_to_messages_of_other_data_are_left_out(tmp_path, talks):
    row = {"message": "ff" * 8, "replies": [["ask", "What did she say?"]]}
    assert list(composed(talks, path=written(tmp_path / "c.jsonl", row))) == []


def test_a_fingerprint_tells_conversations_with_one_message_apart():
    assert fingerprint(["Hello.", "Why?"]) != fingerprint(["No.", "Why?"])


def test_the_replies_on_board_hold_no_words_of_the_data_sets_and_no_life_of_their_own():
    rows = [json.loads(line) for line in COMPOSED.read_text("utf-8").splitlines()]
    assert len(rows) > 10_000
    assert len({row["message"] for row in rows}) == len(rows)
    said = [text for row in rows for _, text in row["replies"]]
    assert {intent for row in rows for intent, _ in row["replies"]} == {*Intent}
    assert not [text for text in said if has_own_life(text)]
    assert max(said.count(text) for text in said[:200]) <= SAME_REPLY
