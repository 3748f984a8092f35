from __future__ import annotations

import pytest

from emotibot_models.wording import even, finished, sentences, whole_sentences


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("  i  dont know ", "I don't know"),
        ("IM SO ANGRY", "I'm so angry"),
        ("that\N{RIGHT SINGLE QUOTATION MARK}s it .", "That's it."),
        ("really ? no way!!!", "Really? No way!"),
        ("hm......", "Hm..."),
        ("yes,it is", "Yes, it is"),
        ("\N{LATIN SMALL LETTER DOTLESS I} see", "\N{LATIN SMALL LETTER DOTLESS I} see"),
        ("'im' and im_", "'Im' and im_"),
        ("", ""),
    ],
    ids=["slips", "shouting", "quotes", "blanks", "dots", "comma", "no_i", "quoted", "nothing"],
)
def test_everyday_writing_is_made_even(typed, written):
    assert even(typed) == written


def test_even_text_stays_as_it_is():
    line = 'Dr. Who said "I\'m here" at 3.30. OK?'
    assert even(even(line)) == even(line)


def test_sentences_keep_their_endings():
    assert sentences("Oh no! Why? Because") == ["Oh no!", "Why?", "Because"]


def test_only_whole_sentences_fit_a_limit():
    assert whole_sentences("One two. Three four. Five.", limit=20) == "One two. Three four."
    assert whole_sentences("A sentence that is too long.", limit=10) == ""


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("That is great. I hope you", "That is great."),
        ("I hope you are well", "I hope you are well."),
        ("Well,", "Well."),
        ("Why?", "Why?"),
        ("", ""),
    ],
    ids=["cut", "stopped", "comma", "whole", "nothing"],
)
def test_a_reply_ends_where_a_sentence_ends(said, whole):
    assert finished(said) == whole
