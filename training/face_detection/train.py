"""Train the face finder on scenes, choose its thresholds on dev, and write a weights folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from emotibot_models.artifacts import WEIGHTS, Manifest, save_weights, seal
from emotibot_models.devices import pick_device
from emotibot_models.face_finder import (
    ARCHITECTURE,
    STRIDE,
    TASK,
    UNIT,
    FaceFinder,
    FinderConfig,
    Found,
    read_grid,
    standardised,
)
from emotibot_models.types import Box
from training.face_detection.args import FaceDetectionArgs
from training.face_detection.scenes import Scene, Studio, photographs
from training.face_emotion.data import Faces, count_copies, read_faces
from training.runs.folder import BEST, RunFolder
from training.runs.loop import Trainer, decayed

KINDS: Final[Mapping[str, float]] = {
    "upright": 0.3,
    "turned": 0.2,
    "several": 0.1,
    "covered": 0.06,
    "blurred": 0.04,
    "decoys": 0.18,
    "none": 0.12,
}
"""Share of each kind among the training scenes."""
PHOTOGRAPHS: Final = (
    *("grass", "moon", "page", "text", "clock", "hubble_deep_field"),
    *("immunohistochemistry", "retina", "colorwheel", "cell"),
)
"""Behind the faces that are trained on: none of the test scenes'."""
SPREAD: Final = 0.11
"""Deviation of the bump around a face's middle, as a share of its side."""
NEAR: Final = 0.5
"""Of the side: how far off its middle a find may be."""


class FaceDetectionTask:
    """CenterNet's focal loss for the middles, smooth L1 for size and turn."""

    def __init__(self, model: FaceFinder, studios: tuple[Studio, Studio], args: Any) -> None:
        self.args: FaceDetectionArgs = args
        self.device = pick_device(args.device)
        self.model: nn.Module = model.to(self.device)
        self.train_studio, self.dev_studio = studios

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Everything at one rate."""
        return decayed(list(self.model.named_parameters()), self.args.lr)

    def batches(self, epoch: int) -> Sequence[list[int]]:
        """The seeds of the scenes of each batch; no scene comes twice."""
        size, first = self.args.batch_size, epoch * self.args.epoch_scenes
        seeds = range(first, first + self.args.epoch_scenes)
        return [list(seeds[i : i + size]) for i in range(0, len(seeds), size)]

    def loss(self, batch: list[int]) -> Tensor:
        """The scenes of these seeds, drawn and scored."""
        drawn = [scene_of(self.train_studio, (self.args.seed, seed)) for seed in batch]
        pixels = torch.stack([canvas(scene.image, self.args.side) for scene in drawn])
        targets = torch.stack([target(scene, self.args.side) for scene in drawn]).to(self.device)
        grid = self.model(standardised(pixels.to(self.device)))
        return finder_loss(grid.float(), targets)

    @torch.inference_mode()
    def validate(self) -> Mapping[str, float]:
        """The best F1 over thresholds on scenes of PublicTest crops, and where it lies."""
        scored: list[tuple[float, bool]] = []
        faces = 0
        for seed in range(self.args.dev_scenes):
            scene = scene_of(self.dev_studio, (self.args.seed + 1, seed))
            pixels = canvas(scene.image, self.args.side)[None].to(self.device)
            found = read_grid(self.model(standardised(pixels))[0].cpu(), floor=0.05)
            scored += hits(found, scene)
            faces += len(scene.faces)
        return best_cut(scored, faces)


def scene_of(studio: Studio, seed: tuple[int, int]) -> Scene:
    """The scene of a seed: its kind too is drawn."""
    rng = np.random.default_rng(seed)
    return studio.scene(str(rng.choice(list(KINDS), p=list(KINDS.values()))), rng)


def canvas(image: Image.Image, side: int) -> Tensor:
    """The picture in grey on a square (1, side, side), its last rows and columns repeated."""
    grey = np.asarray(image.convert("L"))
    rows = ((0, side - grey.shape[0]), (0, side - grey.shape[1]))
    return torch.from_numpy(np.pad(grey, rows, mode="edge"))[None]


def target(scene: Scene, side: int) -> Tensor:
    """What the grid (5, h, w) should say: bump, log side, sine, cosine, and 1 at each middle."""
    cells = side // STRIDE
    out = torch.zeros(5, cells, cells)
    middles = (torch.arange(cells) + 0.5) * STRIDE
    for box, turn in zip(scene.faces, scene.turns, strict=True):
        x, y = box.left + box.width / 2, box.top + box.height / 2
        column, row = (min(cells - 1, int(v // STRIDE)) for v in (x, y))
        spread = max(STRIDE * 0.6, box.width * SPREAD)
        across = (middles - middles[column]) ** 2 + (middles[:, None] - middles[row]) ** 2
        out[0] = torch.maximum(out[0], torch.exp(-across / (2 * spread**2)))
        angle = torch.deg2rad(torch.tensor(turn))
        size = torch.log(torch.tensor(box.width / UNIT))
        out[1:, row, column] = torch.stack([size, angle.sin(), angle.cos(), torch.tensor(1.0)])
    return out


def finder_loss(grid: Tensor, targets: Tensor) -> Tensor:
    """The loss of grids (B, 4, h, w) against targets (B, 5, h, w), a face."""
    bump, middle = targets[:, 0], targets[:, 4]
    logits = grid[:, 0]
    chance = logits.sigmoid().clamp(1e-4, 1 - 1e-4)
    hit = (1 - chance) ** 2 * chance.log() * middle
    miss = (1 - bump) ** 4 * chance**2 * (1 - chance).log() * (1 - middle)
    faces = middle.sum().clamp_min(1.0)
    shape = nn.functional.smooth_l1_loss(grid[:, 1:], targets[:, 1:4], reduction="none")
    return (-(hit + miss).sum() + (shape * middle[:, None]).sum()) / faces


def hits(found: Sequence[Found], scene: Scene) -> list[tuple[float, bool]]:
    """Each find's score and whether it is the first on one of the scene's faces."""
    left = list(scene.faces)
    out = []
    for face in found:
        near = [box for box in left if _is_on(face, box)]
        for box in near[:1]:
            left.remove(box)
        out.append((face.score, bool(near)))
    return out


def _is_on(face: Found, box: Box) -> bool:
    off = max(
        abs(face.x - box.left - box.width / 2),
        abs(face.y - box.top - box.height / 2),
    )
    return off < NEAR * box.width and 0.5 < face.side / box.width < 2.0


def best_cut(scored: Sequence[tuple[float, bool]], faces: int) -> dict[str, float]:
    """The score from which finds have the best F1, with recall and precision there."""
    right = 0
    best = {"dev_f1": 0.0, "dev_recall": 0.0, "dev_precision": 0.0, "threshold": 0.5}
    for number, (score, hit) in enumerate(sorted(scored, reverse=True), 1):
        right += hit
        f1 = 2 * right / (number + faces)
        if f1 > best["dev_f1"]:
            best = {
                "dev_f1": f1,
                "dev_recall": right / max(1, faces),
                "dev_precision": right / number,
                "threshold": score,
            }
    return best


def run(args: FaceDetectionArgs) -> Path:
    """Train and write a weights folder; its path comes back.

    Raises:
        DataError: the data cannot be read.
        ValueError: an argument is out of range.
    """
    torch.manual_seed(args.seed)
    faces = read_faces(args.data)
    folder = RunFolder(args)
    folder.tell_copies(count_copies(faces))
    model = FaceFinder(FinderConfig())
    task = FaceDetectionTask(model, (studio(faces.train, args), studio(faces.dev, args)), args)
    Trainer(task, args, folder).fit()
    best = folder.load(BEST)
    if best is None:
        raise RuntimeError(f"{args.out} holds no finished epoch; continue it with --resume.")
    model.load_state_dict(best["model"])
    return export(model, args.out / "weights", best["scores"], args.proposal)


def studio(faces: Faces, args: FaceDetectionArgs) -> Studio:
    """Where the scenes of these faces are made."""
    crops = faces.images[~faces.not_a_face]
    sizes = (float(args.smallest), float(args.largest))
    return Studio(crops, photographs(PHOTOGRAPHS), (args.side,), sizes, camera=False)


def export(model: FaceFinder, out: Path, scores: Mapping[str, float], proposal: float) -> Path:
    """Write weights, config and manifest."""
    out.mkdir(parents=True, exist_ok=True)
    save_weights(out / WEIGHTS, model.state_dict(), storage="fp16")
    (out / "config.json").write_text(json.dumps(FinderConfig().to_dict(), indent=2) + "\n", "utf-8")
    manifest = Manifest(
        task=TASK,
        architecture=ARCHITECTURE,
        settings={"threshold": proposal, "storage": "fp16"},
        metrics={name: round(float(value), 4) for name, value in scores.items()},
        licence="weights: research use, see MODEL_CARD.md",
    )
    seal(out, manifest, (WEIGHTS, "config.json"))
    return out
