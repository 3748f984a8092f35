from __future__ import annotations

from emotibot_models.scripted import ScriptedPipeline
from emotibot_models.types import FusionSource, TurnInput


def test_it_reads_cues_and_answers_in_order():
    results = ScriptedPipeline().run([TurnInput(text="I am sad"), TurnInput(text="so happy")])
    assert [r.fused.primary for r in results] == ["sadness", "joy"]
    assert results[0].response == "I hear you: I am sad"


def test_a_picture_is_a_happy_face():
    [result] = ScriptedPipeline().run([TurnInput(text="", image=b"x")])
    assert result.fused.source is FusionSource.IMAGE_ONLY


def test_the_answer_can_be_scripted():
    [result] = ScriptedPipeline(lambda turn: turn.text.upper()).run([TurnInput(text="hi")])
    assert result.response == "HI"
