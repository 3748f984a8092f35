from __future__ import annotations

import pytest

from training.response.overlap import overlap


def test_the_same_words_overlap_wholly_and_others_not_at_all():
    same = overlap(["that sounds really hard"], ["That sounds really hard"])
    assert same["rouge_l"] == 1.0
    assert same["bleu"] == pytest.approx(100.0)
    assert overlap(["what happened"], ["so glad for you"])["rouge_l"] == 0.0


def test_a_missing_reply_counts_as_no_overlap():
    assert overlap(["", "i am sorry"], ["oh no", "i am sorry"])["rouge_l"] == 0.5
