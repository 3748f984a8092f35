from __future__ import annotations

import pytest

from emotibot_models.disclosure import asks_whether_human


@pytest.mark.parametrize(
    "text",
    [
        "Are you a real person?",
        "are you human",
        "Wait, are you actually a bot??",
        "r u a robot",
        "Are you ChatGPT?",
        "Are you an AI?",
        "Am I talking to a human?",
        "is this a real person or what",
    ],
)
def test_the_question_is_noticed(text):
    assert asks_whether_human(text)


@pytest.mark.parametrize(
    "text",
    [
        "You are a real friend.",
        "Are you a real friend?",
        "My boss is not human.",
        "Are you sad?",
        "I met a real person today.",
        "How are you?",
    ],
)
def test_other_talk_is_left_alone(text):
    assert not asks_whether_human(text)
