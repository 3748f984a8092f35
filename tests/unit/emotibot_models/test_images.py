from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from emotibot_models.errors import ImageError
from emotibot_models.images import MAX_BYTES, MAX_SIDE, open_image, shrink

RED, BLUE = (220, 30, 30), (30, 30, 220)


def scene(width: int = 60, height: int = 40) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width // 2, height))
    return image


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def turned(orientation: int) -> bytes:
    """The scene as a phone stores it: pixels turned, EXIF saying how."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Some maker"
    undone = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90}[orientation]
    return encoded(scene().transpose(undone), "JPEG", exif=exif, quality=95)


def is_red_left_of_blue(image: Image.Image) -> bool:
    left, right = (image.getpixel((image.width * part // 4, image.height // 2)) for part in (1, 3))
    return left[0] > 150 > left[2] and right[2] > 150 > right[0]


def animation() -> bytes:
    frames = [scene().transpose(Image.Transpose.FLIP_LEFT_RIGHT) for _ in range(3)]
    return encoded(scene(), "GIF", save_all=True, append_images=frames)


WIDE = Image.fromarray((np.asarray(scene().convert("L")).astype(np.uint16)) * 257)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encoded(scene(), "JPEG"), id="jpeg"),
        pytest.param(encoded(scene(), "PNG"), id="png"),
        pytest.param(encoded(scene(), "WEBP"), id="webp"),
        pytest.param(encoded(scene(), "BMP"), id="bmp"),
        pytest.param(encoded(scene(), "TIFF"), id="tiff"),
        pytest.param(encoded(scene().convert("CMYK"), "JPEG"), id="cmyk"),
        pytest.param(encoded(scene().convert("P"), "PNG"), id="palette"),
        pytest.param(encoded(scene().convert("RGBA"), "PNG"), id="rgba"),
        pytest.param(encoded(scene().convert("LAB"), "TIFF"), id="lab"),
        pytest.param(animation(), id="animated-gif"),
        pytest.param(turned(3), id="upside-down"),
        pytest.param(turned(6), id="on-its-side"),
        pytest.param(scene().convert("RGBA"), id="an-image-object"),
    ],
)
def test_every_kind_of_picture_comes_out_upright_in_rgb(data):
    image = open_image(data)
    assert (image.mode, image.size) == ("RGB", (60, 40))
    assert is_red_left_of_blue(image)


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(WIDE, id="16-bit"),
        pytest.param(WIDE.convert("I"), id="32-bit"),
        pytest.param(Image.fromarray(np.asarray(WIDE) / np.float32(65535)), id="float"),
        pytest.param(scene().convert("L"), id="8-bit"),
    ],
)
def test_deep_greys_keep_their_brightness(image):
    kind = "TIFF" if image.mode in ("F", "I") else "PNG"
    seen = np.asarray(open_image(encoded(image, kind)))[:, :, 0]
    assert seen[20, 15] == pytest.approx(np.asarray(scene().convert("L"))[20, 15], abs=1)


def test_what_is_transparent_becomes_white():
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert open_image(encoded(clear, "PNG")).getpixel((4, 4)) == (255, 255, 255)


BOMB = encoded(Image.new("1", (10_000, 6_001)), "PNG")
HUGE_BOMB = encoded(Image.new("1", (20_000, 20_000)), "PNG")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"", "arrived empty", id="zero-bytes"),
        pytest.param(b"%PDF-1.7 page", "a PDF", id="pdf-named-jpg"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture", id="heic"),
        pytest.param(b"\0\0\0\x18ftypisom\0\0\0\0", "a video", id="video"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing", id="svg"),
        pytest.param(b"PK\x03\x04 docx", "a ZIP file or document", id="document"),
        pytest.param(b"hello there", "as a picture", id="text"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n", "as a picture", id="postscript"),
        pytest.param(encoded(scene(), "JPEG")[:-200], "damaged or incomplete", id="cut-jpeg"),
        pytest.param(encoded(scene(), "PNG")[:-60], "damaged or incomplete", id="cut-png"),
        pytest.param(BOMB, "too large", id="bomb-of-60-megapixels"),
        pytest.param(HUGE_BOMB, "too large", id="bomb-that-pillow-refuses"),
        pytest.param(b"\0" * (MAX_BYTES + 1), "too large", id="too-many-bytes"),
        pytest.param(Image.new("RGB", (0, 5)), "arrived empty", id="no-pixels"),
        pytest.param(Image.new("1", (10_000, 6_001)), "too large", id="bomb-as-an-object"),
    ],
)
def test_what_cannot_be_read_is_refused_with_one_sentence(data, said):
    with pytest.raises(ImageError, match=said) as caught:
        open_image(data)
    assert str(caught.value).endswith(".")


def test_damaged_bytes_never_raise_anything_else():
    rng = np.random.default_rng(1)
    for source in (encoded(scene(), "JPEG"), encoded(scene(), "PNG"), encoded(scene(), "TIFF")):
        for _ in range(60):
            data = bytearray(source)
            for place in rng.integers(0, len(data), 6):
                data[place] = rng.integers(256)
            try:
                assert open_image(bytes(data)).mode == "RGB"
            except ImageError:
                continue


def test_broken_exif_does_not_cost_the_picture():
    data = encoded(scene(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff garbage")
    assert open_image(data).size == (60, 40)


def test_a_large_picture_is_scaled_down_to_the_bound():
    assert open_image(encoded(scene(4000, 1000), "JPEG")).size == (MAX_SIDE, MAX_SIDE // 4)


def test_an_image_object_is_left_as_it_was():
    image = scene(4000, 1000)
    open_image(image)
    assert image.size == (4000, 1000)


def test_shrinking_bounds_the_side_turns_upright_and_drops_exif():
    small = Image.open(BytesIO(shrink(turned(6), side=30)))
    assert (small.format, small.size) == ("JPEG", (30, 20))
    assert is_red_left_of_blue(small)
    assert len(small.getexif()) == 0


def test_shrinking_refuses_what_opening_refuses():
    with pytest.raises(ImageError, match="a PDF"):
        shrink(b"%PDF-1.7")
