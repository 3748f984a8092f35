"""A column a day, in the colours of what was read."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date, timedelta

import pytest
from PIL import Image, features

from bot import texts
from bot.conversation.mood_picture import (
    BOTTOM,
    COLOURS,
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    draw,
    drawable,
)
from bot.languages import NAMES, say_in
from emotibot_models.emotion_groups import EmotionGroup

joins = pytest.mark.skipif(not features.check("raqm"), reason="needs libfribidi")
JOINED = pytest.param("उदास", True, marks=joins)
DAYS = [date(2026, 11, 1) + timedelta(days=n) for n in range(14)]


def colours(tally):
    image = Image.open(io.BytesIO(draw(DAYS, tally, texts.GROUPS)))
    below_the_legend = image.crop((0, 50, image.width, image.height))
    return {colour for _, colour in below_the_legend.getcolors(100_000)}


def rgb(group):
    return tuple(bytes.fromhex(COLOURS[group][1:]))


@pytest.mark.parametrize("group", EmotionGroup)
def test_a_day_shows_its_colour_and_no_other(group):
    seen = colours({DAYS[3]: Counter({group: 2})})
    assert rgb(group) in seen
    assert not {rgb(other) for other in EmotionGroup if other is not group} & seen


def test_the_first_day_stands_on_the_left():
    tally = {DAYS[0]: Counter({EmotionGroup.LOW: 1})}
    image = Image.open(io.BytesIO(draw(DAYS, tally, texts.GROUPS)))
    assert image.getpixel((LEFT + 20, HEIGHT - BOTTOM - 30)) == rgb(EmotionGroup.LOW)


def test_no_days_at_all_are_still_a_picture():
    assert colours({})


@pytest.mark.parametrize(
    ("name", "able"), [("fröhlich", True), ("abattu", True), JOINED, ("悲しい", False)]
)
def test_what_the_fonts_lack_is_known(name, able):
    assert drawable(name) is able


def test_letters_that_nothing_can_join_are_not_drawn(monkeypatch):
    monkeypatch.setattr(features, "check", lambda _: False)
    assert [drawable(name) for name in ("fröhlich", "उदास")] == [True, False]


@pytest.mark.parametrize(
    "language", [pytest.param(name, marks=joins if name == "hi" else ()) for name in NAMES]
)
def test_a_legend_in_every_language_fits_and_shows_each_name(language):
    say = say_in(language)
    names = {group.value: say(texts.GROUPS[group]) for group in EmotionGroup}
    assert all(map(drawable, names.values()))
    legend = Image.open(io.BytesIO(draw(DAYS, {}, names))).crop((0, 10, WIDTH, 42))
    squares = [legend.tobytes().find(bytes(rgb(group))) for group in EmotionGroup]
    assert -1 not in squares
    inked = [
        x for x in range(WIDTH) if (58, 58, 58) in {legend.getpixel((x, y)) for y in range(32)}
    ]
    assert inked
    assert max(inked) < WIDTH - RIGHT


@joins
def test_a_name_in_devanagari_is_letters_and_not_boxes():
    """Two names of one length look alike where a font lacks their letters."""
    first, second = ({group.value: name for group in EmotionGroup} for name in ("उदास", "उजला"))
    assert draw(DAYS, {}, first) != draw(DAYS, {}, second)
