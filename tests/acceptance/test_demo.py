"""``emotibot demo`` as it comes, with the weights on board, in a real Chromium."""

from __future__ import annotations

import asyncio
import io

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import expect
from skimage.data import astronaut

from tests.peers.browser import (
    DESKTOP,
    PASSWORD,
    Visitor,
    chromium,
    demo,
    needs_chromium,
    real_demo,
)

pytestmark = [needs_chromium, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def tabs(browser):
    context = await browser.new_context(viewport=DESKTOP)
    yield context
    await context.close()


@pytest.fixture(scope="module")
def portrait():
    """A public-domain portrait with one clear face."""
    data = io.BytesIO()
    Image.fromarray(astronaut()).save(data, "JPEG")
    return data.getvalue()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(tmp_path_factory):
    """The page as it comes; once it is stopped, nothing of its visitors is left."""
    folder = tmp_path_factory.mktemp("demo")
    async with real_demo(folder) as address:
        yield address
    assert list(folder.glob("emotibot-demo-*")) == []
    assert list(folder.rglob("me.jpg")) == []


async def test_words_and_a_portrait_are_read_boxed_and_answered(tabs, address, portrait):
    ada = await Visitor.at(tabs, address)
    await ada.page.get_by_role("button", name="I finally passed").click()
    await expect(ada.page.locator(".eb-verdict")).to_have_text("This reads as joy")
    assert "from your words alone" in await ada.panel()

    await ada.allow_faces()
    await ada.choose(portrait)
    await expect(ada.page.get_by_text("goes with your next message")).to_be_visible()
    await ada.say("This is me at work, I am so proud!")
    box = ada.page.locator(".eb-box")
    await expect(box).to_be_visible()
    x, y, width = [float(await box.get_attribute(name)) for name in ("x", "y", "width")]
    # her face, by eye: its middle at 224, 116 of 512, some 90 wide
    assert abs(x + width / 2 - 224) < 25
    assert abs(y + width / 2 - 116) < 25
    assert "The expression reads as happy" in await ada.panel()
    assert ada.outside == []


async def test_a_drawing_has_no_face_and_danger_has_no_model(tabs, address):
    ada = await Visitor.at(tabs, address)
    await ada.allow_faces()
    await ada.page.get_by_role("button", name="Try a drawing").click()
    await expect(ada.page.get_by_text("goes with your next message")).to_be_visible()
    await ada.say("Look what I drew")
    await expect(ada.page.locator(".eb-panel")).to_contain_text("could not make out a face")
    await ada.say("I want to kill myself")
    await ada.hears("988")
    await expect(ada.page.locator(".eb-panel")).to_contain_text("fixed answer")


async def test_with_auth_the_page_is_behind_a_login(tabs, tmp_path):
    async with real_demo(tmp_path, "--auth", "ada") as address:
        page = await tabs.new_page()
        await page.goto(address)
        await page.get_by_label("username").fill("ada")
        await page.get_by_label("password").fill("wrong")
        await page.get_by_role("button", name="Login").click()
        await expect(page.get_by_text("Incorrect")).to_be_visible()
        await page.get_by_label("username").fill("ada")  # it was emptied
        await page.get_by_label("password").fill(PASSWORD)
        await page.get_by_role("button", name="Login").click()
        await expect(page.get_by_label("Your message")).to_be_visible()


async def test_twenty_pages_at_once_share_the_models_and_each_gets_its_own_answer(
    browser, tmp_path
):
    async with demo(tmp_path, engine={"batch": 16}) as address:
        # Each in a browser of its own: one browser opens six connections to a place at most.
        contexts = [await browser.new_context(viewport=DESKTOP) for _ in range(20)]
        people = [await Visitor.at(context, address) for context in contexts]
        await people[0].say("please wait")
        await people[0].hears("Thinking about it")
        for number, person in enumerate(people[1:]):
            await person.say(f"I am visitor {number}.")
        await people[-1].hears("You are number 20 in the line")
        (tmp_path / "go").touch()
        await asyncio.gather(
            *(one.hears(f"I hear you: I am visitor {n}.") for n, one in enumerate(people[1:]))
        )
        for number, person in enumerate(people[1:]):
            seen = await person.page.locator("#eb-chat").inner_text()
            assert seen.count("visitor") == 2, f"visitor {number} sees somebody else"
    batches = (tmp_path / "batches.jsonl").read_text().splitlines()
    assert len(batches) <= 5  # the first alone, then the nineteen in at most sixteens
