"""Marks are taken out as Telegram does, or refused."""

from __future__ import annotations

import pytest

from bot.loopback.formatting import MARKDOWN, FormattingError, check, plain, units


@pytest.mark.parametrize(
    ("text", "mode", "left"),
    [
        ("*not* _marked_ [at all.", "", "*not* _marked_ [at all."),
        ("*so* _sad_ `x`", MARKDOWN, "so sad x"),
        ("*_both_*", MARKDOWN, "both"),
        ("1\\. \\*star\\*", MARKDOWN, "1. *star*"),
    ],
)
def test_what_is_left_is_the_text(text, mode, left):
    assert plain(text, mode) == left


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("*open", MARKDOWN, "can't find end"),
        ("*_crossed*_", MARKDOWN, "can't find end"),
        ("a full stop.", MARKDOWN, "'.' is reserved"),
        ("<b>x</b>", "HTML", "unsupported parse_mode"),
    ],
)
def test_marks_that_cannot_be_read_are_refused(text, mode, said):
    with pytest.raises(FormattingError, match=said):
        plain(text, mode)


def test_an_emoji_has_two_units():
    assert units("a😀") == 3


def test_an_entity_stays_within_its_text():
    check("a😀", [{"offset": 1, "length": 2}])
    for first, length in ((1, 3), (-1, 2), (0, 0)):
        with pytest.raises(FormattingError, match="BOUNDS"):
            check("a😀", [{"offset": first, "length": length}])
