"""The parts of the Telegram adapter that need no server; the rest is in tests/integration."""

from __future__ import annotations

import pytest

from bot.config import TelegramSettings
from bot.conversation.ports import Repeat
from bot.platforms.telegram import TelegramPlatform


def telegram(**settings):
    return TelegramPlatform("1:x", TelegramSettings(**settings))


@pytest.mark.parametrize(
    ("ambiguous", "repeat"), [("drop", Repeat.NEVER), ("resend_once", Repeat.ONCE)]
)
def test_the_operator_says_what_to_do_with_an_uncertain_message(ambiguous, repeat):
    assert telegram(ambiguous=ambiguous).repeat is repeat


def test_a_reply_is_cut_where_telegram_would_refuse_it():
    parts = telegram().split("\N{GRINNING FACE}" * 2049)
    assert [len(part) for part in parts] == [2048, 1]
