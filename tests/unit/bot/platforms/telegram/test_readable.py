"""An update that cannot be read is reduced to its number; the others stay as they are."""

from __future__ import annotations

import json

import pytest
from structlog.testing import capture_logs
from telegram.error import TelegramError

from bot.platforms.telegram.readable import UpdatesRequest, readable

PLAIN = {
    "update_id": 1,
    "message": {"message_id": 7, "date": 1, "chat": {"id": 42, "type": "private"}, "text": "hi"},
}
STRANGE = {"update_id": 2, "message": {"text": "a private thing"}}


def parsed(answer):
    return UpdatesRequest.parse_json_payload(json.dumps(answer).encode())


def test_what_can_be_read_stays_as_it_is():
    assert parsed({"ok": True, "result": [PLAIN]})["result"] == [PLAIN]


def test_what_cannot_be_read_leaves_its_number_and_none_of_its_words():
    with capture_logs() as lines:
        assert parsed({"ok": True, "result": [STRANGE, PLAIN]})["result"] == [
            {"update_id": 2},
            PLAIN,
        ]
    assert "private" not in str(lines)
    assert lines[0]["error"] == "KeyError"


def test_an_answer_without_updates_is_left_alone():
    refusal = {"ok": False, "error_code": 409, "description": "Conflict"}
    assert parsed(refusal) == refusal


def test_an_answer_that_is_no_json_is_an_error_of_the_library():
    with pytest.raises(TelegramError):
        UpdatesRequest.parse_json_payload(b"<html>")


@pytest.mark.parametrize("update", [{}, [], "text", 7])
def test_what_has_no_number_is_no_update(update):
    with pytest.raises((KeyError, TypeError)):
        readable(update)
