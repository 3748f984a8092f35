from __future__ import annotations

import pytest

from emotibot_models.request import intents
from emotibot_models.types import NEUTRAL, Emotion


@pytest.mark.parametrize("emotion", [*Emotion, NEUTRAL])
def test_every_emotion_has_intents(emotion):
    assert len(intents(emotion)) >= 2
