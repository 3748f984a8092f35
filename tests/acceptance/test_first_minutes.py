"""Somebody new on each platform, from the notice to the erasure, as the transcript shows it."""

from __future__ import annotations

import pytest

from bot import texts
from docs import first_minutes
from emotibot_models.scripted import ScriptedPipeline


@pytest.mark.parametrize("visit", [first_minutes.on_telegram, first_minutes.on_discord])
async def test_the_first_minutes_go_from_the_notice_to_the_erasure(tmp_path, visit):
    lines = await visit(tmp_path, ScriptedPipeline(), first_minutes.portrait())
    answers = [line for line in lines if line.startswith("**EmotiBot")]
    said = [" ".join(line.replace("\n>", " ").split()) for line in answers]
    expected = [
        " ".join(texts.notice(30).split()),
        "[Yes] [Not this one] [Never]",
        "reads as happy",
        "I hear you: But I am scared",
        "your last message here reads",
        ".png" if visit is first_minutes.on_discord else "a picture",
        ".json",
        "[Erase everything]",
        "lines of our conversation",
    ]
    assert len(said) == len(expected)
    for answer, part in zip(said, expected, strict=True):
        assert part in answer
