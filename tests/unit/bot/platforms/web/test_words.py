from __future__ import annotations

from bot.platforms.web import words


def test_who_is_next_is_told_that_it_is_thought_about():
    assert words.in_line(0) == words.THINKING


def test_who_waits_is_told_their_place():
    assert "number 3 in the line" in words.in_line(2)
