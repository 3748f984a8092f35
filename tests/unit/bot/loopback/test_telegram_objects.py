"""What our Bot API server says is what python-telegram-bot reads."""

from __future__ import annotations

import pytest
from telegram import Update

from bot.loopback import telegram_objects as objects

GROUP = {"id": -1, "type": "group", "title": "Friends"}
SAID = objects.message(7, "hello", {})["message"]


def read(update):
    return Update.de_json({"update_id": 1, **update}, None)


@pytest.mark.parametrize("status", ["member", "left", "kicked", "administrator"])
def test_a_membership_of_every_kind_is_read(status):
    change = read(objects.membership(GROUP, "left", status)).my_chat_member
    assert change.new_chat_member.status == status
    assert change.new_chat_member.user.id == objects.BOT["id"]


def test_a_reaction_changes_from_one_emoji_to_another_or_to_none():
    change = read(objects.reaction(SAID, 42, "👍", "")).message_reaction
    assert [each.emoji for each in change.old_reaction] == ["👍"]
    assert change.new_reaction == ()


def test_a_message_takes_what_it_is_given():
    message = read(objects.message(7, "", {"chat": GROUP, "sticker": None})).message
    assert (message.text, message.chat.id) == (None, -1)


def test_a_press_carries_what_its_button_carries():
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "/yes"}]]}
    query = read(objects.press(3, "Yes", 42, {**SAID, "reply_markup": keyboard})).callback_query
    assert (query.data, query.from_user.id) == ("/yes", 42)


@pytest.mark.parametrize(("administers", "status"), [(True, "administrator"), (False, "member")])
def test_a_member_has_a_rank(administers, status):
    assert objects.member(42, administers=administers)["status"] == status
