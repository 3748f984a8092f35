from __future__ import annotations

import pytest

from training.response.examples import Example
from training.response.quality import STOCK, USUAL, strict, telling, vocabulary, worthy

WELL_SPELLED = ("When did it happen?", "That must hurt so much.", "I'm sorry to hear that.")


def example(reply, **more):
    return Example(text="Hi.", history=(), reply=reply, source="test", **more)


def test_stock_phrases_alone_tell_nothing():
    stock = [example("I'm sorry to hear that.")] * (STOCK + 1)
    own = example("I'm sorry to hear that. Did she know?")
    assert telling([*stock, own]) == [own]


def test_strict_leaves_out_a_life_of_its_own():
    told, asked = example("My dog died too."), example("When did it happen?")
    assert strict([told, asked]) == [asked]


def test_words_that_many_write_are_rightly_spelled():
    found = vocabulary([example("It happens.")] * USUAL + [example("It hapens.")])
    assert found == {"it", "happens"}


@pytest.mark.parametrize(
    ("reply", "is_worthy"),
    [
        ("When did it happen?", True),
        ("That must hurt so much.", True),
        ("When did it hapen?", False),
        ("When happen?", False),
        ("I'm so sorry to hear that.", False),
    ],
)
def test_worthy_is_long_enough_rightly_spelled_and_about_something(reply, is_worthy):
    spelled = vocabulary([example(text) for text in WELL_SPELLED] * USUAL)
    assert bool(worthy([example(reply)], spelled)) is is_worthy
