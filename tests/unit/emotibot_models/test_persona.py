from __future__ import annotations

import pytest

from emotibot_models.persona import has_own_life


@pytest.mark.parametrize(
    "reply",
    [
        "My wife said the same.",
        "I have a dog too.",
        "Yes, I am. How about you?",
        "No, I don't.",
        "I was born there.",
        "Me too!",
        "I've been through that.",
        "We should go together.",
        "I'm going to bed.",
        "I will pray for you.",
        "So did I.",
        "I know exactly how you feel.",
        "I can relate to that.",
        "I stayed in such a house.",
        "When I was young I failed a test.",
        "I work as a nurse.",
        "I went there last year.",
        "Same here, I hate Mondays.",
        "My boss is like that too.",
        "I had a similar experience.",
        "I love that show!",
        "My kids do that all the time.",
    ],
)
def test_a_life_of_its_own_is_noticed(reply):
    assert has_own_life(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "I'm so sorry to hear that.",
        "My condolences.",
        "That must hurt. What happened?",
        "I am glad you told somebody.",
        "I hope it gets better soon.",
        "Congratulations, you earned it!",
        "Did your dog get well?",
        "I'm sorry for your loss.",
        "I can imagine how hard that was.",
        "That sounds lovely!",
    ],
)
def test_compassion_needs_no_life_of_its_own(reply):
    assert not has_own_life(reply)
