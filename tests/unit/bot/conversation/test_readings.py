"""What was read is shown as it was, and can be corrected."""

from __future__ import annotations

from bot import texts
from bot.messages import ConversationKey

BEN = ConversationKey("fake", "chat", "ben")


async def test_without_a_message_there_is_nothing_to_show(ask, read):
    await read(key=BEN)
    assert (await ask("/analyze")).body == texts.ANALYZE_NOTHING


async def test_the_newest_reading_is_drawn_in_bars(ask, read):
    await read("joy", at=800.0)
    await read("sadness", face="sad")
    said = await ask("/analyze")
    assert "████████░░ 80% sadness" in said.body
    assert "█████░░░░░ 50% face: sad" in said.body
    assert "that reads as sadness" in said.body
    assert "joy" not in said.body


async def test_no_emotion_is_said_as_such(ask, read):
    await read("neutral")
    assert texts.ANALYZE_NO_EMOTION in (await ask("/analyze")).body


async def test_a_reading_can_be_called_wrong(ask, read):
    await read()
    [button] = (await ask("/analyze")).buttons
    assert button.says == "/feedback felt"


async def test_labels_are_in_the_persons_language(ask, read):
    await read()
    assert "Traurigkeit" in (await ask("/analyze", locale="de")).body
