from __future__ import annotations

from collections import Counter

import pytest

from training.response.examples import Example
from training.response.filters import SAME_REPLY, clean, why_not


def example(reply, text="Hello."):
    return Example(text=text, history=(), reply=reply, source="test")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("See www.example.org for it.", "link"),
        ("What the hell is that?", "profanity"),
        ("Ask for antidepressants.", "advice"),
        ("You could sue them.", "advice"),
        ("The pandemic is hard.", "dated"),
        ("I think Jim is right.", "name"),
        ("Thank you, Mr. Smith.", "name"),
        ("That is <b>bold</b>.", "broken"),
        ("Hi.", "short"),
    ],
)
def test_an_unfit_reply_falls_for_a_reason(reply, reason):
    assert why_not(example(reply)) == reason


def test_a_message_about_self_harm_is_never_learned_from():
    assert why_not(example("I hear you.", text="i want to die")) == "harm"


def test_a_kind_reply_is_fit():
    assert why_not(example("Oh no, I'm sorry. Did it hurt on Monday?")) is None


def test_what_falls_is_counted_by_source_and_reason():
    fallen: Counter[str] = Counter()
    kept = list(clean([example("That is good."), example("Hi."), example("Oh.")], fallen))
    assert [e.reply for e in kept] == ["That is good."]
    assert fallen == {"test:short": 2}


def test_the_same_reply_is_kept_only_so_often():
    fallen: Counter[str] = Counter()
    kept = list(clean([example("That is great!")] * (SAME_REPLY + 3), fallen))
    assert len(kept) == SAME_REPLY
    assert fallen == {"test:repeated": 3}
