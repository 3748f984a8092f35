"""What a turn costs beside its networks is measured with each network asked once."""

from __future__ import annotations

import pytest

from bot.bench import turns
from emotibot_models.flow import Stage
from emotibot_models.pipeline import Pipeline


class Reads:
    """Reads each text and remembers which; there is nothing else to a turn."""

    on_gpu = False

    def __init__(self) -> None:
        self.texts = []
        self.models = {Stage.TEXT: self.read}

    def read(self, texts):
        self.texts += texts
        return texts

    async def turn(self, turn, ask):
        return await ask(Stage.TEXT, turn.text)


def test_the_same_is_worked_out_once():
    asked = []

    def doubled(items):
        asked.extend(items)
        return [2 * item for item in items]

    run = turns.remembered(doubled)
    assert run([1, 2, 1]) == [2, 4, 2]
    assert run([2, 3]) == [4, 6]
    assert asked == [1, 2, 3]


def test_every_case_is_measured_in_every_round_and_not_the_first(monkeypatch):
    reads = Reads()
    monkeypatch.setattr(Pipeline, "load", lambda *_, **__: reads)
    report = turns.measure(rounds=2, callers=(1, 3), turns=4)
    assert len(report.rows) == len(report.figures["processor_ms"]) == 8
    assert all(took > 0 for took in report.figures["processor_ms"].values())
    assert sorted(reads.texts) == sorted([*turns.MESSAGES[:4]] * 2)  # once a side


@pytest.mark.parametrize("before", [0, 3])
def test_a_message_in_a_conversation_has_as_much_before_it(before):
    [first, second] = turns._turns(2, before)
    assert [line.speaker for line in first.history] == ["person", "bot"] * before
    assert (first.text, second.text) == turns.MESSAGES[:2]
    if before:
        assert second.history[-2].text == first.text
