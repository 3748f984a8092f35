"""Every emotion has exactly one group."""

from __future__ import annotations

from emotibot_models.emotion_groups import GROUP_OF, EmotionGroup
from emotibot_models.types import NEUTRAL, Emotion


def test_all_27_emotions_and_neutral_have_a_group():
    assert set(GROUP_OF) == {*Emotion, NEUTRAL}


def test_every_group_has_members():
    assert set(GROUP_OF.values()) == set(EmotionGroup)


def test_quiet_and_loud_unhappiness_are_told_apart():
    assert GROUP_OF["sadness"] is not GROUP_OF["anger"]
