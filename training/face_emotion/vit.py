"""The reference recipe: a ViT that was trained on other pictures learns the seven expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import ViTForImageClassification, ViTImageProcessorPil

from emotibot_models.devices import pick_device
from emotibot_models.types import FaceEmotion
from training.face_emotion.args import FaceEmotionArgs
from training.face_emotion.augment import augment
from training.face_emotion.batches import accuracy, as_pixels, shuffled, soft_targets
from training.face_emotion.data import FaceData, Faces, Floats
from training.runs.loop import decayed


class VitTask:
    """What the loop needs to know of one stage of the ViT."""

    def __init__(self, args: FaceEmotionArgs, data: FaceData, model: nn.Module) -> None:
        self.args, self.dev = args, data.dev
        self.device = pick_device(args.device)
        self.train = data.train.rows(~data.train.not_a_face)
        self.targets = torch.from_numpy(soft_targets(self.train, args))
        self.model: nn.Module = model.to(self.device)
        self.side = int(model.config.image_size)  # type: ignore[union-attr, arg-type]

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Whatever is not frozen, at one rate; matrices decay, vectors do not."""
        return decayed(list(self.model.named_parameters()), self.args.lr)

    def batches(self, epoch: int) -> Sequence[list[int]]:
        """The training rows in the epoch's own order."""
        return shuffled(len(self.train), self.args, epoch)

    def loss(self, batch: list[int]) -> Tensor:
        """Cross-entropy against the targets."""
        faces = as_pixels(self.train.images[batch], self.device)
        if self.args.augment:
            faces = augment(faces)
        logits = self.model(pixel_values=enlarged(faces, self.side)).logits
        targets = self.targets[batch].to(self.device)
        return nn.functional.cross_entropy(logits.float(), targets)

    def validate(self) -> Mapping[str, float]:
        """Accuracy on PublicTest."""
        return {"dev_accuracy": accuracy(self.logits(self.dev), self.dev)}

    @torch.inference_mode()
    def logits(self, faces: Faces) -> Floats:
        """Logits (N, 7)."""
        rows: list[Tensor] = []
        for start in range(0, len(faces), 64):
            part = as_pixels(faces.images[start : start + 64], self.device)
            rows.append(self.model(pixel_values=enlarged(part, self.side)).logits.float().cpu())
        return torch.cat(rows).numpy()


def open_base(base: str) -> nn.Module:
    """The ViT with a fresh head of seven labels.

    Raises:
        ValueError: the base cannot be had, or is no ViT.
    """
    names = {index: label.value for index, label in enumerate(FaceEmotion)}
    try:
        model: nn.Module = ViTForImageClassification.from_pretrained(
            base,
            num_labels=len(names),
            id2label=names,
            label2id={name: index for index, name in names.items()},
            ignore_mismatched_sizes=True,
            dtype=torch.float32,
        )
    except OSError as exc:
        raise ValueError(f"{base} cannot be loaded as a ViT ({type(exc).__name__}).") from exc
    return model


def freeze_backbone(model: nn.Module, *, frozen: bool) -> None:
    """Let only the head learn, or everything."""
    model.get_submodule("vit").requires_grad_(not frozen)


def enlarged(faces: Tensor, side: int) -> Tensor:
    """Grey faces (B, 1, H, W) in [0, 1] as ViT takes them: (B, 3, side, side) in [-1, 1]."""
    large = nn.functional.interpolate(faces, size=side, mode="bilinear", align_corners=False)
    return ((large - 0.5) / 0.5).expand(-1, 3, -1, -1)


def processor(side: int) -> ViTImageProcessorPil:
    """What does the same as ``enlarged`` to pictures, for serving."""
    half = [0.5, 0.5, 0.5]
    return ViTImageProcessorPil(
        size={"height": side, "width": side}, image_mean=half, image_std=half
    )
