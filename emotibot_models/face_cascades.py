"""OpenCV's Haar cascades: a search of their own, and a second opinion on what others propose.

In the search a find counts when two independently trained frontal cascades agree on it: each
alone sees faces in bricks and gravel. A weak agreement needs an eye as well. The profile cascade
only gives its opinion: in the search it found no further face and saw one in a cat.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from emotibot_models.face_finder import Found

SEARCH_SIDE: Final = 480
"""Longer side of the picture that is searched, in pixels."""
SMALLEST_SEARCH_SIDE: Final = 160
"""Smaller pictures are enlarged to this."""
BORDER: Final = 0.1
"""Repeated around the picture, as a share of its longer side, for faces that touch the edge."""
SMALLEST_FACE: Final = 1 / 14
"""Of the searched side; below it no expression could be read."""
TURNS: Final = (0.0, 15.0, -15.0, 30.0, -30.0)
"""Degrees, tried in pairs until something is found."""
ROUNDS: Final = (0, 1, 3, 5)
"""Where the pairs of ``TURNS`` begin and end."""
CONFIRMED: Final = 55.8
"""Strength of a frontal find from which no eye is asked for."""
SAME_FACE: Final = 0.3
"""Intersection over union from which two boxes are one face."""
WINDOW: Final = 200
"""Pixels of the window in which a proposed face is looked at again."""
AROUND: Final = 2.2
"""Side of that window over the face's."""
MARGIN: Final = 0.05
"""Added around the cascade's box on each side, as a share of it."""

Grey = npt.NDArray[np.uint8]
Rect = tuple[int, int, int, int]
"""Left, top, width, height."""


@dataclass(frozen=True, slots=True)
class _Find:
    rect: Rect
    strength: float


class _Cascades(threading.local):
    """The trained cascades, once a thread: OpenCV's are not safe to share."""

    def __init__(self) -> None:
        self.first = _cascade("frontalface_alt2")
        self.second = _cascade("frontalface_default")
        self.third = _cascade("frontalface_alt")
        self.profile = _cascade("profileface")
        self.eyes = (_cascade("eye"), _cascade("eye_tree_eyeglasses"))


def cascade_faces(image: Image.Image) -> list[Found]:
    """The faces of an upright picture in its pixels, the strongest first."""
    view = _View.of(image)
    for start, end in pairwise(ROUNDS):
        turned = [(turn, _faces(view.turned(turn))) for turn in TURNS[start:end]]
        turn, faces = max(turned, key=lambda found: max((f.strength for f in found[1]), default=0))
        if faces:
            return [view.found(face, turn) for face in faces]
    return []


@dataclass(frozen=True)
class _View:
    """A picture as it is searched: grey, scaled, with a border."""

    grey: Grey
    scale: float
    """Pixels here for one pixel of the picture."""
    border: int

    @classmethod
    def of(cls, image: Image.Image) -> _View:
        longer = max(image.size)
        side = min(max(longer, SMALLEST_SEARCH_SIDE), SEARCH_SIDE)
        scale = side / longer
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        small = image.convert("L").resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        border = round(side * BORDER)
        even = cv2.equalizeHist(np.asarray(small))
        edges = (border, border, border, border)
        return cls(_bytes(cv2.copyMakeBorder(even, *edges, cv2.BORDER_REPLICATE)), scale, border)

    def turned(self, degrees: float) -> Grey:
        """The view turned about its middle; the corners are repeated outwards."""
        if not degrees:
            return self.grey
        height, width = self.grey.shape
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        turned = cv2.warpAffine(self.grey, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        return _bytes(turned)

    def found(self, face: _Find, degrees: float) -> Found:
        """A find in the view turned by so many degrees, as a face of the picture."""
        left, top, width, height = face.rect
        x, y = self._in_picture(left + width / 2, top + height / 2, degrees)
        side = width * (1 + 2 * MARGIN) / self.scale
        return Found(x, y, side, -degrees, face.strength)

    def _in_picture(self, x: float, y: float, degrees: float) -> tuple[float, float]:
        """A point of the turned view, in pixels of the picture."""
        middle_x, middle_y = self.grey.shape[1] / 2, self.grey.shape[0] / 2
        # The view's y axis points down, so that turning back is a turn by +degrees here.
        angle = math.radians(degrees)
        dx, dy = x - middle_x, y - middle_y
        back_x = dx * math.cos(angle) - dy * math.sin(angle) + middle_x
        back_y = dx * math.sin(angle) + dy * math.cos(angle) + middle_y
        return (back_x - self.border) / self.scale, (back_y - self.border) / self.scale


def agreed(image: Image.Image, face: Found, *, votes: int) -> bool:
    """Whether so many of four cascades, three frontal and a profile, see a face there, upright.

    The quickest are asked first, and nobody once it is decided.
    """
    window = _window(image, face)
    mirrored = _bytes(cv2.flip(window, 1))  # the profile cascade knows one side of a head
    asked = (
        (_cascades.third, (window,)),
        (_cascades.first, (window,)),
        (_cascades.second, (window,)),
        (_cascades.profile, (window, mirrored)),
    )
    for left, (cascade, views) in zip((3, 2, 1, 0), asked, strict=True):
        votes -= any(_at_the_middle(cascade, view) for view in views)
        if not 0 < votes <= left:
            break
    return votes <= 0


def _window(image: Image.Image, face: Found) -> Grey:
    """The face in the middle of its surroundings, upright and even."""
    half = face.side * AROUND / 2
    edges = (face.x - half, face.y - half, face.x + half, face.y + half)
    window = image.convert("L").crop(tuple(round(edge) for edge in edges))  # type: ignore[arg-type]
    upright = window.rotate(-face.turn, Image.Resampling.BILINEAR)
    small = upright.resize((WINDOW, WINDOW), Image.Resampling.BILINEAR)
    return _bytes(cv2.equalizeHist(np.asarray(small)))


def _at_the_middle(cascade: Any, window: Grey) -> bool:
    found = cascade.detectMultiScale(
        window, 1.1, 2, minSize=(WINDOW // 4,) * 2, maxSize=(WINDOW * 4 // 5,) * 2
    )
    middle, near = WINDOW / 2, WINDOW * 0.175
    return any(
        abs(x + w / 2 - middle) < near and abs(y + h / 2 - middle) < near for x, y, w, h in found
    )


def _faces(view: Grey) -> list[_Find]:
    smallest = max(24, round(max(view.shape) * SMALLEST_FACE))
    found = _search(_cascades.first, view, smallest)
    confirmed = [face for face in found if _agrees(view, face)]
    return _apart(confirmed)


def _search(cascade: Any, view: Grey, smallest: int, largest: int = 0) -> list[_Find]:
    rects, _, strengths = cascade.detectMultiScale3(
        view,
        scaleFactor=1.1,
        minNeighbors=3,
        minSize=(smallest, smallest),
        maxSize=(largest, largest),
        outputRejectLevels=True,
    )
    return [
        _Find((int(x), int(y), int(w), int(h)), float(strength))
        for (x, y, w, h), strength in zip(rects, strengths, strict=True)
    ]


def _agrees(view: Grey, face: _Find) -> bool:
    """Whether the second cascade sees a face there too and, if the find is weak, an eye."""
    left, top, width, height = face.rect
    room = width // 3
    y, x = max(0, top - room), max(0, left - room)
    around = view[y : top + height + room, x : left + width + room]
    found = _search(_cascades.second, around, int(width * 0.6), int(width * 1.7))
    seen = [(f.rect[0] + x, f.rect[1] + y, f.rect[2], f.rect[3]) for f in found]
    if not any(_overlap(face.rect, rect) > SAME_FACE for rect in seen):
        return False
    return face.strength >= CONFIRMED or _has_eye(view, face.rect)


def _has_eye(view: Grey, rect: Rect) -> bool:
    left, top, width, height = rect
    upper = cv2.resize(view[top : top + round(height * 0.62), left : left + width], (160, 99))
    return any(
        len(cascade.detectMultiScale(upper, 1.1, 3, minSize=(20, 20), maxSize=(60, 60)))
        for cascade in _cascades.eyes
    )


def _apart(faces: list[_Find]) -> list[_Find]:
    """One find a face: of two that overlap, the stronger."""
    kept: list[_Find] = []
    for face in sorted(faces, key=lambda f: f.strength, reverse=True):
        if all(_overlap(face.rect, other.rect) <= SAME_FACE / 2 for other in kept):
            kept.append(face)
    return kept


def _overlap(one: Rect, other: Rect) -> float:
    """Intersection over union."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def _bytes(array: Any) -> Grey:
    grey: Grey = np.asarray(array, dtype=np.uint8)
    return grey


def _cascade(name: str) -> Any:
    folder = Path(cv2.__file__).parent / "data"
    return cv2.CascadeClassifier(str(folder / f"haarcascade_{name}.xml"))


_cascades = _Cascades()
