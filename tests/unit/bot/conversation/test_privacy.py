"""A person's own data: told, handed over, erased."""

from __future__ import annotations

import json

import pytest

from bot import texts
from bot.messages import ConversationKey
from bot.storage import people

ANN, BEN = (ConversationKey("fake", "chat", name) for name in ("ann", "ben"))


async def test_privacy_names_what_is_kept_and_for_how_long(ask):
    assert "30 days" in (await ask("/privacy")).body


async def test_forgetting_is_asked_about_first_and_a_no_keeps_everything(ask, read):
    await read()
    asked = await ask("/forget")
    assert "2 lines" in asked.body
    assert [button.says for button in asked.buttons] == ["/forget yes", "/forget no"]
    assert (await ask("/forget no")).body == texts.FORGET_KEPT
    assert "2 lines" in (await ask("/forget")).body


async def test_a_yes_erases_and_says_what(ask, read):
    await read()
    assert "2 lines of our conversation" in (await ask("/forget yes")).body
    assert "0 lines" in (await ask("/forget")).body


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/optout", texts.OPTED_OUT),
        ("/optout yes", texts.OPTED_OUT),
        ("/optout on", texts.OPTED_OUT),
        ("/optout no", texts.OPTED_IN),
        ("/optout off", texts.OPTED_IN),
        ("/optout perhaps", texts.SUMMARIES["optout"]),
    ],
)
async def test_opting_out_takes_a_yes_or_a_no_and_nothing_else_for_either(ask, store, said, answer):
    assert (await ask(said)).body == answer
    async with store.transaction() as tx:
        assert (await people.recall(tx, ANN)).opted_out is (answer == texts.OPTED_OUT)


async def test_my_data_are_a_file_with_my_words_and_nobody_elses(ask, read):
    await read("sadness")
    await read("joy", key=BEN)
    said = await ask("/mydata")
    assert said.file.name.endswith(".json")
    found = json.loads(said.file.data)
    assert [line["text"] for line in found["history"]] == ["words", "reply"]
    assert "ben" not in said.file.data.decode()
