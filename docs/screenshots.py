"""Takes the pictures of the demo page under docs/images: ``make screenshots``.

The page is that of ``emotibot demo`` with the weights on board, in Debian's Chromium.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, expect

from tests.peers.browser import DESKTOP, PHONE, Visitor, chromium, real_demo

IMAGES = Path(__file__).parent / "images"
PHONES: dict[str, Any] = {
    "viewport": PHONE,
    "device_scale_factor": 1.5,
    "is_mobile": True,
    "has_touch": True,
}
DESKTOPS: dict[str, Any] = {"viewport": DESKTOP}


async def main() -> None:
    """Desktop and phone, each in light and dark, before and after a conversation."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with real_demo(Path(folder)) as address, chromium() as browser:
            for scheme in ("light", "dark"):
                await welcome(browser, address, f"demo-start-{scheme}", DESKTOPS, scheme)
                await talk(browser, address, f"demo-desktop-{scheme}", DESKTOPS, scheme)
                await talk(browser, address, f"demo-phone-{scheme}", PHONES, scheme)


async def welcome(
    browser: Browser, address: str, name: str, device: dict[str, Any], scheme: str
) -> None:
    """The page as it opens."""
    context = await browser.new_context(**device, color_scheme=scheme, reduced_motion="reduce")
    visitor = await Visitor.at(context, address)
    await visitor.page.screenshot(path=IMAGES / f"{name}.png", full_page=True)
    await context.close()


async def talk(
    browser: Browser, address: str, name: str, device: dict[str, Any], scheme: str
) -> None:
    """The page after two messages, the second with a portrait."""
    context = await browser.new_context(**device, color_scheme=scheme, reduced_motion="reduce")
    visitor = await Visitor.at(context, address)
    page = visitor.page
    await visitor.say("My best friend moved away and I miss her.")
    await expect(page.locator(".eb-fused")).to_be_visible()
    await visitor.allow_faces()
    await page.get_by_role("button", name="Try an astronaut").click()
    await expect(page.get_by_text("goes with your next message")).to_be_visible()
    await visitor.say("This is me at work, I am so proud!")
    await expect(page.locator(".eb-box")).to_be_visible()
    await page.mouse.move(0, 0)
    await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    await page.screenshot(path=IMAGES / f"{name}.png", full_page=True)
    await context.close()


if __name__ == "__main__":
    asyncio.run(main())
