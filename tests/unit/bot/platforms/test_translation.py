"""Foreign errors become ours at the border."""

from __future__ import annotations

import traceback

import pytest

from bot.errors import PlatformRejected, PlatformUnavailable
from bot.platforms.translation import translated

RULES = {
    OSError: lambda exc: PlatformUnavailable("away"),
    PermissionError: lambda exc: PlatformRejected("no"),
}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [(OSError, PlatformUnavailable), (ConnectionError, PlatformUnavailable)],
    ids=["the class itself", "a class below it"],
)
def test_the_rule_of_a_base_class_holds_for_what_is_below_it(theirs, ours):
    with pytest.raises(ours), translated(RULES):
        raise theirs


def test_the_nearest_base_class_wins():
    with pytest.raises(PlatformRejected), translated(RULES):
        raise PermissionError


def test_what_has_no_rule_passes_unchanged():
    with pytest.raises(KeyError), translated(RULES):
        raise KeyError("x")


def test_their_message_stays_out_of_the_traceback():
    with pytest.raises(PlatformUnavailable) as caught, translated(RULES):
        raise OSError("https://example.org/bot-token")
    assert "bot-token" not in "".join(traceback.format_exception(caught.value))
