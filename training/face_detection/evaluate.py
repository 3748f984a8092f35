"""What is found in 300 scenes, what is seen where nothing is, what is told, and how fast."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from emotibot_models.face_detection import FaceFinding, find_face
from emotibot_models.face_finder import Finder
from emotibot_models.types import Box, FaceOutcome, FaceReading
from training.face_detection.scenes import COUNTS, Scene, scenes
from training.face_emotion.data import Faces, read_faces

SEED: Final = 7
OVERLAP: Final = 0.3
"""Intersection over union from which a find is on a face."""
READABLE: Final = ("upright", "turned")
READ: Final = (FaceOutcome.READ, FaceOutcome.NOT_SURE)
RIGHT: Final[Mapping[str, tuple[FaceOutcome, ...]]] = {
    "upright": READ,
    "turned": READ,
    "tiny": (FaceOutcome.TOO_SMALL,),
    "blurred": (FaceOutcome.BLURRED,),
    "covered": (FaceOutcome.COVERED,),
    "several": (FaceOutcome.SEVERAL_FACES,),
    "none": (FaceOutcome.NO_FACE,),
}
"""What a person should be told about each kind of scene."""

Seen = FaceFinding | FaceReading


def evaluate(source: Path | str, data: Path, device: str = "cpu") -> dict[str, Any]:
    """Recall, false finds, outcomes by kind and milliseconds on scenes of PrivateTest crops.

    Raises:
        ArtifactError: the weights cannot be used.
        DataError: the data folder holds no FER2013.
    """
    del device  # the finder is small and runs on the processor
    finder = Finder.load(source)
    faces = read_faces(data).test
    return measured(faces, lambda image: find_face(image, finder))


def measured(
    faces: Faces, look: Callable[[Image.Image], Seen], counts: Mapping[str, int] = COUNTS
) -> dict[str, Any]:
    """The figures of a way to look at pictures, on scenes made from these faces."""
    shown = list(scenes(faces.images[~faces.not_a_face], seed=SEED, counts=counts))
    found, milliseconds = [], []
    for scene in shown:
        started = time.perf_counter()
        found.append(look(scene.image))
        milliseconds.append((time.perf_counter() - started) * 1000)
    return {
        "scenes": len(shown),
        **figures(shown, found),
        "milliseconds_median": round(float(np.median(milliseconds)), 1),
        "milliseconds_p95": round(float(np.percentile(milliseconds, 95)), 1),
    }


def figures(shown: Sequence[Scene], found: Sequence[Seen]) -> dict[str, Any]:
    """Recall by kind, false finds, what was told about each kind, and how often it was right."""
    hit: dict[str, list[bool]] = defaultdict(list)
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    right: dict[str, list[bool]] = defaultdict(list)
    for scene, finding in zip(shown, found, strict=True):
        hit[scene.kind].append(on_a_face(finding, scene))
        outcomes[scene.kind][finding.outcome.value] += 1
        right[scene.kind].append(finding.outcome in RIGHT[scene.kind])
    wrong = [f.box is not None and not on_a_face(f, s) for s, f in zip(shown, found, strict=True)]
    return {
        **{f"recall_{kind}": _share(hit[kind]) for kind in READABLE},
        "recall": _share([one for kind in READABLE for one in hit[kind]]),
        "false_finds": _share(wrong),
        "false_finds_in_empty_scenes": _share(
            [f.faces > 0 for s, f in zip(shown, found, strict=True) if s.kind == "none"]
        ),
        "right": _share([one for kind in right.values() for one in kind]),
        # Of several faces none is chosen, and where there is none, none is found.
        "recall_by_kind": {k: _share(hit[k]) for k in outcomes if k not in {"several", "none"}},
        "right_by_kind": {kind: _share(right[kind]) for kind in outcomes},
        "outcomes": {kind: dict(counts) for kind, counts in outcomes.items()},
    }


def on_a_face(finding: Seen, scene: Scene) -> bool:
    """Whether the box that was found lies on one of the scene's faces."""
    return any(finding.box and overlap(finding.box, face) >= OVERLAP for face in scene.faces)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes."""
    right = min(one.left + one.width, other.left + other.width)
    bottom = min(one.top + one.height, other.top + other.height)
    width, height = right - max(one.left, other.left), bottom - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.width * one.height + other.width * other.height - shared)


def _share(values: Sequence[bool]) -> float:
    return round(sum(values) / max(1, len(values)), 4)
