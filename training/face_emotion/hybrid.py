"""The starter recipe: the hybrid of stem and encoder learns faces, from nothing or further on."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from emotibot_models.conv_vit import ConvViT, ConvViTConfig, standardise
from emotibot_models.devices import pick_device
from training.face_emotion.args import FaceEmotionArgs
from training.face_emotion.augment import augment, mixup
from training.face_emotion.batches import accuracy, as_pixels, shuffled, soft_targets
from training.face_emotion.data import SIDE, FaceData, Faces, Floats
from training.runs.loop import decayed


class Batch(NamedTuple):
    """What one step sees."""

    rows: list[int]
    """Of the training part."""
    side: int
    """Pixels a side."""


class HybridTask:
    """What the loop needs to know of the hybrid; ``model`` is trained further, or a new one."""

    def __init__(self, args: FaceEmotionArgs, data: FaceData, model: ConvViT | None = None) -> None:
        self.args, self.dev = args, data.dev
        self.device = pick_device(args.device)
        self.train = data.train.rows(~data.train.not_a_face)
        # All of it where the network is: a GPU that waits for 70 MB of faces waits long.
        self.images = torch.from_numpy(self.train.images).to(self.device)
        self.targets = torch.from_numpy(soft_targets(self.train, args)).to(self.device)
        self.done = 0.0
        self.teacher: nn.Module | None = None
        self.model: nn.Module = (model or ConvViT(shape_of(args))).to(self.device)
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Everything at one rate; matrices decay, vectors do not."""
        return decayed(list(self.model.named_parameters()), self.args.lr)

    def pace(self, done: float) -> None:
        """Small faces come in a first share of the run, blended ones in all but a last share."""
        self.done = done

    def follow(self, average: Mapping[str, Tensor]) -> None:
        """The averaged weights teach, from where they lie."""
        if self.args.teacher_share:
            teacher = copy.deepcopy(self.model)
            teacher.load_state_dict(average, assign=True)
            self.teacher = teacher.eval().requires_grad_(False)

    def batches(self, epoch: int) -> Sequence[Batch]:
        """The training rows in the epoch's own order."""
        side = self.args.small_side if self.done < self.args.small_share else SIDE
        return [Batch(rows, side) for rows in shuffled(len(self.train), self.args, epoch)]

    def loss(self, batch: Batch) -> Tensor:
        """Cross-entropy against soft targets."""
        # Half precision would move a face by part of a pixel.
        with torch.autocast(self.device.type, enabled=False):
            faces, targets = self._examples(batch)
        faces = faces.contiguous(memory_format=torch.channels_last)
        if self.teacher is not None:
            targets = self._taught(faces, targets, self.teacher)
        logits = self.model(faces)
        return nn.functional.cross_entropy(logits.float(), targets)

    def _examples(self, batch: Batch) -> tuple[Tensor, Tensor]:
        rows = torch.tensor(batch.rows, device=self.device)
        faces, targets = as_pixels(self.images[rows], self.device), self.targets[rows]
        if self.args.augment:
            faces = augment(faces)
        if batch.side != SIDE:
            faces = nn.functional.interpolate(faces, size=batch.side, mode="area")
        faces = standardise(faces)
        blends = self.done < 1 - self.args.plain_share
        if blends and torch.rand(()) < self.args.mixup_share:
            faces, targets = mixup(faces, targets)
        return faces, targets

    @torch.no_grad()
    def _taught(self, faces: Tensor, targets: Tensor, teacher: nn.Module) -> Tensor:
        """Targets with what the teacher sees, whose word counts more as it learns."""
        seen = torch.softmax(teacher(faces).float(), dim=1)
        return targets.lerp(seen, self.args.teacher_share * min(1.0, 2 * self.done))

    def validate(self) -> Mapping[str, float]:
        """Accuracy on PublicTest."""
        return {"dev_accuracy": accuracy(self.logits(self.dev), self.dev)}

    @torch.inference_mode()
    def logits(self, faces: Faces) -> Floats:
        """Logits (N, 7) as serving computes them: the face and its mirror image, averaged."""
        rows: list[Tensor] = []
        for start in range(0, len(faces), 256):
            part = standardise(as_pixels(faces.images[start : start + 256], self.device))
            with torch.autocast(
                self.device.type, dtype=torch.bfloat16, enabled=self.args.mixed_precision
            ):
                both = self.model(part).float() + self.model(part.flip(-1)).float()
            rows.append(both.cpu() / 2)
        return torch.cat(rows).numpy()


def shape_of(args: FaceEmotionArgs) -> ConvViTConfig:
    """The shape of a new network.

    Raises:
        ValueError: ``shape`` names something that a network does not have.
    """
    usual, changes = ConvViTConfig(), dict(args.shape)
    known = asdict(usual)
    if strange := sorted(set(changes) - set(known)):
        raise ValueError(f"shape: {strange[0]!r} is none of {', '.join(known)}")
    if "channels" in changes:
        changes["channels"] = tuple(changes["channels"])
    return replace(usual, **changes)
