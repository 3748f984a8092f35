from __future__ import annotations

import re

from bot.platforms.web.theme import HEAD, STYLE, theme
from emotibot_models.emotion_groups import EmotionGroup


def test_every_group_of_emotions_has_a_colour_for_light_and_dark():
    for group in EmotionGroup:
        assert len(re.findall(rf"--eb-{group}: #", STYLE)) == 2
        assert f".eb-{group} {{ --eb-tone" in STYLE


def test_nothing_is_fetched_for_the_looks():
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert "http" not in HEAD.replace("http%3A//www.w3.org/2000/svg", "")
    assert not theme()._font_css
    assert theme()._stylesheets == []
