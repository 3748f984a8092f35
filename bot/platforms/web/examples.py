"""What a visitor can try with one click: sentences of ours, a portrait, a drawing."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

SENTENCES: Final = (
    "I finally passed my driving test, I am so happy!",
    "My best friend moved away and I miss her.",
    "I have to give a talk tomorrow and I am so nervous.",
    "I hate that my neighbour drills holes at six every morning.",
    "Thank you for sitting with me last night.",
    "I forgot my mother's birthday, I am so sorry.",
    "Wow, you two have known each other all along?",
    "The train leaves at nine.",
)
"""Joy, grief, fear, anger, gratitude, remorse, surprise, and nothing in particular."""


def has_portrait() -> bool:
    """Whether scikit-image, which carries the portrait, is installed."""
    return find_spec("skimage") is not None


def portrait() -> bytes:
    """NASA's portrait of the astronaut Eileen Collins, in the public domain, as a JPEG."""
    from skimage.data import astronaut

    return _jpeg(Image.fromarray(astronaut()))


def drawing() -> bytes:
    """A landscape of ours, in which there is no face to read, as a JPEG."""
    picture = Image.new("RGB", (480, 320), "#bfe3f2")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((360, 40, 430, 110), fill="#f6c945")
    draw.polygon([(0, 230), (130, 90), (270, 230)], fill="#7d93a6")
    draw.polygon([(150, 230), (300, 120), (440, 230)], fill="#94a8b8")
    draw.rectangle((0, 225, 480, 320), fill="#7fb069")
    draw.rectangle((92, 200, 104, 262), fill="#7a5230")
    draw.polygon([(60, 215), (98, 140), (136, 215)], fill="#3f7d4e")
    return _jpeg(picture)


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()
