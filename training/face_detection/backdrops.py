"""What stands behind the faces of training scenes: parts of photographs, and a great deal drawn.

Much of it is meant to be taken for a face by a careless reader: clocks, cups, masks of a few
strokes, shaded lumps, writing, gratings, clouds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

BATCH: Final = 256
"""Backdrops that a worker draws at a time."""
LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789&?!%()"
OCTAVES: Final = (2, 4, 8, 16, 32, 64, 128)

Pixels = npt.NDArray[np.uint8]
Grey = npt.NDArray[np.float32]
Painter = Callable[[Grey, np.random.Generator], None]


def backdrops(
    photographs: Sequence[Pixels], *, count: int, side: int, seed: int, workers: int = 1
) -> Pixels:
    """So many grey squares (N, side, side); the same for a seed, however many workers draw."""
    starts = range(0, count, BATCH)
    some = partial(_some, [grey(p) for p in photographs], side, seed)
    if workers == 1:
        drawn = [some(start) for start in starts]
    else:
        # A fresh interpreter each: forking a process that has threads may hang.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            drawn = list(pool.map(some, starts))
    return np.concatenate(drawn)[:count]


def grey(photograph: Pixels) -> Pixels:
    """A picture (H, W, 3) in grey (H, W)."""
    return np.asarray(cv2.cvtColor(photograph[..., :3], cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _some(photographs: list[Pixels], side: int, seed: int, start: int) -> Pixels:
    cv2.setNumThreads(1)
    numbers = range(start, start + BATCH)
    return np.stack([backdrop(photographs, side, (seed, number)) for number in numbers])


def backdrop(photographs: Sequence[Pixels], side: int, seed: tuple[int, int]) -> Pixels:
    """The backdrop of a seed: grey, square."""
    rng = np.random.default_rng(seed)
    if rng.random() < 0.4:
        canvas = _part(photographs[int(rng.integers(len(photographs)))], side, rng)
    else:
        canvas = np.full((side, side), rng.uniform(20, 235), dtype=np.float32)
        for painter, chance in PAINTERS:
            if rng.random() < chance:
                painter(canvas, rng)
    if rng.random() < 0.3:
        _things(canvas, rng)
    soft = rng.uniform(0, 2.5) if rng.random() < 0.5 else 0.0
    if soft > 0.2:
        canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), soft), dtype=np.float32)
    return np.clip(canvas, 0, 255).astype(np.uint8)


def _part(photograph: Pixels, side: int, rng: np.random.Generator) -> Grey:
    """A part of a photograph, perhaps turned by quarters, mirrored, relit or a negative."""
    height, width = photograph.shape
    share = rng.uniform(0.2, 1.0)
    h, w = (max(8, int(n * min(1.0, share * rng.uniform(0.8, 1.25)))) for n in (height, width))
    top, left = int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1))
    part = np.rot90(photograph[top : top + h, left : left + w], rng.choice((0, 0, 0, 1, 2, 3)))
    if rng.random() < 0.5:
        part = part[:, ::-1]
    interpolation = cv2.INTER_AREA if min(h, w) > side else cv2.INTER_LINEAR
    fitted = cv2.resize(np.ascontiguousarray(part), (side, side), interpolation=interpolation)
    canvas: Grey = 255 * (fitted.astype(np.float32) / 255) ** rng.uniform(0.6, 1.6)
    return 255 - canvas if rng.random() < 0.1 else canvas


def _light(canvas: Grey, rng: np.random.Generator) -> None:
    ramp = np.linspace(-60, 60, len(canvas), dtype=np.float32)
    canvas += ramp[None, :] * rng.uniform(-1, 1) + ramp[:, None] * rng.uniform(-1, 1)


def _clouds(canvas: Grey, rng: np.random.Generator) -> None:
    """Noise whose detail is the weaker the finer it is, as in most photographs."""
    side = len(canvas)
    fall, strength = rng.uniform(0.5, 1.4), rng.uniform(15, 70)
    for octave in OCTAVES:
        coarse = rng.standard_normal((octave, octave), dtype=np.float32)
        large = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
        canvas += large * np.float32(strength * (2 / octave) ** fall)


def _grating(canvas: Grey, rng: np.random.Generator) -> None:
    """Stripes, waves or squares."""
    y, x = np.mgrid[0 : len(canvas), 0 : len(canvas)].astype(np.float32)
    angle, period = rng.uniform(0, math.pi), rng.uniform(4, 80)
    wave = np.sin((x * math.cos(angle) + y * math.sin(angle)) * (2 * math.pi / period))
    if rng.random() < 0.5:
        other = rng.uniform(4, 80)
        wave = wave * np.sin((y * math.cos(angle) - x * math.sin(angle)) * (2 * math.pi / other))
    canvas += (np.sign(wave) if rng.random() < 0.4 else wave) * np.float32(rng.uniform(10, 80))


def _furniture(canvas: Grey, rng: np.random.Generator) -> None:
    side = len(canvas)
    for _ in range(rng.integers(2, 12)):
        x, y = (int(v) for v in rng.integers(-20, side, 2))
        w, h = (int(v) for v in np.exp(rng.uniform(2, math.log(side), 2)))
        cv2.rectangle(canvas, (x, y), (x + w, y + h), rng.uniform(5, 250), -1)


def _lumps(canvas: Grey, rng: np.random.Generator) -> None:
    """Shaded ellipses, alone or side by side as fingers are."""
    for _ in range(rng.integers(1, 14)):
        centre, size = rng.uniform(0, len(canvas), 2), math.exp(rng.uniform(2, 4.6))
        axes = (size, size * rng.uniform(0.2, 1.0))
        angle, tone, step = rng.uniform(0, 360), rng.uniform(40, 230), axes[1] * 1.8
        across = np.array([-math.sin(math.radians(angle)), math.cos(math.radians(angle))])
        for finger in range(int(rng.choice((1, 1, 1, 4)))):
            _lump(canvas, centre + across * step * finger, axes, angle, tone)


def _lump(canvas: Grey, centre: Any, axes: tuple[float, float], angle: float, tone: float) -> None:
    """One ellipse, the lighter the nearer to its middle."""
    for share in (1.0, 0.85, 0.65, 0.4):
        scaled = (max(1, int(axes[0] * share)), max(1, int(axes[1] * share)))
        place = (int(centre[0]), int(centre[1]))
        cv2.ellipse(canvas, place, scaled, angle, 0, 360, tone + 45 * (1 - share), -1, cv2.LINE_AA)


def _writing(canvas: Grey, rng: np.random.Generator) -> None:
    size, tone = rng.uniform(0.3, 3.0), rng.uniform(0, 255)
    ink = np.zeros(canvas.shape, dtype=np.uint8)  # OpenCV 5 writes on bytes alone
    for row in range(int(rng.integers(0, 40)), len(canvas), int(32 * size) + 4):
        line = "".join(rng.choice(list(LETTERS + "   "), 40))
        font = int(rng.integers(0, 8))
        place = (int(rng.integers(-20, 20)), row)
        cv2.putText(ink, line, place, font, size, 255, int(rng.integers(1, 4)), cv2.LINE_AA)
    canvas += (tone - canvas) * (ink / np.float32(255))


def _things(canvas: Grey, rng: np.random.Generator) -> None:
    """Round things with something in them: clocks, cups, masks of a few strokes."""
    for _ in range(rng.integers(1, 5)):
        x, y = (int(v) for v in rng.integers(0, len(canvas), 2))
        radius = int(math.exp(rng.uniform(2.2, 4.8)))
        tones = [float(v) for v in rng.uniform(0, 255, 3)]
        squeezed = int(radius * rng.uniform(0.7, 1.2))
        cv2.ellipse(canvas, (x, y), (radius, squeezed), 0, 0, 360, tones[0], -1, cv2.LINE_AA)
        (_clock, _cup, _mask)[rng.integers(3)](canvas, (x, y), radius, tones[1:], rng)


def _clock(
    canvas: Grey, at: tuple[int, int], radius: int, tones: list[float], rng: np.random.Generator
) -> None:
    thick = max(1, radius // 16)
    for hour in range(12):
        _stroke(canvas, at, radius * 0.8, radius * 0.95, hour * math.pi / 6, tones[0], thick)
    for length in (0.5, 0.8):
        _stroke(canvas, at, 0, radius * length, rng.uniform(0, 6.3), tones[1], thick * 2)


def _stroke(
    canvas: Grey,
    at: tuple[int, int],
    start: float,
    end: float,
    angle: float,
    tone: float,
    thick: int,
) -> None:
    """A line that points away from a place, from one distance to another."""
    one, other = (
        (int(at[0] + r * math.cos(angle)), int(at[1] + r * math.sin(angle))) for r in (start, end)
    )
    cv2.line(canvas, one, other, tone, thick, cv2.LINE_AA)


def _cup(
    canvas: Grey, at: tuple[int, int], radius: int, tones: list[float], rng: np.random.Generator
) -> None:
    """Rings in rings, seen a little from the side."""
    flat = rng.uniform(0.6, 1.0)
    for share, tone in zip((0.8, 0.6, 0.35), (*tones, rng.uniform(0, 255)), strict=True):
        axes = (max(1, int(radius * share)), max(1, int(radius * share * flat)))
        cv2.ellipse(canvas, at, axes, 0, 0, 360, tone, -1, cv2.LINE_AA)


def _mask(
    canvas: Grey, at: tuple[int, int], radius: int, tones: list[float], rng: np.random.Generator
) -> None:
    """Two dots and a line; perhaps ears."""
    x, y = at
    apart, up = int(radius * rng.uniform(0.25, 0.5)), int(radius * rng.uniform(0.1, 0.4))
    dot = max(1, int(radius * rng.uniform(0.06, 0.2)))
    for way in (-1, 1):
        cv2.circle(canvas, (x + way * apart, y - up), dot, tones[0], -1, cv2.LINE_AA)
    wide, start = int(radius * rng.uniform(0.2, 0.6)), int(rng.choice((0, 180)))
    axes = (wide, max(1, int(wide * rng.uniform(0, 0.8))))
    place = (x, y + int(radius * rng.uniform(0.2, 0.5)))
    thick = max(1, radius // 12)
    cv2.ellipse(canvas, place, axes, 0, start, start + 180, tones[1], thick, cv2.LINE_AA)
    if rng.random() < 0.4:
        for way in (-1, 1):
            ear = [
                (x + way * radius * a, y - radius * b)
                for a, b in ((0.9, 0.4), (0.8, 1.4), (0.2, 0.9))
            ]
            cv2.fillPoly(canvas, [np.array(ear, dtype=np.int32)], tones[1], cv2.LINE_AA)


PAINTERS: Final[tuple[tuple[Painter, float], ...]] = (
    (_light, 0.6),
    (_furniture, 0.4),
    (_clouds, 0.5),
    (_grating, 0.2),
    (_lumps, 0.35),
    (_writing, 0.12),
)
"""What is painted on an empty wall, in this order, and how often."""
