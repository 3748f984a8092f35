"""A sheet of test faces with what was read in them: for the person who trains, never to be shared.

The faces are not ours to show, so the sheet belongs into a folder that is not committed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from emotibot_models.face_emotion import LABELS, FaceEmotionModel
from training.face_emotion.data import read_faces

COLUMNS: Final = 8
ROWS: Final = 5
SHEET: Final = "face_predictions.png"


def draw_gallery(source: str | Path, data: Path, folder: Path, device: str = "auto") -> Path:
    """Forty faces of PrivateTest, label and reading above each, red where they differ.

    Raises:
        ArtifactError: the weights cannot be used.
        DataError: the data folder holds no FER2013.
        ModuleNotFoundError: matplotlib is not installed.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    faces = read_faces(data).test
    chosen = np.random.default_rng(7).permutation(len(faces))[: COLUMNS * ROWS]
    images = [Image.fromarray(faces.images[i]) for i in chosen]
    scores = FaceEmotionModel.load(source, device).scores(images).numpy()
    figure = Figure(figsize=(COLUMNS * 1.4, ROWS * 1.7), layout="constrained")
    FigureCanvasAgg(figure)
    grid = list(figure.subplots(ROWS, COLUMNS).flat)
    for axes in grid:
        axes.axis("off")
    for axes, image, label, row in zip(grid, images, faces.labels[chosen], scores, strict=False):
        read = int(row.argmax())
        axes.imshow(image, cmap="gray", vmin=0, vmax=255)
        colour = "black" if read == label else "red"
        title = f"{LABELS[int(label)]}\nread {LABELS[read]} {row[read]:.0%}"
        axes.set_title(title, fontsize=7, color=colour)
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / SHEET, dpi=110)
    return folder / SHEET
