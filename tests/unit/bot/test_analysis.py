from __future__ import annotations

import json

import pytest

from bot.analysis import Options, analyze_lines
from emotibot_models.scripted import ScriptedPipeline
from emotibot_models.types import Line, TurnInput


class Recorder(ScriptedPipeline):
    """Remembers the batches it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[TurnInput]] = []

    def run(self, turns):
        self.batches.append(turns)
        return super().run(turns)


def answers(*lines: str, options: Options | None = None) -> list[dict]:
    return [json.loads(a) for a in analyze_lines(ScriptedPipeline(), lines, options or Options())]


def test_results_come_in_the_order_of_the_lines():
    out = answers(*(json.dumps({"text": f"message {i}"}) for i in range(70)))
    assert [o["user_input"]["text"] for o in out] == [f"message {i}" for i in range(70)]


def test_lines_are_batched():
    recorder = Recorder()
    list(analyze_lines(recorder, ['{"text": "a"}'] * 70, Options()))
    assert [len(b) for b in recorder.batches] == [32, 32, 6]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[]", "expected an object"),
        ("{}", "text is missing"),
        ('{"text": 3}', "text must be a string"),
        ('{"text": "a", "image": 3}', "image must be a path or null"),
        ('{"text": "a", "image": "/nowhere.jpg"}', "image cannot be read"),
        ('{"text": "a", "history": 3}', "history must be a list"),
        ('{"text": "a", "history": [3]}', "history holds strings"),
    ],
)
def test_a_bad_line_is_answered_by_an_error_and_the_others_by_results(line, said):
    first, bad, last = answers('{"text": "a"}', line, '{"text": "b"}')
    assert said in bad["error"]
    assert (first["user_input"]["text"], last["user_input"]["text"]) == ("a", "b")


def test_an_error_does_not_repeat_what_was_said():
    [bad] = answers('{"text": "my secret", "image": "/home/me/secret.jpg"}')
    assert "secret" not in bad["error"]


def test_blank_lines_are_skipped():
    assert len(answers('{"text": "a"}', "", "  \n")) == 1


def test_no_reply_leaves_the_response_empty():
    [out] = answers('{"text": "a"}', options=Options(reply=False))
    assert out["response"] == ""


def test_history_may_be_strings_by_turns_or_objects():
    recorder = Recorder()
    lines = [
        json.dumps({"text": "x", "history": ["hi", "hello", "I won", "great"]}),
        json.dumps({"text": "x", "history": [{"speaker": "person", "text": "hi"}]}),
    ]
    list(analyze_lines(recorder, lines, Options()))
    by_turns, by_name = (turn.history for turn in recorder.batches[0])
    assert [line.speaker for line in by_turns] == ["person", "bot", "person", "bot"]
    assert by_name == (Line("person", "hi"),)


def test_an_image_is_read_from_its_path(tmp_path):
    (tmp_path / "me.jpg").write_bytes(b"picture")
    [out] = answers(json.dumps({"text": "", "image": str(tmp_path / "me.jpg")}))
    assert out["user_input"]["has_image"] is True
