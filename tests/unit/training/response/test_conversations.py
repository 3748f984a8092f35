from __future__ import annotations

from collections import Counter
from datetime import date

from emotibot_models.scripted import ScriptedPipeline
from training.response.conversations import Conversation, as_markdown, hold, load

TALK = [Conversation("joy", ("I won!", "A bike!")), Conversation("one word", ("hm",))]


class Listening(ScriptedPipeline):
    """Keeps what it was asked."""

    def __init__(self):
        super().__init__()
        self.heard = []

    def run(self, turns):
        self.heard += turns
        return super().run(turns)


def test_there_are_thirty_conversations_of_four_turns_of_many_kinds():
    conversations = load()
    assert Counter(len(c.says) for c in conversations) == {4: 30}
    assert len({c.kind for c in conversations}) >= 12
    assert max(len(c.says[0]) for c in conversations) > 800


def test_each_answer_knows_what_went_before_in_its_own_conversation():
    pipeline = Listening()
    told = hold(pipeline, TALK)
    assert [len(results) for results in told] == [2, 1]
    second = next(turn for turn in pipeline.heard if turn.text == "A bike!")
    assert [(line.speaker, line.text) for line in second.history] == [
        ("person", "I won!"),
        ("bot", told[0][0].response),
    ]


def test_what_was_said_stands_on_paper_unedited_with_its_reading_and_source():
    told = hold(ScriptedPipeline(), TALK)
    made_by = {"weights": {"response": "abc"}, "revision": "commit 123"}
    text = as_markdown(TALK, told, on=date(2026, 11, 26), **made_by)
    assert text.startswith("# 2 conversations, unedited\n\nMade on 2026-11-26 ")
    assert "at commit 123, seed" in text
    assert "response `abc`" in text
    assert "## 1. Joy\n\n- **Person:** I won!\n- **EmotiBot:** " in text
    assert "## 2. One word" in text
    for results in told:
        for result in results:
            source = result.reply_source.value
            assert f"{result.response} _({result.fused.primary}, {source})_" in text
