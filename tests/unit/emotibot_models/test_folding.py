"""Disguises, slang and typing habits all fold to the same plain words."""

from __future__ import annotations

import pytest

from emotibot_models.folding import LIMIT, fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("I\u2019m FINE", "i am fine"),
        ("I can't", "i can not"),
        ("i wont", "i will not"),
        ("wanna", "want to"),
        ("want 2 die", "want to die"),
        ("k1ll", "kill"),
        ("k*ll my self", "kill myself"),
        ("su!c1de", "suicide"),
        ("d i e n o w", "dienow"),
        ("s.u.i.c.i.d.e", "suicide"),
        ("dieeeee", "die"),
        ("killll", "kill"),
        ("k\u0456ll", "kill"),
        ("kms", "kill myself"),
        ("5 kms away", "5 kms away"),
        ("möchte", "mochte"),
        ("j'ai", "j ai"),
        ("my friend's here", "my friend is here"),
        ("no one", "nobody"),
        ("I just really want tea", "i want tea"),
        ("One. Two! Three?", "one . two . three ."),
        ("self-harm", "self harm"),
        ("hi \U0001f622 there", "hi there"),
        ("zero\u200bwidth", "zerowidth"),
        ("C3PO has 2 arms", "c3po has 2 arms"),
        ("a_b", "a_b"),
        ("*sigh*", "sigh"),
        ("", ""),
    ],
)
def test_it_folds(text, folded):
    assert fold(text) == folded


def test_other_scripts_keep_their_vowel_signs():
    assert fold("मरना") == "मरना"


def test_of_an_overlong_text_both_ends_are_kept():
    folded = fold("first " + "middle " * LIMIT + "last")
    assert folded.startswith("first")
    assert folded.endswith("last")
    assert len(folded) <= LIMIT + 10
