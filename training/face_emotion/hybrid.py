"""The starter recipe: the hybrid of stem and encoder learns faces, from nothing or further on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        self.targets = torch.from_numpy(soft_targets(self.train, args))
        self.model: nn.Module = (model or ConvViT(ConvViTConfig())).to(self.device)
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Everything at one rate; matrices decay, vectors do not."""
        return decayed(list(self.model.named_parameters()), self.args.lr)

    def batches(self, epoch: int) -> Sequence[Batch]:
        """The training rows in the epoch's own order; the first epochs see small faces."""
        small = epoch < self.args.small_share * self.args.epochs
        side = self.args.small_side if small else SIDE
        return [Batch(rows, side) for rows in shuffled(len(self.train), self.args, epoch)]

    def loss(self, batch: Batch) -> Tensor:
        """Cross-entropy against soft targets."""
        faces = as_pixels(self.train.images[batch.rows], self.device)
        targets = self.targets[batch.rows].to(self.device)
        if self.args.augment:
            faces = augment(faces)
        if batch.side != SIDE:
            faces = nn.functional.interpolate(faces, size=batch.side, mode="area")
        faces = standardise(faces)
        if torch.rand(()) < self.args.mixup_share:
            faces, targets = mixup(faces, targets)
        logits = self.model(faces.contiguous(memory_format=torch.channels_last))
        return nn.functional.cross_entropy(logits.float(), targets)

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
