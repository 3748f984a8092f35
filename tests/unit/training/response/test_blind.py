"""A blind reading hides who wrote what, and is counted fairly."""

from __future__ import annotations

import json

import pytest

from emotibot_models.scripted import ScriptedPipeline
from training.response import blind
from training.runs.errors import DataError


@pytest.fixture
def drawn(tmp_path, data):
    out = tmp_path / "reading"
    blind.draw(data, ScriptedPipeline(), out)
    return out


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def judge(out, better):
    lines = [
        json.dumps({"number": k["number"], "better": better(k)}) for k in rows(out / blind.KEY)
    ]
    (out / blind.VERDICTS).write_text("\n".join(lines))


def test_the_sheet_shows_both_replies_and_not_whose_they_are(drawn):
    sheet, key = rows(drawn / blind.SHEET), rows(drawn / blind.KEY)
    assert [row["number"] for row in sheet] == [row["number"] for row in key]
    for shown, kept in zip(sheet, key, strict=True):
        assert set(shown) == {"number", "context", "A", "B"}
        assert shown[kept["bot"]] == kept["reply"]
    assert {row["set"] for row in key} == {"empathetic_dialogues", "dailydialog"}
    assert "tie" in (drawn / blind.RUBRIC_FILE).read_text()


def test_the_same_sheet_is_drawn_again(drawn, tmp_path, data):
    blind.draw(data, ScriptedPipeline(), tmp_path / "again")
    assert (tmp_path / "again" / blind.SHEET).read_text() == (drawn / blind.SHEET).read_text()


@pytest.mark.parametrize(
    ("better", "share"),
    [
        (lambda k: k["bot"], 1.0),
        (lambda k: "tie", 1.0),
        (lambda k: "B" if k["bot"] == "A" else "A", 0.0),
    ],
    ids=["won", "tied", "lost"],
)
def test_verdicts_are_counted_for_the_bot(drawn, better, share):
    judge(drawn, better)
    result = blind.count(drawn)
    assert result.share == share
    assert result.at_least <= share <= result.at_most
    assert result.to_dict()["share"] == share


def test_a_verdict_that_is_none_is_named(drawn):
    judge(drawn, lambda k: "C")
    with pytest.raises(DataError, match="number 1 is judged 'C'"):
        blind.count(drawn)


def test_a_reading_without_verdicts_cannot_be_counted(drawn):
    with pytest.raises(DataError, match=r"verdicts\.jsonl is missing"):
        blind.count(drawn)


def test_the_interval_is_wilsons():
    low, high = blind.interval(25, 100)
    assert (low, high) == (pytest.approx(0.1755, abs=1e-4), pytest.approx(0.343, abs=1e-3))
