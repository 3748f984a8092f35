from __future__ import annotations

import json

import pytest

from emotibot_models.types import Intent, ReplySource
from training.ranking.data import RATINGS, fingerprint, read_ratings
from training.relevance.data import empathetic_pairs
from training.runs.errors import DataError


@pytest.fixture
def data(talks):
    """The miniature talks, with a validation split of DailyDialog."""
    source = talks / "dailydialog" / "train.jsonl.gz"
    (talks / "dailydialog" / "validation.jsonl.gz").write_bytes(source.read_bytes())
    return talks


def rated(path, data, **changes):
    pair = empathetic_pairs(data, "valid", turns=3)[1]
    row = {
        "set": "empathetic_dialogues",
        "split": "valid",
        "pair": 1,
        "message": fingerprint(pair.turns[-1]),
        "human": 2,
        "candidates": [{"text": "Why?", "source": "bank", "intent": "ask", "rating": 1}],
    }
    path.write_text(json.dumps(row | changes) + "\n")
    return path


def test_a_rating_comes_with_the_message_it_was_given_for(tmp_path, data):
    [row] = read_ratings(data, rated(tmp_path / "r.jsonl", data))
    pair = empathetic_pairs(data, "valid", turns=3)[1]
    assert (row.text, row.human, row.ratings) == (pair.turns[-1], 2.0, (1.0,))
    assert [line.speaker for line in row.history] == ["person", "bot"]
    [candidate] = row.candidates
    assert (candidate.source, candidate.intent) == (ReplySource.BANK, Intent.ASK)


@pytest.mark.parametrize("change", [{"message": "000000000000"}, {"pair": 99_999}], ids=str)
def test_another_edition_of_the_data_is_refused(tmp_path, data, change):
    with pytest.raises(DataError, match="does not hold at place"):
        read_ratings(data, rated(tmp_path / "r.jsonl", data, **change))


def test_the_ratings_on_board_hold_no_words_of_the_data_sets():
    rows = [json.loads(line) for line in RATINGS.read_text("utf-8").splitlines()]
    assert len(rows) == 22_356
    assert {frozenset(row) for row in rows} == {
        frozenset({"set", "split", "pair", "message", "human", "candidates"})
    }
    assert {c["rating"] for row in rows for c in row["candidates"]} == {0, 1, 2, 3}
