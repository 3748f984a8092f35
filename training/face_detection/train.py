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
    EXTRAS,
    TASK,
    FaceFinder,
    Found,
    read_grid,
    standardised,
)
from emotibot_models.types import Box
from training.face_detection.args import FaceDetectionArgs
from training.face_detection.backdrops import backdrops
from training.face_detection.easel import Easel
from training.face_detection.scenes import Scene, Studio, photographs
from training.face_emotion.data import Faces, count_copies, read_faces
from training.runs.folder import BEST, RunFolder
from training.runs.loop import Trainer, decayed

PHOTOGRAPHS: Final = (
    *("grass", "page", "text", "clock", "hubble_deep_field", "immunohistochemistry", "retina"),
    *("colorwheel", "cell", "horse", "logo", "stereo_motorcycle", "china.jpg"),
)
"""Behind the faces that are trained on: none of the dev or the test scenes'."""
DEV_PHOTOGRAPHS: Final = ("moon", "microaneurysms", "flower.jpg")
DEV_KINDS: Final[Mapping[str, float]] = {
    "upright": 0.36,
    "turned": 0.12,
    "several": 0.08,
    "covered": 0.1,
    "blurred": 0.1,
    "decoys": 0.12,
    "none": 0.12,
}
"""Share of each kind among the dev scenes."""
NEAR: Final = 0.5
"""Of the side: how far off its middle a find may be."""
MARGIN: Final = 1.2
"""Side of a backdrop over that of a scene."""
LEAST: Final = 0.05
"""Score below which no threshold is looked for."""


class FaceDetectionTask:
    """CenterNet's focal loss for the middles, smooth L1 for size and turn, entropy for the rest."""

    def __init__(self, model: FaceFinder, easel: Easel, dev: Sequence[Scene], args: Any) -> None:
        self.args: FaceDetectionArgs = args
        self.device = pick_device(args.device)
        self.model: nn.Module = model.to(self.device)
        self.easel = easel
        self.dev = dev
        self._canvases = torch.stack([canvas(scene.image, args.side) for scene in dev])

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Everything at one rate."""
        return decayed(list(self.model.named_parameters()), self.args.lr)

    def batches(self, epoch: int) -> Sequence[int]:
        """The seeds of the batches; none comes twice."""
        count = max(1, self.args.epoch_scenes // self.args.batch_size)
        return range(epoch * count, (epoch + 1) * count)

    def loss(self, batch: int) -> Tensor:
        """The scenes of this seed, drawn and scored."""
        # A picture drawn in half precision would have steps that no camera makes.
        with torch.autocast(self.device.type, enabled=False):
            scenes = self.easel.draw(self.args.seed * 1_000_003 + batch)
            pixels = standardised(scenes.pixels).contiguous(memory_format=torch.channels_last)
        grid = self.model(pixels)
        with torch.autocast(self.device.type, enabled=False):
            return finder_loss(grid.float(), scenes.targets)

    @torch.inference_mode()
    def validate(self) -> Mapping[str, float]:
        """The best F1 over thresholds on the dev scenes, where it lies, and what is seen there."""
        found = [
            read_grid(grid, floor=LEAST)
            for part in self._canvases.split(self.args.batch_size)
            for grid in self.model(standardised(part.to(self.device))).float().cpu()
        ]
        seen = [hits(faces, scene) for faces, scene in zip(found, self.dev, strict=True)]
        scored = [score for scores in seen for score in scores]
        cut = best_cut(scored, sum(len(scene.faces) for scene in self.dev))
        return {**cut, **told_apart(found, self.dev)}


def canvas(image: Image.Image, side: int) -> Tensor:
    """The picture in grey on a square (1, side, side), its last rows and columns repeated."""
    grey = np.asarray(image.convert("L"))
    rows = ((0, side - grey.shape[0]), (0, side - grey.shape[1]))
    return torch.from_numpy(np.pad(grey, rows, mode="edge"))[None]


def finder_loss(grid: Tensor, targets: Tensor) -> Tensor:
    """The loss of grids (B, 6, h, w) against an easel's targets (B, 8, h, w), a face."""
    bump, middle, clear = targets[:, 0], targets[:, 6], targets[:, 7]
    logits = grid[:, 0]
    hit = (1 - logits.sigmoid()) ** 2 * nn.functional.logsigmoid(logits) * middle
    miss = (1 - bump) ** 4 * logits.sigmoid() ** 2 * nn.functional.logsigmoid(-logits)
    shape = nn.functional.smooth_l1_loss(grid[:, 1:4], targets[:, 1:4], reduction="none")
    state = nn.functional.binary_cross_entropy_with_logits(
        grid[:, 4:], targets[:, 4:6], reduction="none"
    )
    whole = -(hit + miss * (1 - middle)) + shape.sum(1) * middle + 0.5 * state.sum(1) * clear
    return whole.sum() / middle.sum().clamp_min(1.0)


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


def told_apart(found: Sequence[Sequence[Found]], shown: Sequence[Scene]) -> dict[str, float]:
    """Share of scenes whose surest find is right about being covered, and about being blurred."""
    out = {}
    for extra in EXTRAS:
        right = [
            (getattr(faces[0], extra) >= 0.5) == (scene.kind == extra)
            for faces, scene in zip(found, shown, strict=True)
            if faces and scene.faces and _is_on(faces[0], scene.faces[0])
        ]
        out[f"dev_{extra}"] = sum(right) / max(1, len(right))
    return out


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
    model = FaceFinder(args.config()).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    task = FaceDetectionTask(model, easel(faces.train, args), dev_scenes(faces.dev, args), args)
    Trainer(task, args, folder).fit()
    return export(args)


def easel(faces: Faces, args: FaceDetectionArgs) -> Easel:
    """Where the scenes of these faces are drawn, on the device of the run."""
    behind = backdrops(
        photographs(PHOTOGRAPHS),
        count=args.backdrops,
        side=round(args.side * MARGIN),
        seed=args.seed,
        workers=args.workers,
    )
    device = pick_device(args.device)
    crops = torch.from_numpy(faces.images[~faces.not_a_face]).to(device)
    return Easel(
        crops,
        torch.from_numpy(behind).to(device),
        count=args.batch_size,
        side=args.side,
        smallest=args.smallest,
        largest=args.largest,
    )


def dev_scenes(faces: Faces, args: FaceDetectionArgs) -> list[Scene]:
    """Scenes that choose the best weights: others than the training's in all they are made of."""
    crops = faces.images[~faces.not_a_face]
    sizes = (float(max(args.smallest, args.side // 16)), args.side * 0.6)
    studio = Studio(crops, photographs(DEV_PHOTOGRAPHS), (args.side,), sizes)
    kinds, shares = list(DEV_KINDS), list(DEV_KINDS.values())
    random = (np.random.default_rng((args.seed, seed)) for seed in range(args.dev_scenes))
    return [studio.scene(str(rng.choice(kinds, p=shares)), rng) for rng in random]


def export(args: FaceDetectionArgs) -> Path:
    """Write weights, config and manifest of the best epoch so far; also while a run goes on.

    Raises:
        RuntimeError: no epoch was finished.
    """
    best = RunFolder(args).load(BEST)
    if best is None:
        raise RuntimeError(f"{args.out} holds no finished epoch; continue it with --resume.")
    out = args.out / "weights"
    out.mkdir(exist_ok=True)
    save_weights(out / WEIGHTS, best["model"], storage="fp16")
    config = json.dumps(args.config().to_dict(), indent=2)
    (out / "config.json").write_text(config + "\n", "utf-8")
    scores = {name: round(float(value), 4) for name, value in best["scores"].items()}
    manifest = Manifest(
        task=TASK,
        architecture=ARCHITECTURE,
        settings={
            "looks": [[args.side, 0, scores["threshold"]], [2 * args.side, 0, scores["threshold"]]],
            "storage": "fp16",
        },
        metrics=scores,
        licence="weights: research use, see MODEL_CARD.md",
    )
    seal(out, manifest, (WEIGHTS, "config.json"))
    return out
