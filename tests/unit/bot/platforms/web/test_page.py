from __future__ import annotations

import asyncio
import html
import json
from types import SimpleNamespace

import pytest

from bot.platforms.web import page as page_module
from bot.platforms.web import words
from bot.platforms.web.page import Page
from emotibot_models.scripted import ScriptedPipeline


def tab(name, language="en-GB,en;q=0.9"):
    """What Gradio tells of the tab that asks."""
    return SimpleNamespace(session_hash=name, headers={"accept-language": language})


ADA, BEN = tab("ada"), tab("ben")


async def here(work):
    """Both loops are one."""
    return await work


@pytest.fixture
async def page(desk):
    page = Page(desk, here)
    page.build()
    return page


async def said(page, text, who=ADA):
    """The last of what changes on the page."""
    changes = {}
    async for more in page._say(text, who):
        changes |= more
    return changes


def lines(page, changes):
    return [line["content"] for line in changes[page._parts.talk.chat]]


async def test_a_message_empties_its_box_and_is_answered(page):
    first, *_, last = [changes async for changes in page._say("I am happy", ADA)]
    assert first[page._parts.talk.box] == ""
    assert lines(page, first) == ["I am happy"]
    assert lines(page, last) == ["I am happy", "I hear you: I am happy"]
    assert "joy" in last[page._parts.reading.panel]
    assert last[page._parts.reading.whole]["visible"] is True
    assert '"response": "I hear you: I am happy"' in html.unescape(last[page._parts.reading.raw])


async def test_nothing_is_said_where_nothing_was_written(page):
    assert await said(page, "  ") == {}


async def test_the_place_in_the_line_is_shown_while_one_waits(open_desk, monkeypatch):
    monkeypatch.setattr(page_module, "TELL_AFTER_S", 0.01)
    async with open_desk(ScriptedPipeline(seconds=0.5)) as desk:
        page = Page(desk, here)
        page.build()
        shown = [lines(page, changes) async for changes in page._say("hello", ADA)]
    assert shown[1] == ["hello", words.THINKING]
    assert shown[-1] == ["hello", "I hear you: hello"]


async def test_a_command_is_answered_without_a_reading(page):
    changes = await said(page, "/help")
    assert changes[page._parts.reading.raw] == ""
    assert changes[page._parts.reading.whole]["visible"] is False
    assert words.NO_MODEL in changes[page._parts.reading.panel]


async def test_what_a_tab_does_while_it_opens_belongs_to_the_same_visit(desk):
    async def slowly(work):
        await asyncio.sleep(0.01)
        return await work

    page = Page(desk, slowly)
    page.build()
    await asyncio.gather(page._allow(True, ADA), page._open(None, ADA))
    assert (await page._here(ADA)).faces


async def test_each_tab_has_a_conversation_of_its_own(page):
    await said(page, "my secret")
    assert lines(page, await said(page, "hello", BEN)) == ["hello", "I hear you: hello"]


async def test_the_first_language_of_the_browser_chooses_the_helplines(page):
    assert (await page._here(ADA)).locale == "en-GB"
    assert (await page._here(tab("eve", ""))).locale == "en"


async def test_an_opened_page_has_no_conversation_unless_it_was_kept(page):
    assert await page._open(None, ADA) == {page._person: None}
    await said(page, "hello")
    kept = (await page._keep(True, ADA))[page._person]
    await page._leave(ADA)
    found = await page._open(kept, tab("ada again"))
    assert lines(page, found) == ["hello", "I hear you: hello"]
    assert found[page._person] == kept


async def test_what_is_no_longer_kept_is_not_named_in_the_browser(page):
    await page._keep(True, ADA)
    assert (await page._keep(False, ADA))[page._person] is None


async def test_a_closed_page_is_forgotten(page):
    await said(page, "hello")
    visit = await page._here(ADA)
    await page._leave(ADA)
    await page._leave(ADA)
    assert visit.exchanges == []


async def test_a_file_is_deleted_once_it_is_read(page, picture, tmp_path):
    parts = page._parts.picture
    file = tmp_path / "me.jpg"
    file.write_bytes(picture)
    allowed = await page._allow(True, ADA)
    changes = await page._take_file(str(file), ADA)
    assert allowed[parts.tray]["visible"] is True
    assert not file.exists()
    assert "data:image/jpeg" in changes[parts.picture]
    answered = await said(page, "")
    assert lines(page, answered) == [words.PICTURE_ALONE, "I hear you: a picture"]
    assert "data:image/jpeg" in answered[page._parts.reading.panel]


async def test_a_broken_file_gets_a_sentence(page, tmp_path):
    file = tmp_path / "me.jpg"
    file.write_bytes(b"%PDF")
    changes = await page._take_file(str(file), ADA)
    assert "I cannot read a PDF" in changes[page._parts.picture.picture]
    assert changes[page._parts.picture.remove]["visible"] is False


async def test_an_emptied_file_changes_nothing(page):
    assert await page._take_file(None, ADA) == {}


async def test_the_samples_are_pictures_that_can_be_removed(page):
    for take in (page._take_portrait, page._take_drawing):
        await take(ADA)
        assert (await page._here(ADA)).picture
        assert (await page._remove(ADA))[page._parts.picture.chosen]["visible"] is False
        assert (await page._here(ADA)).picture is None


async def test_the_camera_appears_when_it_is_asked_for(page):
    assert (await page._show_camera("", ADA))[page._parts.picture.camera]["visible"] is True


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("NotAllowedError", words.CAMERA_REFUSED),
        ("TypeError", words.CAMERA_INSECURE),
        ("NotFoundError", words.CAMERA_MISSING),
    ],
)
async def test_a_camera_that_cannot_be_had_is_a_sentence_and_no_picture_stays_chosen_unseen(
    page, error, sentence
):
    await page._take_drawing(ADA)
    changes = await page._show_camera(error, ADA)
    assert html.escape(sentence) in changes[page._parts.picture.picture]
    assert (await page._here(ADA)).picture is None


async def test_the_conversation_is_saved_as_json_and_forgotten(page):
    await said(page, "hello")
    assert [one["you"] for one in json.loads(await page._export(ADA))] == ["hello"]
    forgotten = await page._forget(ADA)
    assert lines(page, forgotten)[0].startswith("Erased: 2 lines")
    assert json.loads(await page._export(ADA)) == []


async def test_without_a_portrait_the_page_is_built_all_the_same(desk, monkeypatch):
    monkeypatch.setattr("bot.platforms.web.layout.has_portrait", lambda: False)
    assert Page(desk, here).build()
