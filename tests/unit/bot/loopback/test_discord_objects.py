from __future__ import annotations

from bot.loopback import discord_objects as objects


def test_every_button_and_row_gets_a_number_of_its_own():
    row = {"type": 1, "components": [{"type": 2, "label": "Yes"}, {"type": 2, "label": "No"}]}
    [numbered] = objects.numbered([row])
    numbers = [numbered["id"], *(button["id"] for button in numbered["components"])]
    assert len(set(numbers)) == 3
    assert "id" not in row


def test_buttons_of_two_rows_share_no_number():
    rows = objects.numbered([{"type": 1, "components": [{"type": 2}]}] * 2)
    numbers = [part["id"] for row in rows for part in (row, *row["components"])]
    assert len(set(numbers)) == 4


def test_what_the_bot_sees_of_itself_is_what_others_see_and_more():
    assert objects.MYSELF.items() > objects.ME.items()
