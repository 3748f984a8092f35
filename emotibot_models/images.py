"""Pictures from strangers: opened within bounds, upright, and refused with a kind sentence."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Final

from PIL import Image, UnidentifiedImageError

from emotibot_models.errors import ImageError

MAX_BYTES: Final = 32 * 2**20
MAX_PIXELS: Final = 50_000_000
"""Read from the header before anything is decoded: a phone's photo passes, a bomb does not."""
MAX_SIDE: Final = 2048
"""A longer side is scaled down to this; boxes found in a picture refer to the scaled one."""
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""Only these decoders are tried: Pillow knows others that start programs (EPS)."""

ORIENTATION: Final = 0x0112
UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation to what undoes it."""

PLEASE: Final = "please send a photo as JPEG or PNG."
EMPTY: Final = "The picture arrived empty; please send it again."
DAMAGED: Final = "The picture arrived damaged or incomplete; please send it again."
TOO_LARGE: Final = f"The picture is too large for me (over {MAX_PIXELS // 10**6} megapixels or "
TOO_LARGE_END: Final = f"{MAX_BYTES // 2**20} MB); please send a smaller one."
UNKNOWN: Final = f"I cannot open this file as a picture; {PLEASE}"
KINDS: Final = (
    ("a PDF", 0, (b"%PDF",)),
    ("a HEIC picture", 4, (b"ftyphei", b"ftyphev", b"ftypmif1", b"ftypmsf1")),
    ("a video", 4, (b"ftypisom", b"ftypmp4", b"ftypqt", b"ftyp3gp", b"ftypM4V")),
    ("a video", 0, (b"\x1aE\xdf\xa3",)),
    ("an SVG drawing", 0, (b"<svg", b"<?xml")),
    ("a ZIP file or document", 0, (b"PK\x03\x04",)),
)
"""What people send for a photo by mistake: its name, where its mark stands, and the mark."""

_decoding = threading.Lock()


def open_image(data: bytes | Image.Image) -> Image.Image:
    """The first frame as an upright RGB picture of at most ``MAX_SIDE`` pixels a side.

    Raises:
        ImageError: the bytes are no picture that we can open; the message is for the person.
    """
    return _decoded(data, MAX_SIDE)


def shrink(data: bytes, *, side: int = 1024) -> bytes:
    """The picture as a JPEG of at most ``side`` pixels a side, upright and without EXIF.

    Raises:
        ImageError: the bytes are no picture that we can open; the message is for the person.
    """
    out = BytesIO()
    _decoded(data, side).save(out, "JPEG", quality=90)
    return out.getvalue()


def _decoded(data: bytes | Image.Image, side: int) -> Image.Image:
    if isinstance(data, Image.Image):
        _check_size(data)
        with _guarded():
            return _bounded(data.copy(), side)
    if not data:
        raise ImageError(EMPTY)
    if len(data) > MAX_BYTES:
        raise ImageError(TOO_LARGE + TOO_LARGE_END)
    with _guarded(), _open(data) as image:
        _check_size(image)
        # JPEG can be decoded at a half, a quarter or an eighth for a fraction of the work.
        image.draft("RGB", (side, side))
        return _bounded(image, side)


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise ImageError(TOO_LARGE + TOO_LARGE_END) from None
    except UnidentifiedImageError:
        raise ImageError(_mistaken(data)) from None


def _mistaken(data: bytes) -> str:
    for name, at, marks in KINDS:
        if data[at : at + 16].lstrip().startswith(marks):
            return f"I cannot read {name}; {PLEASE}"
    return UNKNOWN


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(TOO_LARGE + TOO_LARGE_END)
    if not image.width or not image.height:
        raise ImageError(EMPTY)


def _bounded(image: Image.Image, side: int) -> Image.Image:
    turn = UPRIGHT.get(_orientation(image))
    image.load()
    small = _in_colour(image)
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    small = small.transpose(turn) if turn is not None else small
    small.info.clear()  # EXIF, comments and profiles stay behind
    return small


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - broken EXIF comes in every shape and harms nothing
        return 1


def _in_colour(image: Image.Image) -> Image.Image:
    """Any of Pillow's modes as a new RGB picture; what is transparent becomes white."""
    if image.mode.startswith("I") or image.mode == "F":
        return _eight_bits(image).convert("RGB")
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    return image.convert("RGB") if image.mode != "RGB" else image.copy()


def _eight_bits(image: Image.Image) -> Image.Image:
    wide = image.convert("F")
    extrema = wide.getextrema()
    high = float(extrema[1]) if isinstance(extrema[1], int | float) else 0.0
    full = next((top for top in (1.0, 255.0, 65535.0) if high <= top), high)
    factor = 255.0 / full
    return wide.point(lambda value: value * factor).convert("L")


@contextmanager
def _guarded() -> Iterator[None]:
    """Whatever Pillow finds wrong with strange bytes becomes one sentence; warnings stay silent.

    Warning filters belong to the whole process, so only one thread changes them at a time.
    """
    with _decoding, warnings.catch_warnings(action="ignore"):
        try:
            yield
        except ImageError:
            raise
        except Exception as exc:  # decoders raise nearly anything on damaged bytes
            raise ImageError(DAMAGED) from exc
