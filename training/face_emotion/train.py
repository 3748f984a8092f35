"""Train the face-emotion model; best weights by accuracy on PublicTest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from emotibot_models.artifacts import MANIFEST, WEIGHTS, Manifest, save_weights, seal
from emotibot_models.conv_vit import ConvViT
from emotibot_models.face_emotion import (
    CONFIG,
    FLOOR_KEY,
    HYBRID,
    LABELS,
    TASK,
    VIT,
    build_hybrid,
)
from training.face_emotion.args import FaceEmotionArgs
from training.face_emotion.calibration import (
    calibration_error,
    fit_bias,
    fit_floor,
    fit_temperature,
    softmax,
)
from training.face_emotion.data import FaceData, count_copies, read_faces
from training.face_emotion.hybrid import HybridTask
from training.face_emotion.vit import VitTask, freeze_backbone, open_base, processor
from training.runs.folder import BEST, RunFolder
from training.runs.loop import Trainer

LICENCE = "weights: non-commercial research use, see MODEL_CARD.md"


def run(args: FaceEmotionArgs) -> Path:
    """Train, calibrate on PublicTest, and write a weights folder; its path comes back.

    Raises:
        DataError: the data folder holds no FER2013.
        ValueError: the base cannot be had.
    """
    torch.manual_seed(args.seed)
    torch.backends.cudnn.benchmark = True  # every batch has the same shape
    data = read_faces(args.data)
    hybrid = not args.base or (Path(args.base) / MANIFEST).is_file()
    task = train_hybrid(args, data) if hybrid else fine_tune(args, data)
    return export(task, args, args.out / "weights")


def train_hybrid(args: FaceEmotionArgs, data: FaceData) -> HybridTask:
    """The hybrid, trained from scratch or from ``base`` on, with its best weights in place."""
    folder = RunFolder(args)
    folder.tell_copies(count_copies(data))
    task = HybridTask(args, data, build_hybrid(Path(args.base)) if args.base else None)
    Trainer(task, args, folder).fit()
    _restore_best(task.model, folder)
    return task


def fine_tune(args: FaceEmotionArgs, data: FaceData) -> VitTask:
    """A ViT in two stages, first its head and then everything, with its best weights in place."""
    folder = RunFolder(args)
    folder.tell_copies(count_copies(data))
    model = open_base(args.base)
    if args.head_epochs:
        train_head(args, data, model)
    freeze_backbone(model, frozen=False)
    task = VitTask(args, data, model)
    Trainer(task, args, folder).fit()
    _restore_best(task.model, folder)
    return task


def train_head(args: FaceEmotionArgs, data: FaceData, model: nn.Module) -> None:
    """The first stage, in the folder ``head`` of the run: the backbone stays as it is."""
    stage = replace(
        args, out=args.out / "head", epochs=args.head_epochs, lr=args.head_lr, head_epochs=0
    )
    folder = RunFolder(stage)
    freeze_backbone(model, frozen=True)
    Trainer(VitTask(stage, data, model), stage, folder).fit()
    _restore_best(model, folder)


def export(task: HybridTask | VitTask, args: FaceEmotionArgs, out: Path) -> Path:
    """Write the task's weights, configuration and manifest as serving loads them."""
    out.mkdir(parents=True, exist_ok=True)
    _shift_classes(task)
    files = _write_network(task.model, out)
    logits = task.logits(task.dev)
    temperature = fit_temperature(logits, task.dev.labels)
    scores = softmax(logits / temperature)
    manifest = Manifest(
        task=TASK,
        architecture=HYBRID if isinstance(task.model, ConvViT) else VIT,
        labels=LABELS,
        temperature=round(temperature, 4),
        settings={
            FLOOR_KEY: round(fit_floor(scores, task.dev.labels, accuracy=args.sure_accuracy), 4)
        },
        metrics={
            "public_test_accuracy": round(float(np.mean(scores.argmax(1) == task.dev.labels)), 4),
            "public_test_calibration_error": round(calibration_error(scores, task.dev.labels), 4),
        },
        licence=LICENCE,
    )
    seal(out, manifest, files)
    return out


@torch.no_grad()
def _shift_classes(task: HybridTask | VitTask) -> None:
    """Give the head the class shares of PublicTest's labels."""
    bias = fit_bias(task.logits(task.dev), task.dev.labels)
    head = task.model.get_submodule("classifier").get_parameter("bias")
    head.add_(torch.from_numpy(bias).to(head))


def _write_network(model: nn.Module, out: Path) -> list[str]:
    if isinstance(model, ConvViT):
        save_weights(out / WEIGHTS, model.state_dict(), storage="fp16")
        body = json.dumps(model.config.to_dict(), indent=2) + "\n"
        (out / CONFIG).write_text(body, "utf-8")
        return [WEIGHTS, CONFIG]
    model.save_pretrained(out)  # type: ignore[operator]
    processor(int(model.config.image_size)).save_pretrained(out)  # type: ignore[union-attr, arg-type]
    return [WEIGHTS, CONFIG, "preprocessor_config.json"]


def _restore_best(model: nn.Module, folder: RunFolder) -> None:
    best = folder.load(BEST)
    if best is None:
        raise RuntimeError(f"{folder.path} holds no finished epoch; continue it with --resume.")
    model.load_state_dict(best["model"])
    model.eval()
