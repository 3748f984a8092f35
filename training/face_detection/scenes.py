"""Phone-like pictures with faces at known places, made from crops of FER2013 and a seed.

A crop is scaled, turned, relit and tinted, and laid on a background with a soft edge; the picture
then gets noise and a JPEG's loss. Backgrounds are drawn, or textures and scenes without people
that travel in scikit-image's wheel.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from emotibot_models.types import Box

COUNTS: Final[Mapping[str, int]] = {
    "upright": 150,
    "turned": 40,
    "tiny": 20,
    "blurred": 20,
    "covered": 20,
    "several": 20,
    "none": 30,
}
"""How many scenes there are of each kind, 300 together."""
SIDES: Final = (480, 640, 800, 960)
"""Longer sides of the scenes, in pixels."""
UPRIGHT: Final = 8.0
"""Degrees up to which a head counts as upright."""
TURNED: Final = (15.0, 30.0)
READABLE: Final = (64.0, 260.0)
"""Sides of a face in pixels."""
TINY: Final = (16.0, 28.0)
BLUR: Final = 0.09
"""Radius of the blur of a ``blurred`` face, as a share of its side."""
COVERS: Final = ((0.42, 1.0), (0.15, 0.5))
"""Rows that a scarf and a hand hide, as shares of a face: below the eyes, or over them."""
PHOTOGRAPHS: Final = ("brick", "gravel", "coffee", "rocket", "chelsea", "coins")
"""Behind the faces of the test scenes."""
QUARTERS: Final = ((3, 2, 1, 0), (2, 3, 0, 1), (1, 3, 0, 2))

Pixels = npt.NDArray[np.uint8]
Grey = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture and where its faces are."""

    kind: str
    """One of ``COUNTS``, or ``decoys``."""
    image: Image.Image
    faces: tuple[Box, ...]
    """The squares on which crops were laid, before they were turned."""
    turns: tuple[float, ...]
    """Degrees by which each was turned to the left."""


@dataclass(frozen=True)
class Studio:
    """What scenes are made from."""

    crops: Pixels
    """Grey faces (N, 48, 48)."""
    photographs: tuple[Pixels, ...]
    sides: tuple[int, ...] = SIDES
    readable: tuple[float, float] = READABLE
    """Sides of a pasted crop in pixels, drawn evenly in their logarithm."""
    camera: bool = True
    """Whether the picture goes through a JPEG, which takes most of the time."""

    def scene(self, kind: str, rng: np.random.Generator) -> Scene:
        """One scene of a kind; ``decoys`` are scrambled crops, which are no faces."""
        picture = self._background(rng)
        boxes: list[Box] = []
        turns: list[float] = []
        for place in self._places(kind, (picture.shape[0], picture.shape[1]), rng):
            face = self.crops[rng.integers(len(self.crops))].astype(np.float32)
            turn = rng.uniform(*TURNED) * rng.choice((-1, 1)) if kind == "turned" else 0.0
            turn += rng.uniform(-UPRIGHT, UPRIGHT)
            _lay(picture, _dressed(kind, face, place.width, rng), place, turn, rng)
            boxes.append(place)
            turns.append(turn)
        image = _photographed(picture, rng) if self.camera else _bare(picture)
        if kind == "decoys":
            return Scene(kind, image, (), ())
        return Scene(kind, image, tuple(boxes), tuple(turns))

    def _places(self, kind: str, size: tuple[int, int], rng: np.random.Generator) -> list[Box]:
        """Where faces go: one somewhere, two side by side, or none."""
        if kind == "none":
            return []
        height, width = size
        low, high = TINY if kind == "tiny" else self.readable
        room = width // 2 if kind in {"several", "decoys"} else width
        side = int(np.exp(rng.uniform(np.log(low), np.log(min(high, room * 0.8, height * 0.8)))))
        top = int(rng.integers(0, height - side))
        if room == width:
            return [Box(int(rng.integers(0, width - side)), top, side, side)]
        left, right = rng.integers(0, room - side), rng.integers(room, width - side)
        return [Box(int(left), top, side, side), Box(int(right), top, side, side)]

    def _background(self, rng: np.random.Generator) -> Grey:
        longer = int(rng.choice(self.sides))
        shorter = int(longer * 0.75)
        shape = (longer, shorter) if rng.random() < 0.7 else (shorter, longer)
        if rng.random() < 0.5:
            photograph = self.photographs[rng.integers(len(self.photographs))]
            part = _part(photograph, rng)
            fitted = cv2.resize(part, shape[::-1], interpolation=cv2.INTER_AREA)
            return np.asarray(fitted, dtype=np.float32)
        return _drawn(shape, rng)


def scenes(crops: Pixels, *, seed: int, counts: Mapping[str, int] = COUNTS) -> Iterator[Scene]:
    """Scenes made from face crops (N, 48, 48), each kind as often as ``counts`` says."""
    rng = np.random.default_rng(seed)
    studio = Studio(crops, photographs(PHOTOGRAPHS))
    for kind, count in counts.items():
        for _ in range(count):
            yield studio.scene(kind, rng)


def photographs(names: tuple[str, ...]) -> tuple[Pixels, ...]:
    """Pictures in colour that travel in scikit-image, and as ``.jpg`` in scikit-learn, by name."""
    found = [_photograph(name) for name in names]
    even = (p.astype(np.uint8) * 255 if p.dtype == bool else p.astype(np.uint8) for p in found)
    return tuple(p if p.ndim == 3 else np.repeat(p[..., None], 3, axis=2) for p in even)


def _photograph(name: str) -> npt.NDArray[Any]:
    if name.endswith(".jpg"):
        from sklearn.datasets import load_sample_image

        return np.asarray(load_sample_image(name))
    import skimage.data

    shown = getattr(skimage.data, name)()
    return np.asarray(shown[0] if isinstance(shown, tuple) else shown)  # a pair is of both eyes


def _dressed(kind: str, face: Grey, side: int, rng: np.random.Generator) -> Grey:
    """The crop at its size in the picture, relit, and hidden or blurred where the kind says so."""
    if kind == "decoys":
        face = _scrambled(face, rng)
    large = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)
    if kind == "blurred":
        large = cv2.GaussianBlur(large, (0, 0), side * BLUR)
    lit = (large - 128) * rng.uniform(0.7, 1.15) + 128 + rng.uniform(-30, 30)
    lit *= 1 + np.linspace(-1, 1, side, dtype=np.float32)[None, :] * rng.uniform(-0.35, 0.35)
    if kind == "covered":
        top, bottom = COVERS[rng.integers(len(COVERS))]
        lit[int(side * top) : int(side * bottom)] = rng.uniform(20, 230)
    clipped: Grey = np.clip(lit, 0, 255).astype(np.float32)
    return clipped


def _scrambled(face: Grey, rng: np.random.Generator) -> Grey:
    """A crop that is no longer a face: upside down, a piece of it, or its quarters exchanged."""
    how = rng.integers(3)
    if how == 0:
        return face[::-1]
    if how == 1:
        top, left = rng.integers(0, 24, 2)
        return face[top : top + 24, left : left + 24]
    quarters = [face[:24, :24], face[:24, 24:], face[24:, :24], face[24:, 24:]]
    a, b, c, d = (quarters[i] for i in QUARTERS[rng.integers(len(QUARTERS))])
    return np.block([[a, b], [c, d]])


def _lay(picture: Grey, face: Grey, place: Box, turn: float, rng: np.random.Generator) -> None:
    """Blend a turned, tinted face into the picture, in place."""
    side = place.width
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), turn, 1.0)
    turned = cv2.warpAffine(face, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    tint = np.array([1.08, 0.94, 0.82]) ** rng.uniform(0, 1.2)
    y, x = np.mgrid[0:side, 0:side] / max(1, side - 1) * 2 - 1
    corner = rng.uniform(2.5, 8.0)  # from an ellipse to a square
    inside = 1.0 - (np.abs(x) ** corner + np.abs(y) ** corner)
    soft = np.clip(inside * rng.uniform(2, 9), 0, 1)[..., None]
    spot = picture[place.top : place.top + side, place.left : place.left + side]
    spot[:] = soft * turned[..., None] * tint + (1 - soft) * spot


def _part(photograph: Pixels, rng: np.random.Generator) -> Pixels:
    """A random part of the picture, at least half of it each way, perhaps mirrored."""
    height, width = photograph.shape[:2]
    h, w = int(height * rng.uniform(0.5, 1)), int(width * rng.uniform(0.5, 1))
    top, left = int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1))
    part = photograph[top : top + h, left : left + w]
    return part[:, ::-1] if rng.random() < 0.5 else part


def _drawn(shape: tuple[int, int], rng: np.random.Generator) -> Grey:
    """A wall with light falling on it, and some furniture."""
    height, width = shape
    wall = np.full((height, width, 3), rng.uniform(40, 220, 3), dtype=np.float32)
    wall += np.linspace(-40, 40, width, dtype=np.float32)[None, :, None] * rng.uniform(-1, 1)
    for _ in range(rng.integers(2, 9)):
        corner = tuple(int(v) for v in rng.integers(0, (width, height)))
        other = tuple(int(v) for v in rng.integers(0, (width, height)))
        colour = tuple(float(v) for v in rng.uniform(10, 245, 3))
        if rng.random() < 0.5:
            cv2.rectangle(wall, corner, other, colour, -1)
        else:
            cv2.circle(wall, corner, int(math.dist(corner, other) / 3), colour, -1)
    blurred: Grey = cv2.GaussianBlur(wall, (0, 0), rng.uniform(0.6, 4.0)).astype(np.float32)
    return blurred


def _bare(picture: Grey) -> Image.Image:
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def _photographed(picture: Grey, rng: np.random.Generator) -> Image.Image:
    """The picture as a camera stores it: a little soft, noisy, and a JPEG."""
    noisy = (picture + rng.normal(0, rng.uniform(1, 7), picture.shape)).astype(np.float32)
    image = _bare(noisy).filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 0.8))))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=int(rng.integers(55, 95)))
    return Image.open(out).convert("RGB")
