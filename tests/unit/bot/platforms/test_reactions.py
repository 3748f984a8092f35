"""A thumb says something about a reply, and nothing else does."""

from __future__ import annotations

from bot.platforms.reactions import THUMBS


def test_a_thumb_points_up_or_down():
    assert THUMBS == {"👍": True, "👎": False}
