"""Pictures at the demo page: uploaded, from the camera, refused."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.platforms.web import words
from tests.peers.browser import SEEING, needs_chromium
from tests.peers.demo_server import NO_FACE

WATCH_CAMERAS = """() => {
    window.cameras = [];
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await open(wanted);
        window.cameras.push(...stream.getTracks());
        return stream;
    };
}"""

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]


async def test_a_picture_can_only_be_chosen_after_the_tick(ada):
    choose = ada.page.get_by_role("button", name="Choose a picture")
    await expect(choose).to_have_count(0)
    await ada.allow_faces()
    await expect(choose).to_have_count(1)


async def test_without_the_tick_the_words_alone_are_answered(ada):
    await ada.say("I am happy")
    await ada.hears("I hear you: I am happy")
    assert "In your picture" not in await ada.panel()


async def test_a_picture_is_shown_with_a_box_around_the_face(ada, picture):
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


async def test_where_no_face_is_named_the_reason_is(ada):
    await ada.allow_faces()
    await ada.page.get_by_role("button", name="Try a drawing").click()
    await expect(ada.page.get_by_text("goes with your next message")).to_be_visible()
    await ada.say("hide")
    await expect(ada.page.locator(".eb-panel")).to_contain_text(NO_FACE)
    await expect(ada.page.locator(".eb-box")).to_have_count(0)


async def test_a_photo_from_the_camera_goes_with_the_message(ada):
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
async def test_a_camera_that_cannot_be_had_is_a_sentence(ada, browser_has, sentence):
    await ada.allow_faces()
    having = f"Object.defineProperty(navigator, 'mediaDevices', {{value: {browser_has}}})"
    await ada.page.evaluate(having)
    await ada.page.get_by_role("button", name="Use the camera").click()
    await expect(ada.page.get_by_role("alert")).to_have_text(sentence)


async def test_the_camera_is_off_once_the_photo_is_taken_or_something_else_is_chosen(ada):
    await ada.page.evaluate(WATCH_CAMERAS)
    await ada.allow_faces()
    for leave in ("capture photo", "Try a drawing"):
        await ada.page.get_by_role("button", name="Use the camera").click()
        await ada.page.wait_for_function(SEEING)
        await ada.page.get_by_role("button", name=leave).click()
        await expect(ada.page.get_by_text("goes with your next message")).to_be_visible()
        await ada.page.wait_for_function("cameras.every((one) => one.readyState == 'ended')")


async def test_a_broken_file_gets_a_sentence_and_the_words_are_answered(ada):
    await ada.allow_faces()
    await ada.choose(b"%PDF-1.7")
    await expect(ada.page.get_by_role("alert")).to_contain_text("I cannot read a PDF")
    await ada.say("hello")
    await ada.hears("I hear you: hello")


async def test_taking_the_tick_back_takes_the_picture_back(ada, picture):
    await ada.allow_faces()
    await ada.choose(picture)
    await expect(ada.page.get_by_text("goes with your next message")).to_be_visible()
    await ada.page.get_by_label("You may also read").uncheck()
    await expect(ada.page.get_by_role("button", name="Choose a picture")).to_have_count(0)
    await ada.say("hello")
    await ada.hears("I hear you: hello")
    assert "(with a picture)" not in await ada.page.locator("#eb-chat").inner_text()


async def test_no_uploaded_file_stays(ada, picture, folder):
    await ada.allow_faces()
    await ada.choose(picture)
    await expect(ada.page.get_by_text("goes with your next message")).to_be_visible()
    assert list(folder.rglob("me.jpg")) == []
