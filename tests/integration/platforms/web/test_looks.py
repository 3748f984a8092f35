"""The demo page for every eye, hand and screen."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.peers.browser import DESKTOP, PHONE, SEEING, needs_chromium

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]


async def no_barrier(visitor, where):
    """Axe finds nothing that keeps anybody from using this."""
    found = await Axe().run(visitor.page)
    assert found.violations_count == 0, f"{where}: {found.generate_report()}"


async def test_on_a_phone_nothing_is_wider_than_the_screen(fresh):
    eve = await fresh(viewport=PHONE, is_mobile=True, has_touch=True)
    await eve.say("I am happy, sad, angry and afraid, thank you")
    await eve.hears("I hear you")
    await expect(eve.page.locator(".eb-bar")).to_have_count(5)
    wide = await eve.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_axe_finds_no_barrier(fresh, picture, screen, scheme):
    eve = await fresh(color_scheme=scheme, viewport=screen)
    await no_barrier(eve, "the page as it opens")
    await eve.allow_faces()
    await eve.page.get_by_role("button", name="Use the camera").click()
    await eve.page.wait_for_function(SEEING)
    await no_barrier(eve, "the camera")
    await eve.choose(picture)
    await expect(eve.page.get_by_text("goes with your next message")).to_be_visible()
    await eve.say("I am happy, sad, angry and afraid")
    await eve.hears("I hear you")
    await expect(eve.page.locator(".eb-bar")).to_have_count(4)
    await eve.page.get_by_role("button", name="The whole result as JSON").click()
    await expect(eve.page.locator(".eb-code")).to_be_visible()
    await no_barrier(eve, "a reading")
    await eve.say("I want to kill myself")
    await expect(eve.page.locator(".eb-panel")).to_contain_text("fixed answer")
    await no_barrier(eve, "help in danger")


async def test_a_screen_reader_hears_words_as_they_are_written(ada):
    await ada.say("I'm fine")
    await expect(ada.page.get_by_label("I hear you: I'm fine")).to_be_visible()


async def test_everything_is_reached_and_used_by_keyboard(ada):
    box = ada.page.get_by_label("Your message")
    await box.focus()
    await ada.page.keyboard.type("I am happy")
    await ada.page.keyboard.press("Tab")
    await expect(ada.page.get_by_role("button", name="Send")).to_be_focused()
    await ada.page.keyboard.press("Enter")
    await ada.hears("I hear you: I am happy")
    await ada.page.keyboard.press("Tab")
    await expect(ada.page.get_by_label("You may also read")).to_be_focused()
    await ada.page.keyboard.press("Space")
    await expect(ada.page.get_by_role("button", name="Choose a picture")).to_be_visible()
