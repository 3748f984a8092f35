from __future__ import annotations

from PIL import Image

from training.face_emotion import train
from training.face_emotion.gallery import draw_gallery


def test_a_sheet_of_faces_is_left_in_the_folder_that_was_named(data, make_args, tmp_path):
    weights = train.run(make_args(epochs=1))
    sheet = draw_gallery(weights, data, tmp_path / "logs", "cpu")
    assert sheet == tmp_path / "logs" / "face_predictions.png"
    with Image.open(sheet) as image:
        assert min(image.size) > 500
        red = sum(n for n, (r, g, b) in image.convert("RGB").getcolors(1 << 20) if r > g + 90)
    assert red > 50
