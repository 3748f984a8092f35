"""Every adapter fits what the conversation needs."""

from __future__ import annotations

from bot.conversation.ports import Repeat


def test_the_ways_to_repeat_are_three():
    assert {way.value for way in Repeat} == {"safe", "once", "never"}
