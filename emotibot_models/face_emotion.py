"""The expression on a face: a picture is opened, its face found, cut out and classified."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from emotibot_models.artifacts import (
    MANIFEST,
    WEIGHTS,
    Manifest,
    load_weights,
    open_folder,
    refuse_pickles,
)
from emotibot_models.conv_vit import ConvViT, ConvViTConfig, standardise
from emotibot_models.convolutions import read_only
from emotibot_models.devices import pick_device
from emotibot_models.errors import ArtifactError, ImageError
from emotibot_models.face_detection import FaceFinding, Finder, find_face
from emotibot_models.face_finder import Finder as TrainedFinder
from emotibot_models.face_labels import column_order
from emotibot_models.graphs import OnDevice
from emotibot_models.images import open_image
from emotibot_models.presets import STARTER
from emotibot_models.types import FaceEmotion, FaceMode, FaceOutcome, FaceReading

TASK: Final = "face-emotion"
HYBRID: Final = "conv-vit"
VIT: Final = "vit"
LABELS: Final = tuple(label.value for label in FaceEmotion)
CONFIG: Final = "config.json"
FLOOR_KEY: Final = "confidence_floor"
DEFAULT_FLOOR: Final = 0.4
"""For weights that bring no floor of their own."""
SIDE: Final = 48
"""Pixels of a blank face."""
WARMED: Final = 6
"""Powers of two up to which faces at a time are prepared for."""
NOT_SURE: Final = "I see a face, but I am not sure how to read its expression."

Picture = bytes | Image.Image


class FaceNetwork(Protocol):
    """What stands behind the model: pictures in, one row of seven logits each out."""

    def prepare(self, crops: Sequence[Image.Image]) -> Tensor:
        """Face crops of any size as one batch of pixels."""
        ...

    def logits(self, pixels: Tensor) -> Tensor:
        """Logits (B, 7) in the order of ``FaceEmotion``."""
        ...


class FaceEmotionModel:
    """Reads a list of pictures at a time; a bad picture is a reading with a reason."""

    def __init__(
        self,
        network: FaceNetwork,
        *,
        temperature: float = 1.0,
        floor: float = DEFAULT_FLOOR,
        batch_size: int = 64,
        finder: Finder,
    ) -> None:
        self._network = network
        self._finder = finder
        self._temperature = temperature
        self.floor = floor
        """Below this calibrated confidence a reading is ``NOT_SURE``."""
        self._batch_size = batch_size

    @classmethod
    def load(
        cls,
        source: str | Path,
        device: str = "auto",
        *,
        finder: str | Path = STARTER / "face_detection",
    ) -> FaceEmotionModel:
        """Load our own weights folder, or a ViT image classifier (folder or hub id).

        ``finder`` is the weights folder of a face finder.

        Raises:
            ArtifactError: the weights are missing, damaged, a pickle, or know other labels.
        """
        folder = Path(source)
        place = pick_device(device)
        eyes = TrainedFinder.load(finder, place)
        if not (folder / MANIFEST).is_file():
            return cls(load_vit(source, place), finder=eyes)
        manifest = open_folder(folder, task=TASK, labels=LABELS)
        network: FaceNetwork
        if manifest.architecture == HYBRID:
            network = Hybrid(read_only(build_hybrid(folder)), place)
        elif manifest.architecture == VIT:
            network = load_vit(folder, place)
        else:
            raise ArtifactError(f"{folder} holds an unknown network {manifest.architecture!r}.")
        return cls(network, temperature=manifest.temperature, floor=_floor(manifest), finder=eyes)

    def read(self, images: Sequence[Picture], mode: Sequence[FaceMode]) -> list[FaceReading]:
        """One reading a picture, in the same order; never raises for what a picture holds."""
        seen = self.look(list(zip(images, mode, strict=True)))
        crops = [found.crop for found in seen if isinstance(found, FaceFinding) and found.crop]
        rows = iter(self.scores(crops).tolist())
        return [
            found if isinstance(found, FaceReading) else self.reading(found, next(rows))
            for found in seen
        ]

    def look(self, pictures: Sequence[tuple[Picture, FaceMode]]) -> list[FaceFinding | FaceReading]:
        """The face to classify in each picture, or the reading that says why there is none."""
        return [_look(image, mode, self._finder) for image, mode in pictures]

    def warm(self) -> None:
        """Prepare now what the first faces would wait for."""
        blank = Image.new("L", (SIDE, SIDE))
        for power in reversed(range(WARMED)):
            self.scores([blank] * 2**power)

    @torch.inference_mode()
    def scores(self, crops: Sequence[Image.Image]) -> Tensor:
        """Calibrated probabilities (N, 7) for crops of faces, in the order of ``FaceEmotion``."""
        rows = [torch.zeros(0, len(LABELS))]
        for start in range(0, len(crops), self._batch_size):
            pixels = self._network.prepare(crops[start : start + self._batch_size])
            logits = self._network.logits(pixels).float().cpu()
            rows.append(torch.softmax(logits / self._temperature, dim=1))
        return torch.cat(rows)

    def reading(self, found: FaceFinding, scores: list[float]) -> FaceReading:
        """What 7 calibrated probabilities say about a face that was found."""
        confidence = max(scores)
        sure = confidence >= self.floor
        return FaceReading(
            outcome=FaceOutcome.READ if sure else FaceOutcome.NOT_SURE,
            emotion=list(FaceEmotion)[scores.index(confidence)] if sure else None,
            confidence=confidence,
            scores=tuple(scores),
            faces=found.faces,
            box=found.box,
            note=found.note if sure else NOT_SURE,
        )


@dataclass(frozen=True)
class Hybrid:
    """Our small network behind its preparation: grey, 48 x 48, standardised."""

    network: ConvViT
    device: torch.device

    def __post_init__(self) -> None:
        self.network.to(self.device).eval()

    def prepare(self, crops: Sequence[Image.Image]) -> Tensor:
        """Pixels (B, 1, side, side), each picture at mean 0 and deviation 1."""
        side = self.network.config.image_size
        grey = np.stack([np.asarray(squared(crop, side), dtype=np.float32) for crop in crops])
        return standardise(torch.from_numpy(grey / 255).unsqueeze(1))

    def logits(self, pixels: Tensor) -> Tensor:
        """Logits (B, 7), averaged over the face and its mirror image."""
        pixels = pixels.to(self.device)
        both: Tensor = self.network(torch.cat([pixels, pixels.flip(-1)]))
        return both.view(2, -1, both.shape[1]).mean(0)


@dataclass(frozen=True)
class Vit:
    """A transformers ViT behind its own preparation, with its labels put into our order."""

    network: OnDevice
    """Pixels to logits in its own order."""
    processor: Any
    order: tuple[int, ...]

    @classmethod
    def of(
        cls,
        model: Any,
        processor: Any,
        order: tuple[int, ...],
        device: torch.device,
        *,
        halved: bool = True,
    ) -> Vit:
        """A ``ViTForImageClassification``; on a GPU ``halved``, and then as CUDA graphs."""
        halved = halved and device.type == "cuda"
        network = _Seen(model.half() if halved else model)
        return cls(OnDevice(network, device, graphs=halved), processor, order)

    def prepare(self, crops: Sequence[Image.Image]) -> Tensor:
        """Pixels (B, 3, side, side); grey, as the faces these models are trained on."""
        grey = [crop.convert("L").convert("RGB") for crop in crops]
        pixels: Tensor = self.processor(images=grey, return_tensors="pt")["pixel_values"]
        return pixels

    def logits(self, pixels: Tensor) -> Tensor:
        """Logits (B, 7) in the order of ``FaceEmotion``."""
        return self.network(pixels)[:, list(self.order)]  # type: ignore[no-any-return]


class _Seen(nn.Module):
    """A transformers image classifier that answers with its logits alone."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: Tensor) -> Tensor:
        logits: Tensor = self.model(pixel_values=pixels.to(self.model.dtype)).logits
        return logits


def squared(crop: Image.Image, side: int) -> Image.Image:
    """The crop in grey at ``side`` x ``side`` pixels."""
    return crop.convert("L").resize((side, side), Image.Resampling.LANCZOS)


def build_hybrid(folder: Path) -> ConvViT:
    """Our network with the weights of a folder whose manifest was checked.

    Raises:
        ArtifactError: the configuration or the weights do not fit this version.
    """
    try:
        body = json.loads((folder / CONFIG).read_text("utf-8"))
        network = ConvViT(ConvViTConfig.from_dict(body))
        network.load_state_dict(load_weights(folder / WEIGHTS))
    except (OSError, KeyError, TypeError, ValueError, RuntimeError) as exc:
        raise ArtifactError(
            f"{folder} does not fit this version ({type(exc).__name__}). "
            f"Train it again with `emotibot train {TASK}`."
        ) from exc
    return network


def load_vit(source: str | Path, device: torch.device) -> Vit:
    """A transformers ``ViTForImageClassification`` from a folder or the hub, safetensors only.

    Raises:
        ArtifactError: it cannot be had, is no ViT, or its labels are not the seven expressions.
    """
    from transformers import AutoConfig, ViTForImageClassification

    if Path(source).is_dir():
        refuse_pickles(Path(source))
    try:
        config = AutoConfig.from_pretrained(str(source))
        order = _order(source, config)
        network = ViTForImageClassification.from_pretrained(
            str(source), use_safetensors=True, dtype=torch.float32
        )
    except (OSError, ValueError) as exc:
        raise ArtifactError(
            f"{source} cannot be loaded as a ViT image classifier ({type(exc).__name__}). "
            'Give a folder or hub id with safetensors weights, or preset = "starter".'
        ) from exc
    return Vit.of(network, _processor(source, config), order, device)


def _look(image: Picture, mode: FaceMode, finder: Finder) -> FaceFinding | FaceReading:
    """A face to classify, or the reading that says why there is none."""
    try:
        picture = open_image(image)
    except ImageError as exc:
        return FaceReading(FaceOutcome.UNREADABLE, note=str(exc))
    if mode is FaceMode.CROP:
        return FaceFinding(FaceOutcome.READ, crop=picture, faces=1)
    found = find_face(picture, finder)
    if found.crop is None:
        return FaceReading(found.outcome, faces=found.faces, box=found.box, note=found.note)
    return found


def _floor(manifest: Manifest) -> float:
    return float(manifest.settings.get(FLOOR_KEY, DEFAULT_FLOOR))


def _order(source: str | Path, config: Any) -> tuple[int, ...]:
    if config.model_type != VIT:
        raise ArtifactError(f"{source} is a {config.model_type!r} network, a 'vit' is needed.")
    names = [config.id2label[i] for i in range(len(config.id2label))]
    if all(re.fullmatch(r"LABEL_\d+", name) for name in names):
        raise ArtifactError(
            f"{source} is a ViT without a head for expressions. "
            f"Train one with `emotibot train {TASK} --base {source}`."
        )
    try:
        return column_order(names)
    except ValueError as exc:
        raise ArtifactError(
            f"{source} does not fit, its labels are not the seven of {', '.join(LABELS)}: {exc}."
        ) from exc


def _processor(source: str | Path, config: Any) -> Any:
    from transformers import ViTImageProcessorPil

    try:
        return ViTImageProcessorPil.from_pretrained(str(source))
    except OSError:
        side = config.image_size
        return ViTImageProcessorPil(size={"height": side, "width": side})
