"""The one face of a picture, cut out and upright, or why there is none to read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from PIL import Image

from emotibot_models.face_finder import Found
from emotibot_models.types import Box, FaceOutcome

CLEARLY_LARGER: Final = 2.0
"""The largest face's area over the next one's, from which it is taken for the sender's."""
COVERED_FROM: Final = 0.5
"""Chance that something covers a face, from which its expression is a guess."""
BLURRED_FROM: Final = 0.5
"""Chance that a face is too blurred, from which it is."""
LEVEL: Final = 4.0
"""Degrees up to which a head is upright enough as it is."""
SMALLEST: Final = 30.0
"""Side of a face, in pixels of the picture, below which no expression can be read."""

NO_FACE: Final = "I could not make out a face in the picture."
TOO_SMALL: Final = "The face in the picture is too small to read; a closer one would help."
COVERED: Final = "Something covers the face in the picture; one with the face free would help."
BLURRED: Final = "The face in the picture is too blurred to read; a sharper one would help."
COUNTS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

Edges = tuple[int, int, int, int]
"""Left, top, right, bottom."""


class Finder(Protocol):
    """Whatever says where faces are."""

    def find(self, image: Image.Image) -> list[Found]:
        """The faces of an upright picture, in its pixels, the surest first."""
        ...


@dataclass(frozen=True, slots=True)
class FaceFinding:
    """What the search of one picture found."""

    outcome: FaceOutcome
    """``READ`` where one face can be read, else why there is none."""
    crop: Image.Image | None = field(default=None, repr=False)
    """The face alone, upright, in grey; None unless the outcome is ``READ``."""
    box: Box | None = None
    """Where the face stands in the picture that was searched."""
    faces: int = 0
    note: str = ""
    """One sentence for the person; empty where there is nothing to explain."""


def find_face(image: Image.Image, finder: Finder) -> FaceFinding:
    """The one face of an upright picture, or why there is none to read."""
    image = image.convert("L")  # once: nothing here looks at colours
    faces = finder.find(image)
    if not faces:
        return FaceFinding(FaceOutcome.NO_FACE, note=NO_FACE)
    ordered = sorted(faces, key=lambda face: face.side, reverse=True)
    if len(ordered) > 1 and (ordered[0].side / ordered[1].side) ** 2 < CLEARLY_LARGER:
        note = f"{_seen(ordered)} and cannot tell which is yours."
        return FaceFinding(FaceOutcome.SEVERAL_FACES, faces=len(ordered), note=note)
    return _largest(image, ordered)


def _largest(image: Image.Image, ordered: Sequence[Found]) -> FaceFinding:
    """The first of the faces, if it is large, free and sharp enough."""
    face, count = ordered[0], len(ordered)
    crop, box = cut(image, face)
    if face.side < SMALLEST:
        return FaceFinding(FaceOutcome.TOO_SMALL, box=box, faces=count, note=TOO_SMALL)
    if face.covered >= COVERED_FROM:
        return FaceFinding(FaceOutcome.COVERED, box=box, faces=count, note=COVERED)
    if face.blurred >= BLURRED_FROM:
        return FaceFinding(FaceOutcome.BLURRED, box=box, faces=count, note=BLURRED)
    note = f"{_seen(ordered)} and read the largest one." if count > 1 else ""
    return FaceFinding(FaceOutcome.READ, crop, box, count, note)


def _seen(faces: Sequence[Found]) -> str:
    count = len(faces)
    return f"I see {COUNTS[count] if count < len(COUNTS) else count} faces"


def cut(image: Image.Image, face: Found) -> tuple[Image.Image, Box]:
    """The face in full resolution, grey and upright, and the box around it in ``image``."""
    half = face.side / 2
    left, top = round(face.x - half), round(face.y - half)
    right, bottom = round(face.x + half), round(face.y + half)
    width, height = image.size
    inside = (max(0, left), max(0, top), max(1, min(right, width)), max(1, min(bottom, height)))
    rows = (max(0, -top), max(0, bottom - height))
    columns = (max(0, -left), max(0, right - width))
    part = np.asarray(_upright(image.convert("L"), face, inside))
    crop = Image.fromarray(np.pad(part, (rows, columns), mode="edge"))
    return crop, Box(inside[0], inside[1], inside[2] - inside[0], inside[3] - inside[1])


def _upright(grey: Image.Image, face: Found, part: Edges) -> Image.Image:
    """A part of the picture, turned about the middle of the face until that is upright."""
    if abs(face.turn) <= LEVEL:
        return grey.crop(part)
    left, top, right, bottom = part
    angle = math.radians(face.turn)
    cosine, sine = math.cos(angle), math.sin(angle)
    x, y = left - face.x, top - face.y
    across = (cosine, sine, face.x + cosine * x + sine * y)
    down = (-sine, cosine, face.y - sine * x + cosine * y)
    return grey.transform(
        (right - left, bottom - top),
        Image.Transform.AFFINE,
        (*across, *down),  # where a pixel of the part comes from
        Image.Resampling.BICUBIC,
        fillcolor=int(np.asarray(grey).mean()),
    )
