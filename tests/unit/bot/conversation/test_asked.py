"""A command, and what it carries."""

from __future__ import annotations

from bot.conversation.asked import told


def test_what_is_told_waits_for_nothing():
    said = told("hello")
    assert (said.body, said.urgent, said.introduces) == ("hello", True, True)
