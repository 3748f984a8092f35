"""Days as columns: how many messages of each read as which group of emotions."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from fontpkg import path
from PIL import Image, ImageDraw, ImageFont, features

from emotibot_models.emotion_groups import EmotionGroup

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 24, 24, 56, 40
PAPER: Final = "#fdfcf8"
INK: Final = "#3a3a3a"
SIZE: Final = 13
"""Pixels of a letter's height and what belongs to it."""
DEVANAGARI: Final = frozenset(map(chr, range(0x0900, 0x0980)))
COLOURS: Final = {
    EmotionGroup.POSITIVE: "#e8a33d",
    EmotionGroup.LOW: "#4f7cac",
    EmotionGroup.ANGER: "#c1443c",
    EmotionGroup.FEAR: "#7d5ba6",
    EmotionGroup.SURPRISE: "#3c9d87",
    EmotionGroup.NEUTRAL: "#b8b8b8",
}
"""Told apart in brightness as well as in hue."""


def draw(
    days: Sequence[date],
    tally: Mapping[date, Counter[EmotionGroup]],
    names: Mapping[str, str],
) -> bytes:
    """A PNG of 720 by 360 pixels: one stacked column a day, oldest left, with a legend."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    font = _font("")
    most = max((sum(tally.get(day, Counter()).values()) for day in days), default=0) or 1
    step = (WIDTH - LEFT - RIGHT) / len(days)
    for place, day in enumerate(days):
        x = LEFT + place * step
        _column(pen, x, step, tally.get(day, Counter()), most)
        pen.text((x + step / 2, HEIGHT - BOTTOM + 8), f"{day.day}.{day.month}.", INK, font, "ma")
    pen.line((LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM), INK)
    _legend(pen, names)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def drawable(name: str) -> bool:
    """Whether there is a font for these letters, and what joins them where they must be joined.

    Pillow brings Raqm, which does that with the system's libfribidi; where that is missing, nothing
    does.
    """
    return _is_latin(name) or (_is_devanagari(name) and bool(features.check("raqm")))


def _is_latin(name: str) -> bool:
    return all(ord(letter) < 0x0250 for letter in name)


def _is_devanagari(name: str) -> bool:
    return all(letter in DEVANAGARI for letter in name)


def _font(name: str) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own, or Noto for a name in Devanagari."""
    if _is_latin(name):
        return ImageFont.load_default(SIZE)
    return ImageFont.truetype(path("Noto Sans Devanagari"), SIZE)


def _column(
    pen: ImageDraw.ImageDraw, x: float, step: float, counted: Counter[EmotionGroup], most: int
) -> None:
    floor = float(HEIGHT - BOTTOM)
    scale = (HEIGHT - TOP - BOTTOM) / most
    for group in EmotionGroup:
        if height := counted[group] * scale:
            box = (x + step * 0.15, floor - height, x + step * 0.85, floor)
            pen.rectangle(box, fill=COLOURS[group], outline=PAPER)
            floor -= height


def _legend(pen: ImageDraw.ImageDraw, names: Mapping[str, str]) -> None:
    x = float(LEFT)
    for group in EmotionGroup:
        name = names[group]
        font = _font(name)
        pen.rectangle((x, 20, x + 12, 32), fill=COLOURS[group])
        pen.text((x + 18, 31), name, INK, font, "ls")
        x += 18 + pen.textlength(name, font) + 18
