"""The names that both engines share."""

from __future__ import annotations

from bot.engine.base import THINK, post_queue


def test_every_platform_has_its_own_queue_beside_the_models():
    assert len({THINK, post_queue("telegram"), post_queue("discord")}) == 3
