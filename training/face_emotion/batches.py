"""From rows of the data set to what a step computes with."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from training.face_emotion.args import FaceEmotionArgs
from training.face_emotion.data import Faces, Floats, Pixels


def soft_targets(faces: Faces, args: FaceEmotionArgs) -> Floats:
    """Targets (N, 7): the original label, the FER+ votes and a little of everything."""
    classes = faces.votes.shape[1]
    label = np.eye(classes, dtype=np.float32)[faces.labels]
    voted = faces.votes.sum(1, keepdims=True) > 0
    mixed = (1 - args.vote_share) * label + args.vote_share * np.where(voted, faces.votes, label)
    smooth: Floats = (1 - args.smoothing) * mixed + args.smoothing / classes
    return smooth.astype(np.float32)


def shuffled(rows: int, args: FaceEmotionArgs, epoch: int) -> list[list[int]]:
    """Rows in batches, in an order that the seed and the epoch decide; the odd rest is left out."""
    order = np.random.default_rng([args.seed, epoch]).permutation(rows)
    whole = max(1, rows // args.batch_size)
    return [order[i * args.batch_size : (i + 1) * args.batch_size].tolist() for i in range(whole)]


def as_pixels(images: Pixels | Tensor, device: torch.device) -> Tensor:
    """Grey bytes (B, side, side) as floats (B, 1, side, side) in [0, 1]."""
    return torch.as_tensor(images, device=device).unsqueeze(1).float() / 255


def accuracy(logits: Floats, faces: Faces) -> float:
    """Share of the faces whose strongest label is the original one."""
    return float((logits.argmax(1) == faces.labels).mean())
