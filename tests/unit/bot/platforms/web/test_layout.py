from __future__ import annotations

import gradio as gr
import pytest

from bot.platforms.web import layout as page_layout
from bot.platforms.web import words
from bot.platforms.web.examples import SENTENCES
from bot.platforms.web.layout import layout


@pytest.fixture
async def parts():  # in a loop: Gradio makes one and leaves it open where none runs
    with gr.Blocks(analytics_enabled=False):
        return layout()


async def test_every_sentence_has_its_button(parts):
    assert [button.value for button in parts.talk.sentences] == list(SENTENCES)


async def test_pictures_are_out_of_sight_and_not_allowed_at_first(parts):
    assert parts.picture.allow.value is False
    assert parts.picture.tray.visible is False


async def test_nothing_is_kept_at_first(parts):
    assert parts.privacy.keep.value is False


async def test_every_part_that_is_used_has_a_name(parts):
    named = (parts.talk.chat, parts.talk.box, parts.picture.allow, parts.privacy.keep)
    assert all(part.label for part in named)


async def test_the_portrait_is_offered_only_where_it_is_installed(monkeypatch):
    monkeypatch.setattr(page_layout, "has_portrait", lambda: False)
    with gr.Blocks(analytics_enabled=False):
        samples = layout().picture.samples
    assert [button.value for button in samples.values()] == [words.DRAWING]
