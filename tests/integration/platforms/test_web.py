"""The demo page as a person uses it: a real Chromium, the whole service, a scripted pipeline."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from contextlib import AsyncExitStack, closing

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import expect

from bot import texts
from bot.platforms.web import words
from tests.peers.browser import DESKTOP, PHONE, Visitor, chromium, demo, needs_chromium
from tests.peers.demo_server import NO_FACE

SEEING = "document.querySelector('#eb-camera video')?.videoWidth > 0"
WATCH_CAMERAS = """() => {
    window.cameras = [];
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await open(wanted);
        window.cameras.push(...stream.getTracks());
        return stream;
    };
}"""

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(folder):
    async with demo(folder) as address:
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tabs(browser):
    """A browser whose tabs load the page from its cache after the first."""
    context = await browser.new_context(viewport=DESKTOP)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def ada(tabs, address):
    visitor = await Visitor.at(tabs, address)
    yield visitor
    await visitor.page.close()


@pytest_asyncio.fixture(loop_scope="module")
async def ben(tabs, address):
    visitor = await Visitor.at(tabs, address)
    yield visitor
    await visitor.page.close()


@pytest_asyncio.fixture(loop_scope="module")
async def fresh(browser, address):
    """Opens the page in a browser of its own, with these manners."""
    async with AsyncExitStack() as stack:

        async def open_page(**manners):
            context = await browser.new_context(**({"viewport": DESKTOP} | manners))
            stack.push_async_callback(context.close)
            return await Visitor.at(context, address)

        yield open_page


@pytest.fixture(scope="module")
def picture():
    data = io.BytesIO()
    Image.new("RGB", (64, 64), "orange").save(data, "JPEG")
    return data.getvalue()


def rows(folder, query, *values):
    with closing(sqlite3.connect(folder / "emotibot.db")) as connection:
        return connection.execute(query, values).fetchall()


def thought(folder, text):
    """How the pipeline was asked about this message: with how many lines of history, and beside
    how many others."""
    batches = [json.loads(line) for line in (folder / "batches.jsonl").read_text().splitlines()]
    return [
        (turn["history"], len(batch)) for batch in batches for turn in batch if turn["text"] == text
    ]


async def eventually(true):
    """Wait until the condition holds, at most a minute."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - the condition has no event of its own
            await asyncio.sleep(0.05)


class TestTalking:
    async def test_a_message_is_answered_and_what_was_read_stands_beside_it(self, ada):
        await ada.say("I am so happy, thank you")
        await ada.hears("I hear you: I am so happy, thank you")
        panel = await ada.panel()
        assert "This reads as joy" in panel
        assert "90% sure, from your words alone" in panel
        assert panel.index("joy") < panel.index("gratitude")
        assert "✓ passed" in panel
        assert "s in the models" in panel

    async def test_nothing_is_asked_of_any_other_machine(self, ada):
        await ada.say("hello")
        await ada.hears("I hear you: hello")
        assert ada.outside == []

    async def test_the_whole_result_can_be_copied_as_json(self, fresh):
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

    async def test_over_plain_http_where_there_is_no_clipboard_it_is_copied_all_the_same(
        self, fresh
    ):
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

    async def test_a_sentence_is_said_with_one_click(self, ada):
        await ada.page.get_by_role("button", name="The train leaves at nine.").click()
        await ada.hears("I hear you: The train leaves at nine.")

    async def test_what_people_write_is_shown_as_text(self, ada):
        await ada.say("<img src=x onerror=alert(1)> **bold**")
        await ada.hears("I hear you: <img src=x onerror=alert(1)> **bold**")
        assert await ada.page.locator("#eb-chat img[src=x]").count() == 0

    async def test_danger_is_met_with_help_and_no_model(self, ada, folder):
        await ada.say("I want to kill myself")
        await ada.hears("988")
        await expect(ada.page.locator(".eb-panel")).to_contain_text("fixed answer")
        await expect(ada.page.get_by_role("link", name="findahelpline.com")).to_be_visible()
        await expect(ada.page.get_by_text("The whole result as JSON")).to_be_hidden()
        assert thought(folder, "I want to kill myself") == []

    async def test_a_long_answer_is_seen_from_its_beginning_and_a_short_one_at_the_end(self, fresh):
        eve = await fresh(viewport=PHONE)
        await eve.say("I want to kill myself")
        await eve.hears("988")
        await expect(eve.page.get_by_text("I want to kill myself")).to_be_in_viewport()
        await expect(eve.page.get_by_text("Thank you for telling me")).to_be_in_viewport()
        await eve.say("hello")
        await eve.hears("I hear you: hello")
        await expect(eve.page.get_by_text("I hear you: hello")).to_be_in_viewport(ratio=1)

    async def test_beyond_the_limit_there_is_a_sentence(self, ada):
        async with asyncio.timeout(60):
            while texts.SLOW_DOWN not in await ada.page.locator("#eb-chat").inner_text():
                await ada.say("hello")

    async def test_a_broken_model_is_a_sentence(self, ada):
        await ada.say("break")
        await ada.hears(texts.APOLOGY)

    async def test_who_waits_longer_than_a_second_sees_their_place_in_the_line(
        self, ada, ben, folder
    ):
        await ada.say("please wait")
        await ada.hears("Thinking about it")
        await ben.say("second")
        await ben.hears("You are number 2 in the line")
        (folder / "go").touch()
        await ben.hears("I hear you: second")
        assert "in the line" not in await ben.page.locator("#eb-chat").inner_text()


class TestPictures:
    async def test_a_picture_can_only_be_chosen_after_the_tick(self, ada):
        choose = ada.page.get_by_role("button", name="Choose a picture")
        await expect(choose).to_have_count(0)
        await ada.allow_faces()
        await expect(choose).to_have_count(1)

    async def test_without_the_tick_the_words_alone_are_answered(self, ada):
        await ada.say("I am happy")
        await ada.hears("I hear you: I am happy")
        assert "In your picture" not in await ada.panel()

    async def test_a_picture_is_shown_with_a_box_around_the_face(self, ada, picture):
        await ada.allow_faces()
        await ada.choose(picture)
        await expect(ada.page.get_by_text("goes with your next message")).to_be_visible()
        await ada.say("I am happy")
        await ada.hears("(with a picture)")
        drawn = ada.page.get_by_role("img", name="with a box around the face")
        await expect(drawn).to_be_visible()
        assert await drawn.locator(".eb-box").get_attribute("width") == "32"
        panel = await ada.panel()
        assert "The expression reads as happy, 90% sure" in panel
        assert "your words and your face agree" in panel

    async def test_where_no_face_is_named_the_reason_is(self, ada):
        await ada.allow_faces()
        await ada.page.get_by_role("button", name="Try a drawing").click()
        await expect(ada.page.get_by_text("goes with your next message")).to_be_visible()
        await ada.say("hide")
        await expect(ada.page.locator(".eb-panel")).to_contain_text(NO_FACE)
        await expect(ada.page.locator(".eb-box")).to_have_count(0)

    async def test_a_photo_from_the_camera_goes_with_the_message(self, ada):
        await ada.allow_faces()
        await ada.page.get_by_role("button", name="Use the camera").click()
        await ada.page.wait_for_function(SEEING)
        await ada.page.get_by_role("button", name="capture photo").click()
        await expect(ada.page.get_by_text("goes with your next message")).to_be_visible()
        await ada.page.get_by_role("button", name="Send").click()
        await ada.hears("I hear you: a picture")

    @pytest.mark.parametrize(
        ("browser_has", "sentence"),
        [
            ("undefined", words.CAMERA_INSECURE),
            (
                "{getUserMedia: () => Promise.reject(new DOMException('', 'NotAllowedError'))}",
                words.CAMERA_REFUSED,
            ),
            (
                "{getUserMedia: () => Promise.reject(new DOMException('', 'NotFoundError'))}",
                words.CAMERA_MISSING,
            ),
        ],
        ids=["insecure", "refused", "missing"],
    )
    async def test_a_camera_that_cannot_be_had_is_a_sentence(self, ada, browser_has, sentence):
        await ada.allow_faces()
        having = f"Object.defineProperty(navigator, 'mediaDevices', {{value: {browser_has}}})"
        await ada.page.evaluate(having)
        await ada.page.get_by_role("button", name="Use the camera").click()
        await expect(ada.page.get_by_role("alert")).to_have_text(sentence)

    async def test_the_camera_is_off_once_the_photo_is_taken_or_something_else_is_chosen(self, ada):
        await ada.page.evaluate(WATCH_CAMERAS)
        await ada.allow_faces()
        for leave in ("capture photo", "Try a drawing"):
            await ada.page.get_by_role("button", name="Use the camera").click()
            await ada.page.wait_for_function(SEEING)
            await ada.page.get_by_role("button", name=leave).click()
            await expect(ada.page.get_by_text("goes with your next message")).to_be_visible()
            await ada.page.wait_for_function("cameras.every((one) => one.readyState == 'ended')")

    async def test_a_broken_file_gets_a_sentence_and_the_words_are_answered(self, ada):
        await ada.allow_faces()
        await ada.choose(b"%PDF-1.7")
        await expect(ada.page.get_by_role("alert")).to_contain_text("I cannot read a PDF")
        await ada.say("hello")
        await ada.hears("I hear you: hello")

    async def test_taking_the_tick_back_takes_the_picture_back(self, ada, picture):
        await ada.allow_faces()
        await ada.choose(picture)
        await expect(ada.page.get_by_text("goes with your next message")).to_be_visible()
        await ada.page.get_by_label("You may also read").uncheck()
        await expect(ada.page.get_by_role("button", name="Choose a picture")).to_have_count(0)
        await ada.say("hello")
        await ada.hears("I hear you: hello")
        assert "(with a picture)" not in await ada.page.locator("#eb-chat").inner_text()

    async def test_no_uploaded_file_stays(self, ada, picture, folder):
        await ada.allow_faces()
        await ada.choose(picture)
        await expect(ada.page.get_by_text("goes with your next message")).to_be_visible()
        assert list(folder.rglob("me.jpg")) == []


class TestPrivacy:
    async def test_two_people_never_see_each_other(self, ada, ben):
        await ada.say("my secret")
        await ada.hears("I hear you: my secret")
        await ben.say("hello")
        await ben.hears("I hear you: hello")
        assert "secret" not in await ben.page.locator("body").inner_text()

    async def test_one_persons_history_is_not_recalled_for_another(self, ada, ben, folder):
        await ada.say("my secret")
        await ada.hears("I hear you: my secret")
        await ben.say("hello ben")
        await ben.hears("I hear you: hello ben")
        assert thought(folder, "hello ben") == [(0, 1)]

    async def test_closing_the_page_erases_the_conversation(self, ada, folder):
        await ada.say("this must go")
        await ada.hears("I hear you: this must go")
        held = "SELECT 1 FROM history WHERE text LIKE '%this must go%'"
        assert rows(folder, held)
        await ada.page.close()
        await eventually(lambda: not rows(folder, held))
        files = [
            file for file in folder.glob("emotibot.db*") if b"this must go" in file.read_bytes()
        ]
        assert files == []

    async def test_opening_it_again_begins_afresh(self, ada, address):
        await ada.say("hello")
        await ada.hears("I hear you: hello")
        await ada.open(address)
        assert "hello" not in await ada.page.locator("#eb-chat").inner_text()

    async def test_who_asks_for_it_finds_the_conversation_again(self, fresh, address):
        ada = await fresh()
        await ada.say("keep this")
        await ada.hears("I hear you: keep this")
        await ada.page.get_by_label("Keep it for when I come back").check()
        await eventually_stored(ada)
        await ada.open(address)
        await ada.hears("I hear you: keep this")
        await expect(ada.page.get_by_label("Keep it for when I come back")).to_be_checked()

    async def test_the_conversation_can_be_saved(self, ada):
        await ada.say("I am sad")
        await ada.hears("I hear you: I am sad")
        async with ada.page.expect_download() as download:
            await ada.page.get_by_role("button", name="Save it as a file").click()
        path = await (await download.value).path()
        [exchange] = json.loads(path.read_text("utf-8"))
        assert exchange["you"] == "I am sad"
        assert exchange["emotibot"] == "I hear you: I am sad"
        assert exchange["result"]["emotion_analysis"]["text_emotions"]

    async def test_the_conversation_can_be_forgotten(self, ada):
        await ada.allow_faces()
        await ada.say("my secret")
        await ada.hears("I hear you: my secret")
        await ada.page.get_by_role("button", name="Forget it now").click()
        await ada.hears("Erased: 2 lines")
        assert "secret" not in await ada.page.locator("body").inner_text()
        await expect(ada.page.get_by_label("You may also read")).not_to_be_checked()


class TestLooks:
    async def test_on_a_phone_nothing_is_wider_than_the_screen(self, fresh):
        eve = await fresh(viewport=PHONE, is_mobile=True, has_touch=True)
        await eve.say("I am happy, sad, angry and afraid, thank you")
        await eve.hears("I hear you")
        await expect(eve.page.locator(".eb-bar")).to_have_count(5)
        wide = await eve.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"]

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
    async def test_axe_finds_no_barrier(self, fresh, picture, screen, scheme):
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

    async def test_a_screen_reader_hears_words_as_they_are_written(self, ada):
        await ada.say("I'm fine")
        await expect(ada.page.get_by_label("I hear you: I'm fine")).to_be_visible()

    async def test_everything_is_reached_and_used_by_keyboard(self, ada):
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


async def eventually_stored(visitor):
    """Wait until the browser has noted whose conversation it is to find again."""
    await visitor.page.wait_for_function("Object.keys(localStorage).includes('emotibot')")


async def no_barrier(visitor, where):
    """Axe finds nothing that keeps anybody from using this."""
    found = await Axe().run(visitor.page)
    assert found.violations_count == 0, f"{where}: {found.generate_report()}"
