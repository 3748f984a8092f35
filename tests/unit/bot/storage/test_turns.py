"""A turn keeps to itself what was said, and pieces of one message become that message."""

from __future__ import annotations

import pytest

from bot import texts
from bot.messages import ConversationKey
from bot.storage.turns import InboxState, Turn, joined


def turn(number: int, **more) -> Turn:
    given = {
        "key": ConversationKey("fake", "chat", "ann"),
        "message_id": str(number),
        "seq": number,
        "state": InboxState.READY,
        "text": f"piece {number}",
        "photo": None,
        "locale": "",
        "attempts": 1,
    }
    return Turn(id=number, **given | more)


@pytest.mark.parametrize("part", ["text", "photo", "image", "pieces", "mood"])
def test_a_turn_does_not_show_what_was_said(part):
    assert f"{part}=" not in repr(turn(1))


def test_one_piece_is_the_message():
    alone = turn(1)
    assert joined([alone]) is alone


def test_pieces_become_the_last_of_them_with_all_that_was_said():
    first, last = turn(1, attempts=3, note="Too dark."), turn(2, image=b"p", note="Too dark.")
    whole = joined([first, last])
    assert (whole.id, whole.text, whole.image) == (2, "piece 1\npiece 2", b"p")
    assert (whole.attempts, whole.note, whole.pieces) == (3, "Too dark.", (first,))


def test_a_turn_speaks_the_language_of_its_person():
    [english, german] = [turn(1, locale=locale).say for locale in ("en", "de")]
    assert english(texts.FEEDBACK_BAD) == texts.FEEDBACK_BAD
    assert german(texts.FEEDBACK_BAD) != texts.FEEDBACK_BAD
