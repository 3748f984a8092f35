"""Talking at the demo page: a real Chromium, the whole service, a scripted pipeline."""

from __future__ import annotations

import asyncio
import json

import pytest
from playwright.async_api import expect

from bot import texts
from tests.peers.browser import PHONE, needs_chromium
from tests.peers.demo_server import thought

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]


async def test_a_message_is_answered_and_what_was_read_stands_beside_it(ada):
    await ada.say("I am so happy, thank you")
    await ada.hears("I hear you: I am so happy, thank you")
    panel = await ada.panel()
    assert "This reads as joy" in panel
    assert "90% sure, from your words alone" in panel
    assert panel.index("joy") < panel.index("gratitude")
    assert "✓ passed" in panel
    assert "s in the models" in panel


async def test_nothing_is_asked_of_any_other_machine(ada):
    await ada.say("hello")
    await ada.hears("I hear you: hello")
    assert ada.outside == []


async def test_the_whole_result_can_be_copied_as_json(fresh):
    ada = await fresh(permissions=["clipboard-read", "clipboard-write"])
    await ada.say("I am sad")
    await ada.hears("I hear you: I am sad")
    await ada.page.get_by_role("button", name="The whole result as JSON").click()
    await ada.page.get_by_role("button", name="Copy", exact=True).click()
    await expect(ada.page.get_by_role("button", name="Copied")).to_be_visible()
    result = json.loads(await ada.page.evaluate("navigator.clipboard.readText()"))
    assert result["user_input"] == {"text": "I am sad", "has_image": False}
    assert result["emotion_analysis"]["fused_emotion"]["primary_emotion"] == "sadness"
    assert result["response"] == "I hear you: I am sad"


async def test_over_plain_http_where_there_is_no_clipboard_it_is_copied_all_the_same(fresh):
    ada = await fresh()
    await ada.page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: null})")
    await ada.say("I am sad")
    await ada.hears("I hear you: I am sad")
    await ada.page.get_by_role("button", name="The whole result as JSON").click()
    await ada.page.get_by_role("button", name="Copy", exact=True).click()
    await expect(ada.page.get_by_role("button", name="Copied")).to_be_visible()
    box = ada.page.get_by_label("Your message")
    await box.focus()
    await ada.page.keyboard.press("Control+V")
    assert json.loads(await box.input_value())["response"] == "I hear you: I am sad"


async def test_a_sentence_is_said_with_one_click(ada):
    await ada.page.get_by_role("button", name="The train leaves at nine.").click()
    await ada.hears("I hear you: The train leaves at nine.")


async def test_what_people_write_is_shown_as_text(ada):
    await ada.say("<img src=x onerror=alert(1)> **bold**")
    await ada.hears("I hear you: <img src=x onerror=alert(1)> **bold**")
    assert await ada.page.locator("#eb-chat img[src=x]").count() == 0


async def test_danger_is_met_with_help_and_no_model(ada, folder):
    await ada.say("I want to kill myself")
    await ada.hears("988")
    await expect(ada.page.locator(".eb-panel")).to_contain_text("fixed answer")
    await expect(ada.page.get_by_role("link", name="findahelpline.com")).to_be_visible()
    await expect(ada.page.get_by_text("The whole result as JSON")).to_be_hidden()
    assert thought(folder, "I want to kill myself") == []


async def test_a_long_answer_is_seen_from_its_beginning_and_a_short_one_at_the_end(fresh):
    eve = await fresh(viewport=PHONE)
    await eve.say("I want to kill myself")
    await eve.hears("988")
    await expect(eve.page.get_by_text("I want to kill myself")).to_be_in_viewport()
    await expect(eve.page.get_by_text("Thank you for telling me")).to_be_in_viewport()
    await eve.say("hello")
    await eve.hears("I hear you: hello")
    await expect(eve.page.get_by_text("I hear you: hello")).to_be_in_viewport(ratio=1)


async def test_beyond_the_limit_there_is_a_sentence(ada):
    async with asyncio.timeout(60):
        while texts.SLOW_DOWN not in await ada.page.locator("#eb-chat").inner_text():
            await ada.say("hello")


async def test_a_broken_model_is_a_sentence(ada):
    await ada.say("break")
    await ada.hears(texts.APOLOGY)


async def test_who_waits_longer_than_a_second_sees_their_place_in_the_line(ada, ben, folder):
    await ada.say("please wait")
    await ada.hears("Thinking about it")
    await ben.say("second")
    await ben.hears("You are number 2 in the line")
    (folder / "go").touch()
    await ben.hears("I hear you: second")
    assert "in the line" not in await ben.page.locator("#eb-chat").inner_text()
